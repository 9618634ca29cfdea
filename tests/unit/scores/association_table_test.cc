// Tables of associations as weights, and the first format of the PGS Catalog: where their ratios
// and other alleles stand.

#include <gtest/gtest.h>

#include <cmath>

#include "stages/scores/score_file.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Thrown;
using test::WriteFile;

/// The one row of the table.
ScoreLine RowOf(const std::string& text, const ScoreReading& reading = {}) {
  ScoreFileReader reader(WriteFile("table.txt", text), reading);
  ScoreLine row, other;
  EXPECT_TRUE(reader.Next(row));
  EXPECT_FALSE(reader.Next(other));
  return row;
}

ScoreReading LogOfRatios() {
  ScoreReading reading;
  reading.ratios = Ratios::kLog;
  return reading;
}

// As plink2 --glm writes logistic regression: columns of no known name are no scores.
constexpr char kLogistic[] =
    "#CHROM\tPOS\tID\tREF\tALT\tPROVISIONAL_REF?\tA1\tOMITTED\tA1_FREQ\tTEST\tOBS_CT\tOR\t"
    "LOG(OR)_SE\tZ_STAT\tP\tERRCODE\n"
    "1\t100\trs1\tG\tT\tN\tT\tG\t0.1\tADD\t100\t1.25\t0.1\t1\t0.5\t.\n";

TEST(AssociationTable, RatiosAreToldWhateverStandsBesideThem) {
  const Error refused = Thrown([] { RowOf(kLogistic); });
  EXPECT_EQ(refused.id(), ErrorId::kFormatUnknown);
  EXPECT_EQ(refused.line(), 1u);
  EXPECT_NE(refused.remedy().find("--ratios log"), std::string::npos);
  const ScoreLine row = RowOf(kLogistic, LogOfRatios());
  ASSERT_EQ(row.weights.size(), 1u);
  EXPECT_EQ(row.weights[0].second, std::log(1.25));
}

TEST(AssociationTable, ScoresBesideARatioAreNamed) {
  const std::string wide = "ID A1 OR mine\nrs1 A 1.5 0.25\n";
  const Error refused = Thrown([&] { RowOf(wide); });
  EXPECT_EQ(refused.id(), ErrorId::kFormatUnknown);
  EXPECT_NE(refused.remedy().find("--columns effect_weight="), std::string::npos);
  ScoreReading named;
  named.columns = {{"effect_weight", "mine"}};
  EXPECT_EQ(RowOf(wide, named).weights.at(0).second, 0.25);
}

// plink2 --glm: A1 is the allele that is counted, REF or ALT.
TEST(AssociationTable, TheOtherAlleleIsTheOneOfRefAndAltThatIsNotCounted) {
  EXPECT_EQ(RowOf(kLogistic, LogOfRatios()).other_allele, "G");
  const auto other = [](const std::string& columns, const std::string& fields) {
    return RowOf("ID\tA1\tBETA\t" + columns + "\nrs1\tT\t0.5\t" + fields + "\n").other_allele;
  };
  EXPECT_EQ(other("REF\tALT", "G\tT"), "G");
  EXPECT_EQ(other("REF\tALT", "t\tg"), "G");
  EXPECT_EQ(other("REF\tALT", "G\tC,T"), "G");
  EXPECT_EQ(other("REF\tALT\tOMITTED", "G\tC,T\tC"), "C");
  EXPECT_EQ(other("REF\tALT\tother_allele", "G\tT\tA"), "A");  // it is said as such
  EXPECT_EQ(other("reference_allele", "G"), "G");
  EXPECT_EQ(other("reference_allele\tother_allele", "T\tG"), "G");
  // What does not tell it is as good as nothing.
  EXPECT_EQ(other("REF\tALT", "T\tC,G"), "");
  EXPECT_EQ(other("REF\tALT", "G\tC"), "");
  EXPECT_EQ(other("REF\tALT", ".\t."), "");
  EXPECT_EQ(other("reference_allele", "T"), "");
}

// The PGS Catalog's format before 2.0: as its harmonizer reads it, keys are those of 2.0 in other
// words, and the reference allele is the other one.
constexpr char kFirstFormat[] =
    "### PGS CATALOG SCORING FILE - see www.pgscatalog.org/downloads/#dl_ftp for details\n"
    "## POLYGENIC SCORE (PGS) INFORMATION\n"
    "# PGS ID = PGS000017\n# PGS Name = PRS_T\n# Reported Trait = A trait\n"
    "# Original Genome Build = hg19\n# Number of Variants = 1\n"
    "## SOURCE INFORMATION\n# PGP ID = PGP000010\n# Citation = Someone et al. (2019)\n"
    "rsID\tchr_name\tchr_position\teffect_allele\treference_allele\teffect_weight\tweight_type\n"
    "rs1\t1\t100\tT\tG\t1.25\t";

TEST(CatalogueFirstFormat, IsReadAsTheSecond) {
  const std::string text = std::string(kFirstFormat) + "beta\n";
  for (const char* version : {"", "#format_version=1.0\n"}) {
    ScoreFileReader reader(WriteFile("first.txt", version + text));
    EXPECT_EQ(reader.scores(), std::vector<std::string>{"PGS000017"});
    EXPECT_EQ(reader.build(), "GRCh37");
    EXPECT_EQ(reader.metadata().at("trait_reported"), "A trait");
    EXPECT_EQ(reader.warnings(), std::vector<std::string>{});
    ScoreLine row;
    ASSERT_TRUE(reader.Next(row));
    EXPECT_EQ(row.other_allele, "G");
    EXPECT_EQ(row.weights.at(0).second, 1.25);
    EXPECT_FALSE(reader.Next(row));
    EXPECT_EQ(reader.LengthWarning(), "");
  }
  const std::string more = text + "rs2\t1\t200\tT\tG\t1\tbeta\n";
  ScoreFileReader longer(WriteFile("longer.txt", more));
  for (ScoreLine row; longer.Next(row);) {
  }
  EXPECT_NE(longer.LengthWarning().find("states 1 variants"), std::string::npos);
}

// There each row says what its weight is.
TEST(CatalogueFirstFormat, RatiosAreThoseOfTheirRows) {
  const std::string ratio = std::string(kFirstFormat) + "OR\n";
  const Error refused = Thrown([&] { RowOf(ratio); });
  EXPECT_EQ(refused.id(), ErrorId::kUnsupportedEffect);
  EXPECT_EQ(refused.line(), 12u);
  EXPECT_EQ(refused.field(), "weight_type");
  EXPECT_EQ(refused.value(), "OR");
  EXPECT_NE(refused.remedy().find("ratios: log"), std::string::npos);
  EXPECT_EQ(RowOf(ratio, LogOfRatios()).weights.at(0).second, std::log(1.25));
  const std::string beta = std::string(kFirstFormat) + "beta\n";
  EXPECT_EQ(RowOf(beta, LogOfRatios()).weights.at(0).second, 1.25);
  ScoreReading as_is;
  as_is.ratios = Ratios::kAsIs;
  EXPECT_EQ(RowOf(ratio, as_is).weights.at(0).second, 1.25);
}

}  // namespace
}  // namespace kinflow
