#include "stages/qc/mendel.h"

#include <bit>

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

uint32_t Ones(uint64_t bits) { return static_cast<uint32_t>(std::popcount(bits)); }

}  // namespace

MendelChecker::MendelChecker(const Cohort& cohort, std::span<const uint8_t> kept, bool duos)
    : samples_(cohort.samples->size()) {
  const auto present = [&](uint32_t s) { return s != SampleTable::kAbsent && kept[s] != 0; };
  for (uint32_t i = 0; i < cohort.trios.size(); ++i) {
    const Trio& trio = cohort.trios[i];
    const bool father = present(trio.father), mother = present(trio.mother);
    if (!present(trio.child) || !(duos ? father || mother : father && mother)) continue;
    trios_.push_back({trio.child, father ? trio.father : samples_, mother ? trio.mother : samples_,
                      cohort.sexes[trio.child] == Sex::kMale, i});
  }
}

void MendelChecker::CheckRows(std::span<const uint8_t* const> rows, bool on_x, const Tally& tally,
                              CallPlanes& planes, std::span<RowResult> results) const {
  planes.Fill(rows);
  const uint64_t used = ~uint64_t{0} >> (CallPlanes::kMaxRows - rows.size());
  for (RowResult& row : results) row = {0, static_cast<uint32_t>(trios_.size())};
  for (size_t t = 0; t < trios_.size(); ++t) {
    const MendelTrio& trio = trios_[t];
    Genotypes child(planes.At(trio.child)), father(planes.At(trio.father)),
        mother(planes.At(trio.mother));
    if (on_x) {
      father.HetToMissing();
      if (trio.male) {
        father.AllMissing();
        child.HetToMissing();
      }
    }
    const Outcome found = Check(child, father, mother);
    const uint64_t unchecked = found.unchecked & used;
    if ((unchecked | found.error) == 0) continue;
    uint32_t n_unchecked = 0;
    for (uint64_t left = unchecked; left != 0; left &= left - 1, ++n_unchecked) {
      --results[static_cast<size_t>(std::countr_zero(left))].checked;
    }
    tally.trio_unchecked[t] += n_unchecked;
    if (found.error == 0) continue;
    tally.trio_errors[t] += Ones(found.error);
    tally.blamed[trio.child] += Ones(found.error);
    tally.blamed[trio.father] += Ones(found.father);
    tally.blamed[trio.mother] += Ones(found.mother);
    for (uint64_t left = found.error; left != 0; left &= left - 1) {
      ++results[static_cast<size_t>(std::countr_zero(left))].errors;
    }
  }
}

}  // namespace kinflow
