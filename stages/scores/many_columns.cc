#include "stages/scores/many_columns.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

namespace kinflow {
namespace {

template <class T>
void WriteTables(H5Writer& file, std::string_view group, size_t first, size_t end,
                 const std::function<std::vector<T>(size_t)>& make) {
  for (; first < end; first += kColumnsTogether) {
    const size_t n = std::min(kColumnsTogether, end - first);
    std::vector<std::vector<T>> values(n);
    oneapi::tbb::parallel_for(size_t{0}, n, [&](size_t i) { values[i] = make(first + i); });
    std::vector<H5Writer::NamedColumn> named;
    for (size_t i = 0; i < n; ++i) {
      if (values[i].empty()) continue;
      named.push_back({std::to_string(i), std::span<const T>(values[i])});
    }
    if (!named.empty()) {
      file.WriteColumns(fmt::format("{}/{:05}", group, first / kColumnsTogether), named);
    }
  }
}

}  // namespace

std::string PathOfMany(std::string_view group, size_t column) {
  return fmt::format("{}/{:05}/{}", group, column / kColumnsTogether, column % kColumnsTogether);
}

void WriteMany(H5Writer& file, std::string_view group, size_t first, size_t columns,
               const std::function<std::vector<double>(size_t)>& make) {
  WriteTables<double>(file, group, first, first + columns, make);
}

void WriteMany(H5Writer& file, std::string_view group, size_t first, size_t columns,
               const std::function<std::vector<int64_t>(size_t)>& make) {
  WriteTables<int64_t>(file, group, first, first + columns, make);
}

}  // namespace kinflow
