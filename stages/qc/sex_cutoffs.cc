#include "stages/qc/sex_cutoffs.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinflow {
namespace {

/// Size of the lower group of sorted values by Otsu's criterion.
size_t LowerGroup(const std::vector<double>& sorted) {
  double total = 0;
  for (const double x : sorted) total += x;
  const auto n = static_cast<double>(sorted.size());
  double below = 0, best = -1;
  size_t split = 0;
  for (size_t k = 1; k < sorted.size(); ++k) {
    below += sorted[k - 1];
    const auto n_below = static_cast<double>(k);
    const double distance = below / n_below - (total - below) / (n - n_below);
    const double between = n_below * (n - n_below) * distance * distance;
    if (between > best) {
      best = between;
      split = k;
    }
  }
  return split;
}

double InHundredths(double cut) { return std::round(cut * 100) / 100; }

}  // namespace

SexCutoffs CutoffsFromGap(std::vector<double> x_f) {
  std::erase_if(x_f, [](double x) { return std::isnan(x); });
  std::sort(x_f.begin(), x_f.end());
  const size_t split = LowerGroup(x_f);
  if (split == 0) return {};
  const size_t female = split / 2, male = split + (x_f.size() - split) / 2;
  if (!(x_f[female] < 0.5 && x_f[male] > 0.5)) return {};
  size_t widest = female;
  for (size_t i = female; i < male; ++i) {
    if (x_f[i + 1] - x_f[i] > x_f[widest + 1] - x_f[widest]) widest = i;
  }
  const double middle = (x_f[widest] + x_f[widest + 1]) / 2;
  const double rounded = InHundredths(middle);
  const bool between = rounded > x_f[widest] && rounded < x_f[widest + 1];
  const double cut = between ? rounded : middle;
  return {cut, cut};
}

Table WithoutNarrowCutoffs(const Table& ledger) {
  const auto& filters = ledger.StringsOf("FILTER");
  Table::Doubles thresholds = ledger.DoublesOf("THRESHOLD");
  for (size_t row = 0; row < thresholds.size(); ++row) {
    const bool sex =
        filters[row] == kSex || filters[row] == kSexFemaleMax || filters[row] == kSexMaleMin;
    if (sex && thresholds[row] != InHundredths(thresholds[row])) {
      thresholds[row] = std::numeric_limits<double>::quiet_NaN();
    }
  }
  Table out;
  for (size_t c = 0; c < ledger.columns(); ++c) {
    out.Add(ledger.name(c), ledger.name(c) == "THRESHOLD" ? thresholds : ledger.column(c));
  }
  return out;
}

SexCutoffs CutoffsOf(const std::vector<SampleFacts>& facts, const QcOptions& options) {
  if (options.sex_cutoffs_given()) return {options.sex_female_max, options.sex_male_min};
  std::vector<double> x_f;
  for (const SampleFacts& f : facts) x_f.push_back(f.x_f);
  return CutoffsFromGap(std::move(x_f));
}

void InferSexes(const QcOptions& options, std::vector<SampleFacts>& facts) {
  if (options.sex_check == QcOptions::SexCheck::kOff) return;
  const SexCutoffs cut = CutoffsOf(facts, options);
  for (SampleFacts& f : facts) {
    if (f.x_f < cut.female_max) f.inferred = Sex::kFemale;
    if (f.x_f > cut.male_min) f.inferred = Sex::kMale;
  }
}

}  // namespace kinflow
