#include "stages/qc/mendel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "pipeline/kernels/bit_counts.h"

namespace kinflow {
namespace {

void HetToMissing(CallPlanes::Call& call) { call.high |= call.low; }
void AllMissing(CallPlanes::Call& call) { call.low = call.high = ~uint64_t{0}; }

/// Calls of a trio on X or Y; those that are not compared are missing.
struct ComparedCalls {
  ComparedCalls(const MendelTrio& trio, const CallPlanes& planes)
      : child(planes.At(trio.child)),
        father(planes.At(trio.father)),
        mother(planes.At(trio.mother)) {}

  void ByHail(const MendelTrio& trio, Inheritance how) {
    if (trio.female) return;
    if (!trio.male) return AllMissing(child);
    AllMissing(how == Inheritance::kX ? father : mother);
    HetToMissing(child);
  }
  void ByPlink(const MendelTrio& trio, Inheritance how) {
    if (how != Inheritance::kX) return;
    HetToMissing(father);
    if (!trio.male) return;
    AllMissing(father);
    HetToMissing(child);
  }

  CallPlanes::Call child, father, mother;
};

uint32_t Ones(uint64_t bits) { return static_cast<uint32_t>(std::popcount(bits)); }

using BlamedCalls = MendelChecker::BlamedCalls;

void Blame(const MendelTrio& trio, const TrioWords& found, size_t i,
           std::vector<BlamedCalls>& blamed) {
  blamed.push_back({trio.child, found.error[i]});
  if (found.father[i] != 0) blamed.push_back({trio.father, found.father[i]});
  if (found.mother[i] != 0) blamed.push_back({trio.mother, found.mother[i]});
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

/// A number of each of 64 rows, summed over the rows of a word.
class RowSums {
 public:
  explicit RowSums(const std::array<uint64_t, CallPlanes::kMaxRows>& of_row) {
    for (size_t byte = 0; byte < kBytes; ++byte) {
      auto& sums = of_byte_[byte];
      sums[0] = 0;
      for (uint32_t v = 1; v < sums.size(); ++v) {
        const auto lowest = static_cast<size_t>(std::countr_zero(v));
        sums[v] = sums[v & (v - 1)] + of_row[8 * byte + lowest];
      }
    }
  }
  uint64_t Over(uint64_t rows) const {
    uint64_t sum = 0;
    for (size_t byte = 0; byte < kBytes; ++byte) sum += of_byte_[byte][rows >> 8 * byte & 0xFF];
    return sum;
  }

 private:
  static constexpr size_t kBytes = CallPlanes::kMaxRows / 8;
  std::array<std::array<uint64_t, 256>, kBytes> of_byte_;
};

/// Detection on up to 64 rows. Rows where it is not told add nothing.
class DetectionOfRows {
 public:
  explicit DetectionOfRows(std::span<const MendelDetection> rows)
      : trio_(Column(rows, &MendelDetection::trio)), duo_(Column(rows, &MendelDetection::duo)) {
    for (size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].trio != 0) told_ |= uint64_t{1} << r;
    }
    all_trio_ = trio_.Over(told_);
    all_duo_ = duo_.Over(told_);
  }
  uint64_t told() const { return told_; }

  void AddTo(MendelChecker::Exposure& exposure, const TrioWords& found, size_t i,
             bool both_parents) const {
    exposure.checked += static_cast<uint32_t>(found.told_checked[i]);
    exposure.errors += static_cast<uint32_t>(found.told_error[i]);
    const uint64_t unchecked = found.unchecked[i];
    if (!both_parents) {
      exposure.detection += all_duo_ - duo_.Over(unchecked);
    } else if (const uint64_t partial = found.partial[i]; partial == 0) {
      exposure.detection += all_trio_;
    } else {
      exposure.detection += all_trio_ - trio_.Over(partial) + duo_.Over(partial & ~unchecked);
    }
  }

 private:
  static RowSums Column(std::span<const MendelDetection> rows, uint64_t MendelDetection::*value) {
    std::array<uint64_t, CallPlanes::kMaxRows> of_row{};
    for (size_t r = 0; r < rows.size(); ++r) of_row[r] = rows[r].trio == 0 ? 0 : rows[r].*value;
    return RowSums(of_row);
  }

  RowSums trio_, duo_;
  uint64_t told_ = 0, all_trio_ = 0, all_duo_ = 0;
};

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
  const auto places = [this](uint32_t MendelTrio::*member) {
    std::vector<int64_t> places;
    for (const MendelTrio& trio : trios_) places.push_back(CallPlanes::Place(trio.*member));
    places.resize(trios_.size() + TrioPlaces::kAtOnce, CallPlanes::Place(samples_));
    return places;
  };
  child_place_ = places(&MendelTrio::child);
  father_place_ = places(&MendelTrio::father);
  mother_place_ = places(&MendelTrio::mother);
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

void MendelChecker::CheckBlock(size_t begin, size_t n, Inheritance how, const CallPlanes& planes,
                               uint64_t told, TrioWords& words) const {
  if (how == Inheritance::kBothParents) {
    return CheckTrios(
        planes.words(),
        {child_place_.data() + begin, father_place_.data() + begin, mother_place_.data() + begin},
        n, told, words);
  }
  std::array<uint64_t, 3 * TrioWords::kMost> low, high;
  std::array<int64_t, 3 * TrioWords::kMost> places;
  low.fill(~uint64_t{0});
  high.fill(~uint64_t{0});
  std::iota(places.begin(), places.end(), 0);
  for (size_t i = 0; i < n; ++i) {
    const MendelTrio& trio = trios_[begin + i];
    ComparedCalls calls(trio, planes);
    rules_ == MendelRules::kHail ? calls.ByHail(trio, how) : calls.ByPlink(trio, how);
    const auto put = [&](size_t member, CallPlanes::Call call) {
      low[member * TrioWords::kMost + i] = call.low;
      high[member * TrioWords::kMost + i] = call.high;
    };
    put(0, calls.child);
    put(1, calls.father);
    put(2, calls.mother);
  }
  const int64_t* place = places.data();
  CheckTrios({low.data(), high.data()},
             {place, place + TrioWords::kMost, place + 2 * TrioWords::kMost}, n, told, words);
}

std::vector<BlamedCalls> MendelChecker::Blamed(std::span<const uint8_t* const> rows,
                                               Inheritance how, CallPlanes& planes) const {
  planes.Fill(rows);
  std::vector<BlamedCalls> blamed;
  TrioWords words;
  for (size_t begin = 0; begin < trios_.size(); begin += TrioWords::kMost) {
    const size_t n = std::min(TrioWords::kMost, trios_.size() - begin);
    CheckBlock(begin, n, how, planes, 0, words);
    for (size_t i = 0; i < n; ++i) {
      if (words.error[i] != 0) Blame(trios_[begin + i], words, i, blamed);
    }
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
  TrioWords words;
  for (size_t begin = 0; begin < trios_.size(); begin += TrioWords::kMost) {
    const size_t n = std::min(TrioWords::kMost, trios_.size() - begin);
    CheckBlock(begin, n, how, planes, detection_of_rows.told(), words);
    uint64_t any_error = 0;
    for (size_t i = 0; i < n; ++i) {
      const MendelTrio& trio = trios_[begin + i];
      words.unchecked[i] &= used;
      any_error |= words.error[i];
      if (words.error[i] != 0) {
        tally.blamed[trio.child] += Ones(words.error[i]);
        tally.blamed[trio.father] += Ones(words.father[i]);
        tally.blamed[trio.mother] += Ones(words.mother[i]);
        Blame(trio, words, i, blamed_calls);
      }
      if (detection_of_rows.told() == 0) continue;
      detection_of_rows.AddTo(tally.exposures[begin + i], words, i,
                              trio.father != samples_ && trio.mother != samples_);
    }
    AddBitCounts(std::span(words.unchecked).first(n), tally.trio_unchecked + begin,
                 unchecked.data());
    if (any_error == 0) continue;
    AddBitCounts(std::span(words.error).first(n), tally.trio_errors + begin, errors.data());
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
