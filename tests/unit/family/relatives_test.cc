// Pairs of relatives from tables of other tools.
#include "stages/family/relatives.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "pipeline/base/error.h"

namespace kinflow::family::test {
namespace {

int64_t CodeOf(const std::string& id) {
  static const std::map<std::string, int64_t> codes{{"a", 0}, {"b", 1}, {"c", 2}};
  const auto found = codes.find(id);
  return found == codes.end() ? -1 : found->second;
}

Table Pairs(const std::string& value, Table::Strings first, Table::Strings second,
            Table::Doubles numbers) {
  Table table;
  table.Add("ID1", std::move(first));
  table.Add("ID2", std::move(second));
  table.Add(value, std::move(numbers));
  return table;
}

TEST(RelativesOfTable, KinshipIsDoubledAndOthersAreLeftOut) {
  const auto of = [](const std::string& value, double number) {
    size_t strangers = 0;
    const auto pairs = RelativesOfTable(
        Pairs(value, {"a", "a", "b"}, {"b", "stranger", "c"}, {number, number, .01}), CodeOf,
        strangers);
    EXPECT_EQ(strangers, 1u);
    return pairs;
  };
  for (const auto& [name, number] : std::map<std::string, double>{
           {"relatedness", .5}, {"PropIBD", .5}, {"KINSHIP", .25}, {"Kinship", .25}}) {
    const auto pairs = of(name, number);
    ASSERT_EQ(pairs.size(), 1u) << name;
    EXPECT_EQ(pairs[0].a, 0);
    EXPECT_EQ(pairs[0].b, 1);
    EXPECT_EQ(pairs[0].relatedness, .5) << name;
  }
  EXPECT_EQ(of("relatedness", 1.02).at(0).relatedness, 1);  // twins, estimated
}

TEST(RelativesOfTable, Refuses) {
  size_t strangers = 0;
  const auto fails = [&](const Table& table, ErrorId id) {
    try {
      RelativesOfTable(table, CodeOf, strangers);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), id);
    }
  };
  fails(Pairs("weight", {"a"}, {"b"}, {.5}), ErrorId::kColumnMissing);
  fails(Pairs("relatedness", {"a"}, {"b"}, {std::nan("")}), ErrorId::kMalformed);
  fails(Pairs("relatedness", {"a", "b"}, {"b", "a"}, {.5, .25}), ErrorId::kMalformed);
  EXPECT_EQ(
      RelativesOfTable(Pairs("relatedness", {"a", "b"}, {"b", "a"}, {.5, .5}), CodeOf, strangers)
          .size(),
      1u);
}

}  // namespace
}  // namespace kinflow::family::test
