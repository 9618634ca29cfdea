#include "stages/batches/batch_sites.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/formats/pseudoautosomal.h"

namespace kinflow {

std::vector<std::string> ChromosomesOf(const std::vector<BatchTable>& batches) {
  std::vector<std::string> chroms;
  for (const BatchTable& batch : batches) {
    for (const std::string& written : batch.shard_chroms) {
      const std::string chrom(WithoutXy(written));
      if (chrom.empty() || std::find(chroms.begin(), chroms.end(), chrom) != chroms.end()) continue;
      chroms.push_back(chrom);
    }
  }
  return chroms;
}

/// Shards of one batch whose variants ascend: those of one chromosome name.
struct ChromosomeSites::Cursor {
  const BatchTable* table = nullptr;
  uint32_t batch = 0;
  std::string chrom;
  std::vector<size_t> shards;
  size_t next_shard = 0;
  std::shared_ptr<const BatchShard> shard;
  size_t row = 0;
  uint32_t pos = 0;

  bool ended() const { return shard == nullptr; }
  void Step() {
    ++row;
    Settle();
  }
  /// Goes to the next row that exists.
  void Settle() {
    while (shard == nullptr || row == shard->variants.size()) {
      if (next_shard == shards.size()) {
        shard = nullptr;
        return;
      }
      shard = table->load(shards[next_shard++]);
      row = 0;
    }
    const uint32_t before = pos;
    pos = shard->variants.pos(row);
    if (pos >= before) return;
    throw Error(ErrorId::kVariantOrder, "positions of batch " + table->name + " go back")
        .AtPosition(chrom, pos)
        .Remedy("sort the batch by chromosome and position (bcftools sort; plink2 --sort-vars)");
  }
};

ChromosomeSites::ChromosomeSites(const std::vector<BatchTable>& batches, const std::string& chrom) {
  for (uint32_t b = 0; b < batches.size(); ++b) {
    const size_t first = cursors_.size();
    for (size_t s = 0; s < batches[b].shard_chroms.size(); ++s) {
      const std::string& written = batches[b].shard_chroms[s];
      if (WithoutXy(written) != chrom) continue;
      const auto same =
          std::find_if(cursors_.begin() + static_cast<ptrdiff_t>(first), cursors_.end(),
                       [&](const Cursor& c) { return c.chrom == written; });
      if (same != cursors_.end()) {
        same->shards.push_back(s);
      } else {
        cursors_.push_back({&batches[b], b, written, {s}});
      }
    }
  }
  for (Cursor& cursor : cursors_) cursor.Settle();
}

ChromosomeSites::~ChromosomeSites() = default;

bool ChromosomeSites::Next() {
  variants_.clear();
  places_.clear();
  uint32_t pos = UINT32_MAX;
  bool any = false;
  for (const Cursor& cursor : cursors_) {
    if (cursor.ended()) continue;
    pos = std::min(pos, cursor.pos);
    any = true;
  }
  if (!any) return false;
  for (Cursor& cursor : cursors_) {
    while (!cursor.ended() && cursor.pos == pos) {
      const VariantTable& v = cursor.shard->variants;
      variants_.push_back({cursor.batch, v.ref(cursor.row), v.alt(cursor.row)});
      places_.push_back({cursor.shard, cursor.row});
      cursor.Step();
    }
  }
  return true;
}

}  // namespace kinflow
