#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/fit.h"
#include "stages/formats/input_inventory.h"

namespace kinflow {

/// What `kinflow fit` reads.
struct FitInput {
  std::vector<InputInfo> files;
  std::vector<std::string> warnings;  // of the table
  size_t rows = 0, columns = 0;       // of the table, as it stands in the file
  std::unique_ptr<family::TableFit> fit;
  std::vector<Error> faults;  // of files and options: all that can be told; nothing is to be fitted
};

/// Reads the table, and the neighbours and relatives that the options name. `missing`: codes of
/// missing values. What a reshaped table is made of is put into `options`.
FitInput ReadFit(const std::string& table, const std::vector<std::string>& missing,
                 family::FitOptions& options);

}  // namespace kinflow
