#include "stages/qc/hwe.h"

#include <cmath>
#include <limits>

namespace kinflow {
namespace {

/// A table of female genotypes and male alleles. Relative weight within all tables of the same
/// allele and sex counts: 2^het / (hom1! het! hom2! male1! male2!).
struct Genotypes {
  double hom1, het, hom2, male1, male2;

  // Ratio of the weight of the table with two hets less (more) to this one's.
  double RatioDown() const { return het * (het - 1) / (4 * (hom1 + 1) * (hom2 + 1)); }
  double RatioUp() const { return 4 * hom1 * hom2 / ((het + 1) * (het + 2)); }
  void Down() { het -= 2, hom1 += 1, hom2 += 1; }
  void Up() { het += 2, hom1 -= 1, hom2 -= 1; }
};

/// Sums weights relative to the observed table's, apart for those not more likely than it.
class Tally {
 public:
  void Add(double weight) {
    // Rounding of a few thousand products stays far below this; distinct tables differ by more.
    constexpr double kTie = 1e-8;
    if (weight > 1 + kTie) {
      likelier_ += weight;
    } else {
      tail_ += weight;
      if (weight > 1 - kTie) ties_ += weight;
    }
  }
  /// True once weights of a falling sequence can no longer change the p-value's digits.
  static bool Negligible(double weight) { return weight < 1e-18; }
  double P(bool midp) const {
    const double total = tail_ + likelier_;
    if (!std::isfinite(total)) return 0;
    return (midp ? tail_ - 0.5 * ties_ : tail_) / total;
  }

 private:
  double tail_ = 0, ties_ = 0, likelier_ = 0;
};

/// Adds all tables reached from `t` (weight `weight`, itself not added) by changing hets only.
void AddOthers(const Genotypes& t, double weight, Tally& tally) {
  Genotypes down = t;
  double w = weight;
  while (down.het > 1.5) {
    const double ratio = down.RatioDown();
    w *= ratio;
    if (ratio < 1 && Tally::Negligible(w)) break;
    tally.Add(w);
    down.Down();
  }
  Genotypes up = t;
  w = weight;
  while (up.hom1 > 0.5 && up.hom2 > 0.5) {
    const double ratio = up.RatioUp();
    w *= ratio;
    if (ratio < 1 && Tally::Negligible(w)) break;
    tally.Add(w);
    up.Up();
  }
}

/// Moves `t` to the likeliest number of hets; updates its weight.
void ToMode(Genotypes& t, double& weight) {
  while (t.het > 1.5 && t.RatioDown() > 1) {
    weight *= t.RatioDown();
    t.Down();
  }
  while (t.hom1 > 0.5 && t.hom2 > 0.5 && t.RatioUp() > 1) {
    weight *= t.RatioUp();
    t.Up();
  }
}

/// One more male with allele 1 and one fewer with allele 2; a female allele 1 becomes 2.
bool MaleUp(Genotypes& t, double& weight) {
  if (t.male2 < 0.5) return false;
  const double male = t.male2 / (t.male1 + 1);
  if (t.het > 0.5) {
    weight *= male * t.het / (2 * (t.hom2 + 1));
    t.het -= 1;
    t.hom2 += 1;
  } else if (t.hom1 > 0.5) {
    weight *= male * 2 * t.hom1 / (t.het + 1);
    t.hom1 -= 1;
    t.het += 1;
  } else {
    return false;
  }
  t.male1 += 1;
  t.male2 -= 1;
  return true;
}

Genotypes Mirror(const Genotypes& t) { return {t.hom2, t.het, t.hom1, t.male2, t.male1}; }

/// All tables with more males of allele 1 than in `t`, whose weight is given.
void AddMoreMales(Genotypes t, double weight, Tally& tally) {
  ToMode(t, weight);
  double last = weight;
  while (MaleUp(t, weight)) {
    ToMode(t, weight);
    // The largest weight of a row of tables rises and falls once with the number of males.
    if (weight < last && Tally::Negligible(weight)) break;
    last = weight;
    tally.Add(weight);
    AddOthers(t, weight, tally);
  }
}

}  // namespace

double HweP(uint32_t hets, uint32_t hom1, uint32_t hom2, bool midp) {
  Tally tally;
  tally.Add(1);
  AddOthers({static_cast<double>(hom1), static_cast<double>(hets), static_cast<double>(hom2), 0, 0},
            1, tally);
  return tally.P(midp);
}

double HweXP(uint32_t female_hets, uint32_t female_hom1, uint32_t female_hom2, uint32_t male1,
             uint32_t male2, bool midp) {
  const Genotypes observed = {static_cast<double>(female_hom1), static_cast<double>(female_hets),
                              static_cast<double>(female_hom2), static_cast<double>(male1),
                              static_cast<double>(male2)};
  Tally tally;
  tally.Add(1);
  AddOthers(observed, 1, tally);
  AddMoreMales(observed, 1, tally);
  AddMoreMales(Mirror(observed), 1, tally);
  return tally.P(midp);
}

}  // namespace kinflow
