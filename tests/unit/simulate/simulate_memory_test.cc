// Peak memory of a large cohort does not depend on the number of variants.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/base/file.h"
#include "tests/support/test_data.h"
#include "tests/unit/simulate/simulate_support.h"

namespace kinflow::test {
namespace {

// Peak resident set of a process that simulates 25,000 trios, in MiB.
double PeakOf(SimulateFormat format, uint64_t variants) {
  const std::string folder = TempFolder();
  const pid_t child = ::fork();
  if (child == 0) {  // no task has run yet in this process: a fresh start for TBB
    SimulateOptions o;
    o.trios = 25000;
    o.variants = variants;
    o.format = format;
    o.threads = 2;
    o.out = folder + "/a";
    int status = 0;
    try {
      RunSimulate(o);
    } catch (...) {
      status = 1;
    }
    ::_exit(status);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  RemoveTree(folder);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

TEST(SimulateMemory, HardCallsOf25000TriosNeedTheSameForAnyNumberOfVariants) {
  const double small = PeakOf(SimulateFormat::kBed, 1000);
  const double medium = PeakOf(SimulateFormat::kBed, 10000);
  const double large = PeakOf(SimulateFormat::kBed, 30000);
  EXPECT_LT(medium, 1.1 * small);
  EXPECT_LT(large, 1.1 * small);
  EXPECT_LT(large, 2048);
  RecordProperty("peak_mib", static_cast<int>(large));
}

TEST(SimulateMemory, DosagesOf25000TriosNeedTheSameForAnyNumberOfVariants) {
  const double small = PeakOf(SimulateFormat::kVcf, 1000);
  const double large = PeakOf(SimulateFormat::kVcf, 3000);
  EXPECT_LT(large, 1.1 * small);
  EXPECT_LT(large, 2048);
  RecordProperty("peak_mib", static_cast<int>(large));
}

}  // namespace
}  // namespace kinflow::test
