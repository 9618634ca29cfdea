#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/base/log.h"
#include "pipeline/graph/tile_sink.h"
#include "pipeline/store/artifact_store.h"
#include "stages/formats/pseudoautosomal.h"
#include "stages/qc/mendel.h"
#include "stages/qc/sample_counts.h"
#include "stages/qc/variant_counts.h"

namespace kinflow {

/// Counts variants, people and Mendel errors in one scan. Split by variants; each part adds to
/// counters of its own, which are integers, so their sum does not depend on who counted what.
class CountsSink : public TileSink {
 public:
  struct Setup {
    CohortPtr cohort;
    std::vector<uint8_t> kept;                    // by sample
    std::optional<std::vector<uint64_t>> wanted;  // rows; nullopt = all
    double hard_call_threshold = 0.1;
    bool mendel_duos = true;
    MendelRules mendel_rules = MendelRules::kPlink;
    Pseudoautosomal par_of_y = {};
    bool write_variants = true;   // the variant table goes into the shards
    bool tell_duplicates = true;  // warns of variants that are there twice, if it has them all
    /// Nobody asks for more than allele frequencies: founders are counted, no single person.
    bool frequencies_only = false;
    /// Counts of all variants among the same people: `wanted` are scanned and taken off these. For
    /// when fewer variants fail than pass.
    std::optional<Manifest> minuend;
  };
  CountsSink(Setup setup, ArtifactStore& store, Log& log, Manifest manifest);
  ~CountsSink() override;

  Partition partition() const override { return Partition::kByVariants; }
  const std::vector<uint64_t>* wanted_variants() const override {
    return setup_.wanted ? &*setup_.wanted : nullptr;
  }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override;
  uint8_t FlagsUsed() const override { return kCallHaploid; }
  uint64_t MemoryBytes() const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  struct Worker;
  struct Masks;

  std::unique_ptr<Worker> Take();
  void Give(std::unique_ptr<Worker> worker);
  /// Hard calls of row `r` as two bits, haploid calls doubled; counts dosages into place `i`.
  const uint8_t* CountRow(const DosageTile& tile, size_t r, size_t i, Worker& worker);
  void CountPeople(const DosageTile& tile, size_t r, size_t i, const uint8_t* calls,
                   Worker& worker);
  /// Mendel errors of the worker's rows of one inheritance.
  void CheckTrios(Inheritance how, Worker& worker);
  /// The shard's counts as they are written.
  void WriteShard(uint32_t shard, const VariantCounts& variants, const SampleCounts& people);
  void CountDosages(const DosageEncoding& encoding, const uint8_t* row, size_t i);

  Setup setup_;
  ArtifactStore& store_;
  Log& log_;
  Manifest manifest_;
  std::vector<ShardRecord> committed_;
  uint32_t samples_;
  MendelChecker mendel_;
  std::shared_ptr<const Masks> masks_;

  // One shard.
  VariantTable variants_;
  VariantCounts counts_;
  uint64_t rows_seen_ = 0;
  std::vector<int64_t> place_;  // of each row of the tile in counts_, or -1
  size_t next_wanted_ = 0;
  bool dosages_ = false;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> idle_;
};

}  // namespace kinflow
