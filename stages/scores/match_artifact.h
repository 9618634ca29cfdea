#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/table.h"
#include "pipeline/store/artifact_store.h"
#include "stages/scores/match.h"
#include "stages/scores/match_log.h"

namespace kinflow {

// The artifact of kind "match": one shard a batch of scores.
//   /scores          table: one row a score, judged (columns of ReadMatchScores)
//   /summary         table: counts by status and label (match_summary.tsv)
//   /log/00000, ...  tables: candidates (match_log.tsv.gz), cut by size; scores of one wide table
//                    have one log, under its file name and without weights
//   /weights/{offset,row,alt_freq,flags}  what weights lie on, block after block; a block is used
//                    by a score, or by the scores of a wide table; flags: bits 0-1 and 3 effect
//                    type, bit 2 effect allele is REF, bit 4 on X, Y or MT, bit 5 on X
//   /weights/block   of the passing scores, in the order of /scores
//   /weights/score/00000/0, ...  their weights on the rows of their block; NaN: none
// Attribute of /: founders.

/// A score that was not even matched: file damaged, wrong build, name taken.
struct ScoreFailure {
  std::string name, file;
  Error error;
};

/// Collects one batch and writes it into one shard. Used by one thread.
class MatchShardWriter {
 public:
  /// `filters`: TargetVariants::filters().
  MatchShardWriter(H5Writer& file, std::string dataset, std::vector<std::string> filters)
      : file_(file), dataset_(std::move(dataset)), filters_(std::move(filters)) {}
  /// Candidates of a score, or of the scores of a wide table, and under which name they stand in
  /// the log. Refers to its parts.
  struct ScoreLog {
    const std::string& accession;
    const std::vector<ScoreLines::Entry>& entries;
    std::span<const LabelledCandidate> lines;
  };
  /// One behind the other; made in parallel.
  void AddLogs(const std::vector<ScoreLog>& logs, const ScoreLines& lines, const MatchFinder& found,
               const MatchRules& rules);
  /// The scores added from now on have weights on these rows, or some of them; empty: each on rows
  /// of its own.
  void ShareRows(std::vector<MatchedWeight> rows);
  void Add(const ScoreLines& lines, size_t score, const ScoreMatch& match,
           const std::string& accession);
  void Add(const ScoreFailure& failure);
  /// Writes what is not yet written. Once.
  void Finish(uint64_t founders);

 private:
  struct ScoreColumns {
    Table::Strings name, file, build, pass, error, message, remedy, log;
    Table::Ints lines, matched, excluded, unmatched, ambiguous, multiallelic, duplicate, flipped,
        unsupported, removed_by_qc, resolved, freq_compared, freq_different;
    Table::Doubles match_rate, weight_total, weight_matched, weight_rate;
  };
  struct SummaryColumns {
    Table::Strings accession, pass, status, ambiguous, multiallelic, dup_best, dup_id, flipped;
    Table::Ints count;
    Table::Doubles percent, weight_percent;
  };

  void AddBlock(const std::vector<MatchedWeight>& rows);
  void AddWeights(const std::vector<MatchedWeight>& weights);
  void FlushWeights();
  void AddSummary(const std::string& name, const ScoreMatch& match, const ScoreLines& lines,
                  const std::vector<ScoreLines::Entry>& entries);
  void WriteLog(const MatchLogPart& part);
  void WriteScores();
  void WriteSummary();

  H5Writer& file_;
  std::string dataset_;
  std::vector<std::string> filters_;
  uint32_t log_parts_ = 0;
  ScoreColumns scores_;
  SummaryColumns summary_;
  std::vector<MatchedWeight> shared_;
  std::vector<uint64_t> offset_{0}, row_;
  std::vector<double> alt_freq_;
  std::vector<uint8_t> flags_;
  std::vector<uint32_t> block_;               // by passing score
  std::vector<std::vector<double>> weights_;  // of the last ones, not yet written
  size_t weights_written_ = 0;
};

/// A passing score; weights ascend by row.
struct MatchedScore {
  std::string name;
  std::vector<MatchedWeight> weights;
};
/// Hands out the passing scores, a few at a time; returns the number of founders.
uint64_t ForEachMatchedGroup(const ArtifactStore& store, const Manifest& match,
                             const std::function<void(std::span<MatchedScore>)>& use);
/// The same, one at a time.
uint64_t ForEachMatchedScore(
    const ArtifactStore& store, const Manifest& match,
    const std::function<void(const std::string&, std::vector<MatchedWeight>&&)>& use);

/// The passing scores with all their weights.
struct MatchedScores {
  std::vector<std::string> names;
  std::vector<std::vector<MatchedWeight>> weights;  // by score; ascending by row
  uint64_t founders = 0;
};
MatchedScores ReadMatchedScores(const ArtifactStore& store, const Manifest& match);

/// One row a score: SCORE FILE BUILD LINES MATCHED EXCLUDED UNMATCHED AMBIGUOUS MULTIALLELIC
/// DUPLICATE FLIPPED UNSUPPORTED REMOVED_BY_QC MATCH_RATE WEIGHT_TOTAL WEIGHT_MATCHED WEIGHT_RATE
/// PASS ERROR MESSAGE REMEDY AMBIGUOUS_RESOLVED FREQ_COMPARED FREQ_DIFFERENT LOG_ACCESSION; ERROR
/// is an error id ("E0431") or NA, LOG_ACCESSION what the score's lines have in the match log.
Table ReadMatchScores(const ArtifactStore& store, const Manifest& match);
/// match_summary.tsv.
Table ReadMatchSummary(const ArtifactStore& store, const Manifest& match);

}  // namespace kinflow
