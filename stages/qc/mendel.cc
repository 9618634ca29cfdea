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
};

Outcome Check(const Genotypes& child, const Genotypes& father, const Genotypes& mother) {
  const uint64_t against_father = (child.ref & father.alt) | (child.alt & father.ref);
  const uint64_t against_mother = (child.ref & mother.alt) | (child.alt & mother.ref);
  const uint64_t het = child.het & ((father.ref & mother.ref) | (father.alt & mother.alt));
  return {child.missing | (father.missing & mother.missing), against_father | against_mother | het,
          (against_father & ~against_mother) | het, (against_mother & ~against_father) | het};
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

void Blame(const MendelTrio& trio, const Outcome& found, uint32_t* blamed) {
  blamed[trio.child] += Ones(found.error);
  blamed[trio.father] += Ones(found.father);
  blamed[trio.mother] += Ones(found.mother);
}

constexpr size_t kTriosAtOnce = 255;
using RowCounts = std::array<uint32_t, CallPlanes::kMaxRows>;

}  // namespace

MendelChecker::MendelChecker(const Cohort& cohort, std::span<const uint8_t> kept, bool duos,
                             MendelRules rules)
    : rules_(rules), samples_(cohort.samples->size()) {
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

void MendelChecker::CheckRows(std::span<const uint8_t* const> rows, Inheritance how,
                              const Tally& tally, CallPlanes& planes,
                              std::span<RowResult> results) const {
  planes.Fill(rows);
  const uint64_t used = ~uint64_t{0} >> (CallPlanes::kMaxRows - rows.size());
  RowCounts errors{}, unchecked{};
  for (size_t begin = 0; begin < trios_.size(); begin += kTriosAtOnce) {
    const size_t n = std::min(kTriosAtOnce, trios_.size() - begin);
    std::array<uint64_t, kTriosAtOnce + 1> error_words, unchecked_words;  // one of slack
    uint64_t any_error = 0;
    for (size_t i = 0; i < n; ++i) {
      const Outcome found = CheckTrio(trios_[begin + i], how, rules_, planes);
      unchecked_words[i] = found.unchecked & used;
      error_words[i] = found.error;
      any_error |= found.error;
      if (found.error != 0) Blame(trios_[begin + i], found, tally.blamed);
    }
    AddBitCounts(std::span(unchecked_words).first(n), tally.trio_unchecked + begin,
                 unchecked.data());
    if (any_error == 0) continue;
    AddBitCounts(std::span(error_words).first(n), tally.trio_errors + begin, errors.data());
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    results[r] = {errors[r], static_cast<uint32_t>(trios_.size()) - unchecked[r]};
  }
}

}  // namespace kinflow
