#pragma once

#include <string>

#include "pipeline/store/h5_file.h"
#include "pipeline/store/h5_handles.h"

// Internal to the store: what H5Reader and DosageReader share.
namespace kinflow {

struct H5Reader::Impl {
  std::string path;
  h5::Id file;
  uint64_t bytes = 0;
};

}  // namespace kinflow
