// Analyses of outcomes that are repeated over waves.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/config/config_loader.h"
#include "stages/family/family_stage.h"
#include "stages/family/person_rows.h"
#include "tests/unit/family/reference.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

std::vector<AnalysisOptions> Read(const std::string& yaml) {
  const ConfigResult result =
      LoadConfigText(yaml, "run.yaml", schema::Map("", "", {AnalysesSchema()}), {});
  for (const auto& error : result.errors) ADD_FAILURE() << error.Format();
  return ReadAnalyses(result.root.At("analyses"));
}

// Depression of the mothers at three waves below the wide rows of MakeTrios; `none`: of every so
// many rows there are none.
SimulatedTrios WithWaves(size_t none = SIZE_MAX) {
  SimulatedTrios t = MakeTrios(150);
  PersonColumns& p = t.persons;
  const size_t wide = p.iid.size();
  const Table::Doubles scl = p.columns.DoublesOf("scl");
  Table::Doubles dep(wide, std::nan("")), time(wide, std::nan(""));
  p.wave.assign(wide, "");
  for (size_t r = 0; r < wide; ++r) {
    if (std::isnan(scl[r]) || (r + 1) % none == 0) continue;
    for (int wave = 0; wave < 3; ++wave) {
      p.iid.push_back(p.iid[r]);
      p.wave.push_back(std::to_string(wave));
      if (!p.pregnancy.empty()) p.pregnancy.push_back(p.pregnancy[r]);
      dep.push_back(scl[r] + 0.1 * wave + std::sin(static_cast<double>(7 * r) + 3.1 * wave));
      time.push_back(wave);
    }
  }
  Table columns;
  for (size_t c = 0; c < p.columns.columns(); ++c) {
    Table::Column column = p.columns.column(c);
    if (auto* text = std::get_if<Table::Strings>(&column)) text->resize(p.iid.size(), "NA");
    if (auto* numbers = std::get_if<Table::Doubles>(&column)) {
      numbers->resize(p.iid.size(), std::nan(""));
    }
    if (auto* ints = std::get_if<Table::Ints>(&column)) {
      ints->resize(p.iid.size(), Table::kMissingInt);
    }
    columns.Add(p.columns.name(c), std::move(column));
  }
  columns.Add("dep", std::move(dep));
  columns.Add("time", std::move(time));
  p.columns = std::move(columns);
  p.by_wave = {"dep", "time"};
  p.id_columns = {"m_id"};
  return t;
}

// Of children without any wave, each score tells that, and nothing of those who have rows is lost.
TEST(PersonRows, ChildrenWithoutAWaveAddUpToTheAccountOfRows) {
  const SimulatedTrios t = WithWaves(5);
  AnalysisOptions options;
  options.id = "a";
  options.outcome = "dep";
  const AnalysisScores scores(t.scores);
  std::map<std::pair<std::string, std::string>, int64_t> told, expected;
  for (const Trio& trio : t.cohort->trios) {
    const std::string& child = t.cohort->pedigree.people()[trio.person].iid;
    for (const PersonRow& row : RowsOfPerson(options, *t.cohort, t.persons, scores, child)) {
      ++told[{row.score, row.reason}];
    }
  }
  const Table rows = RunAnalysis(options, *t.cohort, t.persons, scores).tables.at("rows");
  for (size_t r = 0; r < rows.rows(); ++r) {
    const std::string& quantity = rows.StringsOf("quantity")[r];
    const bool used = quantity == "n_used", no_wave = quantity == "n_without_wave";
    if (!used && !no_wave && quantity != "n_dropped") continue;
    const std::string reason = used      ? ""
                               : no_wave ? "mother without a wave in the phenotypes"
                                         : rows.StringsOf("reason")[r];
    expected[{rows.StringsOf("pgs")[r], reason}] = rows.IntsOf("count")[r];
  }
  EXPECT_EQ(told, expected);
  EXPECT_GT((told[{"s1", "mother without a wave in the phenotypes"}]), 5);
  EXPECT_GT((told[{"s2", "mother without a wave in the phenotypes"}]), 5);
}

// An outcome that holds for all waves has a row a child, also beside one with a row a wave.
TEST(Analysis, OutcomesByWaveAndOfAllWavesHaveTheirOwnRows) {
  SimulatedTrios t = WithWaves();
  for (size_t extra = 0; extra < 40; ++extra) {
    std::vector<double> values = t.scores.values[0];
    for (size_t i = 0; i < values.size(); ++i)
      values[i] += std::sin(static_cast<double>(i * (extra + 1)));
    t.scores.names.push_back("more" + std::to_string(extra));
    t.scores.values.push_back(std::move(values));
  }
  AnalysisOptions options;
  options.id = "a";
  options.members = {"mother"};
  options.outcome = "scl";
  options.outcomes = {"scl", "dep", "scl.father"};
  const auto run = [&] {
    return RunAnalysis(options, *t.cohort, t.persons, AnalysisScores(t.scores)).tables.at("models");
  };
  const Table grid = run();
  std::vector<int64_t> n;
  for (const std::string outcome : {"scl", "dep", "scl.father"}) {
    options.outcome = outcome;
    options.outcomes = {outcome};
    const Table alone = run();
    n.insert(n.end(), alone.IntsOf("n").begin(), alone.IntsOf("n").end());
  }
  EXPECT_EQ(grid.IntsOf("n"), n);
}

TEST(Analysis, MixedModelOverWaves) {
  const SimulatedTrios t = WithWaves();
  const auto list = Read(R"yaml(
analyses:
  - id: waves
    model: lmm
    formula: "dep ~ time + pgs.mother + pgs.father + pgs.child + age + (1 | m_id/pregnancy)"
    steps: [[time, age], [pgs.mother], [pgs.father, pgs.child]]
)yaml");
  EXPECT_TRUE(CheckAnalysis(list[0], t.persons, t.scores.names).empty());
  const FamilyResults results =
      RunAnalysis(list[0], *t.cohort, t.persons, AnalysisScores(t.scores));
  for (const auto& failure : results.failures) ADD_FAILURE() << failure.Format();
  const Table& models = results.tables.at("models");
  EXPECT_EQ(models.rows(), 6u);  // three steps of two scores
  const Table& varcomp = results.tables.at("varcomp");
  EXPECT_GE(FindRow(varcomp, {{"group", "pregnancy:m_id"}, {"pgs", "s2"}, {"model_id", "trio"}}),
            0);
  const Table& estimates = results.tables.at("estimates");
  const int64_t row =
      FindRow(estimates,
              {{"term", "pgs.mother"}, {"model_id", "trio"}, {"pgs", "s1"}, {"se_type", "model"}});
  ASSERT_GE(row, 0);
  EXPECT_EQ(estimates.StringsOf("effect")[static_cast<size_t>(row)], "direct");
  EXPECT_GT(estimates.DoublesOf("statistic")[static_cast<size_t>(row)], 3);
  // Six rows a mother with two pregnancies, three with one: more rows than children, fewer groups.
  EXPECT_GT(estimates.IntsOf("n")[static_cast<size_t>(row)], 300);
  EXPECT_LE(estimates.IntsOf("n_clusters")[static_cast<size_t>(row)], 150);
  EXPECT_GE(FindRow(results.tables.at("comparisons"), {{"test", "LRT"}, {"full", "trio"}}), 0);
}

TEST(AnalysisCheck, GroupsOfRandomTerms) {
  const SimulatedTrios t = WithWaves();
  const auto errors = [&](const std::string& formula, const std::string& model) {
    auto options = Read("analyses: [{id: a, formula: \"y ~ x\"}]")[0];
    options.formula = formula;
    options.model = model;
    std::string out;
    for (const auto& e : CheckAnalysis(options, t.persons, t.scores.names))
      out += e.message() + ";";
    return out;
  };
  EXPECT_EQ(errors("dep ~ time + (1 | mother)", "lmm"), "");
  EXPECT_EQ(errors("dep ~ time + (1 | batch)", "lmm"), "");
  EXPECT_EQ(errors("dep ~ time + (1 | m_ids)", "lmm"),
            "the model names a column that does not exist;");
  try {
    ResolveGroup("m_iid", "mother", t.persons, t.scores.names);
    FAIL() << "an unknown group is accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), "did you mean m_id?");
  }
  // As a number an id means nothing.
  EXPECT_EQ(errors("dep ~ mother + (1 | m_id)", "lmm"),
            "the model names a column that does not exist;");
  EXPECT_EQ(errors("dep ~ time", "lmm"), "model lmm needs a random term;");
  EXPECT_EQ(errors("dep ~ time + (1 | mother)", "ols"), "model ols takes no random terms;");
}

Table WithColumn(const Table& from, const std::string& name, const Table::Column& column) {
  Table out;
  for (size_t c = 0; c < from.columns(); ++c) {
    out.Add(from.name(c), from.name(c) == name ? column : from.column(c));
  }
  if (from.Find(name) < 0) out.Add(name, column);
  return out;
}

// Of a correlation that falls with time the waves are the times, those that somebody lacks too.
class DefaultTime : public testing::Test {
 protected:
  DefaultTime() : t_(WithWaves()) {
    Table::Doubles dep = t_.persons.columns.DoublesOf("dep");
    const auto& time = t_.persons.columns.DoublesOf("time");
    Table::Strings names;
    for (size_t r = 0; r < dep.size(); ++r) {
      if (time[r] == 1 && r % 2 == 0) dep[r] = std::nan("");
      names.push_back(
          std::isnan(time[r]) ? "NA" : "w" + std::to_string(8 + 4 * static_cast<int>(time[r])));
    }
    t_.persons.columns = WithColumn(t_.persons.columns, "dep", dep);
    t_.persons.columns = WithColumn(t_.persons.columns, "visit", names);
    t_.persons.by_wave.insert("visit");
  }

  FamilyResults Run(const std::string& wave_column, const std::string& keys) {
    t_.persons.wave_column = wave_column;
    const auto list = Read(
        "analyses: [{id: g, model: gee, correlation: ar1, outcome: {variable: dep, of: mother}, "
        "members: [mother], scores: [s1]" +
        keys + "}]");
    EXPECT_TRUE(CheckAnalysis(list[0], t_.persons, t_.scores.names).empty());
    FamilyResults results = RunAnalysis(list[0], *t_.cohort, t_.persons, AnalysisScores(t_.scores));
    for (const auto& failure : results.failures) ADD_FAILURE() << failure.Format();
    return results;
  }
  static bool Warned(const FamilyResults& results, const std::string& text) {
    return std::any_of(results.warnings.begin(), results.warnings.end(),
                       [&](const auto& warning) { return warning.find(text) != warning.npos; });
  }
  static std::vector<double> Errors(const FamilyResults& results) {
    return results.tables.at("estimates").DoublesOf("std_error");
  }

  SimulatedTrios t_;
};

TEST_F(DefaultTime, IsTheColumnOfWaves) {
  const std::string one = ", children: one_per_mother";
  const FamilyResults named = Run("", one + ", time: time"), waves = Run("time", one),
                      order = Run("", one);
  EXPECT_EQ(Errors(waves), Errors(named));
  EXPECT_NE(Errors(waves), Errors(order));
  EXPECT_FALSE(Warned(waves, "correlation ar1"));
  EXPECT_TRUE(Warned(order, "one step apart, in the order of the table"));
  // w8, w12, w16 are in the order of 0, 1, 2.
  const FamilyResults names = Run("visit", one);
  EXPECT_EQ(Errors(names), Errors(named));
  EXPECT_TRUE(Warned(names, "waves are one step each, in the order of their names in visit"));
  // A column that is named stays.
  EXPECT_EQ(Errors(Run("visit", one + ", time: time")), Errors(named));
}

TEST_F(DefaultTime, IsNoneWhereAMotherHasAWaveTwice) {
  const FamilyResults waves = Run("time", ""), order = Run("", "");
  EXPECT_EQ(Errors(waves), Errors(order));
  EXPECT_TRUE(Warned(waves, "one step apart, in the order of the table"));
}

}  // namespace
}  // namespace kinflow::family::test
