#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/table.h"
#include "stages/qc/mendel.h"

namespace kinflow {

/// Children of one kind: all, those with both parents, those with one.
enum class CheckedKind : uint8_t { kAll, kTrios, kDuos };

/// Mendel errors on autosomes and the rate of errors of genotypes that explains them.
struct GenotypeErrors {
  int64_t children = 0;
  int64_t checked = 0, errors = 0;  // over children and variants
  double rate, se;                  // of a genotype; NaN = nothing tells it
};

/// Children whose genotypes are checked, and how often.
class CheckedChildren {
 public:
  /// `exposures` by place in the trios of `checker`.
  CheckedChildren(const MendelChecker& checker, std::vector<MendelChecker::Exposure> exposures,
                  uint32_t samples);

  /// Over those of a kind for whom `chosen` (by sample) is not 0.
  ///
  /// The rate is errors over what MendelDetection expects of one error in each genotype (Gordon,
  /// Heath & Ott 1999; Douglas, Skol & Boehnke, American Journal of Human Genetics 2002,
  /// 70:487-495). Its standard error is that of a ratio over clusters: families, told by the
  /// people whom children share.
  GenotypeErrors Of(CheckedKind kind, const std::vector<uint8_t>& chosen) const;

 private:
  bool IsOf(CheckedKind kind, const MendelTrio& trio) const;

  std::vector<MendelTrio> trios_;
  std::vector<MendelChecker::Exposure> exposures_;
  std::vector<uint32_t> family_;  // by place in trios_: the first of its members
  uint32_t samples_;
};

/// Rows FACTOR LEVEL FAMILIES CHILDREN CHECKED MENDEL_ERRORS MENDEL_RATE GENOTYPE_ERROR_RATE SE, a
/// row a kind of which there are children.
class GenotypeErrorsTable {
 public:
  void Add(const std::string& factor, const std::string& level, const CheckedChildren& children,
           const std::vector<uint8_t>& chosen);
  Table ToTable() &&;

 private:
  Table::Strings factor_, level_, families_;
  Table::Ints children_, checked_, errors_;
  Table::Doubles mendel_rate_, rate_, se_;
};

}  // namespace kinflow
