#include "stages/scores/families/inheritance.h"

#include <algorithm>

namespace kinflow {
namespace {

constexpr size_t kPairs = 9;  // genotypes of mother x father
using PairChances = std::array<double, kPairs>;

/// Chance that a parent with g copies passes on ALT.
double Passes(const ParentAt& parent, size_t g) {
  return parent.one_copy ? static_cast<double>(std::min<size_t>(g, 1))
                         : 0.5 * static_cast<double>(g);
}

PairChances BeforeChildren(const FamilyAt& f) {
  PairChances out{};
  for (size_t i = 0; i < kPairs; ++i) out[i] = f.mother.chances[i / 3] * f.father.chances[i % 3];
  return out;
}

/// Chance of the child's genotype given those of its parents, t and u their chances to pass on ALT.
double ChanceOf(const ChildAt& child, AltOrigin origin, double t, double u) {
  if (!child.known) return 1;
  if (!child.has_paternal) return (1 - child.dosage) * (1 - t) + child.dosage * t;
  const CopyChances p = ChancesOf(child.dosage);
  const double by_mother = t * (1 - u), by_father = (1 - t) * u;
  const double het = origin == AltOrigin::kMother   ? by_mother
                     : origin == AltOrigin::kFather ? by_father
                                                    : by_mother + by_father;
  return p[0] * (1 - t) * (1 - u) + p[1] * het + p[2] * t * u;
}

double Sum(const PairChances& chances) {
  double sum = 0;
  for (const double c : chances) sum += c;
  return sum;
}

/// Chances of the parents' genotypes by all children that inform, but one. Children that contradict
/// each other or the parents say nothing.
class Posterior {
 public:
  explicit Posterior(const FamilyAt& f) : before_(BeforeChildren(f)) {
    if (f.mother.known && f.father.known) return;
    for (const ChildAt& child : f.children) {
      of_child_.emplace_back();
      for (size_t i = 0; i < kPairs; ++i) {
        of_child_.back()[i] = child.informs ? ChanceOf(child, child.origin, Passes(f.mother, i / 3),
                                                       Passes(f.father, i % 3))
                                            : 1;
      }
    }
  }
  PairChances Without(size_t left_out) const {
    PairChances out = before_;
    for (size_t c = 0; c < of_child_.size(); ++c) {
      if (c == left_out) continue;
      for (size_t i = 0; i < kPairs; ++i) out[i] *= of_child_[c][i];
    }
    return Sum(out) > 0 ? out : before_;
  }
  PairChances All() const { return Without(of_child_.size()); }

 private:
  PairChances before_;
  std::vector<PairChances> of_child_;  // empty if both parents are known: nothing to learn
};

void SolveChild(const FamilyAt& f, const PairChances& parents, ChildAt& child) {
  double all = 0, mother = 0, father = 0, by_mother = 0, by_father = 0, possible = 0;
  for (size_t i = 0; i < kPairs; ++i) {
    if (parents[i] == 0) continue;
    const double t = Passes(f.mother, i / 3), u = Passes(f.father, i % 3);
    all += parents[i];
    mother += parents[i] * t;
    father += parents[i] * u;
    by_mother += parents[i] * t * (1 - u);
    by_father += parents[i] * (1 - t) * u;
    possible += parents[i] * ChanceOf(child, AltOrigin::kUnknown, t, u);
  }
  child.impossible = possible <= 0;
  if (!child.known) {
    child.from_mother = mother / all;
    child.from_father = child.has_paternal ? father / all : 0;
    return;
  }
  if (!child.has_paternal) {
    child.from_mother = child.dosage;
    child.from_father = 0;
    return;
  }
  const double het = by_mother + by_father;
  child.maternal = het > 0 ? by_mother / het : 0.5;
  const double of_mother = child.origin == AltOrigin::kMother   ? 1
                           : child.origin == AltOrigin::kFather ? 0
                                                                : child.maternal;
  const CopyChances p = ChancesOf(child.dosage);
  child.from_mother = p[2] + p[1] * of_mother;
  child.from_father = child.dosage - child.from_mother;
}

}  // namespace

CopyChances ChancesOf(double dosage) {
  const double d = std::clamp(dosage, 0.0, 2.0);
  return d <= 1 ? CopyChances{1 - d, d, 0} : CopyChances{0, 2 - d, d - 1};
}

CopyChances HardyWeinberg(double f) { return {(1 - f) * (1 - f), 2 * f * (1 - f), f * f}; }

void SolveFamily(FamilyAt& family) {
  const Posterior posterior(family);
  for (size_t c = 0; c < family.children.size(); ++c) {
    SolveChild(family, posterior.Without(c), family.children[c]);
  }
  family.of_mother = family.mother.dosage;
  family.of_father = family.father.dosage;
  family.left_mother = family.left_father = 0;
  if (family.mother.known && family.father.known) return;
  const PairChances all = posterior.All();
  double mother = 0, father = 0, mother2 = 0, father2 = 0;  // sums of copies, and of squares
  for (size_t i = 0; i < kPairs; ++i) {
    const auto m = static_cast<double>(i / 3), f = static_cast<double>(i % 3);
    mother += all[i] * m;
    father += all[i] * f;
    mother2 += all[i] * m * m;
    father2 += all[i] * f * f;
  }
  const auto left = [&all](double squares, double mean) {
    return std::max(0.0, squares / Sum(all) - mean * mean);
  };
  if (!family.mother.known) {
    family.of_mother = mother / Sum(all);
    family.left_mother = left(mother2, family.of_mother);
  }
  if (!family.father.known) {
    family.of_father = father / Sum(all);
    family.left_father = left(father2, family.of_father);
  }
}

}  // namespace kinflow
