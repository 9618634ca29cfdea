// Decoding of genotype bytes into tile rows; items = genotypes.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "bench/micro/rows.h"
#include "stages/formats/bed_decode.h"
#include "stages/formats/vcf_genotypes.h"

namespace kinflow::bench {
namespace {

void Genotypes(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kSamples));
}

SampleChoice Everybody() {
  std::vector<std::string> ids;
  for (uint32_t s = 0; s < kSamples; ++s) ids.push_back(fmt::format("s{}", s));
  return SampleChoice::Make(SampleTable::Build({}, ids, {}, "bench"), {}, "bench");
}

/// A VCF line of dosages with three decimals, as Minimac writes them.
std::string Line(const std::string& format) {
  const DosageTile tile = Tile(DosageEncoding::ForUnits(1000), kSamples, 1);
  std::string line = "1\t1000\trs1\tA\tC\t.\tPASS\tR2=0.9\t" + format + "\t";
  for (uint32_t s = 0; s < kSamples; ++s) {
    const uint32_t value = std::min<uint32_t>(tile.RowU16(0)[s], 2000);
    const double ds = value / 1000.0;
    const char* gt = value < 500 ? "0|0" : value < 1500 ? "0|1" : "1|1";
    std::string text = fmt::format("{}:{:.4g}", gt, ds);
    if (format == "GT:DS:GP") {
      const double het = ds <= 1 ? ds : 2 - ds, alt = ds <= 1 ? 0 : ds - 1;
      text += fmt::format(":{:.3g},{:.3g},{:.3g}", 1 - het - alt, het, alt);
    }
    line += (format == "GT" ? gt : text) + '\t';
  }
  return line;
}

void Vcf(benchmark::State& state, const std::string& format, DosageField field, uint32_t units) {
  const SampleChoice choice = Everybody();
  DosagePlan plan;
  plan.field = field;
  plan.units = units;
  VcfGenotypes genotypes(plan, choice);
  const std::string line = Line(format) + std::string(64, '\0');
  VcfLine at;
  at.begin = line.data();
  at.end = line.data() + line.size() - 64;
  at.pos = 1000;
  at.n_alt = 1;
  at.id = 7;
  at.ref = 11;
  at.alt = 13;
  at.qual = 15;
  DosageTile tile;
  tile.Shape(kSamples, DosageEncoding::ForUnits(units), 1);
  const RecordPlace place{"bench", 1, "1", 1000, field};
  for (auto _ : state) {
    genotypes.Decode(at, place, tile, 0);
    benchmark::ClobberMemory();
  }
  Genotypes(state);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * line.size()));
}
BENCHMARK_CAPTURE(Vcf, gt, "GT", DosageField::kGt, 1);
BENCHMARK_CAPTURE(Vcf, gt_ds, "GT:DS", DosageField::kDs, 1000);
BENCHMARK_CAPTURE(Vcf, gt_ds_gp, "GT:DS:GP", DosageField::kDs, 1000);

void Bed(benchmark::State& state) {
  const DosageTile tile = Tile(kTwoBit, kSamples, 1);
  AlignedBuffer out;
  out.Resize(kSamples / 4 + 64);
  for (auto _ : state) {
    BedToCopies(tile.Row(0), kSamples, out.data());
    benchmark::ClobberMemory();
  }
  Genotypes(state);
}
BENCHMARK(Bed);

void BedSubset(benchmark::State& state) {
  const DosageTile tile = Tile(kTwoBit, kSamples, 1);
  std::vector<uint32_t> chosen;
  for (uint32_t s = 0; s < kSamples; s += 3) chosen.push_back(s);
  AlignedBuffer out;
  out.Resize(kSamples / 4 + 64);
  for (auto _ : state) {
    BedToCopies(tile.Row(0), chosen, out.data());
    benchmark::ClobberMemory();
  }
  Genotypes(state);
}
BENCHMARK(BedSubset);

}  // namespace
}  // namespace kinflow::bench
