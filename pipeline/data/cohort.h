#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/pedigree.h"
#include "pipeline/data/sample_table.h"

namespace kinflow {

/// The genotyped people and their declared relations, joined once when a run is planned. Immutable;
/// vectors are indexed by sample.
struct Cohort {
  SampleTablePtr samples;
  Pedigree pedigree;
  std::vector<Role> roles;
  std::vector<Sex> sexes;
  std::vector<uint8_t> founders;  // 1 = allele frequencies are of this person: FoundersAmong all
  bool all_as_founders = false;   // nobody is a founder, so all stand for them
  std::vector<Trio> trios;        // children with any genotyped member
  /// 1 = a control of the laboratory: nobody's relative whatever the pedigree says, and no founder.
  std::vector<uint8_t> controls;

  /// `controls` empty: there are none.
  static std::shared_ptr<const Cohort> Build(SampleTablePtr samples, Pedigree pedigree,
                                             std::vector<uint8_t> controls = {});
  bool has_controls() const;
  /// The founders (Pedigree::Founders) of these people; where nobody is one, all of them, as
  /// without allele frequencies nothing can be filtered or imputed. Controls are neither.
  std::vector<uint8_t> FoundersAmong(const std::vector<uint8_t>& people) const;
  size_t CountSex(Sex sex) const;
  /// FID of each sample for output tables: the pedigree's; else that of the genotype file.
  std::vector<std::string> FamilyIds() const;
  /// Over samples, pedigree and controls.
  Digest digest() const;
};

using CohortPtr = std::shared_ptr<const Cohort>;

}  // namespace kinflow
