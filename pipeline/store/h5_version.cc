#include "pipeline/store/h5_version.h"

#include <fmt/format.h>
#include <hdf5.h>

namespace kinflow {

std::string Hdf5Version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace kinflow
