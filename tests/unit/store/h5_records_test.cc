// Tables as records: what WriteRecords writes and ReadTable gives back.
#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "pipeline/store/h5_file.h"
#include "pipeline/store/verify.h"
#include "tests/support/test_data.h"

namespace kinflow {
namespace {

void ExpectSame(const Table& t, const Table& expected) {
  ASSERT_EQ(t.columns(), expected.columns());
  ASSERT_EQ(t.rows(), expected.rows());
  for (size_t c = 0; c < t.columns(); ++c) {
    EXPECT_EQ(t.name(c), expected.name(c));
    EXPECT_EQ(t.column(c).index(), expected.column(c).index());
    for (size_t r = 0; r < t.rows(); ++r) EXPECT_EQ(t.Cell(r, c), expected.Cell(r, c));
  }
}

/// More rows than a chunk holds, texts of all lengths, missing values.
Table Many(int rows) {
  Table::Strings texts;
  Table::Ints ints;
  Table::Doubles doubles;
  for (int i = 0; i < rows; ++i) {
    texts.push_back(std::string(static_cast<size_t>(i % 900), static_cast<char>('a' + i % 26)));
    ints.push_back(i % 7 == 0 ? Table::kMissingInt : -i);
    doubles.push_back(i % 5 == 0 ? std::nan("") : i / 3.0);
  }
  Table table;
  table.Add("text", std::move(texts));
  table.Add("a/b %", std::move(doubles));
  table.Add("count", std::move(ints));
  return table;
}

TEST(H5Records, TablesComeBack) {
  const std::string path = test::TempFolder() + "/a.h5";
  Table wide, many_columns;
  wide.Add("text", Table::Strings{"", std::string(20'000, 'x')});
  for (int c = 0; c < 2000; ++c) many_columns.Add("c" + std::to_string(c), Table::Ints{c});
  H5Writer w(path);
  w.WriteRecords("/many", Many(5000));
  w.WriteRecords("/none", Many(0));
  w.WriteRecords("/wide", wide);
  w.WriteRecords("/columns", many_columns);
  w.WriteRecords("/nothing", Table());
  w.Write("/u8", std::span<const uint8_t>(std::vector<uint8_t>{1, 2}));
  w.Close();
  VerifyH5File(path, VerifyDepth::kContents);
  const H5Reader file(path);
  ExpectSame(file.ReadTable("/many"), Many(5000));
  ExpectSame(file.ReadTable("/none"), Many(0));
  ExpectSame(file.ReadTable("/wide"), wide);
  ExpectSame(file.ReadTable("/columns"), many_columns);
  EXPECT_EQ(file.ReadTable("/nothing").columns(), 0u);
  for (const char* records : {"/many", "/none"}) EXPECT_FALSE(file.IsGroup(records)) << records;
  for (const char* group : {"/wide", "/columns"}) EXPECT_TRUE(file.IsGroup(group)) << group;
  for (const char* table : {"/many", "/none", "/wide"}) EXPECT_TRUE(file.IsTable(table)) << table;
  EXPECT_FALSE(file.IsTable("/u8"));
}

}  // namespace
}  // namespace kinflow
