#include <gtest/gtest.h>

#include <stdexcept>

#include "stages/kinship/calls_sink.h"
#include "stages/qc/counts_sink.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/random_scores.h"

// Sources leave out flags that no sink declares (TileSink::FlagsUsed): results must be those with
// all.
namespace kinflow {
namespace {

using test::Genotypes;

constexpr uint32_t kPeople = 60;

/// X, MT and autosomes: one copy where the flags say so, and every combination of phase.
Genotypes Flagged() {
  Genotypes g = test::RandomGenotypes(150, kPeople, 10, true);
  VariantTable variants;
  for (size_t v = 0; v < g.variants.size(); ++v) {
    const char* chrom = v < 50 ? "1" : v < 120 ? "X" : "MT";
    variants.Append(chrom, static_cast<uint32_t>(100 + v), "v" + std::to_string(v), "A", "C");
  }
  g.variants = std::move(variants);
  for (size_t i = 0; i < g.calls.size(); ++i) {
    if (i % 3 != 0) g.calls[i] = static_cast<uint8_t>(g.calls[i] | kCallPhased);
    if (i % 3 == 2) g.calls[i] = static_cast<uint8_t>(g.calls[i] | kCallAltFirst);
  }
  return g;
}

Genotypes WithFlags(uint8_t flags) {
  Genotypes g = Flagged();
  for (uint8_t& call : g.calls) call = static_cast<uint8_t>(call & flags);
  return g;
}

Manifest Named(const std::string& kind) {
  Manifest manifest;
  manifest.stage = manifest.kind = kind;
  manifest.key = HashBytes(kind);
  manifest.options_json = R"({"missing":"mean"})";
  return manifest;
}

/// Opens the sink under test, whose artifact is Named(kind).
using OpenSink = std::function<std::unique_ptr<TileSink>(ArtifactStore&, Log&)>;

uint8_t Declared(const OpenSink& open) {
  test::TestRun run;
  return open(run.store, run.log)->FlagsUsed();
}

/// Digests of what the sink writes.
std::vector<std::string> Written(const std::string& kind, const OpenSink& open, uint8_t flags) {
  test::TestRun run;
  test::Scan(*open(run.store, run.log), WithFlags(flags), {});
  std::vector<std::string> digests;
  const auto manifest = run.store.Find(kind, HashBytes(kind));
  if (!manifest) throw std::runtime_error("the sink has sealed nothing");
  for (const ShardRecord& shard : manifest->shards) digests.push_back(shard.digest.Hex());
  return digests;
}

void ExpectDeclaredFlagsSuffice(const std::string& kind, const OpenSink& open) {
  const uint8_t declared = Declared(open);
  ASSERT_NE(declared, 0xff) << "it looks at all: nothing to compare";
  const auto all = Written(kind, open, 0xff);
  EXPECT_EQ(Written(kind, open, declared), all);
  for (uint8_t bit = 1; bit != 8; bit = static_cast<uint8_t>(bit << 1)) {
    if ((declared & bit) == 0) continue;
    EXPECT_NE(Written(kind, open, static_cast<uint8_t>(~bit)), all)
        << "declared in vain: " << int{bit};
  }
}

TEST(FlagsUsed, Counts) {
  ExpectDeclaredFlagsSuffice("counts", [](ArtifactStore& store, Log& log) {
    std::vector<std::string> iids;
    std::vector<Sex> sexes;
    for (uint32_t s = 0; s < kPeople; ++s) {
      iids.push_back("s" + std::to_string(s));
      // Those with one copy are males, or of unknown sex.
      sexes.push_back(s % 2 != 0 ? Sex::kFemale : s % 4 == 0 ? Sex::kMale : Sex::kUnknown);
    }
    CountsSink::Setup setup;
    setup.cohort = Cohort::Build(SampleTable::Build({}, iids, sexes, ""), Pedigree::Build({}, ""));
    setup.kept.assign(kPeople, 1);
    return std::make_unique<CountsSink>(std::move(setup), store, log, Named("counts"));
  });
}

// Prune, concordance and plates pack their rows in the same way.
TEST(FlagsUsed, CallsOfKinship) {
  ExpectDeclaredFlagsSuffice("kinship_calls", [](ArtifactStore& store, Log&) {
    kinship::CallsSink::Setup setup;
    setup.n_samples = kPeople;
    return std::make_unique<kinship::CallsSink>(std::move(setup), store, Named("kinship_calls"));
  });
}

TEST(FlagsUsed, Scores) {
  ExpectDeclaredFlagsSuffice("scores", [](ArtifactStore& store, Log&) {
    const Genotypes g = Flagged();
    return test::SinkOf(store, Named("scores"), test::MatchedTo(g, test::RandomScores(g, 3)),
                        kPeople);
  });
}

}  // namespace
}  // namespace kinflow
