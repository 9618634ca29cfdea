#include "stages/formats/phenotype_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <locale>

#include "pipeline/base/text_writer.h"
#include "pipeline/config/config_loader.h"
#include "tests/unit/tables/table_file.h"

namespace kinflow::test {
namespace {

PhenotypeTable Read(const std::string& content, PhenotypeOptions options = {}) {
  options.file = FileWith(content, "pheno.tsv");
  if (options.id.empty()) options.id = "id";
  return ReadPhenotypes(options);
}

// "name:n 1 NA 2.5|name:t x NA": columns with their types and values.
std::string Describe(const PhenotypeTable& t) {
  std::string out;
  for (size_t c = 0; c < t.columns.columns(); ++c) {
    const bool text = std::holds_alternative<Table::Strings>(t.columns.column(c));
    out += (c > 0 ? "|" : "") + t.columns.name(c) + (text ? ":t" : ":n");
    for (size_t r = 0; r < t.ids.size(); ++r) out += " " + t.columns.Cell(r, c);
  }
  return out;
}

TEST(PhenotypeTable, LikelyCodesOfMissingValuesAreTold) {
  const std::string text = "id,bdi,age,change,sex\na,12,-999,-9,1\nb,-9,30,-3,2\nc,0,31,4,1\n";
  const PhenotypeTable t = Read(text);
  ASSERT_EQ(t.warnings.size(), 2u);
  const std::string apart = " is taken as a value, but lies apart from the others, in column ";
  EXPECT_NE(t.warnings[0].find("-9" + apart + "bdi;"), std::string::npos);
  EXPECT_NE(t.warnings[1].find("-999" + apart + "age;"), std::string::npos);
  // Below numbers that are negative themselves it has to come several times.
  const std::string residuals = "id,y\na,-1.5\nb,0.3\nc,2.5\nd,-9\ne,-9\n";
  EXPECT_TRUE(Read(residuals).warnings.empty());
  EXPECT_EQ(Read(residuals + "f,-9\n").warnings.size(), 1u);
  EXPECT_TRUE(Read("id,t\na,-9\nb,-8\nc,-9\nd,-9\ne,4\n").warnings.empty());
  PhenotypeOptions declared;
  declared.missing = {"-9", "-999"};
  EXPECT_TRUE(Read(text, declared).warnings.empty());
}

TEST(PhenotypeTable, TypesFollowTheValues) {
  const PhenotypeTable t = Read(
      "id,n,m,f,mixed,empty,date\n"
      "a,1,,x,1,NA,01.02.2020\n"
      "b,-2.5e3,NA,NA,2,.,3-Mar\n"
      "c,.5,7,\"y, z\",three,,\n");
  EXPECT_EQ(t.ids, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(Describe(t),
            "n:n 1 -2500 0.5|m:n NA NA 7|f:t x NA y, z|mixed:t 1 2 three|empty:n NA NA NA|"
            "date:t 01.02.2020 3-Mar NA");
}

TEST(PhenotypeTable, ExtraMissingCodesByTextAndValue) {
  PhenotypeOptions o;
  o.missing = {"-9", "refused"};
  EXPECT_EQ(Describe(Read("id\ta\tb\nx\t-9\trefused\ny\t-9.00\t2\nz\t9\t-99\n", o)),
            "a:n NA NA 9|b:n NA 2 -99");
  // Without the codes they are values: nothing is guessed.
  EXPECT_EQ(Describe(Read("id\ta\nx\t-9\n")), "a:n -9");
}

TEST(PhenotypeTable, ColumnsAreChosenAndTextsForced) {
  PhenotypeOptions o;
  o.columns = {"b", "batch"};
  o.text = {"batch"};
  EXPECT_EQ(Describe(Read("batch\tid\ta\tb\n01\tx\t1\t2\n02\ty\t3\t4\n", o)),
            "b:n 2 4|batch:t 01 02");
  o.columns = {"nothing"};
  EXPECT_EQ(ErrorOf([&] { Read("id\ta\nx\t1\n", o); }).id(), ErrorId::kColumnMissing);
}

// Tables as PLINK wants them all begin with FID and IID, which are ids and no values.
TEST(PhenotypeTable, IdColumnsOfPlinkAreNoValues) {
  EXPECT_EQ(Describe(Read("#FID\tIID\tid\ta\n7\t8\tx\t1\n")), "a:n 1");
  PhenotypeOptions named;
  named.columns = {"IID"};
  EXPECT_EQ(Describe(Read("IID\tid\ta\n8\tx\t1\n", named)), "IID:n 8");
}

TEST(PhenotypeTable, KeysOfFamilyAndPregnancy) {
  PhenotypeOptions o;
  o.id = "m_id";
  o.pregnancy = "preg";
  const PhenotypeTable t = Read("preg;m_id;scl\n1;A;3\n2;A;4\n1;B;5\n", o);
  EXPECT_EQ(t.ids, (std::vector<std::string>{"A", "A", "B"}));
  EXPECT_EQ(t.pregnancies, (std::vector<std::string>{"1", "2", "1"}));
  EXPECT_EQ(Describe(t), "scl:n 3 4 5");
  o = {};
  o.family = "FID";
  EXPECT_EQ(Read("FID id y\nF1 1 0\nF2 1 1\n", o).ids, (std::vector<std::string>{"F1_1", "F2_1"}));
}

TEST(PhenotypeTable, GzipAndUnnamedColumns) {
  const std::string path = JoinPath(TempFolder(), "p.csv.gz");
  TextWriter writer(path);
  writer.Write("\"\",\"id\",\"y\"\n\"1\",\"a\",0.25\n\"2\",\"b\",NA\n");
  writer.Commit();
  PhenotypeOptions o;
  o.file = path;
  o.id = "id";
  EXPECT_EQ(Describe(ReadPhenotypes(o)), "y:n 0.25 NA");
}

struct Case {
  const char* name;
  std::string content;
  std::string golden;
};

class PhenotypesRefuse : public testing::TestWithParam<Case> {};

TEST_P(PhenotypesRefuse, Golden) {
  const Error e = ErrorOf([&] { Read(GetParam().content); });
  EXPECT_EQ(e.exit_code(), ExitCode::kInput);
  EXPECT_EQ(MessageOf(e), GetParam().golden);
  // Neither ids nor values are ever shown.
  for (const char* secret : {"SECRET", "4.75", "4,75"}) {
    EXPECT_EQ(e.Format().find(secret), std::string::npos);
  }
}

const Case kCases[] = {
    {"DecimalComma", "id\ty\nSECRET1\t1\nSECRET2\tNA\nSECRET3\t4,75\nSECRET4\t5,25\n",
     "pheno.tsv:4: error[E0413] column 'y' has 2 numbers with a decimal comma\n"
     "  where:  field y\n"
     "  remedy: write decimals with a point; if these are texts, list the column under "
     "phenotypes[].text"},
    {"DuplicateId", "id\ty\nSECRET1\t4.75\nSECRET2\t1\nSECRET1\t4.75\n",
     "pheno.tsv:4: error[E0420] lines 2 and 4 have the same id\n"
     "  where:  record 3, field id\n"
     "  remedy: keep one row a person; for one row a pregnancy name its column in "
     "phenotypes[].pregnancy (the pedigree is a table with pregnancies then, no .fam), for one row "
     "a wave set phenotypes[].layout to long"},
    {"NoId", "id\ty\nSECRET1\t4.75\nNA\t4.75\n",
     "pheno.tsv:3: error[E0413] row 2 has no value in 'id'\n"
     "  where:  record 2, field id\n"
     "  remedy: every row needs it: add it, or delete the row"},
    {"NoIdColumn", "iid\ty\nSECRET1\t4.75\n",
     "pheno.tsv:1: error[E0429] the table has no column 'id'\n"
     "  where:  field id\n"
     "  remedy: did you mean 'iid'? columns present: 'iid', 'y'"},
    {"NoHeader", "SECRET1\t4.75\tSECRETid\nSECRET2\t1\tx\n",
     "pheno.tsv:1: error[E0429] the table has no column 'id'\n"
     "  where:  field id\n"
     "  remedy: columns present: none: the first line looks like data, not like column names"},
    {"NoHeaderTwice", "SECRET\t4.75\tSECRET\n",
     "pheno.tsv:1: error[E0413] the first line looks like data, not like column names\n"
     "  remedy: put a line with the names of the columns on top of the table"},
    {"Ragged", "id\ty\nSECRET1\t4.75\nSECRET2\n",
     "pheno.tsv:3: error[E0413] row 2 has 1 fields, the header has 2\n"
     "  remedy: fields are separated by tabs here; quote texts that hold this character"},
};

INSTANTIATE_TEST_SUITE_P(All, PhenotypesRefuse, testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(PhenotypeTable, CommasAmongTextsStayTexts) {
  EXPECT_EQ(Describe(Read("id\ty\na\t1,2\nb\tnone\n")), "y:t 1,2 none");
  PhenotypeOptions o;
  o.text = {"y"};
  EXPECT_EQ(Describe(Read("id\ty\na\t1,2\nb\t3,4\n", o)), "y:t 1,2 3,4");
}

TEST(PhenotypeTable, StrayWordsAmongNumbersAreNoFactor) {
  const PhenotypeTable t = Read(
      "id\ty\tgroup\thalf\tclean\n"
      "a\t1\tx\t1\t1\nb\t2\ty\tz\t2\nSECRET\tSECRETVALUE\tx\tNA\t3\nd\t4\t7\t\t4\n");
  EXPECT_EQ(Describe(t), "y:t 1 2 SECRETVALUE 4|group:t x y x 7|half:t 1 z NA NA|clean:n 1 2 3 4");
  ASSERT_EQ(t.mixed.size(), 1u);
  const std::string text = t.mixed.at("y").Format();
  EXPECT_NE(text.find("pheno.tsv:4: error[E0413] column 'y' is used as numbers, but 1 of its 4 "
                      "values is none\n  where:  field y\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("SECRET"), std::string::npos);
  PhenotypeOptions o;
  o.text = {"y"};
  EXPECT_TRUE(Read("id\ty\na\t1\nb\t2\nc\tx\n", o).mixed.empty());
  PhenotypeOptions codes;
  codes.missing = {"unknown"};
  EXPECT_EQ(Describe(Read("id\ty\na\t1\nb\t2\nc\tunknown\n", codes)), "y:n 1 2 NA");
}

TEST(PhenotypeTable, MergedTablesKeepTheirMixedColumns) {
  const PhenotypeTable a = Read("id\ty\na\t1\nb\t2\nc\tx\n"), b = Read("id\tz\na\t1\n");
  EXPECT_EQ(MergePhenotypes({a, b}).mixed.count("y"), 1u);
}

class CommaPunct : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(PhenotypeTable, LocaleDoesNotMatter) {
  const std::string content = "id\ty\na\t1234.5\nb\t2\n";
  const std::string yaml = "a: 1234.5\n";
  const SchemaNode root = schema::Map("", "", {schema::Number("a", "")});
  const std::string expected = Describe(Read(content));
  const std::string expected_json = LoadConfigText(yaml, "f", root, {}).root.ToJson();
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaPunct));
  const std::string got = Describe(Read(content));
  const std::string got_json = LoadConfigText(yaml, "f", root, {}).root.ToJson();
  std::locale::global(before);
  EXPECT_EQ(got, expected);
  EXPECT_EQ(got, "y:n 1234.5 2");
  EXPECT_EQ(got_json, expected_json);
}

TEST(PhenotypeMerge, OuterJoinInOrderOfAppearance) {
  const PhenotypeTable t =
      MergePhenotypes({Read("id\tx\na\t1\nb\t2\n"), Read("id\ty\tz\nc\tu\t5\na\tv\tNA\n")});
  EXPECT_EQ(t.ids, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(t.pregnancies.empty());
  EXPECT_EQ(Describe(t), "x:n 1 2 NA|y:t v NA u|z:n NA NA 5");
}

TEST(PhenotypeMerge, PersonRowsHoldForAllPregnancies) {
  PhenotypeOptions by_pregnancy;
  by_pregnancy.pregnancy = "preg";
  const PhenotypeTable t =
      MergePhenotypes({Read("id\tage\nb\t40\na\t30\n"),
                       Read("id\tpreg\ty\na\t1\t0.1\na\t2\t0.2\nc\t3\t0.3\n", by_pregnancy)});
  EXPECT_EQ(t.ids, (std::vector<std::string>{"a", "a", "c", "b"}));
  EXPECT_EQ(t.pregnancies, (std::vector<std::string>{"1", "2", "3", ""}));
  EXPECT_EQ(Describe(t), "age:n 30 30 NA 40|y:n 0.1 0.2 0.3 NA");
}

TEST(PhenotypeMerge, ColumnInTwoTables) {
  const Error e = ErrorOf([] { MergePhenotypes({Read("id\tx\na\t1\n"), Read("id\tx\na\t2\n")}); });
  EXPECT_EQ(e.id(), ErrorId::kConfigReference);
  EXPECT_EQ(e.field(), "x");
}

TEST(PhenotypeTable, LongTablesHaveARowAWave) {
  PhenotypeOptions o;
  o.wave = "wave";
  const std::string content = "id\twave\ty\na\tgw17\t1\na\tgw30\t2\nb\tgw17\t3\n";
  const PhenotypeTable t = Read(content, o);
  EXPECT_EQ(t.ids, (std::vector<std::string>{"a", "a", "b"}));
  EXPECT_EQ(t.waves, (std::vector<std::string>{"gw17", "gw30", "gw17"}));
  EXPECT_EQ(t.by_wave, (std::vector<std::string>{"wave", "y"}));
  EXPECT_EQ(Describe(t), "wave:t gw17 gw30 gw17|y:n 1 2 3");
  o.columns = {"y"};
  EXPECT_EQ(Describe(Read(content, o)), "y:n 1 2 3|wave:t gw17 gw30 gw17");
  const Error twice = ErrorOf([&] { Read(content + "b\tgw17\t4\n", o); });
  EXPECT_EQ(twice.id(), ErrorId::kDuplicateSamples);
  EXPECT_NE(twice.message().find("lines 4 and 5 have the same id and wave"), std::string::npos);
  EXPECT_EQ(ErrorOf([&] { Read(content + "b\tNA\t4\n", o); }).id(), ErrorId::kMalformed);
  o.wave = "visit";
  EXPECT_EQ(ErrorOf([&] { Read(content, o); }).id(), ErrorId::kColumnMissing);
  EXPECT_NE(ErrorOf([&] { Read(content); }).Advice().find("layout to long"), std::string::npos);
}

TEST(PhenotypeMerge, LongRowsStandBelowTheWideOnes) {
  PhenotypeOptions o;
  o.wave = "wave";
  const PhenotypeTable waves = Read("id\twave\ty\na\t1\t10\nc\t2\t30\n", o);
  const PhenotypeTable t =
      MergePhenotypes({waves, Read("id\tage\nb\t40\na\t30\n"), Read("id\tg\na\tu\n")});
  EXPECT_EQ(t.ids, (std::vector<std::string>{"b", "a", "a", "c"}));
  EXPECT_EQ(t.waves, (std::vector<std::string>{"", "", "1", "2"}));
  EXPECT_EQ(Describe(t), "age:n 40 30 NA NA|g:t NA u NA NA|wave:n NA NA 1 2|y:n NA NA 10 30");
  EXPECT_TRUE(t.pregnancies.empty());
  PhenotypeOptions by_pregnancy;
  by_pregnancy.pregnancy = "preg";
  const PhenotypeTable p = MergePhenotypes({waves, Read("id\tpreg\tz\na\t1\t5\n", by_pregnancy)});
  EXPECT_EQ(p.pregnancies, (std::vector<std::string>{"1", "", ""}));
  EXPECT_EQ(ErrorOf([&] { MergePhenotypes({waves, waves}); }).id(), ErrorId::kConfigReference);
}

// Tables as R writes them, in its usual forms, against sums that R computed itself.
TEST(PhenotypeTable, TablesWrittenByR) {
  KINFLOW_REQUIRE_PROGRAM(rscript, "Rscript");
  const std::string folder = TempFolder();
  const std::string script = JoinPath(folder, "w.R");
  WriteFileAtomically(
      script,
      "set.seed(1); n <- 200; setwd('" + folder +
          "')\n"
          "d <- data.frame(id = paste0('p ', 1:n), y = rnorm(n) * 10^sample(-8:8, n, TRUE),\n"
          "  k = sample(c(1:5, NA), n, TRUE), f = sample(c('a', 'b \"q\"', 'c, d', NA), n, TRUE))\n"
          "write.csv(d, 'a.txt', row.names = FALSE)\n"
          "write.csv(d, 'b.txt')\n"
          "write.table(d, 'c.txt', sep = '\\t', row.names = FALSE, qmethod = 'double')\n"
          "write.table(d, 'd.txt', row.names = FALSE, qmethod = 'double')\n"
          "write.csv2(d, 'comma.txt', row.names = FALSE)\n"
          "write.table(d, 'names.txt', qmethod = 'double')\n"
          "d <- read.csv('a.txt')\n"
          "cat(sprintf('%.17g', c(sum(abs(d$y)), sum(d$k, na.rm = TRUE), sum(is.na(d$k)),\n"
          "  sum(d$f == 'b \"q\"', na.rm = TRUE))), file = 'sums.txt')\n");
  std::string log;
  ASSERT_EQ(RunCommand(rscript + " " + script, &log), 0) << log;
  double sums[4];
  ASSERT_EQ(std::sscanf(ReadFile(JoinPath(folder, "sums.txt")).c_str(), "%lf %lf %lf %lf", &sums[0],
                        &sums[1], &sums[2], &sums[3]),
            4);
  PhenotypeOptions o;
  o.id = "id";
  for (const char* name : {"a.txt", "b.txt", "c.txt", "d.txt"}) {
    o.file = JoinPath(folder, name);
    const PhenotypeTable t = ReadPhenotypes(o);
    double y = 0, k = 0, missing = 0, q = 0;
    for (size_t i = 0; i < t.ids.size(); ++i) {
      y += std::abs(t.columns.DoublesOf("y")[i]);
      const double value = t.columns.DoublesOf("k")[i];
      std::isnan(value) ? missing += 1 : k += value;
      q += t.columns.StringsOf("f")[i] == "b \"q\"" ? 1 : 0;
    }
    EXPECT_EQ(t.ids[1], "p 2") << name;
    EXPECT_NEAR(y, sums[0], 1e-12 * sums[0]) << name;
    EXPECT_EQ(k, sums[1]) << name;
    EXPECT_EQ(missing, sums[2]) << name;
    EXPECT_EQ(q, sums[3]) << name;
  }
  o.file = JoinPath(folder, "comma.txt");
  EXPECT_NE(ErrorOf([&] { ReadPhenotypes(o); }).message().find("decimal comma"), std::string::npos);
  o.file = JoinPath(folder, "names.txt");
  EXPECT_NE(ErrorOf([&] { ReadPhenotypes(o); }).remedy().find("row name"), std::string::npos);
}

TEST(PhenotypeTable, DecimalCommasWhereUsed) {
  PhenotypeOptions o;
  o.file = FileWith("x\ty\n1\t0.5\n4,75\t1\n5,25\tNA\n");
  EXPECT_EQ(ErrorOf([&] { ReadPhenotypes(o); }).line(), 3u);
  o.commas_where_used = true;
  const PhenotypeTable t = ReadPhenotypes(o);
  EXPECT_EQ(t.columns.StringsOf("x"), (Table::Strings{"1", "4,75", "5,25"}));
  EXPECT_EQ(t.columns.DoublesOf("y")[1], 1);
  ASSERT_EQ(t.mixed.size(), 1u);
  EXPECT_EQ(t.mixed.at("x").line(), 3u);
  EXPECT_NE(t.mixed.at("x").remedy().find("factor(x)"), std::string::npos);
}

TEST(PhenotypeTable, SchemaGivesOptions) {
  const SchemaNode root = schema::Map("", "", {PhenotypesSchema()});
  const ConfigResult r = LoadConfigText(
      "phenotypes:\n"
      "  - {file: a.tsv, id: m_id, missing: -9, text: [batch], delimiter: semicolon}\n"
      "  - {file: b.csv, id: IID, id_form: fid_iid, pregnancy: preg, family_id: FID}\n",
      "f", root, {});
  ASSERT_TRUE(r.errors.empty()) << r.errors[0].Format();
  const PhenotypeOptions a = PhenotypeOptionsFrom(r.root.At("phenotypes.0"));
  EXPECT_EQ(a.missing, std::vector<std::string>{"-9"});
  EXPECT_EQ(a.text, std::vector<std::string>{"batch"});
  EXPECT_EQ(a.delimiter, ';');
  EXPECT_EQ(a.pregnancy, "");
  const PhenotypeOptions b = PhenotypeOptionsFrom(r.root.At("phenotypes.1"));
  EXPECT_EQ(b.id_form, IdForm::kFidIid);
  EXPECT_EQ(b.family, "FID");
  EXPECT_EQ(b.delimiter, '\0');
}

}  // namespace
}  // namespace kinflow::test
