#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace kinflow::plates {

/// Sums of powers of the dosages of a batch (in copies).
struct DosagePowers {
  double n = 0, first = 0, second = 0, third = 0, fourth = 0;

  void Add(double dosage) {
    const double square = dosage * dosage;
    ++n;
    first += dosage;
    second += square;
    third += square * dosage;
    fourth += square * square;
  }
};

/// Imputation quality by batch: variance of the dosages over 2p(1-p), and whether batches differ.
struct InfoByBatch {
  std::vector<double> info;  // NaN: too few people or copies of the rarer allele to say
  double chi2 = std::numeric_limits<double>::quiet_NaN();
  double p = std::numeric_limits<double>::quiet_NaN();
  uint32_t df = 0;
};

/// Batches of fewer people say nothing of a variant's quality.
inline constexpr double kLeastPeopleOfBatch = 20;

/// The test is that of equal quality at frequencies of their own. A person adds to a batch's
/// quality I = V / H, with mean m, variance V and H = m (1 - m / 2),
///   ((d - m)^2 - V) / H - V (1 - m) (d - m) / H^2,
/// whose variance over all batches gives the error of each I (delta method); the weighted squares
/// of I around its mean are chi-square. Trustworthy to where the fourth moment is: p-values far
/// below those of a thousand people's tails are not.
InfoByBatch CompareInfo(const std::vector<DosagePowers>& batches);

}  // namespace kinflow::plates
