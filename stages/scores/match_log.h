#pragma once

#include <span>
#include <string>
#include <vector>

#include "pipeline/data/factor.h"
#include "pipeline/data/string_column.h"
#include "pipeline/store/artifact_store.h"
#include "stages/scores/match.h"

namespace kinflow {

/// What the log lines of one score are made of. Refers to its parts.
struct MatchLogSource {
  const std::string& score;
  const std::string& dataset;
  const ScoreLines& lines;
  const MatchFinder& found;
  const MatchRules& rules;
  const std::vector<std::string>& filters;  // TargetVariants::filters()
};

/// Some lines of the match log (scoring.md A4), column by column: a table of the artifact "match",
/// whose texts but the variant ids are enumerations. Used by one thread.
class MatchLogPart {
 public:
  size_t rows() const { return row_nr_.size(); }
  /// False where the part should be written before this line: HDF5 pads every id to the longest.
  bool HasRoom(const MatchLogSource& source, const ScoreLines::Entry& entry,
               const LabelledCandidate& c) const;
  void Add(const MatchLogSource& source, const ScoreLines::Entry& entry,
           const LabelledCandidate& c);

  void WriteTo(H5Writer& file, const std::string& group) const;
  static MatchLogPart ReadFrom(const H5Reader& file, const std::string& group);

  /// Forgets the target's frequency of alleles that few of `founders` have, rounds that of others
  /// (CoarseFrequency).
  void HideRare(uint64_t founders);
  static std::string Header();
  /// Lines [begin, end), each with its line end.
  void AppendLines(size_t begin, size_t end, std::string& text) const;

 private:
  /// Calls visit(column name, column) in the order of the table.
  template <class Self, class Visit>
  static void ForEachColumn(Self& self, Visit visit);

  size_t longest_ = 0;  // text of a column
  std::vector<int64_t> row_nr_, pos_;
  std::vector<double> weight_, effect_freq_, target_freq_;
  StringColumn id_;
  Factor accession_, chrom_, ea_, oa_, effect_type_, ref_, alt_, matched_, type_, multiallelic_,
      ambiguous_, flipped_, best_, exclude_, dup_best_, dup_id_, match_ids_, status_, dataset_,
      reason_;
};

/// Lines of a score's log behind those of `parts`, in its last one or in more.
void AppendLog(const MatchLogSource& source, const std::vector<ScoreLines::Entry>& entries,
               std::span<const LabelledCandidate> log, std::vector<MatchLogPart>& parts);

/// match_log.tsv.gz, part by part; the target's frequency of rare alleles is left out.
void WriteMatchLog(const ArtifactStore& store, const Manifest& match, const std::string& path);

}  // namespace kinflow
