#include "stages/qc/genotype_errors.h"

#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace kinflow {
namespace {

/// The first of all people whom links join to each.
class JoinedPeople {
 public:
  explicit JoinedPeople(uint32_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0u); }
  uint32_t FirstOf(uint32_t person) {
    while (parent_[person] != person) person = parent_[person] = parent_[parent_[person]];
    return person;
  }
  void Join(uint32_t a, uint32_t b) {
    a = FirstOf(a);
    b = FirstOf(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<uint32_t> parent_;
};

}  // namespace

CheckedChildren::CheckedChildren(const MendelChecker& checker,
                                 std::vector<MendelChecker::Exposure> exposures, uint32_t samples)
    : trios_(checker.trios()), exposures_(std::move(exposures)), samples_(samples) {
  exposures_.resize(trios_.size());  // nothing was counted where no variant is left
  JoinedPeople people(samples);
  for (const MendelTrio& trio : trios_) {
    for (const uint32_t parent : {trio.father, trio.mother}) {
      if (parent < samples) people.Join(trio.child, parent);
    }
  }
  for (const MendelTrio& trio : trios_) family_.push_back(people.FirstOf(trio.child));
}

bool CheckedChildren::IsOf(CheckedKind kind, const MendelTrio& trio) const {
  const bool both = trio.father < samples_ && trio.mother < samples_;
  return kind == CheckedKind::kAll || both == (kind == CheckedKind::kTrios);
}

GenotypeErrors CheckedChildren::Of(CheckedKind kind, const std::vector<uint8_t>& chosen) const {
  struct Sums {
    double errors = 0, detection = 0;
  };
  std::map<uint32_t, Sums> families;
  GenotypeErrors all;
  uint64_t detection = 0;
  for (size_t t = 0; t < trios_.size(); ++t) {
    if (chosen[trios_[t].child] == 0 || !IsOf(kind, trios_[t])) continue;
    const MendelChecker::Exposure& exposure = exposures_[t];
    ++all.children;
    all.checked += exposure.checked;
    all.errors += exposure.errors;
    detection += exposure.detection;
    Sums& family = families[family_[t]];
    family.errors += exposure.errors;
    family.detection += static_cast<double>(exposure.detection) * MendelDetection::kUnit;
  }
  all.rate = all.se = std::numeric_limits<double>::quiet_NaN();
  if (detection == 0) return all;
  const double expected = static_cast<double>(detection) * MendelDetection::kUnit;
  all.rate = static_cast<double>(all.errors) / expected;
  if (families.size() < 2) return all;
  double squares = 0;
  for (const auto& [first, family] : families) {
    const double residual = family.errors - all.rate * family.detection;
    squares += residual * residual;
  }
  const auto n = static_cast<double>(families.size());
  all.se = std::sqrt(n / (n - 1) * squares) / expected;
  return all;
}

void GenotypeErrorsTable::Add(const std::string& factor, const std::string& level,
                              const CheckedChildren& children, const std::vector<uint8_t>& chosen) {
  constexpr std::pair<CheckedKind, const char*> kKinds[] = {
      {CheckedKind::kAll, "all"}, {CheckedKind::kTrios, "trios"}, {CheckedKind::kDuos, "duos"}};
  for (const auto& [kind, name] : kKinds) {
    const GenotypeErrors found = children.Of(kind, chosen);
    if (found.children == 0) continue;
    factor_.push_back(factor);
    level_.push_back(level);
    families_.emplace_back(name);
    children_.push_back(found.children);
    checked_.push_back(found.checked);
    errors_.push_back(found.errors);
    mendel_rate_.push_back(found.checked == 0 ? std::numeric_limits<double>::quiet_NaN()
                                              : static_cast<double>(found.errors) /
                                                    static_cast<double>(found.checked));
    rate_.push_back(found.rate);
    se_.push_back(found.se);
  }
}

Table GenotypeErrorsTable::ToTable() && {
  Table table;
  table.Add("FACTOR", std::move(factor_));
  table.Add("LEVEL", std::move(level_));
  table.Add("FAMILIES", std::move(families_));
  table.Add("CHILDREN", std::move(children_));
  table.Add("CHECKED", std::move(checked_));
  table.Add("MENDEL_ERRORS", std::move(errors_));
  table.Add("MENDEL_RATE", std::move(mendel_rate_));
  table.Add("GENOTYPE_ERROR_RATE", std::move(rate_));
  table.Add("SE", std::move(se_));
  return table;
}

}  // namespace kinflow
