#pragma once

#include <memory>
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
  std::vector<uint8_t> founders;  // 1 = founder (Pedigree::Founders)
  std::vector<Trio> trios;        // children with any genotyped member

  static std::shared_ptr<const Cohort> Build(SampleTablePtr samples, Pedigree pedigree);
  /// Over samples and pedigree.
  Digest digest() const;
};

using CohortPtr = std::shared_ptr<const Cohort>;

}  // namespace kinflow
