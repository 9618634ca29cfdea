#include "stages/plates/batch_info.h"

#include <algorithm>

#include "stages/family/tails.h"
#include "stages/report/variants_disclosure.h"

namespace kinflow::plates {
namespace {

struct Quality {
  double info = 0, person_variance = 0;  // of what one person adds
};

Quality QualityOf(const DosagePowers& powers) {
  const double m = powers.first / powers.n, second = powers.second / powers.n;
  const double third = powers.third / powers.n, fourth = powers.fourth / powers.n;
  const double v = second - m * m, h = m * (1 - m / 2);
  const double m3 = third - 3 * m * second + 2 * m * m * m;
  const double m4 = fourth - 4 * m * third + 6 * m * m * second - 3 * m * m * m * m;
  const double slope = v * (1 - m) / (h * h);
  return {v / h, (m4 - v * v) / (h * h) - 2 * slope * m3 / h + slope * slope * v};
}

bool CanTell(const DosagePowers& powers) {
  return powers.n >= kLeastPeopleOfBatch &&
         std::min(powers.first, 2 * powers.n - powers.first) >= kMinMinorAlleleCount;
}

}  // namespace

InfoByBatch CompareInfo(const std::vector<DosagePowers>& batches) {
  InfoByBatch result;
  double n = 0, mean = 0, variance = 0;
  for (const DosagePowers& powers : batches) {
    result.info.push_back(std::numeric_limits<double>::quiet_NaN());
    if (!CanTell(powers)) continue;
    const Quality quality = QualityOf(powers);
    result.info.back() = quality.info;
    n += powers.n;
    mean += powers.n * quality.info;
    variance += powers.n * quality.person_variance;
    ++result.df;
  }
  if (result.df > 0) --result.df;
  if (result.df == 0 || !(variance > 0)) return result;
  mean /= n;
  variance /= n;
  result.chi2 = 0;
  for (size_t b = 0; b < batches.size(); ++b) {
    const double off = result.info[b] - mean;
    if (off == off) result.chi2 += batches[b].n * off * off / variance;
  }
  result.p = family::UpperChi2(result.chi2, result.df).p;
  return result;
}

}  // namespace kinflow::plates
