#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/kinship/apply_decisions.h"
#include "stages/kinship/decisions_table.h"
#include "tests/support/test_data.h"

namespace kinflow::kinship {
namespace {

const std::string kHead = "DECISION\tPERSON\tVALUE\n";

DecisionsFile Read(const std::string& text) {
  const std::string path = JoinPath(test::TempFolder(), "decisions.tsv");
  WriteFileAtomically(path, text);
  return ReadDecisions(path);
}

/// Father F, mother M and child C of family 1; the same of family 2.
std::vector<Person> People() {
  std::vector<Person> people;
  for (const char* n : {"1", "2"}) {
    for (const char* role : {"F", "M", "C"}) {
      Person p;
      p.fid = std::string("fam") + n;
      p.iid = std::string(role) + n;
      p.sex = *role == 'F' ? Sex::kMale : Sex::kFemale;
      if (*role == 'C') {
        p.father = std::string("F") + n;
        p.mother = std::string("M") + n;
      }
      people.push_back(std::move(p));
    }
  }
  return people;
}

SampleTablePtr Samples() {
  const std::vector<std::string> iids = {"F1", "M1", "C1", "F2", "M2", "C2", "X"};
  std::vector<Sex> sexes(iids.size(), Sex::kUnknown);
  sexes[0] = sexes[3] = Sex::kMale;
  return SampleTable::Build({}, iids, sexes, "");
}

DecidedPeople Apply(const std::string& rows) {
  return ApplyDecisions(Read(kHead + rows), Samples(), People());
}

const Person& Of(const DecidedPeople& decided, const std::string& iid) {
  for (const Person& p : decided.people) {
    if (p.iid == iid) return p;
  }
  throw std::out_of_range(iid);
}

TEST(ReadDecisions, AProposalThatWasNotChangedKeepsItsOrigin) {
  const DecisionsFile file = Read(
      "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\tPROPOSED\n"
      "duplicate\tX\tC1\tremove\tX\tNA\tremove X\n"
      "non-paternity\tC2\tF2\tset_father\tC2\tF1\tset the father of C2 to unknown\n"
      "swap\tM1\tM2\tkeep\tM1\tM2\texchange M1 and M2\n"
      "\t\t\tset_sex\tC1\tmale\t\n");
  std::vector<Origin> origins;
  for (const DecidedRow& row : file.rows) origins.push_back(row.origin);
  EXPECT_EQ(origins, (std::vector<Origin>{Origin::kProposed, Origin::kPerson, Origin::kPerson,
                                          Origin::kPerson}));
  const About& about = file.rows[1].about;
  EXPECT_EQ(about.iid_1 + " " + about.iid_2 + " " + about.kind, "C2 F2 non-paternity");
  EXPECT_EQ(file.rows[0].decision.value, "");
}

TEST(ReadDecisions, RefusesWithTheLine) {
  const struct {
    const char* rows;
    uint64_t line;
    const char* field;
  } cases[] = {
      {"remove\tX\tNA\ndelete\tX\tNA\n", 3, "DECISION"},
      {"remove\tNA\tX\n", 2, "PERSON"},
      {"remove\tX\tC1\n", 2, "VALUE"},
      {"exchange\tX\tNA\n", 2, "VALUE"},
      {"exchange\tX\tX\n", 2, "VALUE"},
      {"set_sex\tX\t1\n", 2, "VALUE"},
      {"set_father\tX\tX\n", 2, "VALUE"},
      {"set_father\tC1\tF2\nset_father\tC1\tNA\n", 3, "DECISION"},
      {"set_sex\tC1\tmale\nset_sex\tC1\tfemale\n", 3, "DECISION"},
      {"exchange\tC1\tC2\nexchange\tC2\tX\n", 3, "DECISION"},
      {"exchange\tC1\tC2\nkeep\tC2\tC1\n", 3, "DECISION"},
      {"keep\tX\tNA\nremove\tX\tNA\n", 3, "DECISION"},
  };
  for (const auto& c : cases) {
    try {
      Read(kHead + c.rows);
      ADD_FAILURE() << c.rows;
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), ErrorId::kMalformed) << c.rows;
      EXPECT_EQ(e.line(), c.line) << c.rows;
      EXPECT_EQ(e.field(), c.field) << c.rows;
      EXPECT_NE(e.remedy(), "") << c.rows;
      for (const char* id : {"C1", "C2"}) {
        const std::string told = e.message() + e.remedy() + e.value();
        EXPECT_EQ(told.find(id), std::string::npos) << told;
      }
    }
  }
  EXPECT_THROW(Read("DECISION\tPERSON\nremove\tX\n"), Error);
}

TEST(ReadDecisions, OneConflictOfAPersonIsKeptAndAnotherActedOn) {
  const std::string head = "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\n";
  const std::string keep = "low-call-rate\tX\tNA\tkeep\tX\tNA\n";
  EXPECT_EQ(Read(head + keep + "sex\tX\tNA\tset_sex\tX\tmale\n").rows.size(), 2u);
  EXPECT_THROW(Read(head + keep + "low-call-rate\tX\tNA\tremove\tX\tNA\n"), Error);
}

TEST(ApplyDecisions, WhoIsRemovedIsCalledAsAfterTheExchange) {
  const DecidedPeople decided = Apply("remove\tC2\tNA\nexchange\tC1\tC2\n");
  EXPECT_EQ(decided.removed.at(Origin::kPerson), std::vector<std::string>{"C2"});
  EXPECT_EQ(decided.samples->Find("C2"), 2u);  // where C1 was
}

TEST(ReadDecisions, TheSameDecisionTwiceDoesNoHarm) {
  const DecidedPeople decided = Apply(
      "remove\tX\tNA\nremove\tX\tNA\nexchange\tC1\tC2\nexchange\tC2\tC1\n"
      "check\tC1\tC2\nset_father\tC1\tNA\nset_father\tC1\t0\n");
  EXPECT_EQ(decided.removed.at(Origin::kPerson), std::vector<std::string>{"X"});
  EXPECT_EQ(decided.samples->Find("C1"), 5u);
  EXPECT_EQ(Of(decided, "C1").father, "");
}

TEST(ApplyDecisions, ExchangedSamplesKeepTheirPlacesAndChangeIds) {
  const DecidedPeople decided = Apply("exchange\tF1\tX\n");
  EXPECT_EQ(decided.samples->Find("F1"), 6u);
  EXPECT_EQ(decided.samples->Find("X"), 0u);
  EXPECT_EQ(decided.samples->sex(6), Sex::kMale);  // F1's, wherever his genotypes lie
  EXPECT_EQ(decided.samples->Find("M1"), 1u);
  EXPECT_EQ(Of(decided, "C1").father, "F1");
}

TEST(ApplyDecisions, PedigreeIsCorrected) {
  const DecidedPeople decided = Apply(
      "set_father\tC1\tF2\nset_mother\tC1\tNA\nset_sex\tC1\tmale\nset_mother\tX\tM2\n"
      "set_sex\tX\tfemale\n");
  EXPECT_EQ(Of(decided, "C1").father, "F2");
  EXPECT_EQ(Of(decided, "C1").mother, "");
  EXPECT_EQ(Of(decided, "C1").sex, Sex::kMale);
  EXPECT_EQ(decided.samples->sex(2), Sex::kMale);
  EXPECT_EQ(Of(decided, "X").mother, "M2");  // had no row
  EXPECT_TRUE(decided.removed.empty());
}

TEST(ApplyDecisions, ASexMayBeUnknown) {
  const DecidedPeople decided = Apply("set_father\tC1\tNA\nset_sex\tF1\tunknown\n");
  EXPECT_EQ(decided.samples->sex(0), Sex::kUnknown);
  EXPECT_EQ(Of(decided, "F1").sex, Sex::kUnknown);
}

TEST(ReadDecisions, AllFaultsAreTold) {
  const std::string path = JoinPath(test::TempFolder(), "bad.tsv");
  WriteFileAtomically(path, kHead + "burn\tX\tNA\nremove\tC1\tNA\nset_sex\tX\t1\nremove\t\tX\n");
  std::vector<uint64_t> lines;
  for (const Error& fault : FaultsOfDecisions(path)) lines.push_back(fault.line());
  EXPECT_EQ(lines, (std::vector<uint64_t>{2, 4, 5}));
  const DecisionsFile file = Read(kHead + "remove\tnobody\tNA\nremove\tX\tNA\nkeep\tX\tnone\n");
  lines.clear();
  for (const Error& fault : FaultsOfPeople(file, Samples(), People())) {
    lines.push_back(fault.line());
  }
  EXPECT_EQ(lines, (std::vector<uint64_t>{2, 4}));
}

TEST(ApplyDecisions, AMotherWhoIsTheDeclaredOneKeepsThePregnancy) {
  std::vector<Person> people = People();
  people[2].pregnancy = "p1";  // of C1
  const auto pregnancy = [&people](const std::string& mother) {
    const DecisionsFile file = Read(kHead + "set_mother\tC1\t" + mother + "\n");
    return Of(ApplyDecisions(file, Samples(), people), "C1").pregnancy;
  };
  EXPECT_EQ(pregnancy("M1"), "p1");
  EXPECT_EQ(pregnancy("M2"), "");
}

TEST(ApplyDecisions, RefusesWhatCannotBe) {
  const struct {
    const char* rows;
    uint64_t line;
    ErrorId id;
  } cases[] = {
      {"remove\tX\tNA\nremove\tnobody\tNA\n", 3, ErrorId::kMalformed},
      {"set_father\tC1\tnobody\n", 2, ErrorId::kMalformed},
      {"exchange\tC1\tnobody\n", 2, ErrorId::kMalformed},
      {"keep\tC1\tnobody\n", 2, ErrorId::kMalformed},
      {"set_father\tC1\tM2\n", 2, ErrorId::kParentSex},
      {"set_mother\tC1\tF1\n", 2, ErrorId::kParentSex},
      {"set_sex\tF1\tfemale\n", 2, ErrorId::kParentSex},
      {"set_mother\tM1\tC1\n", 2, ErrorId::kPedigreeLoop},
      {"set_father\tF1\tF2\nset_father\tF2\tF1\n", 2, ErrorId::kPedigreeLoop},
  };
  for (const auto& c : cases) {
    try {
      Apply(c.rows);
      ADD_FAILURE() << c.rows;
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), c.id) << c.rows << e.Format();
      EXPECT_EQ(e.line(), c.line) << c.rows;
      EXPECT_NE(e.remedy(), "") << c.rows;
      EXPECT_EQ(e.Format().find("nobody"), std::string::npos);
    }
  }
}

TEST(ApplyDecisions, AnExchangeNeedsBothSamples) {
  // The person is known, but not read: whose genotypes are the other's?
  std::vector<Person> people = People();
  Person gone;
  gone.iid = gone.fid = "gone";
  people.push_back(gone);
  try {
    ApplyDecisions(Read(kHead + "exchange\tC1\tgone\n"), Samples(), people);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.line(), 2u);
    EXPECT_NE(e.remedy().find("input.remove"), std::string::npos);
  }
  EXPECT_NO_THROW(ApplyDecisions(Read(kHead + "remove\tgone\tNA\n"), Samples(), people));
}

TEST(DecisionsLedger, FamiliesBeforeAndAfter) {
  const Table ledger = DecisionsLedger(
      Read("DECISION\tPERSON\tVALUE\tPROPOSED\nexchange\tC1\tC2\texchange C1 and C2\n"
           "set_father\tC1\tNA\t\nset_sex\tX\tmale\tset the sex of X to male\n"),
      Samples(), People());
  EXPECT_EQ(ledger.StringsOf("FILTER"),
            (Table::Strings{"NA", "exchange:proposed", "set_father:person,set_sex:proposed"}));
  EXPECT_EQ(ledger.IntsOf("TRIOS"), (Table::Ints{2, 2, 1}));
  EXPECT_EQ(ledger.IntsOf("DUOS"), (Table::Ints{0, 0, 1}));
  EXPECT_EQ(ledger.IntsOf("FATHERS"), (Table::Ints{2, 2, 1}));
  EXPECT_EQ(ledger.IntsOf("SINGLETONS"), (Table::Ints{1, 1, 2}));
  EXPECT_EQ(ledger.IntsOf("SAMPLES_OUT"), (Table::Ints{7, 7, 7}));
}

TEST(AllDecisions, GivenBackTheTableSaysTheSameAgain) {
  Table proposals;
  proposals.Add("DECISION", Table::Strings{"remove"});
  proposals.Add("PERSON", Table::Strings{"X"});
  proposals.Add("VALUE", Table::Strings{"NA"});
  proposals.Add("PROPOSED", Table::Strings{"remove X"});
  proposals.Add("KINSHIP", Table::Doubles{0.5});
  const DecisionsFile applied = Read(
      "DECISION\tPERSON\tVALUE\tPROPOSED\tKINSHIP\nset_father\tC1\tNA\tset the father of C1 to F2\t"
      "0.25\ncheck\tC1\tC2\tcheck C1 and C2\t0.1\n");
  const Table all = AllDecisions(applied, proposals, {});
  EXPECT_EQ(all.StringsOf("ORIGIN"), (Table::Strings{"person", "proposed"}));
  EXPECT_EQ(all.StringsOf("STATUS"), (Table::Strings{"applied", "proposed"}));
  EXPECT_EQ(all.DoublesOf("KINSHIP"), (Table::Doubles{0.25, 0.5}));
  const std::string path = JoinPath(test::TempFolder(), "again.tsv");
  WriteTsv(all, path);
  const DecisionsFile again = ReadDecisions(path);
  ASSERT_EQ(again.rows.size(), 2u);
  EXPECT_EQ(again.rows[0].decision, applied.rows[0].decision);
  EXPECT_EQ(again.rows[0].origin, Origin::kPerson);
  EXPECT_EQ(again.rows[1].origin, Origin::kProposed);
}

TEST(AllDecisions, HowManyAreOpenAndHowManyOfHighConfidence) {
  Table proposals;
  proposals.Add("DECISION", Table::Strings{"remove", "exchange", "check", "remove"});
  proposals.Add("PERSON", Table::Strings{"X", "C1", "F1", "M2"});
  proposals.Add("VALUE", Table::Strings{"NA", "C2", "F2", "NA"});
  proposals.Add("CONFIDENCE", Table::Strings{"high", "high", "low", "medium"});
  const OpenDecisions all = CountOpen(AllDecisions({}, proposals, {}));
  EXPECT_EQ(all.proposed, 4);
  EXPECT_EQ(all.high, 2);
  // The applied decision is none to be made, nor is what is proposed of somebody removed.
  const DecisionsFile applied = Read("DECISION\tPERSON\tVALUE\tCONFIDENCE\nremove\tX\tNA\thigh\n");
  const OpenDecisions left = CountOpen(AllDecisions(applied, proposals, {}));
  EXPECT_EQ(left.proposed, 3);
  EXPECT_EQ(left.high, 1);
}

TEST(AppliedByAction, CountsRowsButNotFewPeople) {
  const DecisionsFile file =
      Read(kHead + "exchange\tC1\tC2\nset_father\tC1\tNA\nset_father\tC2\tNA\nremove\tX\tNA\n" +
           "check\tM1\tM2\n");
  EXPECT_EQ(AppliedByAction(file, 5), "fewer than 5 remove, 1 exchange, 2 set_father");
  EXPECT_EQ(AppliedByAction(file, 1), "1 remove, 1 exchange, 2 set_father");
  EXPECT_EQ(AppliedByAction(Read(kHead + "check\tM1\tM2\n"), 5), "");
}

Table NoProposals() {
  Table none;
  for (const char* column : {"DECISION", "PERSON", "VALUE"}) none.Add(column, Table::Strings());
  return none;
}

// With what a run proposed of each kind of conflict whose proposal removes somebody.
TEST(AllDecisions, WhoWasToBeKeptAndIsRemovedIsTold) {
  const DecisionsFile applied = Read(
      "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\tPROPOSED\n"
      "low-call-rate\tC1\tNA\tkeep\tC1\tNA\tremove C1\n"
      "duplicate\tC2\tX\tkeep\tX\tNA\tremove X\n"
      "misplaced\tM1\tC2\tkeep\tC2\tM1\tremove M1\n"
      "contaminated\tF1\tC2\tkeep\tF1\tNA\tremove F1\n"
      "sex\tC1\tNA\tset_sex\tC1\tmale\tset the sex of C1 to male\n");
  const RemovedBy removed = {{"C1", "call_rate"}, {"X", "sex"}, {"M1", "het"}};
  EXPECT_EQ(AllDecisions(applied, NoProposals(), removed).StringsOf("STATUS"),
            (Table::Strings{"overruled by call_rate", "overruled by sex", "overruled by het",
                            "applied", "applied"}));
  const Table ledger = OverruledLedger(applied, removed);
  EXPECT_EQ(ledger.StringsOf("FILTER"),
            (Table::Strings{"keep:person overruled by call_rate", "keep:person overruled by het",
                            "keep:person overruled by sex"}));
  EXPECT_EQ(ledger.IntsOf("SAMPLES_OUT"), Table::Ints(3, Table::kMissingInt));
  EXPECT_EQ(OverruledLedger(applied, {}).columns(), 0u);
}

TEST(AllDecisions, WhomNobodyDecidedToKeepIsNotOverruled) {
  const std::string head = "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\tPROPOSED\n";
  const RemovedBy by_filter = {{"X", "call_rate"}, {"F2", "call_rate"}};
  const struct {
    const char* row;
    RemovedBy removed;
  } cases[] = {
      // Conflicts that are no reason to remove anybody, as proposed and as edited.
      {"cryptic\tC1\tX\tkeep\tC1\tX\tkeep C1 and X\n", by_filter},
      {"twins\tX\tC1\tkeep\tX\tC1\tkeep X and C1\n", by_filter},
      {"non-paternity\tC1\tF2\tkeep\tC1\tF2\tset the father of C1 to F2\n", by_filter},
      {"sex\tX\tNA\tkeep\tX\tNA\tcheck X\n", by_filter},
      // The other person of a conflict, whom the run did not propose to remove.
      {"duplicate\tC1\tX\tkeep\tC1\tX\tremove C1\n", by_filter},
      // Somebody else's decision, or the same file's.
      {"duplicate\tX\tC1\tkeep\tX\tC1\tremove X\n", {{"X", "decision:proposed"}}},
      {"duplicate\tX\tC1\tkeep\tX\tC1\tremove X\n", {{"X", "decision:person"}}},
      // Written by hand: of which conflict is not known.
      {"NA\tNA\tNA\tkeep\tX\tNA\tNA\n", by_filter},
  };
  for (const auto& c : cases) {
    const DecisionsFile applied = Read(head + c.row);
    EXPECT_EQ(AllDecisions(applied, NoProposals(), c.removed).StringsOf("STATUS"),
              Table::Strings{"applied"})
        << c.row;
    EXPECT_EQ(OverruledLedger(applied, c.removed).columns(), 0u) << c.row;
  }
}

}  // namespace
}  // namespace kinflow::kinship
