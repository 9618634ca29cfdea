#include "stages/kinship/outdated_decisions.h"

#include <gtest/gtest.h>

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

TEST(SetAsideAbsent, AcceptedProposalsAboutPeopleWhoAreGone) {
  DecisionsFile file = Read(
      "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\tPROPOSED\n"
      "duplicate\tGONE\tC1\tremove\tGONE\tNA\tremove GONE\n"
      "duplicate\tX\tGONE\tremove\tX\tNA\tremove X\n"
      "cryptic\tX\tGONE\tkeep\tX\tGONE\tkeep X and GONE\n"
      "swap\tGONE\tGONE2\texchange\tGONE\tGONE2\texchange GONE and GONE2\n"
      "missing-parent\tC1\tGONE\tset_father\tC1\tGONE\tset the father of C1 to GONE\n"
      "sex\tC2\tNA\tset_sex\tC2\tmale\tset the sex of C2 to male\n");
  for (const DecidedRow& row : file.rows) ASSERT_EQ(row.origin, Origin::kProposed) << row.line;
  EXPECT_EQ(SetAsideAbsent(*Samples(), People(), file), 4u);
  const auto lines = [](const std::vector<DecidedRow>& rows) {
    std::vector<uint64_t> of_rows;
    for (const DecidedRow& row : rows) of_rows.push_back(row.line);
    return of_rows;
  };
  EXPECT_EQ(lines(file.rows), (std::vector<uint64_t>{3, 6, 7}));
  EXPECT_EQ(lines(file.absent), (std::vector<uint64_t>{2, 4, 5}));
  const DecidedPeople decided = ApplyDecisions(file, Samples(), People());
  EXPECT_EQ(decided.removed.at(Origin::kProposed), std::vector<std::string>{"X"});
  EXPECT_EQ(decided.people[2].father, "");
  EXPECT_EQ(SetAsideAbsent(*Samples(), People(), file), 0u);
}

TEST(SetAsideAbsent, WhatAPersonWroteMayBeMistyped) {
  DecisionsFile own = Read(kHead + "remove\tGONE\tNA\n");
  EXPECT_EQ(SetAsideAbsent(*Samples(), People(), own), 0u);
  EXPECT_EQ(own.rows.size(), 1u);
  // A proposal that a person changed: of these ids a run wrote that of line 2 alone.
  DecisionsFile changed = Read(
      "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\tPROPOSED\n"
      "duplicate\tGONE\tX\tkeep\tGONE\tX\tremove GONE\n"
      "duplicate\tX\tC1\tremove\tGONE\tNA\tremove X\n");
  EXPECT_EQ(SetAsideAbsent(*Samples(), People(), changed), 1u);
  ASSERT_EQ(changed.rows.size(), 1u);
  EXPECT_EQ(changed.rows[0].line, 3u);
}

TEST(AllDecisions, ThoseOfWhichNothingIsToBeDoneStay) {
  const std::string head = "KIND\tIID1\tIID2\tDECISION\tPERSON\tVALUE\tPROPOSED\n";
  DecisionsFile file = Read(head +
                            "duplicate\tGONE\tC1\tremove\tGONE\tNA\tremove GONE\n"
                            "NA\tNA\tNA\tset_father\tC1\tF1\tNA\n"
                            "NA\tNA\tNA\tset_mother\tC2\tNA\tNA\n"
                            "NA\tNA\tNA\tset_sex\tF1\tmale\tNA\n"
                            "NA\tNA\tNA\tset_sex\tC1\tmale\tNA\n"
                            "cryptic\tC1\tX\tkeep\tC1\tX\tkeep C1 and X\n"
                            "cryptic\tC2\tX\tkeep\tC2\tX\tkeep C2 and X\n");
  EXPECT_EQ(SetAsideAbsent(*Samples(), People(), file), 1u);
  MarkNeedless(*Samples(), People(), file);
  Table settled;
  settled.Add("IID1", Table::Strings{"X"});
  settled.Add("IID2", Table::Strings{"C2"});
  settled.Add("KIND", Table::Strings{"cryptic"});
  Table proposals;
  for (const char* column : {"DECISION", "PERSON", "VALUE", "PROPOSED", "IID1", "IID2"}) {
    proposals.Add(column, Table::Strings());
  }
  const Table all = AllDecisions(file, proposals, {}, &settled);
  EXPECT_EQ(all.StringsOf("STATUS"),
            (Table::Strings{"no longer needed", "applied", "no longer needed", "applied",
                            "no longer needed", "applied", "absent"}));
  EXPECT_EQ(all.StringsOf("PERSON").back(), "GONE");
  EXPECT_EQ(AppliedByAction(file, 5), "1 set_mother, 1 set_sex, 2 keep");
  // Given back, all rows are there again.
  const std::string path = JoinPath(test::TempFolder(), "again.tsv");
  WriteTsv(all, path);
  EXPECT_EQ(ReadDecisions(path).rows.size(), 7u);
  // An export applies those that hold.
  EXPECT_EQ(ReadDecisions(path, DecidedRows::kApplied).rows.size(), 6u);
}

}  // namespace
}  // namespace kinflow::kinship
