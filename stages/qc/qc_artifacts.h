#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/graph/stage.h"
#include "pipeline/store/artifact_store.h"
#include "stages/qc/filters/filter.h"
#include "stages/qc/sample_counts.h"

namespace kinflow {

inline constexpr std::string_view kCountsKind = "counts";
inline constexpr std::string_view kQcVariantsKind = "qc_variants";
inline constexpr std::string_view kQcSamplesKind = "qc_samples";
inline constexpr std::string_view kQcKind = "qc";
/// Memory of a variant that is judged, about: itself, its counts, its row of the table of facts.
inline constexpr uint64_t kJudgedRowBytes = 600;

/// The sealed artifact of an input stage.
Manifest InputManifest(const ArtifactStore& store, std::string_view kind, const StageKeys& keys,
                       const std::string& stage);

/// Rows (plan order, ascending) of the variants that passed: of a qc_variants or qc artifact.
std::vector<uint64_t> PassingRows(const ArtifactStore& store, const Manifest& manifest);
/// One byte a sample, 1 = kept: of a qc_samples or qc artifact.
std::vector<uint8_t> KeptSamples(const ArtifactStore& store, const Manifest& manifest);
/// Counts of people over all shards of a counts artifact.
SampleCounts ReadSampleCounts(const ArtifactStore& store, const Manifest& counts);

/// Why each variant or person was removed: 0 = passed, else place in `filters` + 1.
struct Verdicts {
  std::vector<std::string> filters;
  std::vector<double> thresholds;  // by filter; NaN = none
  std::vector<uint8_t> code;
  std::vector<double> value;  // that the filter judged; NaN for what passed

  template <class Filter>
  static Verdicts For(const std::vector<NamedFilter<Filter>>& filters) {
    Verdicts v;
    for (const auto& f : filters) {
      v.filters.emplace_back(f.name);
      v.thresholds.push_back(f.filter->threshold());
    }
    return v;
  }
  void Write(H5Writer& file, const std::string& group) const;
  static Verdicts Read(const H5Reader& file, const std::string& group);
  /// Removed by each filter.
  std::vector<uint64_t> Removed() const;
};

/// Judges one variant by the filters that apply before (or also those after) samples are filtered;
/// appends to `verdicts`, which was made For(filters).
void JudgeVariant(const std::vector<NamedFilter<VariantFilter>>& filters, const VariantFacts& facts,
                  bool samples_filtered, Verdicts& verdicts);

/// All filters whose thresholds the variant is beyond, whenever they apply: a bit a filter, in
/// their order.
uint32_t FiltersBeyond(const std::vector<NamedFilter<VariantFilter>>& filters,
                       const VariantFacts& facts);

}  // namespace kinflow
