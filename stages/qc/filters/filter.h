#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/qc/mendel.h"
#include "stages/qc/options.h"
#include "stages/qc/people_groups.h"
#include "stages/qc/sample_counts.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {

/// One reason to remove a variant: `Value` beyond `threshold`. NaN = nothing to judge, kept.
class VariantFilter {
 public:
  virtual ~VariantFilter() = default;
  virtual double threshold() const = 0;
  virtual double Value(const VariantFacts& facts) const = 0;
  virtual bool Removes(double value) const = 0;
  /// Applied only once people and families have been filtered: a wrong family puts errors on
  /// variants that have none.
  virtual bool after_samples() const { return false; }
};

/// What sample filters may look at; `kept` = people not removed by the filters before.
struct SampleFilterInput {
  const Cohort& cohort;
  std::span<const SampleFacts> facts;
  const SampleCounts& counts;
  const MendelChecker& mendel;
  std::span<const uint8_t> kept;
  const PeopleGroups& groups;
};

struct SampleVerdict {
  std::vector<uint8_t> removed;  // by sample; people removed before may be named again
  std::vector<double> value;
};

class SampleFilter {
 public:
  virtual ~SampleFilter() = default;
  virtual double threshold() const = 0;
  virtual SampleVerdict Judge(const SampleFilterInput& input) const = 0;
};

/// A line of the registry. `Make` gives null if the options turn the filter off.
template <class Filter>
struct FilterEntry {
  std::string_view name;  // REASON in tables, FILTER in the ledger
  std::string_view help;
  std::unique_ptr<Filter> (*make)(const QcOptions&);
};

/// The filter of the first look at people (QcFirstStage), which no later step applies.
inline constexpr std::string_view kCallRateFirst = "call_rate_first";

/// All filters in the order they are applied.
std::span<const FilterEntry<VariantFilter>> VariantFilters();
std::span<const FilterEntry<SampleFilter>> SampleFilters();

template <class Filter>
struct NamedFilter {
  std::string_view name;
  std::unique_ptr<Filter> filter;
};
/// The filters that the options turn on.
std::vector<NamedFilter<VariantFilter>> MakeVariantFilters(const QcOptions& options);
std::vector<NamedFilter<SampleFilter>> MakeSampleFilters(const QcOptions& options);

std::unique_ptr<VariantFilter> MakeCallRateFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeMafFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeHweFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeInfoFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeInfoComputedFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeMendelFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakePlateFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeBatchFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeBatchInfoFilter(const QcOptions& options);
std::unique_ptr<VariantFilter> MakeReferenceFilter(const QcOptions& options,
                                                   ReferenceStatus status);
std::unique_ptr<SampleFilter> MakeControlFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakeProposedDecisionFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakePersonDecisionFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakeSampleCallRateFirstFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakeSampleCallRateFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakeHeterozygosityFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakeSexFilter(const QcOptions& options);
std::unique_ptr<SampleFilter> MakeSampleMendelFilter(const QcOptions& options);

}  // namespace kinflow
