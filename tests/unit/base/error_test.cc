#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace kinflow {
namespace {

// Names and values of a broken file must not steer a terminal or break JSON.
TEST(Error, WhatAFileNamesIsEscaped) {
  const std::string text = Error(ErrorId::kMalformed, "column \x1b[31m twice\nnext line")
                               .InFile("x.tsv")
                               .AtPosition("1\x07", 5)
                               .Field("a\tb\xff")
                               .Value("\xc3\xa6\x7f")
                               .Remedy("not \x01")
                               .Context("reading \x02")
                               .Format();
  EXPECT_EQ(text,
            "x.tsv: error[E0413] column \\x1b[31m twice\nnext line\n"
            "  where:  position 1\\x07:5, field a\\x09b\\xff\n"
            "  value:  \"\xc3\xa6\\x7f\"\n"
            "  while:  reading \\x02\n"
            "  remedy: not \\x01");
}

TEST(Error, LongValuesAreCut) {
  const Error error = Error(ErrorId::kMalformed, "x").Value(std::string(61, 'a'));
  EXPECT_EQ(error.value(), std::string(60, 'a') + "...");
}

}  // namespace
}  // namespace kinflow
