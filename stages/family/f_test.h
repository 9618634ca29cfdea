#pragma once

#include "stages/family/nested.h"
#include "stages/family/tails.h"

namespace kinflow::family {

inline TestResult FTest(double statistic, double df1, double df2) {
  const Tail tail = UpperF(statistic, df1, df2);
  return {statistic, df1, df2, tail.p, tail.neg_log10};
}

}  // namespace kinflow::family
