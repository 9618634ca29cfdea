#include "stages/family/formula.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

std::string Terms(const std::string& text) {
  const Formula f = ParseFormula(text);
  std::string out = f.intercept ? "1" : "0";
  for (const auto& term : f.terms) out += " " + f.TermLabel(term);
  return out;
}

// Expected: attr(terms(...), "term.labels") of R.
TEST(Formula, TermsAsInR) {
  EXPECT_EQ(Terms("y ~ a + b"), "1 a b");
  EXPECT_EQ(Terms("y ~ 1"), "1");
  EXPECT_EQ(Terms("y ~ 0 + a"), "0 a");
  EXPECT_EQ(Terms("y ~ a - 1"), "0 a");
  EXPECT_EQ(Terms("y ~ a*b"), "1 a b a:b");
  EXPECT_EQ(Terms("y ~ b + a:b + a"), "1 b a b:a");
  EXPECT_EQ(Terms("y ~ a*b:c"), "1 a b:c a:b:c");
  EXPECT_EQ(Terms("y ~ a*b*c - a:b:c"), "1 a b c a:b a:c b:c");
  EXPECT_EQ(Terms("y ~ (a + b):c + c"), "1 c a:c b:c");
  EXPECT_EQ(Terms("y ~ time * (pgs.mother + pgs.father)"),
            "1 time pgs.mother pgs.father time:pgs.mother time:pgs.father");
  EXPECT_EQ(Terms("y ~ a + a + a:a"), "1 a");
  EXPECT_EQ(Terms("y ~ factor(k) + k"), "1 factor(k) k");
  EXPECT_EQ(Terms("y~a+\tb"), "1 a b");
  EXPECT_EQ(Terms("y ~ `odd name` + \xC3\xB8"), "1 odd name \xC3\xB8");
}

TEST(Formula, Polynomials) {
  EXPECT_EQ(Terms("y ~ a + I( a ^ 2 )"), "1 a I(a^2)");
  EXPECT_EQ(Terms("y ~ b*poly(a,3)"), "1 b poly(a, 3) b:poly(a, 3)");
  EXPECT_EQ(Terms("y ~ poly(a, 2) + poly(a, 3) + poly(a, 2)"), "1 poly(a, 2) poly(a, 3)");
  const Formula f = ParseFormula("y ~ I(`a b`^3) + poly(c, 2) + (1 + I(c^2) | g)");
  EXPECT_EQ(f.Text(), "y ~ I(`a b`^3) + poly(c, 2) + (1 + I(c^2) | g)");
  EXPECT_EQ(ParseFormula(f.Text()).Text(), f.Text());
  EXPECT_EQ(f.Columns(), (std::vector<std::string>{"y", "a b", "c", "g"}));
}

TEST(Formula, Functions) {
  EXPECT_EQ(Terms("y ~ a + log( a ) + a:sqrt(b)"), "1 a log(a) a:sqrt(b)");
  const Formula f = ParseFormula("log(`my y`) ~ exp(`a b`) + (1 + log(c) | g)");
  EXPECT_EQ(f.Text(), "log(`my y`) ~ exp(`a b`) + (1 + log(c) | g)");
  EXPECT_EQ(ParseFormula(f.Text()).Text(), f.Text());
  EXPECT_EQ(f.Outcome(), "log(my y)");
  EXPECT_EQ(f.Columns(), (std::vector<std::string>{"my y", "a b", "c", "g"}));
  EXPECT_EQ(Terms("log ~ exp"), "1 exp");  // columns of these names
  EXPECT_EQ(Terms("y ~ log(a+1) + log(a + 1.0) + log(a)"), "1 log(a + 1) log(a)");
  const Formula added = ParseFormula("sqrt(`my y` + 0.5) ~ log(a + 1):b");
  EXPECT_EQ(added.Text(), "sqrt(`my y` + 0.5) ~ log(a + 1):b");
  EXPECT_EQ(ParseFormula(added.Text()).Text(), added.Text());
  EXPECT_EQ(added.Outcome(), "sqrt(my y + 0.5)");
}

TEST(Formula, RandomTerms) {
  const Formula f = ParseFormula("y ~ time + (1 + time || m_id/preg_id) + (1 | area)");
  ASSERT_EQ(f.random.size(), 2u);
  EXPECT_EQ(f.terms.size(), 1u);
  EXPECT_FALSE(f.random[0].correlated);
  EXPECT_TRUE(f.random[0].intercept);
  EXPECT_EQ(f.random[0].slopes.size(), 1u);
  using Groups = std::vector<std::vector<std::string>>;
  EXPECT_EQ(f.random[0].groups, (Groups{{"m_id"}, {"preg_id", "m_id"}}));
  EXPECT_TRUE(f.random[1].correlated);
  EXPECT_EQ(f.Columns(), (std::vector<std::string>{"y", "time", "m_id", "preg_id", "area"}));
}

TEST(Formula, RandomGroupsNestAndCross) {
  using Groups = std::vector<std::vector<std::string>>;
  const auto groups = [](const std::string& text) { return ParseFormula(text).random[0].groups; };
  EXPECT_EQ(groups("y ~ (1 | a/b/c)"), (Groups{{"a"}, {"b", "a"}, {"c", "b", "a"}}));
  EXPECT_EQ(groups("y ~ (1 | a:b)"), (Groups{{"a", "b"}}));
  EXPECT_EQ(groups("y ~ (1 | a:b/c)"), (Groups{{"a", "b"}, {"c", "a", "b"}}));
  const Formula f = ParseFormula("y ~ (x | g)");
  EXPECT_TRUE(f.random[0].intercept);
  EXPECT_TRUE(f.terms.empty());
  EXPECT_FALSE(ParseFormula("y ~ (0 + x | g)").random[0].intercept);
}

TEST(Formula, TextReadsBack) {
  for (const char* text : {"y ~ a*b + factor(c)", "y ~ 0 + a", "`my y` ~ `a b`:c", "y ~ 1", "y ~ 0",
                           "y ~ t + (1 + t | g)", "y ~ (1 | g)", "y ~ -1 + a + (0 + t || g/h)",
                           "y ~ (1 + `a b`:c | `g 1`/h:i/`j`) + (1 | k:l)"}) {
    const std::string once = ParseFormula(text).Text();
    EXPECT_EQ(ParseFormula(once).Text(), once) << text;
    EXPECT_EQ(Terms(once), Terms(text)) << text;
  }
}

struct Fault {
  const char* text;
  size_t column;
  const char* what;
};

TEST(Formula, FaultsPointAtTheColumn) {
  const Fault faults[] = {
      {"y ~ a + + b", 9, "expected a column name"},
      {"y ~ a b", 7, "expected '+'"},
      {"y a", 3, "expected '~'"},
      {"~ a", 1, "outcome"},
      {"", 1, "outcome"},
      {"y ~", 4, "expected a column name"},
      {"y ~ tan(a)", 5, "unknown function tan()"},
      {"y ~ log(a + b)", 13, "only a number"},
      {"log(y + ) ~ a", 9, "only a number"},
      {"y ~ log(a - 1)", 11, "')'"},
      {"y ~ log(log(a))", 12, "')'"},
      {"y^2 ~ a", 2, "no powers of the outcome"},
      {"factor(y) ~ a", 1, "unknown function factor() of the outcome"},
      {"log(y ~ a", 7, "')'"},
      {"log(y)^2 ~ a", 7, "no powers of the outcome"},
      {"y ~ a^2", 6, "powers stand in I()"},
      {"y ~ I(a)", 8, "expected '^'"},
      {"y ~ I(a^1)", 9, "2 to 9"},
      {"y ~ I(a^2.5)", 9, "2 to 9"},
      {"y ~ I(a + b)", 9, "expected '^'"},
      {"y ~ poly(a)", 11, "expected ','"},
      {"y ~ poly(a, 10)", 13, "2 to 9"},
      {"y ~ poly(a, b)", 13, "2 to 9"},
      {"y ~ poly(2, a)", 10, "expected a column name"},
      {"y ~ 2*a", 5, "only numbers"},
      {"y ~ 2a", 5, "start with a digit"},
      {"y ~ (a + b", 11, "')'"},
      {"y ~ factor(a + b)", 14, "')'"},
      {"y ~ a - b", 9, "nothing to take away"},
      {"y ~ (1 | )", 10, "grouping column"},
      {"y ~ a:(1 | g) + ", 7, "stands alone"},
      {"y ~ (1 | g):a", 5, "stands alone"},
      {"y ~ a * (1 | g)", 9, "stands alone"},
      {"y ~ (a + (1 | g))", 10, "stands alone"},
      {"y ~ a - (1 | g)", 9, "cannot be taken away"},
      {"y ~ a + 1 | g", 11, "in parentheses"},
      {"y ~ (1 | g", 11, "')'"},
      {"y ~ (1 | g/)", 12, "grouping column"},
      {"y ~ (1 | g + h)", 12, "')'"},
      {"y ~ (1 | g/h:g)", 14, "twice"},
      {"y ~ (1 | g) + a + (1 | g)", 19, "twice"},
      {"y ~ (0 | g)", 5, "without an effect"},
      {"y ~ (a + | g)", 10, "expected a column name"},
      {"y ~ .", 5, "not expanded"},
      {"y ~ `a", 5, "back quote"},
      {"y ~ a*b*c*d*e*f*g*h*i*j", 24, "more than 1,000 terms"},
      {"y ~ (a*b*c*d*e*f*g*h):(a*b*c*d*e*f*g*h)", 40, "a product of 255 and 255 terms"},
      {"y ~ \xC3\xB8 + + b", 9, "expected a column name"},  // a two-byte letter is one column
  };
  for (const auto& fault : faults) {
    try {
      ParseFormula(fault.text, ErrorId::kBadArgument);
      ADD_FAILURE() << "accepted: " << fault.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), ErrorId::kBadArgument);
      EXPECT_NE(error.message().find("column " + std::to_string(fault.column) + ":"),
                std::string::npos)
          << fault.text << " -> " << error.message();
      EXPECT_NE(error.message().find(fault.what), std::string::npos)
          << fault.text << " -> " << error.message();
      const std::string& message = error.message();
      const size_t last = message.rfind('\n');
      EXPECT_EQ(message.size() - last - 1, 4 + fault.column) << "caret of " << fault.text;
      EXPECT_EQ(message.back(), '^');
    }
  }
}

TEST(Formula, StepsNameTerms) {
  const Formula f = ParseFormula("y ~ a + b + factor(c) + a:b");
  EXPECT_EQ(FindTerms(f, "b + a"), (std::vector<size_t>{1, 0}));
  EXPECT_EQ(FindTerms(f, "a:b"), (std::vector<size_t>{3}));
  EXPECT_EQ(FindTerms(f, "b:a"), (std::vector<size_t>{3}));
  EXPECT_EQ(FindTerms(f, "factor(c)"), (std::vector<size_t>{2}));
  for (const char* wrong : {"c", "d", "a:c"}) {
    try {
      FindTerms(f, wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), ErrorId::kConfigReference);
      EXPECT_EQ(error.value(), wrong);
    }
  }
}

TEST(Formula, Combinations) {
  const auto c = ParseCombination("-T_m + 0.5*NT_m - 2*a:b");
  EXPECT_EQ(c.names, (std::vector<std::string>{"T_m", "NT_m", "a:b"}));
  EXPECT_EQ(c.weights, (std::vector<double>{-1, 0.5, -2}));
  EXPECT_THROW(ParseCombination("a *"), Error);
  EXPECT_THROW(ParseCombination("2 a"), Error);
  EXPECT_THROW(ParseCombination(""), Error);
}

}  // namespace
}  // namespace kinflow::family
