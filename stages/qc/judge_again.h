#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/store/artifact_store.h"
#include "stages/qc/filters/filter.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/reference_fits.h"
#include "stages/qc/variant_counts.h"
#include "stages/qc/variant_findings.h"

namespace kinflow {

/// Variants of one shard of "counts", judged once more.
struct JudgedShard {
  VariantTable variants;
  Table facts;                    // MakeFactsTable(), each by the counts it was last judged by,
                                  // with column BEYOND: FiltersBeyond()
  Verdicts verdicts;              // those of before, and of what passed then
  std::vector<uint64_t> passing;  // rows
  Table::Ints mendel_blamed;      // calls, of those that pass; of the others missing
};

/// Judges the variants that passed before by their counts among the people that were kept since.
/// Used once.
class JudgeAgain {
 public:
  /// `recount`: the input with counts of exactly the variants that passed before.
  JudgeAgain(const ArtifactStore& store, const StageKeys& keys, const std::string& recount,
             const QcOptions& options, std::vector<VariantFindings> findings = {})
      : store_(store),
        keys_(keys),
        findings_(std::move(findings)),
        recount_(InputManifest(store, kCountsKind, keys, recount)),
        reference_(store, keys, options),
        options_(options),
        filters_(MakeVariantFilters(options)) {}

  /// Judges each shard of the counts; `before`: the qc_variants artifact of the round before. As
  /// many shards as memory holds are judged and written side by side, then taken in order.
  void ForEach(const Manifest& counts, const Manifest& before, uint64_t memory_bytes,
               const std::function<ShardRecord(size_t shard, const JudgedShard&)>& write,
               const std::function<void(const JudgedShard&, const ShardRecord&)>& take);
  const std::vector<NamedFilter<VariantFilter>>& filters() const { return filters_; }

 private:
  struct CountsAt {
    std::shared_ptr<const VariantCounts> counts;
    size_t place = 0;
  };
  struct Unjudged {
    size_t shard = 0;
    Verdicts before;
    VariantTable variants;
    std::shared_ptr<const VariantCounts> counts;
    std::vector<CountsAt> from;
    std::optional<Table> facts_before;
  };
  /// Shards are read in order.
  Unjudged Read(size_t shard, const H5Reader& counts, const H5Reader& before);
  JudgedShard Judge(Unjudged&& read) const;
  /// Recounts of `row`; rows are asked for in ascending order.
  CountsAt RecountOf(uint64_t row);

  const ArtifactStore& store_;
  const StageKeys& keys_;
  std::vector<VariantFindings> findings_;
  Manifest recount_;
  ReferenceFits reference_;
  const QcOptions& options_;
  std::vector<NamedFilter<VariantFilter>> filters_;
  std::shared_ptr<const VariantCounts> counts_ = std::make_shared<VariantCounts>();
  size_t shard_ = 0, next_ = 0;
};

}  // namespace kinflow
