#include "stages/family/trio_frame.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "pipeline/base/error.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

// Mother A: twins c1, c2 (c1 not genotyped), then c3. Mother B: c4, father unknown.
std::vector<Person> Family() {
  return {{"1", "A", "", "", Sex::kFemale, ""},      {"1", "D", "", "", Sex::kMale, ""},
          {"1", "c1", "D", "A", Sex::kMale, "p1"},   {"1", "c2", "D", "A", Sex::kMale, "p1"},
          {"1", "c3", "D", "A", Sex::kFemale, "p2"}, {"2", "B", "", "", Sex::kFemale, ""},
          {"2", "c4", "", "B", Sex::kMale, ""}};
}

PersonColumns Phenotypes() {
  PersonColumns persons;
  persons.iid = {"A", "c2", "c3", "c4", "D"};
  persons.columns.Add("y", Table::Doubles{10, 2, 3, 4, 20});
  persons.columns.Add("g", Table::Strings{"u", "v", "NA", "v", "u"});
  return persons;
}

struct Small {
  CohortPtr cohort = MakeCohort(Family(), {"A", "D", "c2", "c3", "B", "c4"});
  PersonColumns persons = Phenotypes();
  ScoreColumns scores{{"s"}, {{1, 2, 3, 4, 5, std::nan("")}}};
};

TrioFrameSpec Spec(std::vector<std::string> columns) {
  TrioFrameSpec spec;
  spec.columns = std::move(columns);
  spec.score = "s";
  spec.standardise = Standardise::kNone;
  return spec;
}

std::string Text(const Table::Doubles& values) {
  std::string out;
  for (const double v : values) out += std::isnan(v) ? "NA " : std::to_string(int(v)) + " ";
  return out;
}

TEST(TrioFrame, OneRowAPregnancyWithEverybodysValues) {
  const Small s;
  const TrioFrame t = BuildTrioFrame(
      *s.cohort, s.persons, s.scores,
      Spec({"y", "y.child", "y.father", "g.child", "pgs.mother", "pgs.father", "pgs.child"}));
  const Table& columns = t.frame.columns;
  // Rows: pregnancy p1 (twin c2, as c1 is not genotyped), c3, c4.
  EXPECT_EQ(Text(columns.DoublesOf("y")), "10 10 NA ");
  EXPECT_EQ(Text(columns.DoublesOf("y.child")), "2 3 4 ");
  EXPECT_EQ(Text(columns.DoublesOf("y.father")), "20 20 NA ");
  EXPECT_EQ(columns.StringsOf("g.child"), (Table::Strings{"v", "NA", "v"}));
  EXPECT_EQ(Text(columns.DoublesOf("pgs.mother")), "1 1 5 ");
  EXPECT_EQ(Text(columns.DoublesOf("pgs.father")), "2 2 NA ");
  EXPECT_EQ(Text(columns.DoublesOf("pgs.child")), "3 4 NA ");
  EXPECT_EQ(t.frame.cluster, (std::vector<int64_t>{0, 0, 1}));
  EXPECT_EQ(t.frame.pregnancy, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(t.frame.info.at("pgs.father").role, "father");
  EXPECT_EQ(t.frame.info.at("pgs.father").pgs, "s");
  EXPECT_EQ(t.frame.PersonOf("y"), "mother");
  EXPECT_EQ(t.frame.PersonOf("y.father"), "father");
  EXPECT_EQ(t.frame.PersonOf("pgs.child"), "");
  ASSERT_EQ(t.frame.excluded.size(), 1u);
  EXPECT_EQ(t.frame.excluded[0].second, 1u);
}

TEST(TrioFrame, ChildRules) {
  const Small s;
  TrioFrameSpec spec = Spec({"y.child"});
  spec.children = ChildRule::kOnePerMother;
  EXPECT_EQ(
      Text(BuildTrioFrame(*s.cohort, s.persons, s.scores, spec).frame.columns.DoublesOf("y.child")),
      "2 4 ");
  spec.children = ChildRule::kAll;
  EXPECT_EQ(
      Text(BuildTrioFrame(*s.cohort, s.persons, s.scores, spec).frame.columns.DoublesOf("y.child")),
      "NA 2 3 4 ");
}

TEST(TrioFrame, RowAccountNamesReasons) {
  const Small s;
  const TrioFrame t = BuildTrioFrame(*s.cohort, s.persons, s.scores,
                                     Spec({"y", "pgs.father", "pgs.child", "g.child"}));
  const RowSelection rows = SelectRows(t.frame, {"y", "pgs.father", "pgs.child", "g.child"});
  EXPECT_EQ(rows.n_input, 4u);  // the twin that is not used counts
  EXPECT_EQ(rows.rows, (std::vector<uint32_t>{0}));
  uint64_t dropped = 0;
  std::string reasons;
  for (const auto& [reason, count] : rows.dropped) {
    dropped += count;
    reasons += reason + "; ";
  }
  EXPECT_EQ(dropped + rows.rows.size(), rows.n_input);
  EXPECT_EQ(reasons,
            "another child of the pregnancy is used; g.child missing; mother not in the "
            "phenotypes; ");
  const RowSelection scores = SelectRows(t.frame, {"pgs.father"});
  EXPECT_EQ(scores.dropped.back().first, "father not genotyped");
  const RowSelection child = SelectRows(t.frame, {"pgs.child"});
  EXPECT_EQ(child.dropped.back().first, "child removed by QC or without score");
}

TEST(TrioFrame, RowsByPregnancy) {
  Small s;
  s.persons.iid = {"A", "A", "A", "B"};
  s.persons.pregnancy = {"p1", "p2", "", ""};
  s.persons.columns = Table();
  s.persons.columns.Add("y", Table::Doubles{1, 2, 9, 5});
  const TrioFrame t = BuildTrioFrame(*s.cohort, s.persons, s.scores, Spec({"y"}));
  EXPECT_EQ(Text(t.frame.columns.DoublesOf("y")), "1 2 5 ");
}

// The row of A's first pregnancy is B's, who is no mother of it; A has a row of the second one.
TEST(TrioFrame, RowAccountTellsPregnanciesThatContradictThePedigree) {
  Small s;
  s.persons.iid = {"B", "A"};
  s.persons.pregnancy = {"p1", "p2"};
  s.persons.columns = Table();
  s.persons.columns.Add("y", Table::Doubles{1, 2});
  const auto reason = [&s] {
    const TrioFrame t = BuildTrioFrame(*s.cohort, s.persons, s.scores, Spec({"y"}));
    std::string reasons;
    for (const auto& dropped : SelectRows(t.frame, {"y"}).dropped) {
      reasons += dropped.first + ": " + std::to_string(dropped.second) + "; ";
    }
    return reasons;
  };
  // c4 of B has no pregnancy: B's row is of another one.
  EXPECT_EQ(reason(),
            "another child of the pregnancy is used: 1; pregnancy of another mother in the "
            "phenotypes: 1; mother in the phenotypes with other pregnancies only: 1; ");
  s.persons.iid = {"D", "A"};  // the father's row says nothing of the mother's
  EXPECT_EQ(reason(),
            "another child of the pregnancy is used: 1; mother in the phenotypes with other "
            "pregnancies only: 1; mother not in the phenotypes: 1; ");
}

TEST(TrioFrame, APersonTwiceIsRefusedByRowNumber) {
  Small s;
  s.persons.iid[3] = "A";
  try {
    BuildTrioFrame(*s.cohort, s.persons, s.scores, Spec({"y"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kDuplicateSamples);
    EXPECT_EQ(error.record(), 4u);
    EXPECT_NE(error.message().find("rows 1 and 4"), std::string::npos);
  }
}

TEST(TrioFrame, OneScaleForAllMembersOrEachItsOwn) {
  const SimulatedTrios s = MakeTrios(200);
  TrioFrameSpec spec = Spec({"pgs.mother", "pgs.father", "pgs.child"});
  spec.score = "s1";
  const TrioFrame raw = BuildTrioFrame(*s.cohort, s.persons, s.scores, spec);
  spec.standardise = Standardise::kCommonSd;
  const TrioFrame common = BuildTrioFrame(*s.cohort, s.persons, s.scores, spec);
  ASSERT_EQ(common.scales.size(), 3u);
  EXPECT_EQ(common.scales[0].mean, common.scales[2].mean);
  EXPECT_EQ(common.scales[0].sd, common.scales[2].sd);
  // The mean and sd of the whole sample table: everybody in it is in a trio.
  const auto& all = s.scores.values[0];
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / double(all.size());
  double squares = 0;
  for (const double v : all) squares += (v - mean) * (v - mean);
  EXPECT_NEAR(common.scales[0].mean, mean, 1e-12);
  EXPECT_NEAR(common.scales[0].sd, std::sqrt(squares / double(all.size() - 1)), 1e-12);
  EXPECT_EQ(common.scales[0].n, int64_t(all.size()));
  const double z = common.frame.columns.DoublesOf("pgs.child")[0];
  EXPECT_NEAR(z * common.scales[0].sd + mean, raw.frame.columns.DoublesOf("pgs.child")[0], 1e-12);
  spec.standardise = Standardise::kOwn;
  const TrioFrame own = BuildTrioFrame(*s.cohort, s.persons, s.scores, spec);
  EXPECT_EQ(own.scales[0].n, 200);  // mothers, each once however many children
  EXPECT_NE(own.scales[0].sd, own.scales[1].sd);
}

TEST(TrioFrame, AConstantScoreCannotBeStandardised) {
  Small s;
  s.scores.values[0].assign(6, 0.1);
  TrioFrameSpec spec = Spec({"pgs.child"});
  spec.standardise = Standardise::kCommonSd;
  try {
    BuildTrioFrame(*s.cohort, s.persons, s.scores, spec);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kNoEstimableTerm);
  }
}

TEST(ResolveColumn, Names) {
  Table columns;
  columns.Add("age", Table::Doubles{});
  columns.Add("odd.father", Table::Doubles{});
  const std::vector<std::string> scores{"adhd", "mdd.2018"};
  const auto resolve = [&](const std::string& name) {
    const ColumnSource s = ResolveColumn(name, "mother", columns, scores);
    return std::string(s.kind == ColumnSource::kScore ? "score " : "column ") + s.name + " " +
           s.member;
  };
  EXPECT_EQ(resolve("age"), "column age mother");
  EXPECT_EQ(resolve("age.child"), "column age child");
  EXPECT_EQ(resolve("pgs.father"), "score  father");
  EXPECT_EQ(resolve("adhd.child"), "score adhd child");
  EXPECT_EQ(resolve("mdd.2018.child"), "score mdd.2018 child");
  EXPECT_EQ(resolve("odd.father"), "column odd.father mother");
  for (const auto& [name, hint] : {std::pair<std::string, std::string>{"agee", "age"},
                                   {"agee.child", "age.child"},
                                   {"pgs.mothr", "pgs.mother"},
                                   {"adhdd.mother", "adhd.mother"}}) {
    try {
      resolve(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), ErrorId::kConfigReference);
      EXPECT_EQ(error.value(), name);
      EXPECT_EQ(error.remedy(), "did you mean " + hint + "?");
    }
  }
  columns.Add("scl_w8", Table::Doubles{});
  columns.Add("scl_m12", Table::Doubles{});
  for (const char* name : {"scl", "scl.child"}) {
    try {
      resolve(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.value(), name);
      EXPECT_EQ(error.remedy().find("the table has a column a wave: scl_w8, scl_m12; "), 0u);
      EXPECT_NE(error.remedy().find("layout: long"), std::string::npos);
    }
  }
  columns.Add("adhd", Table::Doubles{});
  EXPECT_THROW(ResolveColumn("adhd.child", "mother", columns, scores), Error);
}

TEST(TrioFrame, LongTablesGiveARowAChildAndWave) {
  Small s;
  // Wide rows as before; below them a long table of mother A (waves 1, 2), B (2) and c3 (2).
  PersonColumns& p = s.persons;
  p.iid.insert(p.iid.end(), {"A", "A", "B", "c3"});
  const double na = std::nan("");
  Table columns;
  columns.Add("y", Table::Doubles{10, 2, 3, 4, 20, na, na, na, na});
  columns.Add("dep", Table::Doubles{na, na, na, na, na, 51, 52, 62, 72});
  columns.Add("wave", Table::Doubles{na, na, na, na, na, 1, 2, 2, 2});
  p.columns = std::move(columns);
  p.wave = {"", "", "", "", "", "1", "2", "2", "2"};
  p.by_wave = {"dep", "wave"};
  p.id_columns = {"m_id"};
  TrioFrameSpec spec = Spec({"dep", "wave", "y", "dep.child", "pgs.mother", "m_id", "pregnancy"});
  spec.groups = {"m_id", "pregnancy"};
  const TrioFrame t = BuildTrioFrame(*s.cohort, p, s.scores, spec);
  const Table& out = t.frame.columns;
  // Rows: c2 at waves 1 and 2, c3 at 1 and 2 (children of A), c4 at 2 (of B).
  EXPECT_EQ(Text(out.DoublesOf("dep")), "51 52 51 52 62 ");
  EXPECT_EQ(Text(out.DoublesOf("wave")), "1 2 1 2 2 ");
  EXPECT_EQ(Text(out.DoublesOf("y")), "10 10 10 10 NA ");
  EXPECT_EQ(Text(out.DoublesOf("dep.child")), "NA NA NA 72 NA ");
  EXPECT_EQ(Text(out.DoublesOf("pgs.mother")), "1 1 1 1 5 ");
  EXPECT_EQ(out.IntsOf("m_id"), (Table::Ints{0, 0, 0, 0, 1}));
  EXPECT_EQ(out.IntsOf("pregnancy"), (Table::Ints{0, 0, 1, 1, 2}));
  EXPECT_EQ(t.frame.mother, (std::vector<int64_t>{0, 0, 0, 0, 1}));
  // Without a column by wave the long rows do not count.
  const TrioFrame wide = BuildTrioFrame(*s.cohort, p, s.scores, Spec({"y", "pgs.mother"}));
  EXPECT_EQ(Text(wide.frame.columns.DoublesOf("y")), "10 10 NA ");
  // A person without waves has no row, and is counted; a column wins over an id.
  spec.outcome_of = "child";
  spec.columns = {"dep", "father"};
  spec.groups = {"father"};
  const TrioFrame child = BuildTrioFrame(*s.cohort, p, s.scores, spec);
  EXPECT_EQ(Text(child.frame.columns.DoublesOf("dep")), "72 ");
  EXPECT_EQ(child.frame.columns.IntsOf("father"), (Table::Ints{0}));
  EXPECT_EQ(child.without_wave, 2u);
  EXPECT_EQ(t.without_wave, 0u);
  // If nobody has one, rows stay for the model to tell what is missing.
  spec.outcome_of = "father";
  const TrioFrame father = BuildTrioFrame(*s.cohort, p, s.scores, spec);
  EXPECT_EQ(Text(father.frame.columns.DoublesOf("dep")), "NA NA NA ");
  EXPECT_EQ(father.without_wave, 0u);
  p.columns.Add("father", Table::Strings(9, "f"));
  EXPECT_EQ(ResolveGroup("father", "child", p, {}).kind, ColumnSource::kPerson);
  EXPECT_THROW(ResolveGroup("fater", "child", p, {}), Error);
}

TEST(TrioFrame, WavesOfAPregnancy) {
  Small s;
  PersonColumns p;
  p.iid = {"A", "A", "A", "B"};
  p.pregnancy = {"p1", "p1", "p2", ""};
  p.wave = {"1", "2", "2", "1"};
  p.columns.Add("dep", Table::Doubles{11, 12, 22, 31});
  p.by_wave = {"dep"};
  const TrioFrame t = BuildTrioFrame(*s.cohort, p, s.scores, Spec({"dep"}));
  EXPECT_EQ(Text(t.frame.columns.DoublesOf("dep")), "11 12 22 31 ");
  p.wave[1] = "1";
  EXPECT_THROW(BuildTrioFrame(*s.cohort, p, s.scores, Spec({"dep"})), Error);
}

}  // namespace
}  // namespace kinflow::family::test
