#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "stages/formats/read_choice.h"

namespace kinflow {

/// The samples that a source delivers out of those in its file.
struct SampleChoice {
  SampleTablePtr table;
  std::vector<uint32_t> target;  // per file column: its index in `table`, or SampleTable::kAbsent
  std::vector<uint32_t> source;  // per sample of `table`: its file column
  bool all = true;

  /// Ids of `choice.keep` that the file lacks are ignored; throws kNoCommonSamples if none is left.
  static SampleChoice Make(SampleTablePtr file_samples, const ReadChoice& choice,
                           const std::string& file);
};

}  // namespace kinflow
