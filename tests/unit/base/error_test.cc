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

// Overlong, surrogate, beyond U+10FFFF, cut, C1 control: nothing that JSON or a terminal minds.
TEST(Error, OnlyWellFormedTextStays) {
  const auto shown = [](std::string_view text) {
    return Error(ErrorId::kMalformed, std::string(text)).message();
  };
  EXPECT_EQ(shown("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(shown("\xe0\x80\x80"), "\\xe0\\x80\\x80");
  EXPECT_EQ(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(shown("\xc2"
                  "A"),
            "\\xc2"
            "A");
  EXPECT_EQ(shown("a\xe2\x82"), "a\\xe2\\x82");
  EXPECT_EQ(shown("\xc2\x9b"
                  "2J"),
            "\\xc2\\x9b2J");
  EXPECT_EQ(shown("\xe2\x82\xac \xff \xf0\x9f\xa7\xac"), "\xe2\x82\xac \\xff \xf0\x9f\xa7\xac");
}

TEST(Error, OneLineHasThePlaceButNoFolder) {
  EXPECT_EQ(Error(ErrorId::kMalformed, "bad").OneLine(), "bad");
  EXPECT_EQ(Error(ErrorId::kMalformed, "bad")
                .InFile("/home/me/w.txt")
                .AtLine(7)
                .Field("f")
                .Value("x")
                .OneLine(),
            "bad (w.txt line 7, field f, value 'x')");
  EXPECT_EQ(Error(ErrorId::kMalformed, "bad").AtRecord(3).Field("f").OneLine(),
            "bad (record 3, field f)");
}

TEST(Error, AdviceIsTheRemedyOrTheCataloguesText) {
  EXPECT_EQ(Error(ErrorId::kMalformed, "bad").Remedy("mend it").Advice(), "mend it");
  EXPECT_EQ(Error(ErrorId::kMalformed, "bad").Advice(), Describe(ErrorId::kMalformed).explanation);
}

TEST(Error, LongValuesAreCut) {
  const Error error = Error(ErrorId::kMalformed, "x").Value(std::string(61, 'a'));
  EXPECT_EQ(error.value(), std::string(60, 'a') + "...");
}

}  // namespace
}  // namespace kinflow
