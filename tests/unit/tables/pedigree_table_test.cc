#include "stages/formats/pedigree_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "pipeline/config/config_loader.h"
#include "tests/unit/tables/table_file.h"

namespace kinflow::test {
namespace {

Pedigree Read(const std::string& content, PedigreeOptions options = {}) {
  options.file = FileWith(content, "cohort.fam");
  return ReadPedigree(options);
}

std::string Describe(const Pedigree& p) {
  std::string out;
  for (const Person& x : p.people()) {
    out += x.fid + " " + x.iid + " " + x.father + " " + x.mother + " " +
           std::to_string(static_cast<int>(x.sex)) + " " + x.pregnancy + "\n";
  }
  return out;
}

TEST(PedigreeTable, Fam) {
  EXPECT_EQ(
      Describe(Read("F1 C1 P1 M1 1 -9\n0\tM1\t0\t0\t2\t1\nF1 P1 0 0 1 2\nF2 X NA . -9 0\n\n")),
      "F1 C1 P1 M1 1 \nM1 M1   2 \nF1 P1   1 \nF2 X   0 \n");
}

TEST(PedigreeTable, TableWithUsualNamesInAnyOrder) {
  const std::string expected = "F C P M 2 G1\nM M   0 \n";
  EXPECT_EQ(Describe(Read("Mother\tIID\tFATHER_ID\tsex\tFID\tpreg_id\trole\n"
                          "M\tC\tP\tfemale\tF\tG1\tchild\n0\tM\tNA\tNA\t\t.\tx\n")),
            expected);
  EXPECT_EQ(Describe(Read("mother,id,pat,sex,family,pregnancy\nM,C,P,F,F,G1\n,M,,0,,\n")),
            expected);
}

TEST(PedigreeTable, NamedColumns) {
  PedigreeOptions o;
  o.id = "barn";
  o.mother = "m_id";
  o.father = "f_id";
  o.family = "fam";
  EXPECT_EQ(Describe(Read("m_id;f_id;barn;fam;mother\nM;P;C;F;zz\n", o)), "F C P M 0 \n");
}

TEST(PedigreeTable, BirthYears) {
  const auto years = [](const std::string& content) {
    PedigreeOptions options;
    options.file = FileWith(content, "cohort.fam");
    return ReadBirthYears(options);
  };
  EXPECT_EQ(years("IID FATHER MOTHER YOB\nC F M 2003\nF 0 0 1970\nM 0 0 NA\n"),
            (std::map<std::string, int>{{"C", 2003}, {"F", 1970}}));
  EXPECT_TRUE(years("IID FATHER MOTHER\nC F M\n").empty());
  EXPECT_TRUE(years("F1 C F M 1 2003\n").empty());  // a .fam
  const Error error =
      ErrorOf([&] { years("IID FATHER MOTHER birth_year\nC F M 2003\nF 0 0 70\n"); });
  EXPECT_EQ(error.line(), 3u);
  EXPECT_EQ(error.field(), "birth_year");
  EXPECT_NE(error.remedy().find("1974"), std::string::npos);
}

TEST(PedigreeTable, SniparLayout) {
  EXPECT_EQ(Describe(Read("FID IID FATHER_ID MOTHER_ID\n0 0_0 0_P 0_M\n0 0_1 0_P 0_M\n")),
            "0 0_0 0_P 0_M 0 \n0 0_1 0_P 0_M 0 \n");
}

TEST(PedigreeTable, PregnanciesAndTwins) {
  const std::string head = "child\tmother\tfather\tpregnancy\ttwin\n";
  // Two pregnancies of one mother, the second with twins; a child of another mother.
  EXPECT_EQ(Describe(Read(head + "A\tM\tP\t1\t0\nB\tM\tP\t2\t0\nC\tM\tQ\t2\t0\nD\tN\t0\t3\t0\n")),
            "A A P M 0 1\nB B P M 0 2\nC C Q M 0 2\nD D  N 0 3\n");
  // Twins by code: they take the pregnancy of the other, or one of their own.
  EXPECT_EQ(
      Describe(Read(head + "A\tM\tP\t7\tt\nB\tM\tP\tNA\tt\nC\tN\tP\tNA\tt\nD\tN\tP\tNA\tt\n")),
      "A A P M 0 7\nB B P M 0 7\nC C P N 0 twin:N:t\nD D P N 0 twin:N:t\n");
  PedigreeOptions per_mother;
  per_mother.pregnancy_per_mother = true;
  EXPECT_EQ(Describe(Read(head + "A\tM\tP\t1\t0\nB\tN\tP\t1\t0\nC\tM\tP\t1\t0\n", per_mother)),
            "A A P M 0 M:1\nB B P N 0 N:1\nC C P M 0 M:1\n");
}

// Mothers born in the study; a family's id in the rows of all its members.
TEST(PedigreeTable, PregnanciesOfParentsBesideThoseOfChildren) {
  const std::string head = "child\tmother\tfather\tpregnancy\n";
  EXPECT_EQ(Describe(Read(head + "M\t0\t0\t9\nA\tM\tP\t1\nB\tM\tP\tNA\n")),
            "M M   0 9\nA A P M 0 1\nB B P M 0 \n");
  EXPECT_EQ(Describe(Read(head + "M\t0\t0\t1\nP\t0\t0\t1\nA\tM\tP\t1\n")),
            "M M   0 1\nP P   0 1\nA A P M 0 1\n");
  EXPECT_EQ(Describe(Read(head + "M\t0\tG\t9\nA\tM\tP\tNA\n")), "M M G  0 9\nA A P M 0 \n");
}

struct Case {
  const char* name;
  std::string content;
  std::string golden;
};

class PedigreeRefuses : public testing::TestWithParam<Case> {};

TEST_P(PedigreeRefuses, Golden) {
  const Error e = ErrorOf([&] { Read(GetParam().content); });
  EXPECT_EQ(e.exit_code(), ExitCode::kInput);
  EXPECT_EQ(MessageOf(e), GetParam().golden);
  // Ids of these files all hold "SECRET".
  EXPECT_EQ(e.Format().find("SECRET"), std::string::npos);
}

const Case kCases[] = {
    {"Loop", "F SECRET1 SECRET2 0 1 0\nF SECRET2 SECRET3 0 1 0\nF SECRET3 SECRET1 0 1 0\n",
     "cohort.fam: error[E0423] person 1 of the pedigree is their own ancestor\n"
     "  where:  record 1\n"
     "  remedy: correct the parent ids of this person or of their descendants"},
    {"OwnParent", "iid father mother\nSECRET 0 SECRET\n",
     "cohort.fam: error[E0423] person 1 of the pedigree is their own ancestor\n"
     "  where:  record 1\n"
     "  remedy: correct the parent ids of this person or of their descendants"},
    {"ChildTwice", "iid father mother\nSECRET1 A B\nSECRET2 A B\nSECRET1 A B\n",
     "cohort.fam: error[E0424] persons 1 and 3 of the pedigree have the same id\n"
     "  where:  record 3\n"
     "  remedy: keep one row a person; a second pregnancy is a second child, not a second row"},
    {"MotherIsMale", "F SECRET1 0 SECRET2 1 0\nF SECRET2 0 0 1 0\n",
     "cohort.fam:2: error[E0425] the mother of person 1 is recorded as male\n"
     "  where:  record 2, field sex\n"
     "  remedy: correct the sex of this parent, or exchange the parent columns of the child"},
    {"ExchangedParents",
     "IID PAT MAT SEX\nSECRETM 0 0 2\nSECRETF 0 0 1\nSECRET1 SECRETM SECRETF 1\n"
     "SECRET2 SECRETM SECRETF 2\nSECRETN 0 0 2\nSECRET3 SECRETN SECRETF 1\n",
     "cohort.fam:2: error[E0425] 2 fathers are recorded as female, 1 mother is recorded as male; "
     "first, the father of person 3 is recorded as female\n"
     "  where:  record 1, field sex\n"
     "  remedy: the columns of father and mother may be exchanged (those of a table are named in "
     "pedigree.columns), or the codes of sex (1 is male, 2 female)"},
    {"SomeWrongSexes",
     "IID PAT MAT SEX\nSECRET1 SECRETP SECRETM 0\nSECRET2 SECRETQ SECRETN 0\nSECRETP 0 0 2\n"
     "SECRETM 0 0 2\nSECRETQ 0 0 1\nSECRETN 0 0 1\n",
     "cohort.fam:4: error[E0425] 1 father is recorded as female, 1 mother is recorded as male; "
     "first, the father of person 1 is recorded as female\n"
     "  where:  record 3, field sex\n"
     "  remedy: correct the sexes of these parents, or exchange the parent columns of their "
     "children"},
    {"MotherAndFather", "iid father mother\nSECRET1 SECRETP SECRETM\nSECRET2 SECRETM SECRETX\n",
     "cohort.fam:2: error[E0425] the mother of person 1 is the father of person 2\n"
     "  where:  record 1, field mother\n"
     "  remedy: exchange the parent columns of one of these rows, or correct the id"},
    {"SexCode", "F SECRET1 0 0 1 0\nF SECRET2 0 0 SECRET 0\n",
     "cohort.fam:2: error[E0413] the sex of person 2 is not a known code\n"
     "  where:  record 2, field sex\n"
     "  remedy: write 1, M or male; 2, F or female; 0 or NA if unknown"},
    {"FamWidth", "F SECRET1 0 0 1 0\nF SECRET2 0 0 1\n",
     "cohort.fam:2: error[E0413] row 2 has 5 fields, a .fam has 6\n"
     "  where:  record 2\n"
     "  remedy: family, person, father, mother, sex, phenotype; a table with other columns needs a "
     "header line"},
    {"NoHeader", "SECRET1 SECRET2 SECRET3\n",
     "cohort.fam:1: error[E0410] neither a .fam (6 columns) nor a table with a header\n"
     "  remedy: give the table a header such as FID IID FATHER_ID MOTHER_ID, or name its columns "
     "in "
     "pedigree.columns"},
    {"NoId", "iid,father,mother\nSECRET1,0,0\nNA,0,0\n",
     "cohort.fam:3: error[E0413] person 2 has no id\n"
     "  where:  record 2, field id\n"
     "  remedy: every row needs an id; 0, -9, NA and . mean unknown"},
    {"NoMotherColumn", "iid,father,m\n",
     "cohort.fam:1: error[E0429] the pedigree has no mother column\n"
     "  where:  field mother\n"
     "  remedy: name it in pedigree.columns.mother; columns present: 'iid', 'father', 'm'"},
    {"TwoIdColumns", "iid,sample_id,father,mother\n",
     "cohort.fam:1: error[E0429] columns 'iid' and 'sample_id' could both be the id column\n"
     "  remedy: name the right one in pedigree.columns.id"},
    {"PregnancyOfTwoMothers", "iid,father,mother,pregnancy\nSECRET1,0,M,1\nSECRET2,0,N,1\n",
     "cohort.fam:3: error[E0413] persons 1 and 2 share a pregnancy but not the mother\n"
     "  where:  record 2, field pregnancy\n"
     "  remedy: correct the id; if pregnancies are numbered within each mother, set "
     "pedigree.pregnancy_ids: per_mother"},
    {"PregnanciesOfMothers",
     "iid,father,mother,pregnancy\nSECRET1,0,0,1\nSECRET2,0,0,2\nSECRET3,0,SECRET1,\n"
     "SECRET4,0,SECRET2,\n",
     "cohort.fam:2: error[E0413] the pregnancy stands in the row of a parent, not of the child: so "
     "in 2 rows, first that of person 1\n"
     "  where:  record 1, field pregnancy\n"
     "  remedy: move each pregnancy to the row of its child, and write NA in those of the parents "
     "(there it would be the one they were born of)"},
    {"TwinsOfTwoPregnancies",
     "iid,father,mother,pregnancy,twin\nSECRET1,0,M,1,1\nSECRET2,0,M,2,1\n",
     "cohort.fam:3: error[E0413] persons 1 and 2 are twins of different pregnancies\n"
     "  where:  record 2, field twin\n"
     "  remedy: the twin code is shared by twins only: it is no birth order"},
    {"Ragged", "iid,father,mother\nSECRET1,0\n",
     "cohort.fam:2: error[E0413] row 1 has 2 fields, the header has 3\n"
     "  remedy: fields are separated by commas here; quote texts that hold this character"},
    {"NotUtf8", "iid,father,mother\nSECRET1,0,0\nSECRET\xe9,0,0\n",
     "cohort.fam: error[E0413] an id holds what no table can: byte 7, e9, is not UTF-8\n"
     "  where:  record 2\n"
     "  remedy: correct the id, or write the file in UTF-8 (a text: iconv -t utf-8)"},
    {"Empty", "",
     "cohort.fam: error[E0413] the pedigree is empty\n"
     "  remedy: give one line a person: family, person, father, mother, sex"},
};

INSTANTIATE_TEST_SUITE_P(All, PedigreeRefuses, testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(PedigreeTable, UnknownNamedColumn) {
  PedigreeOptions o;
  o.mother = "mothr";
  const Error e = ErrorOf([&] { Read("iid,father,mother\na,b,c\n", o); });
  EXPECT_EQ(e.id(), ErrorId::kColumnMissing);
  EXPECT_NE(e.remedy().find("did you mean 'mother'?"), std::string::npos);
}

TEST(PedigreeTable, SchemaGivesOptions) {
  const SchemaNode root = schema::Map("", "", {PedigreeSchema()});
  const ConfigResult r = LoadConfigText(
      "pedigree: {file: a.tsv, columns: {id: kid, sex: s}, pregnancy_ids: per_mother}", "f", root,
      {});
  ASSERT_TRUE(r.errors.empty()) << r.errors[0].Format();
  const PedigreeOptions o = PedigreeOptionsFrom(r.root.At("pedigree"));
  EXPECT_EQ(o.file, "a.tsv");
  EXPECT_EQ(o.id, "kid");
  EXPECT_EQ(o.sex, "s");
  EXPECT_EQ(o.mother, "");
  EXPECT_TRUE(o.pregnancy_per_mother);
  EXPECT_FALSE(LoadConfigText("{}", "f", root, {}).root.Has("pedigree"));
}

// Public sets with known numbers of families (their descriptions, and plink1.9 on the same files).
TEST(PedigreeTable, PublicPedigrees) {
  KINFLOW_REQUIRE_DATA(hapmap, "hapmap_trios/hapmap279.fam");
  KINFLOW_REQUIRE_DATA(snipar, "snipar_example/pedigree.txt");
  KINFLOW_REQUIRE_DATA(minimac_fam, "minimac_trios/r.fam");
  KINFLOW_REQUIRE_DATA(minimac_table, "minimac_trios/r.pedigree.tsv");
  KINFLOW_REQUIRE_DATA(snpstats, "snpstats_families/fams.fam");
  const auto read = [](const std::string& file) {
    PedigreeOptions o;
    o.file = file;
    return ReadPedigree(o);
  };
  const auto complete = [](const Pedigree& p) {
    int n = 0;
    for (const auto& x : p.people()) {
      n += p.Find(x.father) >= 0 && p.Find(x.mother) >= 0 && !x.father.empty() ? 1 : 0;
    }
    return n;
  };
  EXPECT_EQ(complete(read(hapmap)), 59);
  EXPECT_EQ(complete(read(minimac_fam)), 50);
  // plink1.9 on the same file: "1493 founders and 1524 nonfounders present".
  const Pedigree diabetes = read(snpstats);
  const auto nonfounders =
      std::count_if(diabetes.people().begin(), diabetes.people().end(),
                    [](const Person& x) { return !x.father.empty() || !x.mother.empty(); });
  EXPECT_EQ(nonfounders, 1524);
  EXPECT_EQ(diabetes.people().size(), 1493u + 1524u);
  // One family twice, as .fam and as table: the same relations.
  EXPECT_EQ(Describe(read(minimac_fam)), Describe(read(minimac_table)));
  const Pedigree families = read(snipar);
  std::map<std::string, int> children_of;
  for (const auto& x : families.people()) {
    if (!x.mother.empty()) ++children_of[x.mother];
  }
  EXPECT_EQ(families.people().size(), 12000u);
  EXPECT_EQ(children_of.size(), 9000u);
  EXPECT_EQ(std::count_if(children_of.begin(), children_of.end(),
                          [](const auto& m) { return m.second == 2; }),
            3000);
}

}  // namespace
}  // namespace kinflow::test
