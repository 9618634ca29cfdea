#include "stages/family/relatives.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <initializer_list>
#include <map>
#include <utility>

#include "pipeline/base/error.h"
#include "stages/kinship/kinship.h"
#include "stages/kinship/relation.h"

namespace kinflow::family {
namespace {

constexpr std::initializer_list<const char*> kFirstId{"id1", "iid1"}, kSecondId{"id2", "iid2"};

bool SameInAnyCase(const std::string& own, const std::string& lower) {
  return std::equal(own.begin(), own.end(), lower.begin(), lower.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

// Index of the first of `names` that the table has, in any case; -1 = none.
int64_t FindAny(const Table& table, std::initializer_list<const char*> names) {
  for (const std::string name : names) {
    for (size_t c = 0; c < table.columns(); ++c) {
      if (SameInAnyCase(table.name(c), name)) return static_cast<int64_t>(c);
    }
  }
  return -1;
}

size_t Require(const Table& table, std::initializer_list<const char*> names, const char* what) {
  const int64_t c = FindAny(table, names);
  if (c >= 0) return static_cast<size_t>(c);
  throw Error(ErrorId::kColumnMissing,
              fmt::format("a table of relatives has no column of {}", what))
      .Field("relatives")
      .Remedy("name the columns ID1, ID2 and relatedness (or PropIBD, or KINSHIP)");
}

}  // namespace

std::vector<Relatives> PedigreeRelatives(const Cohort& cohort) {
  std::vector<Relatives> out;
  for (const auto& pair : kinship::DeclaredPairs(cohort)) {
    out.push_back({pair.samples.first, pair.samples.second, 2 * pair.kinship});
  }
  return out;
}

std::vector<Relatives> GenotypeRelatives(const std::vector<kinship::Pair>& pairs) {
  std::vector<Relatives> out;
  for (const auto& pair : pairs) {
    const double relatedness = 2 * kinship::Kinship(pair.counts);  // NaN where it is not defined
    if (!(relatedness > kLeastRelatedness)) continue;
    out.push_back({pair.samples.first, pair.samples.second, std::min(1.0, relatedness)});
  }
  return out;
}

bool IsIdOfRelatives(const std::string& column) {
  return std::any_of(std::begin(kFirstId), std::end(kFirstId),
                     [&](const char* name) { return SameInAnyCase(column, name); }) ||
         std::any_of(std::begin(kSecondId), std::end(kSecondId),
                     [&](const char* name) { return SameInAnyCase(column, name); });
}

std::vector<Relatives> RelativesOfTable(const Table& table,
                                        const std::function<int64_t(const std::string&)>& code_of,
                                        size_t& strangers) {
  const size_t first = Require(table, kFirstId, "ids");
  const size_t second = Require(table, kSecondId, "ids");
  const size_t value = Require(table, {"relatedness", "propibd", "kinship"}, "relatedness");
  const double unit = FindAny(table, {"relatedness", "propibd"}) >= 0 ? 1 : 2;
  const auto* numbers = std::get_if<Table::Doubles>(&table.column(value));
  std::map<std::pair<int64_t, int64_t>, double> known;
  strangers = 0;
  std::vector<Relatives> out;
  for (size_t r = 0; r < table.rows(); ++r) {
    double relatedness = numbers == nullptr ? std::nan("") : unit * (*numbers)[r];
    if (std::isnan(relatedness) || relatedness < -1) {
      throw Error(ErrorId::kMalformed, "a pair of relatives has no relatedness")
          .Field(table.name(value))
          .AtRecord(r + 1)
          .Remedy("give a number for every pair, or leave the pair out");
    }
    relatedness = std::min(1.0, relatedness);
    const int64_t a = code_of(table.Cell(r, first)), b = code_of(table.Cell(r, second));
    strangers += a < 0 || b < 0;
    if (a < 0 || b < 0 || a == b || relatedness <= kLeastRelatedness) continue;
    const auto [at, added] = known.emplace(std::minmax(a, b), relatedness);
    if (added) out.push_back({a, b, relatedness});
    if (at->second == relatedness) continue;
    throw Error(ErrorId::kMalformed, "a pair of relatives stands twice with other values")
        .Field(table.name(value))
        .AtRecord(r + 1)
        .Remedy("keep one row a pair");
  }
  return out;
}

}  // namespace kinflow::family
