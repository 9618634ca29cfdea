// Kernels over one tile; items = genotypes (for weighted sums: genotype x score).

#include <benchmark/benchmark.h>

#include "bench/micro/rows.h"
#include "pipeline/kernels/call_planes.h"
#include "pipeline/kernels/counts.h"
#include "pipeline/kernels/pair_sums.h"
#include "stages/qc/hwe.h"

namespace kinflow::bench {
namespace {

const DosageEncoding kDs = DosageEncoding::ForUnits(1000);
const DosageEncoding kCompact = DosageEncoding::ForUnits(127);

SampleMask EveryThird() {
  std::vector<uint8_t> chosen(kSamples);
  for (uint32_t s = 0; s < kSamples; ++s) chosen[s] = s % 3 != 0;
  return SampleMask(chosen);
}

void Genotypes(benchmark::State& state, size_t each = 1) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows * kSamples * each));
}

void CountCallsTwoBit(benchmark::State& state) {
  const DosageTile tile = Tile(kTwoBit);
  const SampleMask mask = EveryThird();
  for (auto _ : state) {
    for (size_t r = 0; r < kRows; ++r) benchmark::DoNotOptimize(CountCalls(tile.Row(r), mask));
  }
  Genotypes(state);
}
BENCHMARK(CountCallsTwoBit);

void SumDosagesOf(benchmark::State& state, const DosageEncoding& encoding) {
  const DosageTile tile = Tile(encoding);
  const SampleMask mask = EveryThird();
  for (auto _ : state) {
    for (size_t r = 0; r < kRows; ++r) {
      benchmark::DoNotOptimize(SumDosages(encoding, tile.Row(r), mask));
    }
  }
  Genotypes(state);
}
BENCHMARK_CAPTURE(SumDosagesOf, u8, kCompact);
BENCHMARK_CAPTURE(SumDosagesOf, u16, kDs);

void PackCallsOf(benchmark::State& state, const DosageEncoding& encoding) {
  const DosageTile tile = Tile(encoding);
  const uint32_t distance = HardCallDistance(encoding, 0.1);
  AlignedBuffer out;
  out.Resize((kSamples + 255) / 256 * 64);
  for (auto _ : state) {
    for (size_t r = 0; r < kRows; ++r) {
      PackCalls(encoding, distance, tile.Row(r), kSamples, out.data());
    }
    benchmark::ClobberMemory();
  }
  Genotypes(state);
}
BENCHMARK_CAPTURE(PackCallsOf, u8, kCompact);
BENCHMARK_CAPTURE(PackCallsOf, u16, kDs);

void FillCallPlanes(benchmark::State& state) {
  const DosageTile tile = Tile(kTwoBit);
  std::vector<const uint8_t*> rows;
  for (size_t r = 0; r < kRows; ++r) rows.push_back(tile.Row(r));
  CallPlanes planes(kSamples);
  for (auto _ : state) {
    planes.Fill(rows);
    benchmark::ClobberMemory();
  }
  Genotypes(state);
}
BENCHMARK(FillCallPlanes);

void AddCallCountsTwoBit(benchmark::State& state) {
  const DosageTile tile = Tile(kTwoBit);
  std::vector<const uint8_t*> rows;
  for (size_t r = 0; r < kRows; ++r) rows.push_back(tile.Row(r));
  std::vector<uint32_t> het(kSamples), hom_alt(kSamples), missing(kSamples);
  for (auto _ : state) {
    AddCallCounts(rows, {0, kSamples}, {het.data(), hom_alt.data(), missing.data()});
    benchmark::ClobberMemory();
  }
  Genotypes(state);
}
BENCHMARK(AddCallCountsTwoBit);

void AppendMissingOf(benchmark::State& state, const DosageEncoding& encoding) {
  const DosageTile tile = Tile(encoding);
  std::vector<uint32_t> out;
  for (auto _ : state) {
    out.clear();
    for (size_t r = 0; r < kRows; ++r) AppendMissing(encoding, tile.Row(r), {0, kSamples}, out);
    benchmark::DoNotOptimize(out.data());
  }
  Genotypes(state);
}
BENCHMARK_CAPTURE(AppendMissingOf, two_bit, kTwoBit);
BENCHMARK_CAPTURE(AppendMissingOf, u16, kDs);

/// state.range(0) = scores, of weights of two digits.
void WeightedSum(benchmark::State& state, const DosageEncoding& encoding) {
  const auto scores = static_cast<size_t>(state.range(0));
  const DosageTile tile = Tile(encoding);
  std::vector<const uint8_t*> rows;
  for (uint32_t r = 0; r < std::min<uint32_t>(kRows, kPairBlockRows); ++r) {
    rows.push_back(tile.Row(r));
  }
  std::vector<PairWeights> weights(scores);
  Philox random(3, 0);
  for (PairWeights& w : weights) {
    for (uint32_t r = 0; r < rows.size(); ++r)
      w.Add(r, static_cast<int64_t>(random.Below(1u << 30)));
    w.Close(static_cast<uint32_t>((rows.size() + 1) / 2));
  }
  std::vector<uint64_t> sums(scores * kLaneSamples);
  std::vector<PairColumn> columns;
  for (size_t k = 0; k < scores; ++k) {
    weights[k].AppendColumns(0, sums.data() + k * kLaneSamples, columns);
  }
  PairBlock block;
  for (auto _ : state) {
    for (uint32_t group = 0; group < kSamples / kLaneSamples; ++group) {
      block.Fill(encoding, rows, group, ValueBytes::kLow);
      AddPairs(block, columns);
    }
    benchmark::ClobberMemory();
  }
  Genotypes(state, static_cast<uint32_t>(scores));
}
BENCHMARK_CAPTURE(WeightedSum, two_bit, kTwoBit)->Arg(1)->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(WeightedSum, u8, kCompact)->Arg(1)->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(WeightedSum, u16, kDs)->Arg(1)->Arg(10)->Arg(100);

/// Items = tests; state.range(0) = heterozygotes among 20,000 people.
void HweExact(benchmark::State& state) {
  const auto hets = static_cast<uint32_t>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(HweP(hets, hets / 4, kSamples - hets, true));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(HweExact)->Arg(20)->Arg(2000)->Arg(8000);

}  // namespace
}  // namespace kinflow::bench
