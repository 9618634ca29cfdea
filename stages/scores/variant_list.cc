#include "stages/scores/variant_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/text_writer.h"

namespace kinflow {

std::vector<uint64_t> UsedRows(const ArtifactStore& store, const Manifest& match) {
  std::vector<uint64_t> rows;
  for (size_t i = 0; i < match.shards.size(); ++i) {
    const auto more = store.Open(match, i).ReadU64("/weights/row");
    rows.insert(rows.end(), more.begin(), more.end());
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  }
  return rows;
}

void WriteVariantList(const std::vector<uint64_t>& rows, TargetVariants& target,
                      const std::string& path) {
  TextWriter out(path);
  TargetShard part;
  auto next = rows.begin();
  target.Rewind();
  while (next != rows.end() && target.NextShard(part)) {
    std::string text;
    for (size_t i = 0; i < part.rows.size() && next != rows.end(); ++i) {
      if (part.rows[i] != *next) continue;
      ++next;
      const std::string_view id = part.variants.id(i);
      if (id.empty() || id == ".") {
        text += fmt::format("{}:{}:{}:{}\n", part.variants.chrom(i), part.variants.pos(i),
                            part.variants.ref(i), part.variants.alt(i));
      } else {
        text.append(id).append("\n");
      }
    }
    out.Write(text);
  }
  out.Commit();
}

}  // namespace kinflow
