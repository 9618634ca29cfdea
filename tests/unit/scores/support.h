#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/log.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/run_context.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/scores/match.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/score_sink.h"
#include "stages/scores/score_tables.h"
#include "stages/scores/target_variants.h"

namespace kinflow::test {

/// Variants of a .bim (ALT = A1), .pvar or VCF file (several ALT become several rows).
VariantTable ReadVariantList(const std::string& path);

/// Variants and dosages (units per copy; -1 = missing), variant-major, all in memory.
struct Genotypes {
  VariantTable variants;
  uint32_t n_samples = 0;
  uint32_t units = 1;
  std::vector<int32_t> values;
  std::vector<uint8_t> calls;  // CallFlag or empty
  std::vector<std::string> iids;

  int32_t At(size_t variant, uint32_t sample) const { return values[variant * n_samples + sample]; }
  /// ALT frequency over all samples, haploid calls as one allele; NaN if none is called.
  std::vector<double> AltFreq() const;
};
Genotypes ReadBed(const std::string& prefix);

/// A TargetVariants over a table in memory, `part` variants at a time.
class MemoryTarget : public TargetVariants {
 public:
  MemoryTarget(VariantTable variants, std::vector<double> alt_freq, size_t part = 100,
               uint64_t founders = 1000)
      : variants_(std::move(variants)),
        alt_freq_(std::move(alt_freq)),
        part_(part),
        founders_(founders) {}
  bool NextShard(TargetShard& shard) override;
  void Rewind() override { next_ = 0; }
  uint64_t founders() const override { return founders_; }

 private:
  VariantTable variants_;
  std::vector<double> alt_freq_;
  size_t part_, next_ = 0;
  uint64_t founders_;
};

/// A score file read and matched against variants without any stage around it.
struct Matched {
  std::unique_ptr<ScoreLines> lines;
  std::unique_ptr<MatchFinder> found;
  std::vector<ScoreMatch> scores;

  const ScoreMatch& Of(const std::string& name) const;
};
Matched MatchFile(const std::string& path, const VariantTable& variants, const MatchRules& rules,
                  MatchBy by = MatchBy::kPosition);
/// The same for the text of a score file.
Matched MatchText(const std::string& text, const VariantTable& variants, const MatchRules& rules,
                  MatchBy by = MatchBy::kPosition);

/// A store and everything a stage needs, in a folder of its own.
struct TestRun {
  TestRun();
  std::string folder;
  ArtifactStore store;
  Log log;
  Progress progress;
  StopSignal stop;
  RunContext context;
};

/// Cuts genotypes into tiles and drives a sink as the executor does (one thread, parts of
/// `part_samples`); shard borders at multiples of `shard_variants`.
struct ScanShapeForTest {
  size_t tile_variants = 64;
  size_t shard_variants = 1u << 30;
  uint32_t part_samples = 1u << 30;
  DosageEncoding::Layout layout = DosageEncoding::Layout::kU8;
};
void ScanOnce(TileSink& sink, const Genotypes& genotypes, const ScanShapeForTest& shape);
/// As often as the sink wants.
void Scan(TileSink& sink, const Genotypes& genotypes, const ScanShapeForTest& shape);

/// A sink of these scores that writes a file once so many genotypes were used.
std::unique_ptr<ScoreSink> SinkOf(ArtifactStore& store, const Manifest& manifest,
                                  const MatchedScores& scores, uint32_t n_samples,
                                  const WeightingRules& rules = {}, const ScoredPeople& people = {},
                                  uint64_t checkpoint_genotypes = 1, uint32_t batch_samples = 0);

/// Matches a score text against genotypes and sums it.
ScoreSums Score(const Genotypes& genotypes, const std::vector<ScoreMatch>& matches,
                const std::vector<std::string>& names, const ScanShapeForTest& shape = {},
                bool mean_imputation = true, const ScoredPeople& people = {},
                uint64_t checkpoint_genotypes = 1);

std::string WriteFile(const std::string& name, const std::string& text);
/// The Error thrown by `run`; fails the test if there is none.
Error Thrown(const std::function<void()>& run);

}  // namespace kinflow::test
