#include "stages/qc/qc_stage.h"

#include <oneapi/tbb/parallel_for.h>

#include <memory>

#include "pipeline/base/error.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/qc/ledger.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"

namespace kinflow {
namespace {

struct CountsAt {
  std::shared_ptr<const VariantCounts> counts;
  size_t place = 0;
};

/// Walks the rows of a counts artifact, which are a subset of another scan's, in order.
class CountsCursor {
 public:
  CountsCursor(const ArtifactStore& store, Manifest manifest)
      : store_(store), manifest_(std::move(manifest)) {}

  /// Counts that hold `row` and its place there. Rows are asked for in ascending order.
  CountsAt At(uint64_t row) {
    while (next_ >= counts_->size()) {
      if (shard_ >= manifest_.shards.size()) {
        throw Error(ErrorId::kInternal, "the recount has fewer variants than passed");
      }
      counts_ =
          std::make_shared<VariantCounts>(VariantCounts::Read(store_.Open(manifest_, shard_++)));
      next_ = 0;
    }
    if (counts_->rows[next_] != row) {
      throw Error(ErrorId::kInternal, "the recount is not of the variants that passed");
    }
    return {counts_, next_++};
  }

 private:
  const ArtifactStore& store_;
  Manifest manifest_;
  std::shared_ptr<const VariantCounts> counts_ = std::make_shared<VariantCounts>();
  size_t shard_ = 0, next_ = 0;
};

/// The run of one "qc" stage.
class FinalQc {
 public:
  FinalQc(RunContext& run, const StageKeys& keys, const QcStage& stage, const QcStage::Setup& setup)
      : run_(run),
        keys_(keys),
        setup_(setup),
        filters_(MakeVariantFilters(setup.options)),
        counts_(InputManifest(run.store, kCountsKind, keys, setup.counts)),
        first_(InputManifest(run.store, kQcVariantsKind, keys, setup.qc_variants)),
        people_(InputManifest(run.store, kQcSamplesKind, keys, setup.qc_samples)),
        recount_(run.store, InputManifest(run.store, kCountsKind, keys, setup.recount)),
        manifest_(NewManifest(stage, keys)) {}

  void Run() {
    run_.progress.Start("qc", counts_.shards.size(), "shards");
    const std::vector<uint8_t> kept = KeptSamples(run_.store, people_);
    removed_first_.assign(filters_.size(), 0);
    removed_last_.assign(filters_.size(), 0);
    for (size_t shard = 0; shard < counts_.shards.size(); ++shard) {
      run_.stop.Check();
      JudgeShard(shard);
      run_.progress.Add(1);
    }
    const Table ledger = WritePeople(kept);
    run_.store.Seal(manifest_);
    run_.progress.Finish();
    RequireSurvivors(ledger);
  }

 private:
  void JudgeShard(size_t shard) {
    const H5Reader file = run_.store.Open(counts_, shard);
    const VariantTable variants = file.ReadVariants("/variants");
    const auto all = std::make_shared<const VariantCounts>(VariantCounts::Read(file));
    const VariantCounts& counts = *all;
    const Verdicts first = Verdicts::Read(run_.store.Open(first_, shard), "/verdicts");
    Verdicts verdicts = Verdicts::For(filters_);
    // Of variants that failed at first there are no later counts.
    std::vector<CountsAt> from(counts.size());
    for (size_t i = 0; i < from.size(); ++i) {
      from[i] = first.code[i] == 0 ? recount_.At(counts.rows[i]) : CountsAt{all, i};
    }
    std::vector<VariantFacts> facts(counts.size());
    oneapi::tbb::parallel_for(size_t{0}, facts.size(), [&](size_t i) {
      facts[i] = FactsOf(*from[i].counts, from[i].place, variants.chrom_class(i), variants.info(i),
                         setup_.options);
    });
    std::vector<uint64_t> passing;
    for (size_t i = 0; i < counts.size(); ++i) {
      if (first.code[i] != 0) {
        ++removed_first_[first.code[i] - 1u];
        verdicts.code.push_back(first.code[i]);
        verdicts.value.push_back(first.value[i]);
        continue;
      }
      JudgeVariant(filters_, facts[i], true, verdicts);
      if (verdicts.code.back() != 0) {
        ++removed_last_[verdicts.code.back() - 1u];
      } else {
        passing.push_back(counts.rows[i]);
      }
    }
    variants_ += counts.size();
    const auto out = run_.store.BeginShard(kQcKind, keys_.self, static_cast<uint32_t>(shard));
    out->file().WriteVariants("/variants", variants);
    out->file().WriteTable("/facts", MakeFactsTable(facts));
    verdicts.Write(out->file(), "/verdicts");
    out->file().Write("/passing", std::span<const uint64_t>(passing));
    manifest_.shards.push_back(out->Commit(counts.size()));
  }

  /// The last shard; returns the ledger.
  Table WritePeople(const std::vector<uint8_t>& kept) {
    const H5Reader people = run_.store.Open(people_, 0);
    const Verdicts verdicts = Verdicts::Read(people, "/verdicts");
    const Verdicts names = Verdicts::For(filters_);
    Ledger ledger(*setup_.cohort, variants_);
    ledger.Start();
    ledger.RemoveVariants("variants", names.filters, names.thresholds, removed_first_);
    ledger.RemoveSamples("samples", verdicts);
    ledger.RemoveVariants("variants_again", names.filters, names.thresholds, removed_last_);
    int64_t founders = 0;
    for (size_t s = 0; s < kept.size(); ++s) founders += kept[s] & setup_.cohort->founders[s];

    const auto index = static_cast<uint32_t>(manifest_.shards.size());
    const auto out = run_.store.BeginShard(kQcKind, keys_.self, index);
    out->file().Write("/kept", std::span<const uint8_t>(kept));
    out->file().Attribute("/kept", "founders", founders);
    out->file().WriteTable("/samples", people.ReadTable("/samples"));
    out->file().WriteTable("/families", people.ReadTable("/families"));
    Table table = ledger.ToTable();
    out->file().WriteTable("/ledger", table);
    manifest_.shards.push_back(out->Commit(0));
    return table;
  }

  RunContext& run_;
  const StageKeys& keys_;
  const QcStage::Setup& setup_;
  std::vector<NamedFilter<VariantFilter>> filters_;
  Manifest counts_, first_, people_;
  CountsCursor recount_;
  Manifest manifest_;
  std::vector<uint64_t> removed_first_, removed_last_;
  uint64_t variants_ = 0;
};

}  // namespace

void QcStage::Run(RunContext& run, const StageKeys& keys) const {
  FinalQc(run, keys, *this, setup_).Run();
}

}  // namespace kinflow
