#include "stages/simulate/areas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/text_writer.h"
#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

constexpr uint64_t kMothersAnArea = 12;

/// Cells of a square lattice, row by row.
class Lattice {
 public:
  explicit Lattice(uint64_t mothers)
      : side_(std::clamp<uint64_t>(
            static_cast<uint64_t>(std::sqrt(static_cast<double>(mothers / kMothersAnArea))), 6,
            60)) {}

  uint64_t size() const { return side_ * side_; }
  std::string Area(uint64_t cell) const { return fmt::format("G{:04}", cell + 1); }
  std::string District(uint64_t cell) const { return "D" + Part(cell, 4); }
  std::string Municipality(uint64_t cell) const { return "K" + Part(cell, 2); }

  std::vector<uint64_t> Neighbours(uint64_t cell) const {
    std::vector<uint64_t> out;
    const uint64_t x = cell % side_, y = cell / side_;
    for (uint64_t v = y == 0 ? 0 : y - 1; v <= std::min(y + 1, side_ - 1); ++v) {
      for (uint64_t u = x == 0 ? 0 : x - 1; u <= std::min(x + 1, side_ - 1); ++u) {
        if (u != x || v != y) out.push_back(v * side_ + u);
      }
    }
    return out;
  }

  /// Mean 0, SD 1; a cell shares its noise with its neighbours.
  std::vector<double> SmoothField(Philox rng) const {
    std::vector<double> noise(size()), field(size());
    for (double& v : noise) v = rng.Normal();
    double mean = 0, squares = 0;
    for (uint64_t c = 0; c < size(); ++c) {
      const auto near = Neighbours(c);
      field[c] = noise[c];
      for (const uint64_t other : near) field[c] += noise[other];
      field[c] /= std::sqrt(static_cast<double>(near.size() + 1));
      mean += field[c] / static_cast<double>(size());
    }
    for (const double v : field) squares += (v - mean) * (v - mean);
    const double sd = std::sqrt(squares / static_cast<double>(size()));
    for (double& v : field) v = (v - mean) / sd;
    return field;
  }

 private:
  std::string Part(uint64_t cell, uint64_t parts) const {
    return fmt::format("{:02}",
                       cell / side_ * parts / side_ * parts + cell % side_ * parts / side_ + 1);
  }

  uint64_t side_;
};

std::string WriteNeighbours(const SimulateOptions& options, const Lattice& lattice) {
  const std::string path = options.out + ".neighbours.tsv";
  TextWriter file(path);
  file.Write("area\tneighbour\n");
  for (uint64_t c = 0; c < lattice.size(); ++c) {
    for (const uint64_t other : lattice.Neighbours(c)) {
      file.Write(lattice.Area(c) + '\t' + lattice.Area(other) + '\n');
    }
  }
  file.Commit();
  return path;
}

}  // namespace

std::vector<std::string> WriteAreas(const SimulateOptions& options, const People& people,
                                    const TrueScores& scores, const Outcome& outcome) {
  const Lattice lattice(people.families);
  const auto stream = [&](uint64_t item) { return Stream(options.seed, Purpose::kAreas, item); };
  constexpr uint64_t kFields = uint64_t{1} << 40;  // beyond families
  const auto deprivation = lattice.SmoothField(stream(kFields));
  const auto field = lattice.SmoothField(stream(kFields + 1));
  std::vector<double> slope(lattice.size());
  Philox slopes = stream(kFields + 2);
  for (double& v : slope) v = slopes.Normal();

  const std::string path = options.out + ".areas.tsv";
  TextWriter file(path);
  file.Write("m_id\tgrunnkrets\tdelomrade\tkommune\tdeprivation\tsymptoms\n");
  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    const SimPregnancy& p = people.pregnancies[i];
    if (p.parity != 0) continue;
    const double z = outcome.score_sd > 0
                         ? (scores.score(0, p.mother) - outcome.score_mean) / outcome.score_sd
                         : 0.0;
    Philox rng = stream(p.family);
    uint64_t area = rng.Below(lattice.size());
    const uint64_t other = rng.Below(lattice.size());
    const double pull = kSelection * 2 * z * (deprivation[other] - deprivation[area]);
    if (rng.Uniform() < 1 / (1 + std::exp(-pull))) area = other;
    const double d = deprivation[area];
    const double symptoms = outcome.value[i][0] + kDeprivationEffect * d +
                            (kDeprivationSlope * d + kAreaSlopeSd * slope[area]) * z +
                            kAreaFieldSd * field[area];
    file.Write(fmt::format("{}\t{}\t{}\t{}\t{:.4f}\t{}\n", people.Iid(p.mother), lattice.Area(area),
                           lattice.District(area), lattice.Municipality(area), d,
                           std::isnan(symptoms) ? "NA" : fmt::format("{:.4f}", symptoms)));
  }
  file.Commit();
  return {path, WriteNeighbours(options, lattice)};
}

}  // namespace kinflow::simulate
