// People that coefficients tell of: counted by hand from twelve rows of few people.
#include "stages/family/design_people.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stages/family/people.h"
#include "stages/family/sem/path_syntax.h"
#include "stages/family/sem/sem_people.h"

namespace kinflow::family::test {
namespace {

constexpr int64_t kNone = Table::kMissingInt;

// Level a: six rows of two people; level b: six rows of six.
ModelFrame FewBehindManyRows() {
  ModelFrame frame;
  frame.columns.Add("y", Table::Doubles{1, 2, 4, 3, 5, 9, 7, 8, 6, 10, 12, 11});
  frame.columns.Add("x", Table::Doubles{1, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 12});
  frame.columns.Add("g",
                    Table::Strings{"a", "a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "b"});
  frame.columns.Add("h",
                    Table::Strings{"p", "q", "p", "q", "q", "q", "p", "q", "p", "p", "p", "p"});
  frame.columns.Add("k01", Table::Ints{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1});
  frame.columns.Add("k12", Table::Ints{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2});
  frame.columns.Add("id", Table::Ints{1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8});
  return frame;
}

std::vector<uint32_t> AllRows() { return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; }

std::vector<int64_t> PeopleOfColumns(const std::string& formula, bool persons_known,
                                     const std::string& reference = "a") {
  ModelFrame frame = FewBehindManyRows();
  frame.reference["g"] = reference;
  if (persons_known) frame.person = CodesOf(frame.columns.column(6));
  std::vector<int64_t> out;
  for (const auto& column : BuildDesign(ParseFormula(formula), frame, AllRows()).columns) {
    out.push_back(column.people);
  }
  return out;
}

using Counts = std::vector<int64_t>;

TEST(DesignPeople, PeopleAreCountedNotRows) {
  EXPECT_EQ(PeopleOfColumns("y ~ g", false), (Counts{6, 6}));
  EXPECT_EQ(PeopleOfColumns("y ~ g", true), (Counts{2, 2}));
  EXPECT_EQ(PeopleOfColumns("y ~ g + (1 | id)", false), (Counts{2, 2})) << "levels of id";
}

TEST(DesignPeople, TheReferenceIsTheIntercept) {
  EXPECT_EQ(PeopleOfColumns("y ~ g", true, "b"), (Counts{6, 2}));
  EXPECT_EQ(PeopleOfColumns("y ~ x + g", true), (Counts{2, kNone, 2})) << "one slope for all";
  EXPECT_EQ(PeopleOfColumns("y ~ x * g", true), (Counts{2, 2, 2, 2})) << "x is the slope in a";
  EXPECT_EQ(PeopleOfColumns("y ~ x * g", true, "b"), (Counts{6, 6, 2, 2}));
  EXPECT_EQ(PeopleOfColumns("y ~ 0 + g", true), (Counts{2, 6})) << "a mean each";
  EXPECT_EQ(PeopleOfColumns("y ~ 0 + g + x:g", true), (Counts{2, 6, 2, 6}));
}

TEST(DesignPeople, CellsOfTwoFactors) {
  // People of (a, p), (a, q), (b, p), (b, q): 1, 2, 5, 1.
  EXPECT_EQ(PeopleOfColumns("y ~ g + h", true, "b"), (Counts{6, 2, 3}));
  EXPECT_EQ(PeopleOfColumns("y ~ g * h", true, "b"), (Counts{5, 1, 1, 1}));
}

TEST(DesignPeople, ColumnsOfTwoValues) {
  EXPECT_EQ(PeopleOfColumns("y ~ k01", true), (Counts{5, 3})) << "0 is the intercept";
  EXPECT_EQ(PeopleOfColumns("y ~ k12", true), (Counts{kNone, 3}));
  EXPECT_EQ(PeopleOfColumns("y ~ x + x:k12", true), (Counts{kNone, kNone, 3}));
  EXPECT_EQ(PeopleOfColumns("y ~ x", true), (Counts{kNone, kNone}));
}

TEST(DesignPeople, RowsOfNobodyKnownAreOfSomebodyElse) {
  ModelFrame frame = FewBehindManyRows();
  frame.person = std::vector<int64_t>{0, 0, 0, -1, -1, -1, 1, 1, 1, 1, 1, 1};
  const People people(frame, ParseFormula("y ~ g"), AllRows());
  EXPECT_EQ(people.count(), 5);
  EXPECT_EQ(people.ByCell({0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, 2), (Counts{4, 1}));
  EXPECT_EQ(people.ByCell({0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, People::kNoCell}, 2), (Counts{4, 1}));
}

TEST(SemPeople, AParameterTellsOfThoseObserved) {
  ModelFrame frame;
  const double na = std::nan("");
  frame.columns.Add("x", Table::Doubles{1, 2, 3, 4, 5, 6});
  frame.columns.Add("y", Table::Doubles{1, 2, 4, na, na, na});
  frame.columns.Add("b", Table::Doubles{0, 0, 0, 0, 0, 1});
  const People people(frame, ParseFormula("y ~ x"), {0, 1, 2, 3, 4, 5});
  const PathModel model = ParsePaths({"y ~ x", "x ~ b"}, PathDefaults::kSem);
  Eigen::MatrixXd y(6, static_cast<Eigen::Index>(model.observed.size()));
  for (size_t c = 0; c < model.observed.size(); ++c) {
    const auto& values = frame.columns.DoublesOf(model.observed[c]);
    for (Eigen::Index r = 0; r < 6; ++r) {
      y(r, static_cast<Eigen::Index>(c)) = values[static_cast<size_t>(r)];
    }
  }
  Eigen::MatrixXd z(6, 1);
  z.col(0) << 0, 0, 0, 0, 0, 1;
  ASSERT_EQ(model.exogenous, std::vector<std::string>{"b"});
  const auto counts =
      PeopleByParameter(model, GroupByPattern(std::move(y), std::move(z), {}), people);
  for (const Path& path : model.paths) {
    if (path.parameter < 0) continue;
    const std::string text = model.Text(path);
    const int64_t expected = text.starts_with("y ~") ? 3 : text == "x ~ b" ? 1 : 6;
    EXPECT_EQ(counts[static_cast<size_t>(path.parameter)], expected) << text;
  }
}

}  // namespace
}  // namespace kinflow::family::test
