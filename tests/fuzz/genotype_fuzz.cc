#include "tests/fuzz/genotype_fuzz.h"

#include <tbb/global_control.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "stages/formats/selected_source.h"

namespace kinflow::fuzz {
namespace {

void TakeTile(const DosageTile& tile, Genotypes& out) {
  for (size_t r = 0; r < tile.rows(); ++r) {
    auto& values = out.values.emplace_back(tile.n_samples);
    for (uint32_t s = 0; s < tile.n_samples; ++s) values[s] = tile.At(r, s);
    auto& calls = out.calls.emplace_back(tile.n_samples, uint8_t{0});
    if (const uint8_t* flags = tile.CallRow(r)) calls.assign(flags, flags + tile.n_samples);
    out.variants.Append(tile.variants, r);
    out.shards.push_back(tile.shard);
  }
}

ScanShape ShapeOf(const GenotypeSource& source, uint32_t tile_records) {
  ScanShape shape;
  shape.tile_records = tile_records;
  shape.shard_genotypes = 3ull * source.samples()->size();
  return shape;
}

Genotypes ReadTiles(GenotypeSource& source, uint32_t tile_records) {
  Genotypes out;
  out.samples = source.samples();
  out.encoding = source.encoding();
  source.Shape(ShapeOf(source, tile_records));
  const auto raw = source.NewRawBlock();
  DosageTile tile;
  while (source.Read(*raw)) {
    source.Decode(*raw, tile);
    TakeTile(tile, out);
  }
  return out;
}

// Rows of `part` are those of `all` from `first` on.
void RequireSame(const Genotypes& all, size_t first, const Genotypes& part, const char* how) {
  const std::string what = std::string("other genotypes ") + how;
  Require(part.values.size() == all.values.size() - first, what + ": number of rows");
  for (size_t r = 0; r < part.values.size(); ++r) {
    const size_t a = first + r;
    Require(part.values[r] == all.values[a] && part.calls[r] == all.calls[a], what);
    const float x = all.variants.info(a), y = part.variants.info(r);
    Require(part.shards[r] == all.shards[a] && part.variants.pos(r) == all.variants.pos(a) &&
                part.variants.chrom(r) == all.variants.chrom(a) &&
                part.variants.id(r) == all.variants.id(a) &&
                part.variants.ref(r) == all.variants.ref(a) &&
                part.variants.alt(r) == all.variants.alt(a) && std::memcmp(&x, &y, sizeof x) == 0,
            what + ": variants");
  }
}

void CheckChosenRows(GenotypeSource& source, const Genotypes& all) {
  std::vector<uint64_t> rows;
  for (uint64_t r = 1; r < all.values.size(); r += 3) rows.push_back(r);
  if (!source.SelectRows(rows)) return;
  source.Shape(ShapeOf(source, 2));
  const auto raw = source.NewRawBlock();
  DosageTile tile;
  size_t seen = 0;
  while (source.Read(*raw)) {
    source.Decode(*raw, tile);
    for (size_t r = 0; r < tile.rows(); ++r) {
      const uint64_t row = tile.first_variant + r;
      if (!std::binary_search(rows.begin(), rows.end(), row)) continue;
      ++seen;
      for (uint32_t s = 0; s < tile.n_samples; ++s) {
        Require(tile.At(r, s) == all.values[row][s], "other genotypes by chosen rows");
      }
    }
  }
  Require(seen == rows.size(), "chosen rows are missing");
}

// Regions give those rows of `all` that lie in them, whatever is skipped for it.
void CheckRegions(GenotypeOptions options, const RegionSetPtr& regions, const Genotypes& all,
                  bool own_index) {
  Require(RegionSet::Intersection(*regions, *regions)->Canonical() == regions->Canonical(),
          "regions that have not all in common with themselves");
  options.choice.regions = regions;
  VariantSelection selection;
  selection.regions = regions;
  Genotypes part;
  const bool read = Accepts([&] {
    const GenotypePlan plan = ProbeGenotypes(options);
    const auto source = SelectVariants(OpenGenotypes(options, plan), selection);
    part = ReadTiles(*source, 2);
  });
  if (!own_index) return;
  Require(read, "regions are refused");
  size_t next = 0;
  for (size_t r = 0; r < all.values.size(); ++r) {
    if (!regions->Contains(all.variants.chrom(r), all.variants.pos(r))) continue;
    Require(next < part.values.size() && part.values[next] == all.values[r] &&
                part.variants.pos(next) == all.variants.pos(r),
            "other genotypes by regions");
    ++next;
  }
  Require(next == part.values.size(), "rows outside the regions");
}

}  // namespace

GenotypeOptions GenotypeOptionsOf(std::string_view words, const std::string& path) {
  // Inputs are small, and idle workers only take time.
  static const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  GenotypeOptions options;
  options.files = {path};
  const auto word = [&](const char* name, std::string& value) {
    if (const std::string given = WordOf(words, name); !given.empty()) value = given;
  };
  word("field", options.field);
  word("units", options.units);
  word("build", options.build);
  options.keep_calls = !WordOf(words, "calls").empty();
  options.compact = !WordOf(words, "compact").empty();
  if (const std::string id = WordOf(words, "keep"); !id.empty()) options.choice.keep = {id};
  if (const std::string text = WordOf(words, "regions"); !text.empty()) {
    Accepts([&] { options.choice.regions = RegionSet::Parse(text); });
  }
  options.max_allele = 100;
  return options;
}

std::optional<Genotypes> ReadGenotypes(const GenotypeOptions& given, bool own_index) {
  GenotypeOptions options = given;
  const RegionSetPtr regions = std::exchange(options.choice.regions, nullptr);
  // What the config's schema lets through.
  constexpr std::string_view kFields[] = {"auto", "GT", "DS", "GP", "HDS"};
  if (std::find(std::begin(kFields), std::end(kFields), options.field) == std::end(kFields)) {
    return std::nullopt;
  }
  GenotypePlan plan;
  if (!Accepts([&] { plan = ProbeGenotypes(options); })) return std::nullopt;
  std::optional<Genotypes> all;
  Accepts([&] { all = ReadTiles(*OpenGenotypes(options, plan), 256); });
  Genotypes small;
  const bool again = Accepts([&] { small = ReadTiles(*OpenGenotypes(options, plan), 2); });
  Require(again == all.has_value(), "tiles of another size change what is accepted");
  if (!all) return std::nullopt;
  RequireSame(*all, 0, small, "by small tiles");
  const auto begin = std::upper_bound(all->shards.begin(), all->shards.end(), 0u);
  auto source = OpenGenotypes(options, plan);
  source->SkipShards(1);
  RequireSame(*all, static_cast<size_t>(begin - all->shards.begin()), ReadTiles(*source, 256),
              "after a skipped shard");
  // What an index says of single variants is held against them only when they are sought by it.
  const bool chosen = Accepts([&] { CheckChosenRows(*OpenGenotypes(options, plan), *all); });
  Require(chosen || !own_index, "chosen rows are refused");
  if (regions && !regions->empty()) CheckRegions(options, regions, *all, own_index);
  const FileFacts& facts = plan.files[0];
  Require(!FormatName(facts.format).empty() && !FieldName(plan.dosage.field).empty(), "no name");
  all->plan = std::move(plan);
  return all;
}

}  // namespace kinflow::fuzz
