#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

template <ReferenceStatus status>
std::unique_ptr<VariantFilter> ByReference(const QcOptions& options) {
  return MakeReferenceFilter(options, status);
}

// The order of the reference pipeline: quality of imputation, frequency, call rate, HWE, then
// families.
constexpr FilterEntry<VariantFilter> kVariantFilters[] = {
    {"info", "imputation quality stated in the file", &MakeInfoFilter},
    {"info_computed", "imputation quality from the variance of dosages", &MakeInfoComputedFilter},
    {"maf", "minor allele frequency of founders", &MakeMafFilter},
    {"call_rate", "share of people with a call or dosage", &MakeCallRateFilter},
    {"hwe", "exact Hardy-Weinberg test in founders", &MakeHweFilter},
    {"mendel", "share of trios with a Mendel error", &MakeMendelFilter},
    {"plate_p", "allele frequency of founders that depends on the plate", &MakePlateFilter},
    {"batch_p", "allele frequency of founders that depends on the batch", &MakeBatchFilter},
    {"batch_info_p", "imputation quality that depends on the batch", &MakeBatchInfoFilter},
    {"reference:absent", "not in the reference of allele frequencies",
     &ByReference<ReferenceStatus::kAbsent>},
    {"reference:alleles", "other alleles than in the reference",
     &ByReference<ReferenceStatus::kAlleles>},
    {"reference:strand", "alleles of the other strand of the reference",
     &ByReference<ReferenceStatus::kStrand>},
    {"reference:difference", "frequency of founders far from that of the reference",
     &ByReference<ReferenceStatus::kDifference>},
    {"reference:exchanged", "frequency of the reference's other allele",
     &ByReference<ReferenceStatus::kExchanged>},
    {"reference:palindromic_turned",
     "A/T or C/G with the frequency of the reference's other allele",
     &ByReference<ReferenceStatus::kPalindromicTurned>},
    {"reference:palindromic", "A/T or C/G whose strand frequencies cannot tell",
     &ByReference<ReferenceStatus::kPalindromic>},
};

constexpr FilterEntry<SampleFilter> kSampleFilters[] = {
    {"control", "a control sample of the laboratory", &MakeControlFilter},
    {kCallRateFirst, "share of variants with a call or dosage, before variants are judged",
     &MakeSampleCallRateFirstFilter},
    {"decision:proposed", "a decision that a run proposed", &MakeProposedDecisionFilter},
    {"decision:person", "a decision of a person", &MakePersonDecisionFilter},
    {"call_rate", "share of variants with a call or dosage", &MakeSampleCallRateFilter},
    {"heterozygosity", "SDs of autosomal heterozygosity from the mean, + too high, - too low",
     &MakeHeterozygosityFilter},
    {"sex", "sex by X heterozygosity against the declared sex", &MakeSexFilter},
    {"mendel", "share of Mendel errors in a family", &MakeSampleMendelFilter},
};

template <class Filter>
std::vector<NamedFilter<Filter>> MakeAll(std::span<const FilterEntry<Filter>> entries,
                                         const QcOptions& options) {
  std::vector<NamedFilter<Filter>> filters;
  for (const auto& entry : entries) {
    if (auto filter = entry.make(options)) filters.push_back({entry.name, std::move(filter)});
  }
  return filters;
}

}  // namespace

std::span<const FilterEntry<VariantFilter>> VariantFilters() { return kVariantFilters; }
std::span<const FilterEntry<SampleFilter>> SampleFilters() { return kSampleFilters; }

std::vector<NamedFilter<VariantFilter>> MakeVariantFilters(const QcOptions& options) {
  return MakeAll(VariantFilters(), options);
}
std::vector<NamedFilter<SampleFilter>> MakeSampleFilters(const QcOptions& options) {
  return MakeAll(SampleFilters(), options);
}

}  // namespace kinflow
