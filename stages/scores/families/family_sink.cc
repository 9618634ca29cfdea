#include "stages/scores/families/family_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/store/committed_rows.h"
#include "stages/scores/families/impossible.h"
#include "stages/scores/ploidy.h"

namespace kinflow {
namespace {

/// Chances further from certain than this leave it open whose the ALT allele is.
constexpr double kCertain = 0.95;

uint32_t Stored(const DosageTile& tile, uint32_t r, uint32_t sample) {
  const uint8_t* row = tile.Row(r);
  switch (tile.encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return (row[sample / 4] >> (2 * (sample % 4))) & 3u;
    case DosageEncoding::Layout::kU8:
      return row[sample];
    case DosageEncoding::Layout::kU16:
      return tile.RowU16(r)[sample];
  }
  return 0;
}

/// Copies of ALT; false if there is no genotype.
bool CopiesOf(const DosageTile& tile, uint32_t r, uint32_t sample, bool once, double& copies) {
  if (sample == SampleTable::kAbsent) return false;
  const uint32_t stored = Stored(tile, r, sample);
  if (stored == tile.encoding.missing()) return false;
  copies = stored / static_cast<double>(tile.encoding.units_per_copy);
  const uint8_t* calls = tile.CallRow(r);
  if (once && (calls == nullptr || (calls[sample] & kCallHaploid) == 0)) copies /= 2;
  return true;
}

/// Mean copies / 2, for variants that no founder has a genotype of.
double FrequencyAmongAll(const DosageTile& tile, uint32_t r) {
  double sum = 0, n = 0, copies = 0;
  for (uint32_t s = 0; s < tile.n_samples; ++s) {
    if (!CopiesOf(tile, r, s, false, copies)) continue;
    sum += copies;
    n += 2;
  }
  return n > 0 ? sum / n : 0.5;
}

bool IsHet(const ChildAt& child) {
  return child.known && child.has_paternal && child.dosage > 0.5 && child.dosage < 1.5;
}

bool IsOpen(double maternal) { return maternal < kCertain && maternal > 1 - kCertain; }

/// A parent who can have passed on one allele only.
bool IsHomozygous(const ParentAt& parent) {
  return parent.known && (parent.one_copy || parent.dosage < 0.1 || parent.dosage > 1.9);
}

}  // namespace

FamilySink::FamilySink(ArtifactStore& store, Log& log, Manifest manifest, Setup setup)
    : store_(store), log_(log), manifest_(std::move(manifest)), setup_(std::move(setup)) {
  for (const ScoreFamily& family : setup_.families) {
    n_children_ += static_cast<uint32_t>(family.children.size());
  }
  struct Item {
    uint64_t row;
    double alt_freq;
    Weight weight;
  };
  std::vector<Item> items;
  for (uint32_t s = 0; s < setup_.scores.weights.size(); ++s) {
    for (const MatchedWeight& w : setup_.scores.weights[s]) {
      items.push_back({w.row, w.alt_freq, {s, w.effect_is_ref, w.weight}});
    }
    setup_.scores.weights[s] = {};
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.row < b.row; });
  for (const Item& item : items) {
    if (rows_.empty() || rows_.back() != item.row) {
      rows_.push_back(item.row);
      alt_freq_.push_back(item.alt_freq);
      begin_.push_back(weights_.size());
    }
    weights_.push_back(item.weight);
  }
  begin_.push_back(weights_.size());
  committed_ = store_.CommittedShards(manifest_.kind, manifest_.key);
  if (committed_.empty()) return;
  // A run that ended between merging and sealing left the merged file: it is no scan shard.
  manifest_.shards = committed_;
  if (store_.Open(manifest_, committed_.size() - 1).Has("/child")) committed_.pop_back();
}

uint64_t FamilySink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

uint64_t FamilySink::MemoryBytes() const {
  return setup_.scores.names.size() * uint64_t{n_children_} * 6 * sizeof(double) +
         weights_.size() * sizeof(Weight) + rows_.size() * 3 * sizeof(uint64_t);
}

void FamilySink::BeginShard(uint32_t) {
  sums_.Clear(setup_.scores.names.size(), n_children_);
  origin_.assign(n_children_, Origin::kUnknown);
  chrom_.clear();
  variants_ = rows_used_ = one_parent_ = 0;
}

void FamilySink::BeginTile(const DosageTile& tile) {
  tile_rows_.clear();
  variants_ += tile.rows();
  auto next = std::lower_bound(rows_.begin(), rows_.end(), tile.first_variant);
  for (uint32_t r = 0; r < tile.rows(); ++r) {
    TileRow row;
    row.in_tile = r;
    const std::string_view chrom = tile.variants.chrom(r);
    row.on_x = chrom == "X";
    row.new_chrom = chrom != chrom_;
    if (row.new_chrom) chrom_ = chrom;
    if (next != rows_.end() && *next == tile.first_variant + r) {
      row.wanted = next++ - rows_.begin();
      ++rows_used_;
      row.alt_freq = alt_freq_[static_cast<size_t>(row.wanted)];
      if (std::isnan(row.alt_freq)) row.alt_freq = FrequencyAmongAll(tile, r);
    }
    if (setup_.use_phase) row.calls = tile.CallRow(r);
    // Passed on by fathers to sons alone, by mothers alone: no model of this kind has them.
    if (chrom == "Y" || chrom == "MT") {
      one_parent_ += row.wanted >= 0;
      row.wanted = -1;
      row.calls = nullptr;
    }
    if (row.wanted >= 0) AddVariances(row);
    if (row.wanted >= 0 || row.calls != nullptr || row.new_chrom) tile_rows_.push_back(row);
  }
}

/// Of parents without genotypes, before anything is known of the family.
void FamilySink::AddVariances(const TileRow& row) {
  const double of_copy = row.alt_freq * (1 - row.alt_freq);
  const auto wanted = static_cast<size_t>(row.wanted);
  for (uint64_t w = begin_[wanted]; w < begin_[wanted + 1]; ++w) {
    const Weight& x = weights_[w];
    sums_.all_mother[x.score] += x.weight * x.weight * 2 * of_copy;
    sums_.all_father[x.score] += x.weight * x.weight * (row.on_x ? 1 : 2) * of_copy;
  }
}

void FamilySink::Consume(const DosageTile& tile, Range part) {
  const auto& families = setup_.families;
  const auto of = [&](uint32_t sample) {
    return std::lower_bound(
        families.begin(), families.end(), sample,
        [](const ScoreFamily& f, uint32_t s) { return f.children.front() < s; });
  };
  FamilyAt at;
  const auto begin = of(part.begin), end = of(part.end);
  for (const TileRow& row : tile_rows_) {
    for (auto family = begin; family != end; ++family) AddRow(tile, row, *family, at);
  }
}

void FamilySink::AddRow(const DosageTile& tile, const TileRow& row, const ScoreFamily& family,
                        FamilyAt& at) {
  const uint32_t first = family.first_child;
  if (row.new_chrom) {
    std::fill_n(origin_.begin() + first, family.children.size(), Origin::kUnknown);
  }
  if (row.wanted < 0) {
    const bool told = row.calls != nullptr && family.kind != FamilyKind::kSiblings &&
                      std::any_of(family.children.begin(), family.children.end(),
                                  [&](uint32_t s) { return (row.calls[s] & kCallPhased) != 0; });
    if (!told) return;
  }
  Fill(tile, row, family, at);
  if (row.calls != nullptr && family.kind != FamilyKind::kSiblings) Follow(row, family, at);
  if (row.wanted < 0) return;
  SolveFamily(at);
  AddWeights(row, family, at);
}

void FamilySink::Fill(const DosageTile& tile, const TileRow& row, const ScoreFamily& family,
                      FamilyAt& at) const {
  const double f = row.alt_freq;  // plays no part where a row without weights tells of phase
  const auto parent = [&](uint32_t sample, bool one_copy) {
    ParentAt out;
    out.one_copy = one_copy;
    out.known = CopiesOf(tile, row.in_tile, sample, one_copy, out.dosage);
    out.chances = out.known  ? ChancesOf(out.dosage)
                  : one_copy ? CopyChances{1 - f, f, 0}
                             : HardyWeinberg(f);
    return out;
  };
  at.mother = parent(family.mother, false);
  at.father = parent(family.father, row.on_x);
  at.children.assign(family.children.size(), {});
  for (size_t c = 0; c < at.children.size(); ++c) {
    ChildAt& child = at.children[c];
    const uint32_t sample = family.children[c];
    child.has_paternal = !row.on_x || setup_.male[sample] == 0;
    child.informs = family.informs[c] != 0;
    child.known = CopiesOf(tile, row.in_tile, sample, !child.has_paternal, child.dosage);
  }
}

/// Learns which haplotype is the mother's where the genotypes of the parents tell, and uses it
/// where they do not.
void FamilySink::Follow(const TileRow& row, const ScoreFamily& family, FamilyAt& at) {
  SolveFamily(at);
  for (size_t c = 0; c < at.children.size(); ++c) {
    ChildAt& child = at.children[c];
    const uint8_t flags = row.calls[family.children[c]];
    if (!IsHet(child) || (flags & kCallPhased) == 0) continue;
    const bool alt_first = (flags & kCallAltFirst) != 0;
    Origin& origin = origin_[family.first_child + c];
    if (!IsOpen(child.maternal) && (IsHomozygous(at.mother) || IsHomozygous(at.father))) {
      const bool maternal = child.maternal > 0.5;
      origin = maternal == alt_first ? Origin::kFirstMaternal : Origin::kFirstPaternal;
    } else if (origin != Origin::kUnknown) {
      child.origin =
          (origin == Origin::kFirstMaternal) == alt_first ? AltOrigin::kMother : AltOrigin::kFather;
    }
  }
}

void FamilySink::AddWeights(const TileRow& row, const ScoreFamily& family, const FamilyAt& at) {
  const auto wanted = static_cast<size_t>(row.wanted);
  const double of_father_all = at.father.one_copy ? 1 : 2;
  for (size_t c = 0; c < at.children.size(); ++c) {
    const ChildAt& child = at.children[c];
    const size_t slot = family.first_child + c;
    const bool het = IsHet(child);
    sums_.het[slot] += het;
    sums_.unresolved[slot] += het && child.origin == AltOrigin::kUnknown && IsOpen(child.maternal);
    sums_.impossible[slot] += child.known && child.impossible;
    const double paternal = child.has_paternal ? 1 : 0;
    for (uint64_t w = begin_[wanted]; w < begin_[wanted + 1]; ++w) {
      const Weight& x = weights_[w];
      const size_t cell = size_t{x.score} * n_children_ + slot;
      const auto add = [&x](double& sum, double alt, double all) {
        sum += x.weight * (x.of_ref ? all - alt : alt);
      };
      add(sums_.t_mother[cell], child.from_mother, 1);
      add(sums_.t_father[cell], child.from_father, paternal);
      add(sums_.mother[cell], at.of_mother, 2);
      add(sums_.father[cell], at.of_father, of_father_all);
      sums_.left_mother[cell] += x.weight * x.weight * at.left_mother;
      sums_.left_father[cell] += x.weight * x.weight * at.left_father;
    }
  }
}

void FamilySink::SealShard(uint32_t shard) {
  auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  WriteFamilySums(sums_, setup_.scores.names.size(), out->file());
  out->file().Attribute("/", "rows_used", static_cast<int64_t>(rows_used_));
  out->file().Attribute("/", "one_parent", static_cast<int64_t>(one_parent_));
  ShardRecord record = out->Commit(variants_);
  if (shard < committed_.size()) {
    committed_[shard] = std::move(record);
  } else {
    committed_.push_back(std::move(record));
  }
}

void FamilySink::TellImpossible(const FamilySums& total) {
  std::vector<FamilyKind> kinds;
  for (const ScoreFamily& family : setup_.families) {
    kinds.insert(kinds.end(), family.children.size(), family.kind);
  }
  for (std::string& warning : ImpossibleWarnings(kinds, total.impossible)) {
    log_.Warn("family_scores: {}", warning);
    manifest_.warnings.push_back(std::move(warning));
  }
}

void FamilySink::Finish() {
  FamilySums total;
  total.Clear(setup_.scores.names.size(), n_children_);
  manifest_.shards = committed_;
  uint64_t used = 0, one_parent = 0;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    // Which other rows came past depends on the tiles; which were used does not.
    manifest_.shards[i].rows = static_cast<uint64_t>(file.AttributeInt("/", "rows_used"));
    used += manifest_.shards[i].rows;
    one_parent += static_cast<uint64_t>(file.AttributeInt("/", "one_parent"));
    AddFamilySums(file, total);
  }
  if (used != rows_.size()) {
    throw Error(ErrorId::kInternal,
                fmt::format("the scan delivered {} of {} matched variants", used, rows_.size()));
  }
  if (one_parent > 0) {
    manifest_.warnings.push_back(
        fmt::format("{} scored variants on Y and MT are not part of family scores", one_parent));
    log_.Warn("family_scores: {}", manifest_.warnings.back());
  }
  TellImpossible(total);
  auto out =
      store_.BeginShard(manifest_.kind, manifest_.key, static_cast<uint32_t>(committed_.size()));
  std::vector<uint32_t> child;
  std::vector<uint8_t> kind;
  for (const ScoreFamily& family : setup_.families) {
    child.insert(child.end(), family.children.begin(), family.children.end());
    kind.insert(kind.end(), family.children.size(), static_cast<uint8_t>(family.kind));
  }
  out->file().Write("/names", setup_.scores.names);
  out->file().Write("/child", child);
  out->file().Write("/kind", kind);
  WriteFamilySums(total, setup_.scores.names.size(), out->file());
  manifest_.shards.push_back(out->Commit(0));
  store_.Seal(manifest_);
}

}  // namespace kinflow
