#include "stages/scores/lane_sums.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/scores/many_columns.h"

namespace kinflow {
namespace {

uint32_t GroupsOf(uint32_t samples) { return (samples + kLaneSamples - 1) / kLaneSamples; }

}  // namespace

LaneSums::LaneSums(Range samples, size_t scores, const std::vector<uint64_t>& variants)
    : samples_(samples),
      scores_(scores),
      sums_(size_t{GroupsOf(samples.size())} * kLaneSamples * scores, 0),
      fewer_(variants.size()),
      fewer_missing_(variants.size()) {
  for (const uint64_t n : variants) {
    place_.push_back(n <= UINT16_MAX ? static_cast<int64_t>(narrow_sets_++)
                                     : ~static_cast<int64_t>(wide_sets_++));
  }
  narrow_.assign(size_t{GroupsOf(samples.size())} * kLaneSamples * narrow_sets_, 0);
  wide_.assign(size_t{GroupsOf(samples.size())} * kLaneSamples * wide_sets_, 0);
}

LaneCounters LaneSums::missing(uint32_t group, size_t count) {
  const int64_t place = place_[count];
  if (place >= 0) {
    const size_t row = Nth(group) * narrow_sets_ + static_cast<size_t>(place);
    return {narrow_.data() + row * kLaneSamples, nullptr};
  }
  const size_t row = Nth(group) * wide_sets_ + static_cast<size_t>(~place);
  return {nullptr, wide_.data() + row * kLaneSamples};
}

void LaneSums::AllowFewer(size_t count) {
  if (!fewer_[count].empty()) return;
  fewer_[count].assign(samples_.size(), 0);
  fewer_missing_[count].assign(samples_.size(), 0);
}

void LaneSums::AddToAll(size_t score, uint64_t amount) {
  for (size_t nth = 0; nth < GroupsOf(samples_.size()); ++nth) {
    uint64_t* of_group = sums_.data() + (nth * scores_ + score) * kLaneSamples;
    for (uint32_t lane = 0; lane < kLaneSamples; ++lane) of_group[lane] += amount;
  }
}

std::vector<int64_t> LaneSums::Sums(size_t score) const {
  std::vector<int64_t> out(samples_.size());
  for (uint32_t s = 0; s < samples_.size(); ++s) {
    const size_t row = size_t{s / kLaneSamples} * scores_ + score;
    out[s] = static_cast<int64_t>(sums_[row * kLaneSamples + LaneOf(s % kLaneSamples)]);
  }
  return out;
}

std::vector<int64_t> LaneSums::Missing(size_t count) const {
  std::vector<int64_t> out(samples_.size());
  const int64_t place = place_[count];
  for (uint32_t s = 0; s < samples_.size(); ++s) {
    const size_t group = s / kLaneSamples, lane = LaneOf(s % kLaneSamples);
    out[s] =
        place >= 0
            ? narrow_[(group * narrow_sets_ + static_cast<size_t>(place)) * kLaneSamples + lane]
            : wide_[(group * wide_sets_ + static_cast<size_t>(~place)) * kLaneSamples + lane];
  }
  return out;
}

void LaneSums::WriteSums(H5Writer& file) const {
  WriteMany(file, "/sums", 0, scores_,
            std::function<std::vector<int64_t>(size_t)>([&](size_t s) { return Sums(s); }));
}

void LaneSums::WriteCounts(H5Writer& file) const {
  using Make = std::function<std::vector<int64_t>(size_t)>;
  WriteMany(file, "/missing", 0, counts(), Make([&](size_t c) { return Missing(c); }));
  const auto copy = [](const std::vector<uint32_t>& v) {
    return std::vector<int64_t>(v.begin(), v.end());
  };
  WriteMany(file, "/fewer", 0, counts(), Make([&](size_t c) { return copy(fewer_[c]); }));
  WriteMany(file, "/fewer_missing", 0, counts(),
            Make([&](size_t c) { return copy(fewer_missing_[c]); }));
}

void LaneSums::Add(const H5Reader& file) {
  const auto column = [&](std::string_view group, size_t c) {
    auto values = file.ReadI64(PathOfMany(group, c));
    if (values.size() != samples_.size()) {
      throw Error(ErrorId::kShardDamaged, "sums of another number of people").InFile(file.path());
    }
    return values;
  };
  for (size_t k = 0; k < scores_; ++k) {
    const auto values = column("/sums", k);
    for (uint32_t s = 0; s < samples_.size(); ++s) {
      const uint32_t sample = samples_.begin + s;
      sums(sample / kLaneSamples, k)[LaneOf(s % kLaneSamples)] += static_cast<uint64_t>(values[s]);
    }
  }
  for (size_t c = 0; c < counts(); ++c) {
    const auto values = column("/missing", c);
    for (uint32_t s = 0; s < samples_.size(); ++s) {
      missing((samples_.begin + s) / kLaneSamples, c)
          .Add(LaneOf(s % kLaneSamples), static_cast<uint32_t>(values[s]));
    }
    if (!file.Has(PathOfMany("/fewer", c))) continue;
    AllowFewer(c);
    const auto less = column("/fewer", c), less_missing = column("/fewer_missing", c);
    for (uint32_t s = 0; s < samples_.size(); ++s) {
      fewer_[c][s] += static_cast<uint32_t>(less[s]);
      fewer_missing_[c][s] += static_cast<uint32_t>(less_missing[s]);
    }
  }
}

uint64_t LaneSums::MemoryBytes(uint32_t samples, size_t scores,
                               const std::vector<uint64_t>& variants, size_t fewer) {
  uint64_t bytes = scores * sizeof(uint64_t) + fewer * 2 * sizeof(uint32_t);
  for (const uint64_t n : variants) bytes += n <= UINT16_MAX ? sizeof(uint16_t) : sizeof(uint32_t);
  // Columns that are made and compressed together.
  const uint64_t written = 3 * kColumnsTogether * sizeof(double);
  return uint64_t{GroupsOf(samples)} * kLaneSamples * (bytes + written);
}

}  // namespace kinflow
