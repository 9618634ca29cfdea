#include "stages/formats/id_roles.h"

#include <gtest/gtest.h>

namespace kinflow {
namespace {

// Four couples with a child each; the fourth mother has no partner in the pedigree.
Pedigree FourFamilies() {
  std::vector<Person> people;
  for (const char* n : {"1", "2", "3", "4"}) {
    const std::string family = n;
    const std::string father = family == "4" ? "" : "P" + family;
    people.push_back({family, "M" + family, "", "", Sex::kFemale, ""});
    if (!father.empty()) people.push_back({family, father, "", "", Sex::kMale, ""});
    people.push_back({family, "C" + family, father, "M" + family, Sex::kMale, "p" + family});
  }
  return Pedigree::Build(std::move(people), "p.tsv");
}

std::string Told(std::vector<std::string> ids, std::vector<std::string> pregnancies,
                 Table::Strings partners = {}) {
  PhenotypeTable table;
  table.ids = std::move(ids);
  table.pregnancies = std::move(pregnancies);
  if (!partners.empty()) table.columns.Add("partner", std::move(partners));
  return MixedMembers(table, "m_id", FourFamilies());
}

TEST(MixedMembers, FathersAmongMothers) {
  const std::string said =
      "1 rows of m_id (the first: row 2) hold people who are fathers in the pedigree, 3 rows hold "
      "mothers";
  EXPECT_EQ(Told({"M1", "P2", "M3", "M4"}, {}), said);
  EXPECT_EQ(Told({"M1", "P2", "M3", "M4"}, {"p1", "p2", "p3", "p4"}), said);
  EXPECT_EQ(Told({"M1", "P2", "M3", "M4"}, {}, {"P1", "M2", "P3", "NA"}),
            said + ", and partner has mothers where those are");
  EXPECT_EQ(Told({"P1", "M2", "P3"}, {}),
            "1 rows of m_id (the first: row 2) hold people who are mothers in the pedigree, 2 rows "
            "hold fathers");
  EXPECT_EQ(Told({"M1", "M2", "C3", "M4"}, {}),
            "1 rows of m_id (the first: row 3) hold people who are children in the pedigree, 3 "
            "rows hold mothers");
}

TEST(MixedMembers, TablesThatAreMeantSo) {
  EXPECT_EQ(Told({"M1", "M2", "stranger"}, {}), "");
  EXPECT_EQ(Told({"M1", "P1", "M2", "P2", "M3"}, {}), "");  // couples
  EXPECT_EQ(Told({"M1", "P1", "M2", "P2"}, {"p1", "p1", "p2", "p2"}), "");
  EXPECT_EQ(Told({"M1", "C1", "M2", "C2", "P3", "C3"}, {}), "");  // families
  // Of one pregnancy the mother, of another the father: not the couple of one.
  EXPECT_NE(Told({"M1", "P1"}, {"p1", "p9"}), "");
}

}  // namespace
}  // namespace kinflow
