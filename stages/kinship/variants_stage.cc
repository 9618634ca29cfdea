#include "stages/kinship/variants_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/base/error.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/kinship/autosomes.h"
#include "stages/kinship/high_ld_regions.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/variant_facts.h"

namespace kinflow::kinship {
namespace {

enum Reason { kNotAutosomal, kQc, kCallRate, kMaf, kHighLd, kReasons };
constexpr std::array<const char*, kReasons> kNames = {"autosomes", "qc", "call_rate", "maf",
                                                      "high_ld"};

/// Judges variants in plan order.
class Chooser {
 public:
  /// `passed_qc`: rows, ascending; null = no quality control.
  Chooser(const KinshipOptions& options, RegionSetPtr high_ld,
          const std::vector<uint64_t>* passed_qc)
      : options_(options), high_ld_(std::move(high_ld)), passed_qc_(passed_qc) {}

  std::vector<uint64_t> Choose(const VariantTable& variants, const VariantCounts& counts) {
    static const QcOptions kNoQc;
    std::vector<uint64_t> rows;
    for (size_t i = 0; i < counts.size(); ++i) {
      const ChromClass chrom = variants.chrom_class(i);
      const VariantFacts facts = FactsOf(counts, i, chrom, variants.info(i), kNoQc);
      const int reason = Why(variants, i, counts.rows[i], facts);
      if (reason == kReasons) {
        rows.push_back(counts.rows[i]);
      } else {
        ++dropped_[static_cast<size_t>(reason)];
      }
    }
    seen_ += counts.size();
    return rows;
  }

  /// How many variants each reason took, in order.
  Table Filters() const {
    Table table;
    int64_t left = static_cast<int64_t>(seen_);
    Table::Strings names;
    Table::Ints in, out;
    for (size_t k = 0; k < kReasons; ++k) {
      names.emplace_back(kNames[k]);
      in.push_back(left);
      out.push_back(left -= static_cast<int64_t>(dropped_[k]));
    }
    table.Add("FILTER", names);
    table.Add("VARIANTS_IN", in);
    table.Add("VARIANTS_OUT", out);
    return table;
  }

 private:
  /// kReasons = chosen. A floor that cannot be judged (nobody called, no founders) is not reached.
  int Why(const VariantTable& variants, size_t i, uint64_t row, const VariantFacts& facts) const {
    if (!OnAutosome(variants, i)) return kNotAutosomal;
    if (passed_qc_ && !std::binary_search(passed_qc_->begin(), passed_qc_->end(), row)) return kQc;
    if (options_.call_rate > 0 && !(facts.call_rate >= options_.call_rate)) return kCallRate;
    if (options_.maf > 0 && !(facts.maf >= options_.maf)) return kMaf;
    if (high_ld_ && high_ld_->Contains(variants.chrom(i), variants.pos(i))) return kHighLd;
    return kReasons;
  }

  const KinshipOptions& options_;
  RegionSetPtr high_ld_;
  const std::vector<uint64_t>* passed_qc_;
  std::array<uint64_t, kReasons> dropped_{};
  uint64_t seen_ = 0;
};

std::string Described(const Table& filters) {
  std::string text;
  for (size_t r = 0; r < filters.rows(); ++r) {
    text += fmt::format("{}{} {}", r == 0 ? "" : ", ", filters.Cell(r, 0),
                        filters.IntsOf("VARIANTS_OUT")[r]);
  }
  return text;
}

}  // namespace

std::vector<std::string> VariantsStage::inputs() const {
  std::vector<std::string> inputs = {setup_.counts};
  if (!setup_.qc.empty()) inputs.push_back(setup_.qc);
  return inputs;
}

void VariantsStage::Run(RunContext& run, const StageKeys& keys) const {
  const Manifest counts = InputManifest(run.store, kCountsKind, keys, setup_.counts);
  const bool has_qc = !setup_.qc.empty();
  std::vector<uint64_t> passed_qc;
  if (has_qc) {
    passed_qc = PassingRows(run.store, InputManifest(run.store, kQcKind, keys, setup_.qc));
  }
  const RegionSetPtr high_ld =
      setup_.options.without_high_ld ? HighLdRegions(setup_.build) : nullptr;
  Manifest manifest = NewManifest(*this, keys);
  if (setup_.options.without_high_ld && !high_ld) {
    manifest.warnings.push_back(
        "kinship: the genome build is not known, so regions of long-range linkage disequilibrium "
        "are not left out; name it with --build (input.build)");
    run.log.Warn("{}", manifest.warnings.back());
  }
  Chooser chooser(setup_.options, high_ld, has_qc ? &passed_qc : nullptr);
  run.progress.Start(id(), counts.shards.size(), "shards");
  uint64_t chosen = 0;
  for (size_t shard = 0; shard < counts.shards.size(); ++shard) {
    run.stop.Check();
    const H5Reader file = run.store.Open(counts, shard);
    const std::vector<uint64_t> rows =
        chooser.Choose(file.ReadVariants("/variants"), VariantCounts::Read(file));
    chosen += rows.size();
    const auto out = run.store.BeginShard(kVariantsKind, keys.self, static_cast<uint32_t>(shard));
    out->file().Write("/passing", std::span<const uint64_t>(rows));
    manifest.shards.push_back(out->Commit(rows.size()));
    run.progress.Add(1);
  }
  const Table filters = chooser.Filters();
  const auto out =
      run.store.BeginShard(kVariantsKind, keys.self, static_cast<uint32_t>(manifest.shards.size()));
  out->file().WriteTable("/filters", filters);
  manifest.shards.push_back(out->Commit(0));
  run.log.Info("{}: variants left: {}", id(), Described(filters));
  if (chosen == 0) {
    throw Error(ErrorId::kNoVariantsLeft,
                "no variant is left to compare people by: after " + Described(filters))
        .Field("kinship.variants")
        .Remedy("relax the floors under kinship.variants; genotypes need autosomal variants");
  }
  run.store.Seal(manifest);
  run.progress.Finish();
}

}  // namespace kinflow::kinship
