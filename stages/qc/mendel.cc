#include "stages/qc/mendel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

namespace kinflow {
namespace {

constexpr uint8_t kMissingCall = 3;
constexpr uint64_t kAllRef = 0, kAllAlt = 0xaaaaaaaaaaaaaaaau;  // 32 calls

/// A bit (the lower of two) for each of the 32 samples from `first` on whose call is not `base`'s.
uint64_t OtherCalls(const uint8_t* row, uint32_t first, uint32_t samples, uint64_t base) {
  uint64_t w;
  std::memcpy(&w, row + first / 4, sizeof w);
  w ^= base;
  w = (w | (w >> 1)) & 0x5555555555555555u;
  return samples - first >= 32 ? w : w & ((uint64_t{1} << (2 * (samples - first))) - 1);
}

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
  first_trio_.assign(samples_ + 2, 0);
  const auto members = [](const MendelTrio& t) { return std::array{t.child, t.father, t.mother}; };
  for (const MendelTrio& trio : trios_) {
    for (const uint32_t s : members(trio)) {
      if (s < samples_) ++first_trio_[s + 2];
    }
  }
  std::partial_sum(first_trio_.begin(), first_trio_.end(), first_trio_.begin());
  trios_of_.resize(first_trio_.back());
  for (uint32_t t = 0; t < trios_.size(); ++t) {
    for (const uint32_t s : members(trios_[t])) {
      if (s < samples_) trios_of_[first_trio_[s + 1]++] = t;
    }
  }
  for (uint8_t i = 0; i < 64; ++i) {
    const uint8_t child = i & 3, father = (i >> 2) & 3, mother = i >> 4;
    autosome_[i] = MendelCheck(child, father, mother, false, false);
    x_[0][i] = MendelCheck(child, father, mother, true, false);
    x_[1][i] = MendelCheck(child, father, mother, true, true);
  }
}

void MendelChecker::CheckTrio(size_t t, uint8_t flags, const Tally& tally,
                              RowResult& result) const {
  if (flags == 0) return;
  if (flags == kMendelUnchecked) {
    ++tally.trio_unchecked[t];
    --result.checked;
    return;
  }
  const auto slot = [&](uint32_t person) { return person == absent_ ? samples_ : person; };
  const MendelTrio& trio = trios_[t];
  ++result.errors;
  ++tally.trio_errors[t];
  ++tally.blamed[trio.child];
  if ((flags & kMendelFather) != 0) ++tally.blamed[slot(trio.father)];
  if ((flags & kMendelMother) != 0) ++tally.blamed[slot(trio.mother)];
}

MendelChecker::RowResult MendelChecker::CheckAll(const uint8_t* row, bool on_x, const Tally& tally,
                                                 uint8_t* calls) const {
  ExpandCalls(row, samples_, calls);
  calls[absent_] = kMissingCall;
  RowResult result;
  for (size_t t = 0; t < trios_.size(); ++t) {
    const MendelTrio& trio = trios_[t];
    const auto index =
        static_cast<uint8_t>(calls[trio.child] | calls[trio.father] << 2 | calls[trio.mother] << 4);
    CheckTrio(t, on_x ? x_[trio.male][index] : autosome_[index], tally, result);
  }
  result.checked += static_cast<uint32_t>(trios_.size());
  return result;
}

// A trio whose members all have the homozygous call `base` is no error and can be checked: only
// trios of other people are looked at, each from its first such member.
MendelChecker::RowResult MendelChecker::CheckSparse(const uint8_t* row, uint64_t base,
                                                    const Tally& tally) const {
  const auto base_call = static_cast<uint8_t>(base & 3);
  const auto call = [&](uint32_t s) -> uint8_t {
    return s < samples_ ? (row[s / 4] >> (2 * (s % 4))) & 3 : kMissingCall;
  };
  RowResult result;
  for (uint32_t first = 0; first < samples_; first += 32) {
    for (uint64_t left = OtherCalls(row, first, samples_, base); left != 0; left &= left - 1) {
      const uint32_t s = first + static_cast<uint32_t>(std::countr_zero(left)) / 2;
      for (uint32_t i = first_trio_[s]; i < first_trio_[s + 1]; ++i) {
        const MendelTrio& trio = trios_[trios_of_[i]];
        const uint8_t child = call(trio.child), father = call(trio.father);
        if (s != trio.child && child != base_call) continue;
        if (s == trio.mother && trio.father < samples_ && father != base_call) continue;
        const auto index = static_cast<uint8_t>(child | father << 2 | call(trio.mother) << 4);
        CheckTrio(trios_of_[i], autosome_[index], tally, result);
      }
    }
  }
  result.checked += static_cast<uint32_t>(trios_.size());
  return result;
}

MendelChecker::RowResult MendelChecker::CheckRow(const uint8_t* row, bool on_x,
                                                 const CallCounts& counts, const Tally& tally,
                                                 uint8_t* scratch) const {
  const uint32_t same = std::max(counts.hom_ref, counts.hom_alt);
  // A person costs about as much as six trios in order.
  if (on_x || counts.total() - same > trios_.size() / 6) return CheckAll(row, on_x, tally, scratch);
  return CheckSparse(row, same == counts.hom_ref ? kAllRef : kAllAlt, tally);
}

}  // namespace kinflow
