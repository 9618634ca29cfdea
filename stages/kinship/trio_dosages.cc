#include "stages/kinship/trio_dosages.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

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

/// Children with a parent, without parents that are not kept.
std::vector<Trio> Present(const Cohort& cohort, const std::vector<uint8_t>& kept) {
  const auto there = [&](uint32_t s) { return s != SampleTable::kAbsent && kept[s] != 0; };
  std::vector<Trio> present;
  for (Trio trio : cohort.trios) {
    if (!there(trio.father)) trio.father = SampleTable::kAbsent;
    if (!there(trio.mother)) trio.mother = SampleTable::kAbsent;
    const bool parent = trio.father != trio.mother;  // else both are absent
    if (there(trio.child) && parent) present.push_back(trio);
  }
  return present;
}

/// The child with the parents of the next family that has those who are there, others than its own.
std::optional<Trio> ControlOf(const Trio& trio, size_t place, const std::vector<Trio>& present) {
  const auto differs = [](uint32_t own, uint32_t other) {
    return own == SampleTable::kAbsent || (other != SampleTable::kAbsent && other != own);
  };
  for (size_t k = 1; k < present.size(); ++k) {
    const Trio& other = present[(place + k) % present.size()];
    if (!differs(trio.father, other.father) || !differs(trio.mother, other.mother)) continue;
    const auto as_own = [](uint32_t own, uint32_t parent) {
      return own == SampleTable::kAbsent ? own : parent;
    };
    return Trio{trio.child, as_own(trio.father, other.father), as_own(trio.mother, other.mother),
                0};
  }
  return std::nullopt;
}

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

/// What trios, or duos, look like and what strangers in their place.
class Look {
 public:
  Look(const std::vector<ControlledTrio>& trios, bool complete, const std::vector<double>& rate,
       const std::vector<double>& control)
      : own_(Chosen(trios, complete, rate)), strangers_(Chosen(trios, complete, control)) {}
  /// Whether trios of this kind differ from strangers at all.
  bool Tells() const { return own_.median < strangers_.median; }
  bool IsStrange(double rate) const {
    const double middle = (own_.median + strangers_.median) / 2;
    return rate > middle && middle > own_.median && strangers_.From(rate) < own_.From(rate);
  }

 private:
  static std::vector<double> Chosen(const std::vector<ControlledTrio>& trios, bool complete,
                                    const std::vector<double>& of) {
    std::vector<double> chosen;
    for (size_t t = 0; t < trios.size(); ++t) {
      if (trios[t].trio.complete() == complete) chosen.push_back(of[t]);
    }
    return chosen;
  }

  Spread own_, strangers_;
};

}  // namespace

size_t ChildrenWithParents(const Cohort& cohort, const std::vector<uint8_t>& kept) {
  return Present(cohort, kept).size();
}

std::vector<ControlledTrio> ControlledTrios(const Cohort& cohort,
                                            const std::vector<uint8_t>& kept) {
  const std::vector<Trio> present = Present(cohort, kept);
  std::vector<ControlledTrio> trios;
  size_t duos = 0;
  const auto add = [&](Trio trio, size_t place, bool listed) {
    const auto control = ControlOf(trio, place, present);
    if (!control) return;
    duos += trio.complete() ? 0 : 1;
    trios.push_back({trio, *control, listed});
  };
  for (size_t t = 0; t < present.size(); ++t) add(present[t], t, true);
  if (duos == 0) return trios;
  constexpr size_t kEnoughDuos = 100;
  for (size_t t = 0; t < present.size() && duos < kEnoughDuos; ++t) {
    const Trio& trio = present[t];
    if (!trio.complete()) continue;
    add({trio.child, trio.father, SampleTable::kAbsent, 0}, t, false);
    add({trio.child, SampleTable::kAbsent, trio.mother, 0}, t, false);
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
  const Look trio_look(trios, true, rate, control), duo_look(trios, false, rate, control);
  const auto name = [&](uint32_t s) {
    return s == SampleTable::kAbsent ? std::string("NA") : samples.iid(s);
  };
  Table::Strings child, father, mother, status;
  Table::Ints n;
  Table::Doubles violation, of_control;
  for (size_t t = 0; t < trios.size(); ++t) {
    if (!trios[t].listed) continue;
    const Trio& trio = trios[t].trio;
    child.push_back(name(trio.child));
    father.push_back(name(trio.father));
    mother.push_back(name(trio.mother));
    n.push_back(static_cast<int64_t>(sums.variants[t]));
    violation.push_back(rate[t]);
    of_control.push_back(control[t]);
    const Look& look = trio.complete() ? trio_look : duo_look;
    const bool known = !std::isnan(rate[t]) && look.Tells();
    status.emplace_back(!known ? "NA" : look.IsStrange(rate[t]) ? "flagged" : "pass");
  }
  Table table;
  table.Add("CHILD", std::move(child));
  table.Add("FATHER", std::move(father));
  table.Add("MOTHER", std::move(mother));
  table.Add("N", std::move(n));
  table.Add("VIOLATION", std::move(violation));
  table.Add("CONTROL", std::move(of_control));
  table.Add("STATUS", std::move(status));
  return table;
}

}  // namespace kinflow::kinship
