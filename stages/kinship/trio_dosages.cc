#include "stages/kinship/trio_dosages.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinflow::kinship {
namespace {

void AddTo(std::vector<uint64_t>& sums, const std::vector<uint64_t>& more) {
  for (size_t t = 0; t < sums.size(); ++t) sums[t] += more[t];
}

double Median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Median and robust standard deviation of the values that are known.
struct Spread {
  double median, sd;

  explicit Spread(std::vector<double> values) {
    constexpr double kNormal = 1.4826;  // of the median absolute deviation
    constexpr double kLeastSd = 1e-6;
    std::erase_if(values, [](double x) { return std::isnan(x); });
    median = Median(values);
    for (double& x : values) x = std::abs(x - median);
    sd = std::max(kLeastSd, kNormal * Median(std::move(values)));
  }
  double From(double value) const { return std::abs(value - median) / sd; }
};

std::vector<double> Rates(const std::vector<uint64_t>& violation, const std::vector<uint64_t>& n,
                          uint32_t units) {
  std::vector<double> rates;
  for (size_t t = 0; t < n.size(); ++t) {
    rates.push_back(n[t] == 0
                        ? std::numeric_limits<double>::quiet_NaN()
                        : static_cast<double>(violation[t]) / units / static_cast<double>(n[t]));
  }
  return rates;
}

}  // namespace

std::vector<ControlledTrio> ControlledTrios(const Cohort& cohort,
                                            const std::vector<uint8_t>& kept) {
  std::vector<Trio> complete;
  for (const Trio& trio : cohort.trios) {
    if (!trio.complete()) continue;
    if (kept[trio.child] != 0 && kept[trio.father] != 0 && kept[trio.mother] != 0) {
      complete.push_back(trio);
    }
  }
  std::vector<ControlledTrio> trios;
  for (size_t t = 0; t < complete.size(); ++t) {
    for (size_t k = 1; k < complete.size(); ++k) {
      const Trio& other = complete[(t + k) % complete.size()];
      if (other.father == complete[t].father || other.mother == complete[t].mother) continue;
      trios.push_back({complete[t], {complete[t].child, other.father, other.mother, 0}});
      break;
    }
  }
  return trios;
}

TrioSums& TrioSums::operator+=(const TrioSums& other) {
  AddTo(violation, other.violation);
  AddTo(variants, other.variants);
  AddTo(control_violation, other.control_violation);
  AddTo(control_variants, other.control_variants);
  return *this;
}

Table TrioDosagesTable(const std::vector<ControlledTrio>& trios, const TrioSums& sums,
                       uint32_t units, const SampleTable& samples) {
  const std::vector<double> rate = Rates(sums.violation, sums.variants, units);
  const std::vector<double> control = Rates(sums.control_violation, sums.control_variants, units);
  const Spread of_trios(rate), of_controls(control);
  Table::Strings child, father, mother, status;
  Table::Ints n;
  for (size_t t = 0; t < trios.size(); ++t) {
    child.push_back(samples.iid(trios[t].trio.child));
    father.push_back(samples.iid(trios[t].trio.father));
    mother.push_back(samples.iid(trios[t].trio.mother));
    n.push_back(static_cast<int64_t>(sums.variants[t]));
    const double middle = (of_trios.median + of_controls.median) / 2;
    const bool strange = rate[t] > middle && middle > of_trios.median &&
                         of_controls.From(rate[t]) < of_trios.From(rate[t]);
    status.emplace_back(std::isnan(rate[t]) ? "NA" : strange ? "flagged" : "pass");
  }
  Table table;
  table.Add("CHILD", std::move(child));
  table.Add("FATHER", std::move(father));
  table.Add("MOTHER", std::move(mother));
  table.Add("N", std::move(n));
  table.Add("VIOLATION", rate);
  table.Add("CONTROL", control);
  table.Add("STATUS", std::move(status));
  return table;
}

}  // namespace kinflow::kinship
