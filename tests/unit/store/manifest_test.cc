#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/sealed_json.h"

namespace kinflow {
namespace {

Manifest Example() {
  Manifest m;
  m.stage = "family:joint";
  m.kind = "family";
  m.version = 3;
  m.key = HashBytes("key");
  m.options_json = R"({"a":1,"b":[0.5,"x"]})";
  m.inputs = {{"scores", HashBytes("s").Hex()}, {"phenotypes", HashBytes("p").Hex()}};
  m.shards = {{"shard-00000.h5", HashBytes("0"), 100, 7}, {"shard-00001.h5", HashBytes("1"), 5, 0}};
  m.timings = {{"seconds", 0.1}, {"cpu", 1e-300}};
  m.program = "kinflow 0.1.0 \"quoted\" \xff";  // not UTF-8
  m.warnings = {"a", ""};
  return m;
}

void ExpectEqual(const Manifest& a, const Manifest& b) {
  EXPECT_EQ(a.stage, b.stage);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.key, b.key);
  EXPECT_EQ(a.options_json, b.options_json);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.timings, b.timings);
  EXPECT_EQ(a.warnings, b.warnings);
  EXPECT_EQ(a.ContentDigest(), b.ContentDigest());
  EXPECT_EQ(a.shards.size(), b.shards.size());
}

TEST(Manifest, ComesBack) {
  const Manifest m = Example();
  ExpectEqual(Manifest::FromJson(m.ToJson(), "x"), m);
  ExpectEqual(Manifest::FromJson(Manifest().ToJson(), "x"), Manifest());
}

// Options are shown as an object only where the canonical text survives that exactly.
TEST(Manifest, OptionsTextIsKeptToTheByte) {
  for (const char* text : {"{}", "", "[1]", R"({"b":1,"a":2})", R"({"x": 1})", R"({"x":1.50})",
                           R"({"x":1e-06})", R"({"x":1,"x":2})", "not json", R"("text")"}) {
    Manifest m = Example();
    m.options_json = text;
    EXPECT_EQ(Manifest::FromJson(m.ToJson(), "x").options_json, text);
  }
}

TEST(Manifest, ContentDigestIsAboutResultsOnly) {
  const Manifest m = Example();
  Manifest same = m;
  same.timings = {{"seconds", 9.0}};
  same.program = "kinflow 9";
  same.warnings = {};
  EXPECT_EQ(same.ContentDigest(), m.ContentDigest());
  const auto differs = [&](auto change) {
    Manifest other = m;
    change(other);
    return other.ContentDigest() != m.ContentDigest();
  };
  EXPECT_TRUE(differs([](Manifest& o) { o.kind = "scores"; }));
  EXPECT_TRUE(differs([](Manifest& o) { o.version = 4; }));
  EXPECT_TRUE(differs([](Manifest& o) { o.key = HashBytes("other"); }));
  EXPECT_TRUE(differs([](Manifest& o) { o.shards[1].digest = HashBytes("2"); }));
  EXPECT_TRUE(differs([](Manifest& o) { o.shards.pop_back(); }));
  EXPECT_TRUE(differs([](Manifest& o) { std::swap(o.shards[0], o.shards[1]); }));
}

TEST(Manifest, TimingsThatAreNoNumbersAreLeftOut) {
  Manifest m = Example();
  m.timings["bad"] = std::nan("");
  EXPECT_EQ(Manifest::FromJson(m.ToJson(), "x").timings.count("bad"), 0u);
}

// Every bit of the text: the manifest is refused or says the same.
TEST(Manifest, NoFlipGoesUnnoticed) {
  const Manifest m = Example();
  const std::string text = m.ToJson();
  size_t refused = 0;
  for (size_t i = 0; i < 8 * text.size(); ++i) {
    std::string bad = text;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    try {
      const Manifest read = Manifest::FromJson(bad, "WORK/artifacts/qc/k/manifest.json");
      ExpectEqual(read, m);
      EXPECT_EQ(read.shards[0].digest, m.shards[0].digest);
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), ErrorId::kManifestDamaged);
      EXPECT_NE(e.remedy().find("rm -r 'WORK/artifacts/qc/k'"), std::string::npos);
      ++refused;
    }
  }
  EXPECT_GT(refused, 6 * text.size());  // the rest: blanks between members
}

// To be refused like any other text, without a stack frame for each of its levels.
TEST(Manifest, DeepNestingIsDamage) {
  const std::string deep = std::string(300'000, '[') + std::string(300'000, ']');
  const std::string text = R"({"checksum": "", "options": )" + deep + "}";
  try {
    Manifest::FromJson(text, "manifest.json");
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kManifestDamaged);
  }
}

// What JSON takes for a number is not always one: 1e300 bytes, -1 rows, version 1.5.
TEST(Manifest, NumbersAreWholeAndInRange) {
  const std::string good = Example().ToJson();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"bytes\": 100", "\"bytes\": 1e300"},
           {"\"rows\": 7", "\"rows\": -1"},
           {"\"version\": 3", "\"version\": 3.5"},
           {"\"version\": 3", "\"version\": 4294967299"}}) {
    std::string text = good;
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    nlohmann::json object = nlohmann::json::parse(text);
    EXPECT_THROW(Manifest::FromJson(SealJson(std::move(object)), "m.json"), Error) << to;
  }
}

TEST(Manifest, IsSortedAndReadable) {
  const std::string text = Example().ToJson();
  EXPECT_LT(text.find("\"inputs\""), text.find("\"key\""));
  EXPECT_LT(text.find("\"phenotypes\""), text.find("\"scores\""));
  EXPECT_NE(text.find("\n  \"stage\": \"family:joint\""), std::string::npos);
}

}  // namespace
}  // namespace kinflow
