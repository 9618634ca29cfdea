#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/store/h5_file.h"

namespace kinflow {

/// Columns that are made, compressed and written together.
constexpr size_t kColumnsTogether = 8;

/// The columns [first, first + columns) of many as tables of 8 columns below `group`:
/// GROUP/00000/0 ... They are made, compressed and written table by table; empty ones are left out.
/// `first` is a multiple of 8.
void WriteMany(H5Writer& file, std::string_view group, size_t first, size_t columns,
               const std::function<std::vector<double>(size_t)>& make);
void WriteMany(H5Writer& file, std::string_view group, size_t first, size_t columns,
               const std::function<std::vector<int64_t>(size_t)>& make);
/// Where WriteMany put a column.
std::string PathOfMany(std::string_view group, size_t column);

}  // namespace kinflow
