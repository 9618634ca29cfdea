#pragma once

#include <string>

namespace kinflow {

/// Version of the HDF5 library in use, at run time.
std::string Hdf5Version();

}  // namespace kinflow
