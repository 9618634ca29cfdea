#include <gtest/gtest.h>

#include "pipeline/base/log.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/calls_sink.h"
#include "stages/qc/counts_sink.h"
#include "tests/support/test_data.h"

namespace kinflow::kinship {
namespace {

constexpr uint32_t kPeople = 200'000;

Manifest Named(const std::string& kind) {
  Manifest manifest;
  manifest.stage = manifest.kind = kind;
  manifest.key = HashBytes(kind);
  return manifest;
}

// The formulas of bench/RESULTS.md, which tell how large a machine 200,000 people need.
TEST(ManyPeople, SinksTakeWhatIsStated) {
  ArtifactStore store{test::TempFolder()};
  Log log{"", LogLevel::kError};
  std::vector<std::string> iids;
  for (uint32_t i = 0; i < kPeople; ++i) iids.push_back("i" + std::to_string(i));
  CountsSink::Setup counts;
  counts.cohort = Cohort::Build(SampleTable::Build({}, iids, {}, ""), Pedigree::Build({}, ""));
  counts.kept.assign(kPeople, 1);
  const CountsSink counted(std::move(counts), store, log, Named("counts"));
  EXPECT_NEAR(static_cast<double>(counted.MemoryBytes()), 608.0 * kPeople, 0.01 * 608 * kPeople);

  CallsSink::Setup calls;
  calls.n_samples = kPeople;
  const CallsSink laid_out(std::move(calls), store, Named("kinship_calls"));
  EXPECT_NEAR(static_cast<double>(laid_out.MemoryBytes()), 1104.0 * kPeople, 0.01 * 1104 * kPeople);
}

TEST(ManyPeople, StripsTakeAQuarterByteACall) {
  constexpr double kVariants = 100'000, kStrip = 256 * kVariants;
  EXPECT_NEAR(static_cast<double>(StripBytes(100'000)), kStrip, 0.01 * kStrip);
  EXPECT_EQ(StripCount(kPeople), 196u);
}

}  // namespace
}  // namespace kinflow::kinship
