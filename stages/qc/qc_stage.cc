#include "stages/qc/qc_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/qc/judge_again.h"
#include "stages/qc/ledger.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"
#include "stages/qc/sex_cutoffs.h"

namespace kinflow {
namespace {

/// The run of one "qc" stage.
class FinalQc {
 public:
  FinalQc(RunContext& run, const StageKeys& keys, const QcStage& stage, const QcStage::Setup& setup)
      : run_(run),
        keys_(keys),
        setup_(setup),
        counts_(InputManifest(run.store, kCountsKind, keys, setup.counts)),
        again_(run.store, keys, setup.recount, setup.options, setup.findings),
        manifest_(NewManifest(stage, keys)) {
    for (const QcStage::Round& round : setup.rounds) {
      variants_of_.push_back(InputManifest(run.store, kQcVariantsKind, keys, round.variants));
      people_of_.push_back(InputManifest(run.store, kQcSamplesKind, keys, round.samples));
    }
    removed_.assign(setup.rounds.size() + 1, std::vector<uint64_t>(again_.filters().size(), 0));
  }

  void Run() {
    run_.progress.Start("qc", counts_.shards.size(), "shards");
    again_.ForEach(
        counts_, variants_of_.back(), run_.memory_bytes,
        [this](size_t shard, const JudgedShard& judged) { return Write(shard, judged); },
        [this](const JudgedShard& judged, const ShardRecord& record) { Take(judged, record); });
    const Table ledger = WritePeople();
    run_.store.Seal(manifest_);
    run_.progress.Finish();
    RequireSurvivors(ledger);
  }

 private:
  /// Variants that `after` removed and `before` had not.
  void CountRemoved(const std::vector<uint8_t>& before, const std::vector<uint8_t>& after,
                    std::vector<uint64_t>& removed) const {
    for (size_t i = 0; i < after.size(); ++i) {
      if (after[i] != 0 && before[i] == 0) ++removed[after[i] - 1u];
    }
  }

  ShardRecord Write(size_t shard, const JudgedShard& judged) const {
    run_.stop.Check();
    Table facts = judged.facts;
    if (setup_.options.mendel_missing) facts.Add("GENOTYPES_SET", judged.mendel_blamed);
    const auto out = run_.store.BeginShard(kQcKind, keys_.self, static_cast<uint32_t>(shard));
    out->file().WriteVariants("/variants", judged.variants);
    out->file().WriteTable("/facts", facts);
    judged.verdicts.Write(out->file(), "/verdicts");
    out->file().Write("/passing", std::span<const uint64_t>(judged.passing));
    return out->Commit(judged.variants.size());
  }

  /// Counts what was removed in which round; shards come in order.
  void Take(const JudgedShard& judged, const ShardRecord& record) {
    const size_t shard = manifest_.shards.size();
    std::vector<uint8_t> before(judged.verdicts.code.size(), 0);
    for (size_t round = 0; round < variants_of_.size(); ++round) {
      std::vector<uint8_t> now =
          Verdicts::Read(run_.store.Open(variants_of_[round], shard), "/verdicts").code;
      CountRemoved(before, now, removed_[round]);
      before = std::move(now);
    }
    CountRemoved(before, judged.verdicts.code, removed_.back());
    variants_ += judged.variants.size();
    if (setup_.options.mendel_missing) {
      for (const int64_t calls : judged.mendel_blamed) {
        if (calls != Table::kMissingInt) genotypes_set_ += static_cast<uint64_t>(calls);
      }
    }
    manifest_.shards.push_back(record);
    run_.progress.Add(1);
  }

  /// A row a filter. What tells the sexes stands where they were judged, also if nobody is removed
  /// for theirs: before families.
  static void AddPeople(const std::string& step, const Verdicts& people, const Table& sex,
                        Ledger& ledger) {
    bool told = false;
    const auto tell = [&](const std::string& filter) {
      for (size_t t = 0; !told && t < sex.rows(); ++t) {
        const std::string& name = sex.StringsOf("name")[t];
        if (name != filter) ledger.Note(step, name, sex.DoublesOf("value")[t]);
      }
      told = true;
    };
    for (size_t f = 0; f < people.filters.size(); ++f) {
      const std::string& filter = people.filters[f];
      if (filter == kCallRateFirst) continue;  // of the first look alone
      if (filter == kSex || filter == "mendel") tell(filter);
      ledger.RemoveSamples(step, people, f);
    }
    tell("");
  }

  Ledger LedgerOfRounds() const {
    const Verdicts names = Verdicts::For(again_.filters());
    Ledger ledger(*setup_.cohort, variants_);
    ledger.Start();
    std::vector<uint8_t> before(setup_.cohort->samples->size(), 0);
    if (!setup_.first.empty()) {
      const Manifest first = InputManifest(run_.store, kQcSamplesKind, keys_, setup_.first);
      const Verdicts people = Verdicts::Read(run_.store.Open(first, 0), "/verdicts");
      ledger.RemoveSamples("samples_first", people, 0);
      before = people.code;
    }
    for (size_t round = 0; round < people_of_.size(); ++round) {
      const std::string number = round == 0 ? "" : fmt::format("_{}", round + 1);
      ledger.RemoveVariants("variants" + number, names.filters, names.thresholds, removed_[round]);
      const H5Reader judged = run_.store.Open(people_of_[round], 0);
      Verdicts people = Verdicts::Read(judged, "/verdicts");
      const std::vector<uint8_t> now = people.code;
      for (size_t s = 0; s < now.size(); ++s) {
        if (before[s] != 0) people.code[s] = 0;
      }
      AddPeople("samples" + number, people, judged.ReadTable("/sex_thresholds"), ledger);
      before = now;
    }
    ledger.RemoveVariants("variants_again", names.filters, names.thresholds, removed_.back());
    if (setup_.options.mendel_missing) ledger.SetMissing("mendel_errors", genotypes_set_);
    return ledger;
  }

  /// Whose allele frequencies those of the last counts are.
  int64_t CountFounders(const std::vector<uint8_t>& kept) {
    const std::vector<uint8_t> counted = setup_.cohort->FoundersAmong(kept);
    const auto n = std::count(counted.begin(), counted.end(), uint8_t{1});
    bool others = false;
    for (size_t s = 0; s < kept.size(); ++s) {
      others = others || (counted[s] != 0 && setup_.cohort->founders[s] == 0);
    }
    if (others) {
      manifest_.warnings.push_back(
          "quality control left no founder: allele frequencies are over everybody left");
      run_.log.Warn("{}", manifest_.warnings.back());
    }
    return n;
  }

  /// The last shard; returns the ledger.
  Table WritePeople() {
    const H5Reader people = run_.store.Open(people_of_.back(), 0);
    const std::vector<uint8_t> kept = KeptSamples(run_.store, people_of_.back());
    const int64_t founders = CountFounders(kept);
    const auto index = static_cast<uint32_t>(manifest_.shards.size());
    const auto out = run_.store.BeginShard(kQcKind, keys_.self, index);
    out->file().Write("/kept", std::span<const uint8_t>(kept));
    out->file().Attribute("/kept", "founders", founders);
    out->file().WriteTable("/samples", people.ReadTable("/samples"));
    out->file().WriteTable("/families", people.ReadTable("/families"));
    const Ledger ledger = LedgerOfRounds();
    Table table = ledger.ToTable();
    out->file().WriteTable("/ledger", table);
    manifest_.shards.push_back(out->Commit(0));
    for (std::string& line : ledger.Warnings()) {
      run_.log.Warn("{}", line);
      manifest_.warnings.push_back(std::move(line));
    }
    return table;
  }

  RunContext& run_;
  const StageKeys& keys_;
  const QcStage::Setup& setup_;
  Manifest counts_;
  JudgeAgain again_;
  Manifest manifest_;
  std::vector<Manifest> variants_of_, people_of_;  // by round
  std::vector<std::vector<uint64_t>> removed_;     // variants by round, at last; by filter
  uint64_t variants_ = 0, genotypes_set_ = 0;
};

}  // namespace

std::vector<std::string> QcStage::inputs() const {
  std::vector<std::string> inputs = {setup_.counts};
  if (!setup_.first.empty()) inputs.push_back(setup_.first);
  for (const Round& round : setup_.rounds) {
    inputs.push_back(round.variants);
    inputs.push_back(round.samples);
  }
  inputs.push_back(setup_.recount);
  for (const VariantFindings& found : setup_.findings) inputs.push_back(found.stage);
  if (const std::string stage = ReferenceFits::StageOf(setup_.options); !stage.empty()) {
    inputs.push_back(stage);
  }
  return inputs;
}

void QcStage::Run(RunContext& run, const StageKeys& keys) const {
  FinalQc(run, keys, *this, setup_).Run();
}

}  // namespace kinflow
