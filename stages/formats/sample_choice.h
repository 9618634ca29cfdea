#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"

namespace kinflow {

/// The samples that a source delivers out of those in its file, in file order.
struct SampleChoice {
  SampleTablePtr table;
  std::vector<uint32_t> target;  // per file column: its index in `table`, or SampleTable::kAbsent
  std::vector<uint32_t> source;  // per sample of `table`: its file column
  bool all = true;

  /// `keep` empty: everyone. Ids of `keep` that the file lacks are ignored; throws
  /// kNoCommonSamples if none is left.
  static SampleChoice Make(SampleTablePtr file_samples, const std::vector<std::string>& keep,
                           const std::string& file);
};

}  // namespace kinflow
