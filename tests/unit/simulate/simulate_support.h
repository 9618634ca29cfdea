#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stages/simulate/simulate.h"

namespace kinflow::test {

/// Runs the simulator quietly.
SimulateReport RunSimulate(const SimulateOptions& options);

/// Columns of a tab-separated file (plain or gzip) with one header line.
struct TextTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  size_t Column(const std::string& name) const;
  std::string At(size_t row, const std::string& name) const { return rows[row][Column(name)]; }
  double Number(size_t row, const std::string& name) const;
};
TextTable ReadTable(const std::string& path);

/// Lines of a program's output, without an empty one at the end.
std::vector<std::string_view> Lines(std::string_view text);

/// Dosages of a PLINK 1 fileset read by code of the test's own: [variant][sample], -1 = missing,
/// counts of the first allele.
std::vector<std::vector<int>> ReadBed(const std::string& prefix);

/// Squared Pearson correlation; NaN if one of them is constant.
template <class A, class B>
double R2(const std::vector<A>& a, const std::vector<B>& b) {
  double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    n += 1, sa += x, sb += y, saa += x * x, sbb += y * y, sab += x * y;
  }
  const double va = saa - sa * sa / n, vb = sbb - sb * sb / n, c = sab - sa * sb / n;
  return c * c / (va * vb);
}

}  // namespace kinflow::test
