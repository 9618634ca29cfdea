#include "pipeline/app/score_positions.h"

#include "pipeline/base/error.h"
#include "stages/qc/options.h"
#include "stages/scores/options.h"
#include "stages/scores/score_file.h"

namespace kinflow {
namespace {

constexpr size_t kFewPositions = 100'000;
using Places = std::vector<std::pair<std::string, Interval>>;

/// Adds the places of a file's lines; false if it needs all variants.
bool AddPlaces(const ScoreFileSpec& file, MatchRules::By by, Places& places) {
  try {
    ScoreFileReader reader(file.path, file.reading);
    if (by == MatchRules::By::kAuto && !reader.has_positions()) return false;
    ScoreLine line;
    while (reader.NextPlace(line)) {
      if (line.pos == 0 || line.chrom.empty()) continue;
      places.emplace_back(line.chrom, Interval{line.pos, line.pos});
      // Scores count the pseudo-autosomal regions to X (MatchFinder).
      if (line.chrom == "X") places.emplace_back("XY", Interval{line.pos, line.pos});
      if (places.size() > 4 * kFewPositions) return false;
    }
  } catch (const Error& error) {
    if (error.exit_code() != ExitCode::kInput) throw;
  }
  return true;
}

uint64_t PositionsOf(const RegionSet& set) {
  uint64_t positions = 0;
  for (const auto& [chrom, intervals] : set.chromosomes()) {
    for (const Interval& i : intervals) positions += uint64_t{i.end} - i.begin + 1;
  }
  return positions;
}

}  // namespace

RegionSetPtr ScorePositions(const LoadedConfig& config) {
  const ConfigNode& root = config.root;
  const ScoreOptions scores = ScoreOptions::FromConfig(root.At("scores"));
  if (root.Has("scores.liftover.chain")) return nullptr;  // places are known once they are lifted
  // Phase is followed over all variants.
  const bool follows_phase = scores.families.asked_for() && scores.families.use_phase;
  if (scores.empty() || scores.read_all || follows_phase ||
      scores.match.by == MatchRules::By::kId || root.Text("dosage.store") == "always" ||
      QcOptions::FromConfig(root.At("qc"), true).asked_for) {
    return nullptr;
  }
  Places places;
  for (const auto& file : ScoreFilesOf(scores, config.base)) {
    if (!AddPlaces(file, scores.match.by, places)) return nullptr;
  }
  auto set = RegionSet::Build(places);
  return set->empty() || PositionsOf(*set) > kFewPositions ? nullptr : set;
}

}  // namespace kinflow
