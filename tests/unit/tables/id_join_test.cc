#include "stages/formats/id_join.h"

#include <gtest/gtest.h>

#include "tests/unit/tables/table_file.h"

namespace kinflow::test {
namespace {

SampleTablePtr Samples(const std::vector<std::string>& fids, const std::vector<std::string>& iids) {
  return SampleTable::Build(fids, iids, std::vector<Sex>(iids.size(), Sex::kUnknown), "geno");
}

constexpr uint32_t kAbsent = SampleTable::kAbsent;

TEST(JoinIds, CountsBothSides) {
  const auto samples = Samples({}, {"a", "b", "c", "d"});
  const JoinReport r = JoinIds({"c", "x", "a", "c"}, *samples, "p.tsv");
  EXPECT_EQ(r.samples, (std::vector<uint32_t>{2, kAbsent, 0, 2}));
  EXPECT_EQ(r.found, 2u);
  EXPECT_EQ(r.not_found, 1u);
  EXPECT_EQ(r.samples_without_row, 2u);
  EXPECT_EQ(r.summary, "2 of 3 phenotype ids found among 4 genotype ids");
  EXPECT_EQ(r.hint, "");
}

TEST(JoinIds, PeopleOfThePedigreeAreNoGenotypes) {
  const auto people = Samples({}, {"a", "b", "c", "d"});  // c and d: pedigree alone
  const JoinReport r = JoinIds({"c", "x", "a", "c"}, *people, "p.tsv", IdForm::kIid, 2);
  EXPECT_EQ(r.samples, (std::vector<uint32_t>{2, kAbsent, 0, 2}));
  EXPECT_EQ(r.found, 1u);
  EXPECT_EQ(r.in_pedigree, 1u);
  EXPECT_EQ(r.samples_without_row, 1u);
  EXPECT_EQ(r.summary, "1 of 3 phenotype ids found among 2 genotype ids, 1 only in the pedigree");
}

TEST(JoinIds, FidIidForm) {
  const auto samples = Samples({"F1", "F2"}, {"1", "2"});
  const JoinReport r = JoinIds({"F2_2", "F1_2"}, *samples, "p.tsv", IdForm::kFidIid);
  EXPECT_EQ(r.samples, (std::vector<uint32_t>{1, kAbsent}));
}

struct Case {
  const char* name;
  std::vector<std::string> table, fids, iids;
  std::string hint;
};

class JoinHints : public testing::TestWithParam<Case> {};

TEST_P(JoinHints, NoneInCommon) {
  const Case& c = GetParam();
  const auto samples = Samples(c.fids, c.iids);
  const Error e = ErrorOf([&] { JoinIds(c.table, *samples, "pheno.tsv"); });
  EXPECT_EQ(e.id(), ErrorId::kNoCommonSamples);
  EXPECT_EQ(e.exit_code(), ExitCode::kInput);
  EXPECT_EQ(e.Format(),
            "pheno.tsv: error[E0422] 0 of 3 phenotype ids found among 3 genotype ids\n"
            "  remedy: " +
                c.hint);
  for (const auto& id : c.table) EXPECT_EQ(e.Format().find(id), std::string::npos);
}

const Case kCases[] = {
    {"TableHasFidIid",
     {"F1_S11", "F2_S12", "F3_S13"},
     {"F1", "F2", "F3"},
     {"S11", "S12", "S13"},
     "3 would match if they are FID and IID joined by '_' (set id_form: fid_iid for this table)"},
    {"GenotypesHaveFidIid",
     {"S11", "S12", "S99"},
     {},
     {"F1_S11", "F2_S12", "F3_S13"},
     "2 would match if you join FID_IID with '_' (set family_id: to the table's column of family "
     "ids)"},
    {"Case",
     {"s11", "s12", "s13"},
     {},
     {"S11", "S12", "S13"},
     "3 would match without regard to upper and lower case (change the table's ids)"},
    {"Spreadsheet",
     {"1011.0", "1012.0", "1013.0"},
     {},
     {"1011", "1012", "1013"},
     "3 would match without the '.0' that spreadsheets add (write the id column as text)"},
    {"LeadingZeros",
     {"7011", "7012", "7013"},
     {},
     {"007011", "007012", "007013"},
     "3 would match without leading zeros (write the id column as text)"},
    {"Suffix",
     {"S11_child", "S12_child", "S13_child"},
     {"", "", ""},
     {"S11", "S12", "S13"},
     "3 would match without what stands behind the last '_' in the table (change the table's ids)"},
    {"Letters",
     {"M9011", "M9012", "M9013"},
     {},
     {"9011", "9012", "9013"},
     "3 would match without the letters in front of the digits (change the table's ids)"},
    {"Prefix",
     {"studyM1", "studyF1", "studyC1"},
     {},
     {"M1", "F1", "C1"},
     "3 would match without the first 5 characters of the table's ids (change the table's ids)"},
    {"GenotypeSuffix",
     {"M1", "F1", "C1"},
     {},
     {"M1-a", "F1-a", "C1-a"},
     "3 would match without the last 2 characters of the genotype ids (change the table's ids)"},
    {"Nothing",
     {"alpha", "beta", "gamma"},
     {},
     {"S11", "S12", "S13"},
     "check that this is the right id column and that the table belongs to these genotypes"},
};

INSTANTIATE_TEST_SUITE_P(All, JoinHints, testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(JoinIds, HintOnTheIdsThatWereNotFound) {
  const auto samples = Samples({}, {"S1", "S2", "S3", "S4"});
  EXPECT_EQ(JoinIds({"S1", "s2", "s3", "s4"}, *samples, "p").hint,
            "3 more would match without regard to upper and lower case (change the table's ids)");
  EXPECT_EQ(JoinIds({"S1", "S2", "s3"}, *samples, "p").hint,
            "1 more would match without regard to upper and lower case (change the table's ids)");
  EXPECT_EQ(JoinIds({"S1", "S2", "x9"}, *samples, "p").hint, "");
  // S2 has its row: s2 is somebody else or a second row, not a spelling of S2.
  EXPECT_EQ(JoinIds({"S1", "S2", "s2"}, *samples, "p").hint, "");
}

// A reading that maps two samples to one id is no match: it would join the wrong person.
TEST(JoinIds, AmbiguousReadingsDoNotCount) {
  const auto samples = Samples({}, {"F1_1", "F2_1", "F3_2"});
  const Error e = ErrorOf([&] { JoinIds({"1", "1x"}, *samples, "p"); });
  EXPECT_EQ(e.remedy(),
            "check that this is the right id column and that the table belongs to these genotypes");
}

}  // namespace
}  // namespace kinflow::test
