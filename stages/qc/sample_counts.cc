#include "stages/qc/sample_counts.h"

#include <cmath>
#include <limits>

namespace kinflow {
namespace {

MendelChecker::Exposure& operator+=(MendelChecker::Exposure& to,
                                    const MendelChecker::Exposure& from) {
  to.errors += from.errors;
  to.checked += from.checked;
  to.detection += from.detection;
  return to;
}

MendelChecker::Exposure& operator-=(MendelChecker::Exposure& from,
                                    const MendelChecker::Exposure& part) {
  from.errors -= part.errors;
  from.checked -= part.checked;
  from.detection -= part.detection;
  return from;
}

template <class T>
void AddTo(std::vector<T>& to, const std::vector<T>& from) {
  if (to.empty()) {
    to = from;
    return;
  }
  for (size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

template <class T>
void TakeFrom(std::vector<T>& from, const std::vector<T>& part) {
  for (size_t i = 0; i < part.size(); ++i) from[i] -= part[i];
}

/// Method-of-moments inbreeding coefficient over one group of varying variants: observed and
/// expected homozygous calls (Purcell et al. 2007, plink --het).
double Inbreeding(const SampleCounts::GroupCounts& g, const SampleCounts::Expected& e, uint32_t s) {
  const double calls = static_cast<double>(g.variants - g.missing[s]);
  const double expected = static_cast<double>(e.total - e.missing[s]) * SampleCounts::kExpectedUnit;
  const double observed = calls - g.het[s];
  if (calls - expected <= 0) return std::numeric_limits<double>::quiet_NaN();
  return (observed - expected) / (calls - expected);
}

}  // namespace

const char* SampleCounts::GroupName(size_t group) {
  constexpr const char* kNames[kGroups] = {"autosome", "autosome_fixed", "x", "x_fixed", "y",
                                           "mt",       "other"};
  return kNames[group];
}

SampleCounts::Group SampleCounts::GroupOf(ChromClass chrom, double alt_freq) {
  const bool varies = alt_freq > 0 && alt_freq < 1;  // false for NaN
  switch (chrom) {
    case ChromClass::kAutosome:
      return varies ? kAutosome : kAutosomeFixed;
    case ChromClass::kX:
      return varies ? kX : kXFixed;
    case ChromClass::kY:
      return kY;
    case ChromClass::kMt:
      return kMt;
    case ChromClass::kOther:
      return kOther;
  }
  return kOther;
}

uint64_t SampleCounts::ExpectedHom(double alt_freq) {
  return static_cast<uint64_t>(std::llround((1 - 2 * alt_freq * (1 - alt_freq)) / kExpectedUnit));
}

SampleCounts::SampleCounts(uint32_t samples, size_t trios, bool dosages) {
  for (GroupCounts& g : groups) {
    g.het.resize(samples);
    g.hom_alt.resize(samples);
    g.missing.resize(samples);
    if (dosages) g.absent.resize(samples);
  }
  for (Expected& e : expected) e.missing.resize(samples);
  mendel_errors.resize(samples);
  mendel_blamed.resize(samples);
  trio_errors.resize(trios);
  trio_unchecked.resize(trios);
  trio_exposures.resize(trios);
}

SampleCounts& SampleCounts::operator+=(const SampleCounts& o) {
  for (size_t g = 0; g < kGroups; ++g) {
    groups[g].variants += o.groups[g].variants;
    AddTo(groups[g].het, o.groups[g].het);
    AddTo(groups[g].hom_alt, o.groups[g].hom_alt);
    AddTo(groups[g].missing, o.groups[g].missing);
    AddTo(groups[g].absent, o.groups[g].absent);
  }
  for (size_t e = 0; e < 2; ++e) {
    expected[e].total += o.expected[e].total;
    AddTo(expected[e].missing, o.expected[e].missing);
  }
  mendel_variants += o.mendel_variants;
  AddTo(mendel_errors, o.mendel_errors);
  AddTo(mendel_blamed, o.mendel_blamed);
  AddTo(trio_errors, o.trio_errors);
  AddTo(trio_unchecked, o.trio_unchecked);
  AddTo(trio_exposures, o.trio_exposures);
  return *this;
}

SampleCounts& SampleCounts::operator-=(const SampleCounts& o) {
  for (size_t g = 0; g < kGroups; ++g) {
    if (o.groups[g].variants == 0) continue;  // such a group may lack counters
    groups[g].variants -= o.groups[g].variants;
    TakeFrom(groups[g].het, o.groups[g].het);
    TakeFrom(groups[g].hom_alt, o.groups[g].hom_alt);
    TakeFrom(groups[g].missing, o.groups[g].missing);
    TakeFrom(groups[g].absent, o.groups[g].absent);
  }
  for (size_t e = 0; e < 2; ++e) {
    expected[e].total -= o.expected[e].total;
    TakeFrom(expected[e].missing, o.expected[e].missing);
  }
  mendel_variants -= o.mendel_variants;
  TakeFrom(mendel_errors, o.mendel_errors);
  TakeFrom(mendel_blamed, o.mendel_blamed);
  TakeFrom(trio_errors, o.trio_errors);
  TakeFrom(trio_unchecked, o.trio_unchecked);
  TakeFrom(trio_exposures, o.trio_exposures);
  return *this;
}

uint64_t SampleCounts::MemoryBytes() const {
  uint64_t bytes = (2 * mendel_errors.size() + trio_errors.size() + trio_unchecked.size()) * 4 +
                   trio_exposures.size() * sizeof(MendelChecker::Exposure);
  for (const GroupCounts& g : groups) bytes += 4 * (3 * g.het.size() + g.absent.size());
  for (const Expected& e : expected) bytes += 8 * e.missing.size();
  return bytes;
}

void SampleCounts::Write(H5Writer& file) const {
  const auto put = [&](const std::string& path, const auto& v) { file.Write(path, std::span(v)); };
  for (size_t g = 0; g < kGroups; ++g) {
    if (groups[g].variants == 0) continue;
    const std::string at = std::string("/samples/") + GroupName(g);
    put(at + "/het", groups[g].het);
    put(at + "/hom_alt", groups[g].hom_alt);
    put(at + "/missing", groups[g].missing);
    if (!groups[g].absent.empty()) put(at + "/absent", groups[g].absent);
    file.Attribute(at, "variants", static_cast<int64_t>(groups[g].variants));
  }
  put("/samples/expected_autosome", expected[0].missing);
  put("/samples/expected_x", expected[1].missing);
  file.Attribute("/samples/expected_autosome", "total", static_cast<int64_t>(expected[0].total));
  file.Attribute("/samples/expected_x", "total", static_cast<int64_t>(expected[1].total));
  put("/samples/mendel_errors", mendel_errors);
  put("/samples/mendel_blamed", mendel_blamed);
  file.Attribute("/samples/mendel_errors", "variants", static_cast<int64_t>(mendel_variants));
  put("/trios/errors", trio_errors);
  put("/trios/unchecked", trio_unchecked);
  std::vector<uint32_t> errors, checked;
  std::vector<uint64_t> detection;
  for (const MendelChecker::Exposure& exposure : trio_exposures) {
    errors.push_back(exposure.errors);
    checked.push_back(exposure.checked);
    detection.push_back(exposure.detection);
  }
  put("/trios/autosomal_errors", errors);
  put("/trios/autosomal_checked", checked);
  put("/trios/detection", detection);
}

SampleCounts SampleCounts::Read(const H5Reader& file) {
  SampleCounts c;
  c.expected[0].missing = file.ReadU64("/samples/expected_autosome");
  c.expected[1].missing = file.ReadU64("/samples/expected_x");
  c.expected[0].total =
      static_cast<uint64_t>(file.AttributeInt("/samples/expected_autosome", "total"));
  c.expected[1].total = static_cast<uint64_t>(file.AttributeInt("/samples/expected_x", "total"));
  const size_t samples = c.expected[0].missing.size();
  for (size_t g = 0; g < kGroups; ++g) {
    const std::string at = std::string("/samples/") + GroupName(g);
    GroupCounts& group = c.groups[g];
    if (!file.Has(at)) {
      group.het.resize(samples);
      group.hom_alt.resize(samples);
      group.missing.resize(samples);
      continue;
    }
    group.het = file.ReadU32(at + "/het");
    group.hom_alt = file.ReadU32(at + "/hom_alt");
    group.missing = file.ReadU32(at + "/missing");
    if (file.Has(at + "/absent")) group.absent = file.ReadU32(at + "/absent");
    group.variants = static_cast<uint64_t>(file.AttributeInt(at, "variants"));
  }
  c.mendel_errors = file.ReadU32("/samples/mendel_errors");
  c.mendel_blamed = file.ReadU32("/samples/mendel_blamed");
  c.mendel_variants =
      static_cast<uint64_t>(file.AttributeInt("/samples/mendel_errors", "variants"));
  c.trio_errors = file.ReadU32("/trios/errors");
  c.trio_unchecked = file.ReadU32("/trios/unchecked");
  const auto errors = file.ReadU32("/trios/autosomal_errors");
  const auto checked = file.ReadU32("/trios/autosomal_checked");
  const auto detection = file.ReadU64("/trios/detection");
  for (size_t t = 0; t < errors.size(); ++t) {
    c.trio_exposures.push_back({errors[t], checked.at(t), detection.at(t)});
  }
  return c;
}

SampleFacts FactsOf(const SampleCounts& counts, uint32_t s, Sex declared) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  SampleFacts f;
  f.declared = declared;
  for (size_t g = 0; g < SampleCounts::kGroups; ++g) {
    const auto& group = counts.groups[g];
    if (g == SampleCounts::kY && declared == Sex::kFemale) continue;
    f.n += group.variants;
    f.n_missing += group.absent.empty() ? group.missing[s] : group.absent[s];
  }
  const double n = static_cast<double>(f.n);
  f.call_rate = f.n == 0 ? kNone : 1 - static_cast<double>(f.n_missing) / n;
  const auto& y = counts.groups[SampleCounts::kY];
  f.y_call_rate = y.variants == 0
                      ? kNone
                      : 1 - static_cast<double>(y.missing[s]) / static_cast<double>(y.variants);
  const auto& varying = counts.groups[SampleCounts::kAutosome];
  const auto& fixed = counts.groups[SampleCounts::kAutosomeFixed];
  const double calls = static_cast<double>(varying.variants + fixed.variants - varying.missing[s] -
                                           fixed.missing[s]);
  f.het_rate = calls > 0 ? (varying.het[s] + fixed.het[s]) / calls : kNone;
  f.het_f = Inbreeding(varying, counts.expected[0], s);
  f.x_f = Inbreeding(counts.groups[SampleCounts::kX], counts.expected[1], s);
  f.mendel_errors = counts.mendel_errors[s];
  return f;
}

}  // namespace kinflow
