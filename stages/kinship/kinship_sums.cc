#include "stages/kinship/kinship_sums.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "stages/kinship/relation.h"
#include "stages/kinship/relatives_tables.h"

namespace kinflow::kinship {
namespace {

/// Between the two values beside it, as quantile() of R does. `sorted` is not empty.
double Quantile(const Table::Doubles& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

Table::Doubles UndeclaredSums(const Table& pairs, const Table::Strings& people) {
  std::map<std::string, double> sum;
  const auto& kinship = pairs.DoublesOf("KINSHIP");
  const auto& declared = pairs.StringsOf("DECLARED");
  const std::string unrelated = RelationName(Relation::kUnrelated);
  for (const char* column : {"IID1", "IID2"}) {
    const auto& ids = pairs.StringsOf(column);
    for (size_t r = 0; r < ids.size(); ++r) {
      if (declared[r] == unrelated && std::isfinite(kinship[r])) sum[ids[r]] += kinship[r];
    }
  }
  Table::Doubles sums;
  for (const std::string& iid : people) sums.push_back(sum[iid]);
  return sums;
}

}  // namespace

double MaxSumOf(Table::Doubles sums) {
  constexpr double kLeast = 1;
  if (sums.empty()) return kLeast;
  std::sort(sums.begin(), sums.end());
  const double lower = Quantile(sums, 0.25), upper = Quantile(sums, 0.75);
  return std::max(kLeast, upper + 3 * (upper - lower));
}

Table PeopleWithSums(const Table& pairs, double max_sum) {
  Table people = RelatedPeople(pairs);
  Table::Doubles sums = UndeclaredSums(pairs, people.StringsOf("IID"));
  if (std::isnan(max_sum)) max_sum = MaxSumOf(sums);
  Table::Strings outlier;
  for (const double sum : sums) outlier.emplace_back(sum > max_sum ? "yes" : "no");
  Table::Doubles limits(sums.size(), max_sum);
  people.Add("SUM_UNDECLARED", std::move(sums));
  people.Add("MAX_SUM", std::move(limits));
  people.Add("OUTLIER", std::move(outlier));
  return people;
}

size_t CountOutliers(const Table& people) {
  const auto& outlier = people.StringsOf("OUTLIER");
  return static_cast<size_t>(std::count(outlier.begin(), outlier.end(), "yes"));
}

}  // namespace kinflow::kinship
