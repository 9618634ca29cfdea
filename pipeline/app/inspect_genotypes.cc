#include "pipeline/app/inspect_genotypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_set>

#include "pipeline/app/genotype_input.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/people_list.h"
#include "stages/formats/pseudoautosomal.h"
#include "stages/formats/selected_source.h"

namespace kinflow {
namespace {

constexpr uint32_t kColumns = 8;
constexpr uint64_t kRows = 20;

std::unordered_set<std::string> IdsOf(const std::string& file_or_ids) {
  if (FileExists(file_or_ids)) return ReadIdList(file_or_ids);
  std::unordered_set<std::string> ids;
  for (const auto id : Split(file_or_ids, ',')) ids.emplace(id);
  return ids;
}

VariantSelection SelectionOf(const InspectOptions& o) {
  VariantSelection selection;
  if (!o.regions.empty()) selection.regions = RegionSet::Parse(o.regions);
  if (!o.exclude.empty()) selection.excluded = std::make_shared<ExcludedIds>(IdsOf(o.exclude));
  if (o.variants.empty()) return selection;
  selection.by_id = true;
  selection.ids = IdsOf(o.variants);
  return selection;
}

/// "8", "5-9" as rows of the sample table; none if it is neither.
std::optional<Range> SampleRange(const std::string& text, uint32_t n) {
  if (text.empty()) return Range{0, std::min(kColumns, n)};
  if (const auto count = ParseUint(text)) {
    return Range{0, static_cast<uint32_t>(std::min<uint64_t>(*count, n))};
  }
  const auto ends = Split(text, '-');
  if (ends.size() != 2) return std::nullopt;
  const auto first = ParseUint(ends[0]), last = ParseUint(ends[1]);
  if (!first || !last) return std::nullopt;
  if (*first < 1 || *last < *first || *last > n) {
    throw Error(ErrorId::kBadArgument, fmt::format("the input has samples 1 to {}", n))
        .Field("--samples")
        .Value(text);
  }
  return Range{static_cast<uint32_t>(*first) - 1, static_cast<uint32_t>(*last)};
}

std::vector<std::string> SamplesToShow(const InspectOptions& o, const SampleTable& all) {
  if (o.table == "variants") return {all.iid(0)};  // the fewest columns that can be read
  std::vector<std::string> keep;
  if (const auto range = SampleRange(o.samples, all.size())) {
    for (uint32_t i = range->begin; i < range->end; ++i) keep.push_back(all.iid(i));
    if (keep.empty()) keep.push_back(all.iid(0));
    return keep;
  }
  const PeopleList list = PeopleList::Read(o.samples);
  for (uint32_t i = 0; i < all.size(); ++i) {
    if (list.Holds(all, i, {})) keep.push_back(all.iid(i));
  }
  if (!keep.empty()) return keep;
  throw Error(ErrorId::kNoCommonSamples, "none of the chosen samples is in the genotype file")
      .InFile(o.samples)
      .Remedy("the list holds one IID a line, or FID and IID, spelled as in the genotype file");
}

/// A genotype input before it is known whom of it to read.
struct Opened {
  SampleTablePtr samples;
  std::function<std::unique_ptr<GenotypeSource>(std::vector<std::string> keep)> open;
};

bool IsH5(const std::string& path) {
  char head[4] = {};
  return FileHandle::OpenRead(path).Read(head, sizeof head) == sizeof head &&
         std::string_view(head, sizeof head) == "\x89HDF";
}

Opened Open(const InspectOptions& o, const VariantSelection& selection) {
  auto store = StoreInput::Find(o.path);
  if (!store && IsH5(o.path)) store = StoreInput::OfShard(o.path);
  if (store) {
    RequireRegions(ContigsOf(*store), selection.regions);
    return {store->samples, [store](std::vector<std::string> keep) { return store->Open(keep); }};
  }
  GenotypeOptions options;
  options.files = {o.path};
  options.field = o.field;
  options.build = o.build;
  options.bgen = {o.sample_file, o.bgen_ref == "last"};
  options.choice.regions = selection.regions;
  const GenotypePlan plan = ProbeGenotypes(options);
  RequireRegions(ContigsOf(plan), selection.regions);
  return {plan.files.front().samples, [options, plan](std::vector<std::string> keep) mutable {
            options.choice.keep = std::move(keep);
            std::string build = options.build;
            if (build.empty()) build = plan.files.front().build;
            return NamePseudoautosomal(OpenGenotypes(options, plan), build);
          }};
}

/// The table's header line and its rows.
class Printer {
 public:
  Printer(const InspectOptions& o, const SampleTable& all, const GenotypeSource& source)
      : info_(o.table == "variants"),
        samples_(info_ || o.samples == "0" ? 0 : source.samples()->size()),
        units_(source.encoding().units_per_copy) {
    std::string line = "CHROM\tPOS\tID\tREF\tALT";
    if (info_) line += "\tINFO";
    for (uint32_t s = 0; s < samples_; ++s) {
      const std::string& iid = source.samples()->iid(s);
      line += o.ids ? "\t" + iid : fmt::format("\tsample {}", all.Find(iid) + 1);
    }
    fmt::print("{}\n", line);
  }

  void Row(const DosageTile& tile, size_t row) const {
    const VariantTable& v = tile.variants;
    std::string line = fmt::format("{}\t{}\t{}\t{}\t{}", v.chrom(row), v.pos(row), v.id(row),
                                   v.ref(row), v.alt(row));
    // A float's own shortest text, not that of the double it converts to.
    if (info_) line += std::isnan(v.info(row)) ? "\tNA" : fmt::format("\t{}", v.info(row));
    for (uint32_t s = 0; s < samples_; ++s) {
      const uint32_t value = tile.At(row, s);
      line += '\t';
      line += value == tile.encoding.missing() ? "NA"
                                               : FormatDouble(static_cast<double>(value) / units_);
    }
    fmt::print("{}\n", line);
  }

 private:
  bool info_;
  uint32_t samples_, units_;
};

/// How many ids of the lists no variant had, once all variants were looked at.
void TellUnmatched(const VariantSelection& selection, const std::unordered_set<std::string>& met) {
  if (selection.by_id && met.size() < selection.ids.size()) {
    fmt::print(stderr, "--variants: {} of {} ids are those of no variant that is chosen\n",
               selection.ids.size() - met.size(), selection.ids.size());
  }
  const size_t unmatched = selection.excluded ? selection.excluded->Unmatched() : 0;
  if (unmatched == 0) return;
  fmt::print(stderr, "--exclude: {} of {} ids are those of no variant that is read\n", unmatched,
             selection.excluded->size());
}

}  // namespace

void PrintGenotypes(const InspectOptions& o) {
  const VariantSelection selection = SelectionOf(o);
  const Opened input = Open(o, selection);
  const auto source = SelectVariants(input.open(SamplesToShow(o, *input.samples)), selection);
  source->Shape({.tile_records = 128});

  const uint64_t first = o.first, most = UINT64_MAX - first;
  const uint64_t wanted = std::min(most, o.rows.value_or(selection.empty() ? kRows : most));
  const auto count = source->variant_count();
  bool numbered = false;  // tiles know the rows they hold
  if (count) {
    std::vector<uint64_t> rows;
    for (uint64_t r = first; r < std::min(*count, first + wanted); ++r) rows.push_back(r);
    numbered = source->SelectRows(rows);
  }
  const Printer printer(o, *input.samples, *source);
  const auto raw = source->NewRawBlock();
  DosageTile tile;
  uint64_t seen = 0;
  std::unordered_set<std::string> met;
  bool more = true;
  while (seen < first + wanted && (more = source->Read(*raw))) {
    source->Decode(*raw, tile);
    for (size_t r = 0; r < tile.rows(); ++r) {
      if (selection.by_id) met.emplace(tile.variants.id(r));
      if (numbered) seen = tile.first_variant + r;
      if (seen >= first && seen < first + wanted) printer.Row(tile, r);
      ++seen;
    }
  }
  if (seen == 0 && !selection.empty()) {
    throw Error(ErrorId::kNoVariantsLeft, "no variant of the input is in the selection")
        .InFile(o.path)
        .Remedy("`kinflow inspect PATH --table variants` shows what there is");
  }
  if (!more) TellUnmatched(selection, met);
  if (count && selection.empty() && !o.rows && *count > first + wanted) {
    fmt::print(stderr, "{} of {} variants; --rows shows more, --regions others\n", wanted, *count);
  }
}

}  // namespace kinflow
