#include "stages/formats/delimited.h"

#include <gtest/gtest.h>

#include "pipeline/base/philox.h"
#include "pipeline/base/text_writer.h"
#include "tests/unit/tables/table_file.h"

namespace kinflow::test {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows ReadAll(const std::string& path, char delimiter = '\0') {
  DelimitedReader reader(path, delimiter);
  Rows rows = {reader.columns()};
  std::vector<std::string_view> fields;
  while (reader.Next(fields)) rows.emplace_back(fields.begin(), fields.end());
  return rows;
}

const Rows kExpected = {{"a", "b c", "d"}, {"1", "x", ""}, {"2", "NA", "-3.5"}};

TEST(Delimited, DelimitersAreToldFromTheHeader) {
  EXPECT_EQ(ReadAll(FileWith("a\tb c\td\n1\tx\t\n2\tNA\t-3.5\n")), kExpected);
  EXPECT_EQ(ReadAll(FileWith("a,b c,d\n1,x,\n2,NA,-3.5\n")), kExpected);
  EXPECT_EQ(ReadAll(FileWith("a;b c;d\n1;x;\n2;NA;-3.5\n")), kExpected);
  EXPECT_EQ(ReadAll(FileWith("a \"b c\"  d\n1 x \"\"\n 2\tNA -3.5 \n")), kExpected);
  EXPECT_EQ(ReadAll(FileWith("\"a\",\"b c\",\"d\"\n\"1\",x,\"\"\n2,NA,-3.5")), kExpected);
  // Separators inside quoted names do not count.
  EXPECT_EQ(ReadAll(FileWith("\"a,b,c,d\";e\n1;2\n")), (Rows{{"a,b,c,d", "e"}, {"1", "2"}}));
}

TEST(Delimited, ByteOrderMarkLineEndsHashAndGzip) {
  const std::string text = "\xEF\xBB\xBF#a\tb c\td\r\n1\tx\t\r\n2\tNA\t-3.5\r\n\r\n\r\n";
  EXPECT_EQ(ReadAll(FileWith(text)), kExpected);
  const std::string gz = JoinPath(TempFolder(), "t.tsv.gz");
  TextWriter writer(gz);
  writer.Write(text);
  writer.Commit();
  EXPECT_EQ(ReadAll(gz), kExpected);
}

TEST(Delimited, QuotedFieldsHoldAnything) {
  DelimitedReader reader(FileWith("id,note,n\n1,\"a \"\"b\"\", c\nsecond line\",2\n3,it\"s,4\n"));
  std::vector<std::string_view> fields;
  ASSERT_TRUE(reader.Next(fields));
  EXPECT_EQ(fields[1], "a \"b\", c\nsecond line");
  EXPECT_EQ(fields[2], "2");
  EXPECT_EQ(reader.line_number(), 2u);
  ASSERT_TRUE(reader.Next(fields));
  EXPECT_EQ(fields[1], "it\"s");
  EXPECT_EQ(reader.line_number(), 4u);
  EXPECT_EQ(reader.record_number(), 2u);
  EXPECT_FALSE(reader.Next(fields));
}

struct Case {
  const char* name;
  std::string content;
  std::string golden;
};

class DelimitedRefuses : public testing::TestWithParam<Case> {};

TEST_P(DelimitedRefuses, Golden) {
  const Error e = ErrorOf([&] { ReadAll(FileWith(GetParam().content)); });
  EXPECT_EQ(e.exit_code(), ExitCode::kInput);
  EXPECT_EQ(MessageOf(e), GetParam().golden);
}

const Case kCases[] = {
    {"ShortRow", "a\tb\tc\n1\t2\t3\n1\t2\n",
     "table.tsv:3: error[E0413] row 2 has 2 fields, the header has 3\n"
     "  remedy: fields are separated by tabs here; quote texts that hold this character"},
    {"DecimalCommaInCsv", "a,b\n1,2\n3,4\n0,5,6\n",
     "table.tsv:4: error[E0413] row 3 has 3 fields, the header has 2\n"
     "  remedy: fields are separated by commas here; write decimals with a point, and quote texts "
     "that hold a comma"},
    {"RowNames", "a b\n1 10 20\n",
     "table.tsv:2: error[E0413] row 1 has 3 fields, the header has 2\n"
     "  remedy: fields are separated by blanks here; if the first field is a row name, write the "
     "table without row names"},
    {"DuplicateColumn", "a\tb\ta\n",
     "table.tsv:1: error[E0413] columns 1 and 3 have the same name\n"
     "  where:  field a\n"
     "  remedy: rename one of them"},
    {"EmptyFile", "",
     "table.tsv: error[E0413] the table is empty: it has no header line\n"
     "  remedy: the first line must hold the column names"},
    {"EmptyHeader", "\na,b\n",
     "table.tsv:1: error[E0413] the first line is empty\n"
     "  remedy: the first line must hold the column names"},
    {"BlankLineWithin", "a\tb\n1\t2\n\n3\t4\n",
     "table.tsv:3: error[E0413] empty line within the table\n"
     "  remedy: delete the line; a missing value is written NA"},
    {"OpenQuote", "a,b\n1,2\n3,\"4\n5,6\n7,8\n",
     "table.tsv:3: error[E0413] a quote has no end\n"
     "  remedy: close the quote, or delete it"},
    {"TextBehindQuote", "a,b\n1,\"2\"3\n",
     "table.tsv:2: error[E0413] text behind the closing quote of field 2\n"
     "  remedy: write a quote inside a quoted field twice"},
    {"Latin1Header", "id,h\xF8yde\n",
     "table.tsv:1: error[E0413] the header is not valid UTF-8\n"
     "  remedy: save the table as UTF-8"},
};

INSTANTIATE_TEST_SUITE_P(All, DelimitedRefuses, testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(Delimited, QuoteBehindATabHasToEndToo) {
  EXPECT_EQ(ReadAll(FileWith("a,b\n1,\t\"x\ny\"\n")), (Rows{{"a", "b"}, {"1", "x\ny"}}));
  try {
    ReadAll(FileWith("a,b\n1,\t\"open\n"));
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kMalformed);
    EXPECT_EQ(e.line(), 2u);
  }
}

TEST(Delimited, MissingFileAndUtf16) {
  EXPECT_EQ(ErrorOf([] { DelimitedReader("/nonexistent/x.tsv"); }).id(), ErrorId::kMissingFile);
  const std::string utf16(
      "\xFF\xFE"
      "a\0,\0b\0\n\0",
      10);
  EXPECT_EQ(ErrorOf([&] { ReadAll(FileWith(utf16)); }).id(), ErrorId::kMalformed);
}

TEST(Delimited, ColumnsByName) {
  const DelimitedReader reader(FileWith("#IID\tAge\tage\tBMI\n"));
  EXPECT_EQ(reader.Require("IID"), 0u);
  EXPECT_EQ(reader.Require("#IID"), 0u);
  EXPECT_EQ(reader.Require("age"), 2u);
  EXPECT_EQ(reader.Require("bmi"), 3u);
  EXPECT_FALSE(reader.Find("AGE").has_value());  // two would fit
  EXPECT_FALSE(reader.Find("").has_value());
  EXPECT_EQ(MessageOf(ErrorOf([&] { reader.Require("BMJ"); })),
            "table.tsv:1: error[E0429] the table has no column 'BMJ'\n"
            "  where:  field BMJ\n"
            "  remedy: did you mean 'BMI'? columns present: 'IID', 'Age', 'age', 'BMI'");
}

// What was written by the rules of RFC 4180 reads back, whatever the fields hold.
TEST(Delimited, RandomTablesReadBack) {
  static const std::string kBytes = "ab1.-,;\t\"\n ";
  ScratchFile scratch;
  for (int round = 0; round < 200; ++round) {
    Philox random(99, static_cast<uint64_t>(round));
    const char delimiter = ",;\t"[random.Below(3)];
    Rows rows = {{"x", "y", "z"}};
    for (uint64_t r = random.Below(5) + 1; r > 0; --r) {
      auto& row = rows.emplace_back(3);
      for (auto& field : row) {
        for (uint64_t n = random.Below(6); n > 0; --n) field += kBytes[random.Below(kBytes.size())];
      }
    }
    std::string text;
    for (const auto& row : rows) {
      for (size_t c = 0; c < row.size(); ++c) {
        if (c > 0) text += delimiter;
        text += '"';
        for (const char byte : row[c])
          text += byte == '"' ? std::string("\"\"") : std::string(1, byte);
        text += '"';
      }
      text += '\n';
    }
    ASSERT_EQ(ReadAll(scratch.With(text)), rows) << "round " << round << "\n" << text;
  }
}

// Damaged tables are read or refused, never a crash; what is read has the header's width.
TEST(Delimited, DamagedTables) {
  const std::string good = "a,b,c\n1,\"x, \"\"y\"\"\",3\n4,5,6\n\"7\",8,9\n";
  static const std::string kBytes(",;\t\"\n\r ax1\0", 11);
  ScratchFile scratch;
  for (int round = 0; round < 500; ++round) {
    Philox random(5, static_cast<uint64_t>(round));
    std::string text = good;
    for (uint64_t n = random.Below(4) + 1; n > 0; --n) {
      text[random.Below(text.size())] = kBytes[random.Below(kBytes.size())];
    }
    try {
      const Rows rows = ReadAll(scratch.With(text));
      for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
    } catch (const Error& e) {
      EXPECT_EQ(e.exit_code(), ExitCode::kInput);
    }
  }
}

}  // namespace
}  // namespace kinflow::test
