#include "stages/qc/mendel.h"

#include <algorithm>
#include <array>
#include <bit>

#include "pipeline/kernels/bit_counts.h"

namespace kinflow {
namespace {

/// Calls of one person; a bit a variant.
struct Genotypes {
  explicit Genotypes(CallPlanes::Call c)
      : ref(~(c.low | c.high)),
        het(c.low & ~c.high),
        alt(c.high & ~c.low),
        missing(c.low & c.high) {}
  void HetToMissing() {
    missing |= het;
    het = 0;
  }
  void AllMissing() {
    missing = ~uint64_t{0};
    ref = het = alt = 0;
  }
  uint64_t ref, het, alt, missing;
};

struct Outcome {
  uint64_t unchecked, error, father, mother;  // the last two: blamed beside the child
  uint64_t partial;                           // somebody's call is missing
};

Outcome Check(const Genotypes& child, const Genotypes& father, const Genotypes& mother) {
  const uint64_t against_father = (child.ref & father.alt) | (child.alt & father.ref);
  const uint64_t against_mother = (child.ref & mother.alt) | (child.alt & mother.ref);
  const uint64_t het = child.het & ((father.ref & mother.ref) | (father.alt & mother.alt));
  return {child.missing | (father.missing & mother.missing), against_father | against_mother | het,
          (against_father & ~against_mother) | het, (against_mother & ~against_father) | het,
          child.missing | father.missing | mother.missing};
}

/// What hail compares of a trio.
void ByHail(const MendelTrio& trio, Inheritance how, Genotypes& child, Genotypes& father,
            Genotypes& mother) {
  if (how == Inheritance::kBothParents || trio.female) return;
  if (trio.male) {
    (how == Inheritance::kX ? father : mother).AllMissing();
    child.HetToMissing();
  } else {
    child.AllMissing();
  }
}

Outcome CheckTrio(const MendelTrio& trio, Inheritance how, MendelRules rules,
                  const CallPlanes& planes) {
  Genotypes child(planes.At(trio.child)), father(planes.At(trio.father)),
      mother(planes.At(trio.mother));
  if (rules == MendelRules::kHail) {
    ByHail(trio, how, child, father, mother);
  } else if (how == Inheritance::kX) {
    father.HetToMissing();
    if (trio.male) {
      father.AllMissing();
      child.HetToMissing();
    }
  }
  return Check(child, father, mother);
}

uint32_t Ones(uint64_t bits) { return static_cast<uint32_t>(std::popcount(bits)); }

using BlamedCalls = MendelChecker::BlamedCalls;

void Blame(const MendelTrio& trio, const Outcome& found, std::vector<BlamedCalls>& blamed) {
  blamed.push_back({trio.child, found.error});
  if (found.father != 0) blamed.push_back({trio.father, found.father});
  if (found.mother != 0) blamed.push_back({trio.mother, found.mother});
}

/// Each person once, though blamed with several children.
void JoinBySample(std::vector<BlamedCalls>& blamed) {
  std::sort(blamed.begin(), blamed.end(),
            [](const BlamedCalls& a, const BlamedCalls& b) { return a.sample < b.sample; });
  size_t n = 0;
  for (const BlamedCalls& calls : blamed) {
    if (n > 0 && blamed[n - 1].sample == calls.sample) {
      blamed[n - 1].rows |= calls.rows;
    } else {
      blamed[n++] = calls;
    }
  }
  blamed.resize(n);
}

/// Detection on up to 64 rows, with its sums over those where it is told.
class DetectionOfRows {
 public:
  explicit DetectionOfRows(std::span<const MendelDetection> rows) : rows_(rows) {
    for (size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].trio == 0) continue;
      told_ |= uint64_t{1} << r;
      trio_ += rows[r].trio;
      duo_ += rows[r].duo;
      ++rows_told_;
    }
  }

  void AddTo(MendelChecker::Exposure& exposure, const Outcome& found, bool both_parents) const {
    if (told_ == 0) return;
    const uint64_t unchecked = found.unchecked & told_;
    exposure.checked += rows_told_;
    exposure.detection += both_parents ? trio_ : duo_;
    if (unchecked != 0) exposure.checked -= Ones(unchecked);
    if (found.error != 0) exposure.errors += Ones(found.error & told_);
    for (uint64_t left = both_parents ? found.partial & told_ : unchecked; left != 0;
         left &= left - 1) {
      const MendelDetection& row = rows_[static_cast<size_t>(std::countr_zero(left))];
      exposure.detection -= both_parents ? row.trio : row.duo;
      if (both_parents && (unchecked & left & -left) == 0) exposure.detection += row.duo;
    }
  }

 private:
  std::span<const MendelDetection> rows_;
  uint64_t told_ = 0, trio_ = 0, duo_ = 0;
  uint32_t rows_told_ = 0;
};

constexpr size_t kTriosAtOnce = 255;
using RowCounts = std::array<uint32_t, CallPlanes::kMaxRows>;

}  // namespace

MendelChecker::MendelChecker(const Cohort& cohort, std::span<const uint8_t> kept, bool duos,
                             MendelRules rules, Pseudoautosomal par_of_y)
    : rules_(rules), par_of_y_(par_of_y), samples_(cohort.samples->size()) {
  duos = duos && rules == MendelRules::kPlink;
  const auto present = [&](uint32_t s) { return s != SampleTable::kAbsent && kept[s] != 0; };
  for (uint32_t i = 0; i < cohort.trios.size(); ++i) {
    const Trio& trio = cohort.trios[i];
    const bool father = present(trio.father), mother = present(trio.mother);
    if (!present(trio.child) || !(duos ? father || mother : father && mother)) continue;
    trios_.push_back({trio.child, father ? trio.father : samples_, mother ? trio.mother : samples_,
                      cohort.sexes[trio.child] == Sex::kMale,
                      cohort.sexes[trio.child] == Sex::kFemale, i});
  }
}

std::optional<Inheritance> MendelChecker::InheritanceOf(ChromClass chrom, uint32_t pos) const {
  switch (chrom) {
    case ChromClass::kAutosome:
      return Inheritance::kBothParents;
    case ChromClass::kX:
      return Inheritance::kX;
    case ChromClass::kY:
      if (rules_ == MendelRules::kPlink) return std::nullopt;
      return par_of_y_.Contains(pos) ? Inheritance::kBothParents : Inheritance::kY;
    default:
      return std::nullopt;
  }
}

std::vector<BlamedCalls> MendelChecker::Blamed(std::span<const uint8_t* const> rows,
                                               Inheritance how, CallPlanes& planes) const {
  planes.Fill(rows);
  std::vector<BlamedCalls> blamed;
  for (const MendelTrio& trio : trios_) {
    const Outcome found = CheckTrio(trio, how, rules_, planes);
    if (found.error != 0) Blame(trio, found, blamed);
  }
  JoinBySample(blamed);
  return blamed;
}

void MendelChecker::CheckRows(std::span<const uint8_t* const> rows, Inheritance how,
                              std::span<const MendelDetection> detection, const Tally& tally,
                              CallPlanes& planes, std::span<RowResult> results) const {
  planes.Fill(rows);
  const DetectionOfRows detection_of_rows(detection);
  const uint64_t used = ~uint64_t{0} >> (CallPlanes::kMaxRows - rows.size());
  RowCounts errors{}, unchecked{}, blamed{};
  std::vector<BlamedCalls> blamed_calls;
  for (size_t begin = 0; begin < trios_.size(); begin += kTriosAtOnce) {
    const size_t n = std::min(kTriosAtOnce, trios_.size() - begin);
    std::array<uint64_t, kTriosAtOnce + 1> error_words, unchecked_words;  // one of slack
    uint64_t any_error = 0;
    for (size_t i = 0; i < n; ++i) {
      const MendelTrio& trio = trios_[begin + i];
      const Outcome found = CheckTrio(trio, how, rules_, planes);
      unchecked_words[i] = found.unchecked & used;
      error_words[i] = found.error;
      any_error |= found.error;
      if (found.error != 0) {
        tally.blamed[trio.child] += Ones(found.error);
        tally.blamed[trio.father] += Ones(found.father);
        tally.blamed[trio.mother] += Ones(found.mother);
        Blame(trio, found, blamed_calls);
      }
      detection_of_rows.AddTo(tally.exposures[begin + i], found,
                              trio.father != samples_ && trio.mother != samples_);
    }
    AddBitCounts(std::span(unchecked_words).first(n), tally.trio_unchecked + begin,
                 unchecked.data());
    if (any_error == 0) continue;
    AddBitCounts(std::span(error_words).first(n), tally.trio_errors + begin, errors.data());
  }
  JoinBySample(blamed_calls);
  for (const BlamedCalls& calls : blamed_calls) {
    tally.blamed_calls[calls.sample] += Ones(calls.rows);
    for (uint64_t left = calls.rows; left != 0; left &= left - 1) ++blamed[std::countr_zero(left)];
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    results[r] = {errors[r], static_cast<uint32_t>(trios_.size()) - unchecked[r], blamed[r]};
  }
}

}  // namespace kinflow
