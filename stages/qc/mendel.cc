#include "stages/qc/mendel.h"

namespace kinflow {
namespace {

constexpr uint8_t kMissingCall = 3;

bool Opposite(uint8_t a, uint8_t b) { return (a == 0 && b == 2) || (a == 2 && b == 0); }

}  // namespace

uint8_t MendelCheck(uint8_t child, uint8_t father, uint8_t mother, bool on_x, bool child_is_male) {
  if (on_x) {
    if (father == 1 || child_is_male) father = kMissingCall;
    if (child_is_male && child == 1) child = kMissingCall;
  }
  if (child == kMissingCall || (father == kMissingCall && mother == kMissingCall)) {
    return kMendelUnchecked;
  }
  if (child == 1) {
    const bool alike = father == mother && (father == 0 || father == 2);
    return alike ? kMendelChild | kMendelFather | kMendelMother : 0;
  }
  const bool with_father = Opposite(child, father), with_mother = Opposite(child, mother);
  if (with_father && with_mother) return kMendelChild;
  if (with_father) return kMendelChild | kMendelFather;
  if (with_mother) return kMendelChild | kMendelMother;
  return 0;
}

MendelChecker::MendelChecker(const Cohort& cohort, std::span<const uint8_t> kept, bool duos)
    : samples_(cohort.samples->size()), absent_((samples_ + 255) / 256 * 256) {
  const auto present = [&](uint32_t s) { return s != SampleTable::kAbsent && kept[s] != 0; };
  for (uint32_t i = 0; i < cohort.trios.size(); ++i) {
    const Trio& trio = cohort.trios[i];
    const bool father = present(trio.father), mother = present(trio.mother);
    if (!present(trio.child) || !(duos ? father || mother : father && mother)) continue;
    trios_.push_back({trio.child, father ? trio.father : absent_, mother ? trio.mother : absent_,
                      cohort.sexes[trio.child] == Sex::kMale, i});
  }
  for (uint8_t i = 0; i < 64; ++i) {
    const uint8_t child = i & 3, father = (i >> 2) & 3, mother = i >> 4;
    autosome_[i] = MendelCheck(child, father, mother, false, false);
    x_[0][i] = MendelCheck(child, father, mother, true, false);
    x_[1][i] = MendelCheck(child, father, mother, true, true);
  }
}

MendelChecker::RowResult MendelChecker::CheckRow(uint8_t* calls, bool on_x, uint32_t* trio_errors,
                                                 uint32_t* unchecked, uint32_t* blamed) const {
  calls[absent_] = kMissingCall;
  const auto slot = [&](uint32_t person) { return person == absent_ ? samples_ : person; };
  RowResult result;
  for (size_t t = 0; t < trios_.size(); ++t) {
    const MendelTrio& trio = trios_[t];
    const auto index =
        static_cast<uint8_t>(calls[trio.child] | calls[trio.father] << 2 | calls[trio.mother] << 4);
    const uint8_t flags = on_x ? x_[trio.male][index] : autosome_[index];
    if (flags == 0) continue;
    if (flags == kMendelUnchecked) {
      ++unchecked[t];
      --result.checked;
      continue;
    }
    ++result.errors;
    ++trio_errors[t];
    ++blamed[trio.child];
    if ((flags & kMendelFather) != 0) ++blamed[slot(trio.father)];
    if ((flags & kMendelMother) != 0) ++blamed[slot(trio.mother)];
  }
  result.checked += static_cast<uint32_t>(trios_.size());
  return result;
}

}  // namespace kinflow
