#pragma once

#include <string>

#include "pipeline/base/file.h"
#include "pipeline/data/sample_table.h"
#include "stages/formats/pgen_header.h"
#include "stages/formats/pvar.h"

namespace kinflow {

/// A .pgen with its companions, checked against each other: everything but the records.
struct PgenFiles {
  FileHandle file;
  PgenIndex index;
  PvarVariants variants;
  SampleTablePtr samples;

  /// Throws what is wrong with one of the files, and kFileSize if their counts of samples or
  /// variants differ.
  static PgenFiles Open(const std::string& path, uint64_t max_allele, VariantOrder& order);
};

}  // namespace kinflow
