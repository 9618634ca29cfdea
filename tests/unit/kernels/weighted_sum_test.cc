#include "pipeline/kernels/weighted_sum.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

using test::OnEachTarget;
using test::RandomRows;

struct Sums {
  Sums(uint32_t samples, uint32_t scores)
      : acc(scores, std::vector<double>(samples, 0.125)),
        missing(scores, std::vector<uint32_t>(samples, 3)) {
    for (auto& a : acc) acc_pointers.push_back(a.data());
    for (auto& m : missing) missing_pointers.push_back(m.data());
  }
  Sums(const Sums&) = delete;
  bool SameBits(const Sums& o) const {
    for (size_t k = 0; k < acc.size(); ++k) {
      const size_t bytes = acc[k].size() * sizeof(double);
      if (bytes != 0 && std::memcmp(acc[k].data(), o.acc[k].data(), bytes) != 0) return false;
    }
    return missing == o.missing;
  }
  std::vector<std::vector<double>> acc;
  std::vector<std::vector<uint32_t>> missing;
  std::vector<double*> acc_pointers;
  std::vector<uint32_t*> missing_pointers;
};

/// Rows with random weights; some rows touch only a few scores.
struct Work {
  Work(const DosageEncoding& encoding, uint32_t n, size_t n_rows, uint32_t n_scores, bool sparse)
      : data(encoding, n, n_rows, 29) {
    Philox random(31, n_scores);
    for (size_t r = 0; r < n_rows; ++r) {
      WeightedRow row;
      row.data = data[r];
      row.missing_value = r % 3 == 0 ? 0 : random.Uniform() * 2 * encoding.units_per_copy;
      auto& w = weights.emplace_back();
      auto& slots = scores.emplace_back();
      const bool few = sparse && r % 4 == 1;
      for (uint32_t k = 0; k < n_scores; ++k) {
        if (few && k % 3 != 1) continue;
        w.push_back(random.Normal());
        slots.push_back(k);
      }
      row.weights = w.data();
      row.scores = few ? slots.data() : nullptr;
      row.n_scores = static_cast<uint32_t>(w.size());
      rows.push_back(row);
    }
  }
  RandomRows data;
  std::deque<std::vector<double>> weights;
  std::deque<std::vector<uint32_t>> scores;
  std::vector<WeightedRow> rows;
};

std::vector<DosageEncoding> Encodings() {
  return {test::kTwoBitRows, DosageEncoding::ForUnits(1), DosageEncoding::ForUnits(100),
          DosageEncoding::ForUnits(1000), DosageEncoding::ForUnits(16384)};
}

void ExpectTwinEqual(const DosageEncoding& encoding, uint32_t n, size_t n_rows, uint32_t n_scores,
                     bool sparse) {
  const Work work(encoding, n, n_rows, n_scores, sparse);
  Sums expected(n, n_scores);
  scalar::AddWeightedRows(encoding, work.rows, {0, n}, expected.acc_pointers.data(),
                          expected.missing_pointers.data());
  OnEachTarget([&](const char* target) {
    Sums got(n, n_scores);
    AddWeightedRows(encoding, work.rows, {0, n}, got.acc_pointers.data(),
                    got.missing_pointers.data());
    EXPECT_TRUE(got.SameBits(expected))
        << target << " n=" << n << " rows=" << n_rows << " scores=" << n_scores
        << " units=" << encoding.units_per_copy;
  });
}

TEST(WeightedSum, SameBitsAsTwinForEveryTail) {
  for (const DosageEncoding& encoding : Encodings()) {
    for (uint32_t n = 0; n <= 130; ++n) ExpectTwinEqual(encoding, n, 9, 1 + n % 3, n % 2 == 1);
    for (const uint32_t n : {255u, 256u, 257u, 1001u}) ExpectTwinEqual(encoding, n, 6, 3, true);
  }
}

TEST(WeightedSum, SameBitsAsTwinForUpToSixteenScores) {
  for (const DosageEncoding& encoding : Encodings()) {
    for (uint32_t scores = 1; scores <= 16; ++scores) {
      ExpectTwinEqual(encoding, 333, 11, scores, true);
    }
  }
}

// What the scan does: any cut of samples into parts and of rows into tiles gives the same bits.
TEST(WeightedSum, PartsAndTilesDoNotChangeBits) {
  constexpr uint32_t kSamples = 777, kScores = 5;
  for (const DosageEncoding& encoding : Encodings()) {
    for (const uint32_t scores : {1u, kScores}) {
      const Work work(encoding, kSamples, 50, scores, true);
      Sums whole(kSamples, scores);
      AddWeightedRows(encoding, work.rows, {0, kSamples}, whole.acc_pointers.data(),
                      whole.missing_pointers.data());
      Philox random(37, 0);
      for (int repeat = 0; repeat < 20; ++repeat) {
        Sums parts(kSamples, scores);
        for (size_t r = 0; r < work.rows.size();) {
          const size_t take = std::min<size_t>(1 + random.Below(9), work.rows.size() - r);
          const std::span<const WeightedRow> tile(work.rows.data() + r, take);
          for (uint32_t s = 0; s < kSamples;) {
            const auto end =
                std::min<uint32_t>(s + 1 + static_cast<uint32_t>(random.Below(300)), kSamples);
            AddWeightedRows(encoding, tile, {s, end}, parts.acc_pointers.data(),
                            parts.missing_pointers.data());
            s = end;
          }
          r += take;
        }
        ASSERT_TRUE(parts.SameBits(whole)) << "units=" << encoding.units_per_copy;
      }
    }
  }
}

// Exact in doubles: integer weights, so the sums can be checked without rounding.
TEST(WeightedSum, AddsWeightTimesDosageAndTheStandInForMissing) {
  constexpr uint32_t kSamples = 100;
  const DosageEncoding encoding = DosageEncoding::ForUnits(1000);
  const RandomRows data(encoding, kSamples, 2, 41);
  const double weights[2] = {3, -7};
  const WeightedRow rows[2] = {{data[0], &weights[0], nullptr, 1, 500},
                               {data[1], &weights[1], nullptr, 1, 0}};
  Sums sums(kSamples, 1);
  AddWeightedRows(encoding, rows, {10, 90}, sums.acc_pointers.data(), sums.missing_pointers.data());
  for (uint32_t s = 0; s < kSamples; ++s) {
    double expected = 0.125;
    uint32_t missing = 3;
    if (s >= 10 && s < 90) {
      const bool m0 = data.At(0, s) == 65535, m1 = data.At(1, s) == 65535;
      expected += 3 * (m0 ? 500.0 : data.At(0, s)) - 7 * (m1 ? 0.0 : data.At(1, s));
      missing += m0 + m1;
    }
    EXPECT_EQ(sums.acc[0][s], expected);
    EXPECT_EQ(sums.missing[0][s], missing);
  }
}

}  // namespace
}  // namespace kinflow
