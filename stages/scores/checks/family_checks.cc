#include "stages/scores/checks/family_checks.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "pipeline/base/nan.h"
#include "stages/family/tails.h"

namespace kinflow {
namespace {

constexpr double kSlopeTolerance = 0.05, kWarningP = 1e-4, kNoticeP = 0.01;

struct Pairs {
  std::vector<double> x, y;
};

/// Means, sums of squares and products about them.
struct Moments {
  double n = 0, mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;

  explicit Moments(const Pairs& pairs) : n(static_cast<double>(pairs.x.size())) {
    for (const double v : pairs.x) mean_x += v / n;
    for (const double v : pairs.y) mean_y += v / n;
    for (size_t i = 0; i < pairs.x.size(); ++i) {
      const double a = pairs.x[i] - mean_x, b = pairs.y[i] - mean_y;
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
  }
  /// Enough families, and values that differ by more than rounding.
  bool Usable() const {
    return n >= 3 && xx > 1e-24 * n * mean_x * mean_x && yy > 1e-24 * n * mean_y * mean_y;
  }
};

/// Who is compared, the same for all scores.
struct Families {
  std::vector<std::pair<uint32_t, uint32_t>> couples;  // mother and father, distinct
  /// Trios of genotyped people in pedigree order, and the pregnancy of each: one child of it
  /// counts.
  std::vector<const Trio*> trios;
  std::vector<uint32_t> pregnancy;
  uint32_t pregnancies = 0;

  explicit Families(const Cohort& cohort) {
    std::set<std::pair<uint32_t, uint32_t>> seen;
    std::map<std::pair<uint32_t, std::string>, uint32_t> known;
    for (const Trio& trio : cohort.trios) {
      if (trio.mother == SampleTable::kAbsent || trio.father == SampleTable::kAbsent) continue;
      if (seen.emplace(trio.mother, trio.father).second) {
        couples.emplace_back(trio.mother, trio.father);
      }
      if (trio.child == SampleTable::kAbsent) continue;
      trios.push_back(&trio);
      const std::string& name = cohort.pedigree.people()[trio.person].pregnancy;
      const bool own = name.empty();  // nothing tells twins
      pregnancy.push_back(
          own ? pregnancies
              : known.emplace(std::pair(trio.mother, name), pregnancies).first->second);
      pregnancies += pregnancy.back() == pregnancies;
    }
  }
};

Pairs Couples(const Families& families, const std::vector<double>& values) {
  Pairs pairs;
  for (const auto& [mother, father] : families.couples) {
    if (std::isnan(values[mother]) || std::isnan(values[father])) continue;
    pairs.x.push_back(values[mother]);
    pairs.y.push_back(values[father]);
  }
  return pairs;
}

/// Mid-parent and child.
Pairs Trios(const Families& families, const std::vector<double>& values) {
  Pairs pairs;
  std::vector<bool> seen(families.pregnancies, false);
  for (size_t i = 0; i < families.trios.size(); ++i) {
    const Trio& trio = *families.trios[i];
    const double mother = values[trio.mother], father = values[trio.father];
    const double child = values[trio.child];
    if (std::isnan(mother) || std::isnan(father) || std::isnan(child)) continue;
    if (seen[families.pregnancy[i]]) continue;
    seen[families.pregnancy[i]] = true;
    pairs.x.push_back((mother + father) / 2);
    pairs.y.push_back(child);
  }
  return pairs;
}

FamilyCheck Unknown(const std::string& score, const char* check, const Pairs& pairs,
                    double expected) {
  return {score, check, static_cast<int64_t>(pairs.x.size()), kNan, kNan, kNan, expected, "NA"};
}

FamilyCheck SpouseCorrelation(const std::string& score, const Pairs& couples) {
  FamilyCheck out = Unknown(score, "spouse_correlation", couples, 0);
  const Moments m(couples);
  if (!m.Usable()) return out;
  out.estimate = m.xy / std::sqrt(m.xx * m.yy);
  out.df = m.n - 2;
  out.se = std::sqrt((1 - out.estimate * out.estimate) / out.df);
  out.status = "ok";
  return out;
}

/// Of one of so many scores.
const char* SlopeStatus(const FamilyCheck& slope, size_t scores) {
  const double off = slope.estimate - slope.expected;
  if (std::abs(off) <= kSlopeTolerance) return "ok";
  const double p = family::TwoSidedT(off / slope.se, slope.df).p;
  if (p < kWarningP) return "warning";
  return p < kNoticeP / static_cast<double>(scores) ? "notice" : "ok";
}

FamilyCheck MidparentSlope(const std::string& score, const Pairs& trios, size_t scores) {
  FamilyCheck out = Unknown(score, "midparent_slope", trios, 1);
  const Moments m(trios);
  if (!m.Usable()) return out;
  out.estimate = m.xy / m.xx;
  double rss = 0;
  for (size_t i = 0; i < trios.x.size(); ++i) {
    const double e = trios.y[i] - m.mean_y - out.estimate * (trios.x[i] - m.mean_x);
    rss += e * e;
  }
  out.df = m.n - 2;
  out.se = std::sqrt(rss / out.df / m.xx);
  out.status = SlopeStatus(out, scores);
  return out;
}

FamilyCheck ChildMinusMidparent(const std::string& score, const Pairs& trios) {
  FamilyCheck out = Unknown(score, "child_minus_midparent", trios, 0);
  const Moments m(trios);
  if (!m.Usable()) return out;
  Pairs deviations;
  deviations.x = deviations.y = trios.y;
  for (size_t i = 0; i < trios.x.size(); ++i) deviations.x[i] -= trios.x[i];
  const Moments d(deviations);
  const double sd_midparent = std::sqrt(m.xx / (m.n - 1));
  out.estimate = d.mean_x / sd_midparent;
  out.df = m.n - 1;
  out.se = std::sqrt(d.xx / out.df / m.n) / sd_midparent;
  out.status = "ok";
  return out;
}

}  // namespace

std::vector<FamilyCheck> CheckFamilies(const Cohort& cohort, const CheckedScores& scores,
                                       uint64_t group_bytes) {
  const Families families(cohort);
  const size_t all = scores.names.size(), bytes = sizeof(double) * cohort.samples->size();
  const size_t together = std::max<size_t>(1, group_bytes / std::max<size_t>(1, bytes));
  std::vector<FamilyCheck> checks(3 * all);
  std::vector<std::vector<double>> values;
  for (size_t first = 0; first < all; first += together) {
    values.clear();
    const size_t end = std::min(all, first + together);
    for (size_t s = first; s < end; ++s) values.push_back(scores.read(s));
    oneapi::tbb::parallel_for(first, end, [&](size_t s) {
      const std::string& name = scores.names[s];
      const std::vector<double>& own = values[s - first];
      const Pairs trios = Trios(families, own);
      checks[3 * s] = SpouseCorrelation(name, Couples(families, own));
      checks[3 * s + 1] = MidparentSlope(name, trios, all);
      checks[3 * s + 2] = ChildMinusMidparent(name, trios);
    });
  }
  return checks;
}

Table FamilyChecksTable(const std::vector<FamilyCheck>& checks) {
  Table::Strings score, check, status;
  Table::Ints n;
  Table::Doubles estimate, se, expected, t, df, p, neg_log10_p;
  for (const FamilyCheck& c : checks) {
    const double statistic = (c.estimate - c.expected) / c.se;
    const family::Tail tail = family::TwoSidedT(statistic, c.df);
    score.push_back(c.score);
    check.push_back(c.check);
    n.push_back(c.n);
    estimate.push_back(c.estimate);
    se.push_back(c.se);
    expected.push_back(c.expected);
    t.push_back(statistic);
    df.push_back(c.df);
    p.push_back(tail.p);
    neg_log10_p.push_back(tail.neg_log10);
    status.push_back(c.status);
  }
  Table table;
  table.Add("SCORE", std::move(score));
  table.Add("CHECK", std::move(check));
  table.Add("N", std::move(n));
  table.Add("ESTIMATE", std::move(estimate));
  table.Add("SE", std::move(se));
  table.Add("EXPECTED", std::move(expected));
  table.Add("T", std::move(t));
  table.Add("DF", std::move(df));
  table.Add("P", std::move(p));
  table.Add("NEG_LOG10_P", std::move(neg_log10_p));
  table.Add("STATUS", std::move(status));
  return table;
}

std::vector<std::string> FamilyCheckWarnings(const std::vector<FamilyCheck>& checks) {
  std::vector<std::string> warnings;
  for (const FamilyCheck& c : checks) {
    if (c.status != "warning" && c.status != "notice") continue;
    warnings.push_back(fmt::format(
        "score {}: children follow their mid-parent with slope {:.3f} (SE {:.3f}, {} trios) "
        "instead of 1{}: swapped samples, wrong parents, or a batch or imputation that differs "
        "between parents and children; see families.tsv and pairs of the QC",
        c.score, c.estimate, c.se, c.n, c.status == "notice" ? " (perhaps by chance)" : ""));
  }
  return warnings;
}

}  // namespace kinflow
