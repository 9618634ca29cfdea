#include "pipeline/app/target_of_artifact.h"

#include "stages/qc/qc_tables.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {
namespace {

class QcTarget : public TargetVariants {
 public:
  QcTarget(const ArtifactStore& store, Manifest qc)
      : store_(store), qc_(std::move(qc)), founders_(KeptFounders(store, qc_)) {}
  bool NextShard(TargetShard& shard) override {
    if (next_ == VariantParts(qc_)) return false;
    JudgedVariants judged = ReadJudgedVariants(store_, qc_, next_++);
    shard.variants = std::move(judged.variants);
    shard.rows = std::move(judged.rows);
    shard.alt_freq = std::move(judged.alt_freq);
    shard.removed_by = std::move(judged.verdicts.code);
    return true;
  }
  std::vector<std::string> filters() const override {
    return Verdicts::Read(store_.Open(qc_, 0), "/verdicts").filters;
  }
  void Rewind() override { next_ = 0; }
  uint64_t founders() const override { return founders_; }

 private:
  const ArtifactStore& store_;
  Manifest qc_;
  uint64_t founders_;
  size_t next_ = 0;
};

class CountsTarget : public TargetVariants {
 public:
  CountsTarget(const ArtifactStore& store, Manifest counts, uint64_t founders)
      : store_(store), counts_(std::move(counts)), founders_(founders) {}
  bool NextShard(TargetShard& shard) override {
    if (next_ == counts_.shards.size()) return false;
    const H5Reader file = store_.Open(counts_, next_++);
    shard.variants = file.ReadVariants("/variants");
    const VariantCounts counts = VariantCounts::Read(file);
    shard.rows = counts.rows;
    shard.removed_by.assign(counts.size(), 0);
    shard.alt_freq.clear();
    for (size_t i = 0; i < counts.size(); ++i) {
      shard.alt_freq.push_back(AltFrequency(counts, i, shard.variants.chrom_class(i)));
    }
    return true;
  }
  void Rewind() override { next_ = 0; }
  uint64_t founders() const override { return founders_; }

 private:
  const ArtifactStore& store_;
  Manifest counts_;
  uint64_t founders_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<TargetVariants> TargetOfQc(const ArtifactStore& store, Manifest qc) {
  return std::make_unique<QcTarget>(store, std::move(qc));
}

std::unique_ptr<TargetVariants> TargetOfCounts(const ArtifactStore& store, Manifest counts,
                                               uint64_t founders) {
  return std::make_unique<CountsTarget>(store, std::move(counts), founders);
}

}  // namespace kinflow
