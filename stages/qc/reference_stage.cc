#include "stages/qc/reference_stage.h"

#include <fmt/format.h>

#include <array>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/data/alleles.h"
#include "pipeline/data/sites_table.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/reference_match.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {
namespace {

bool IsPalindromic(const VariantTable& variants, size_t i) {
  return IsAmbiguous(variants.ref(i), variants.alt(i), OtherStrand::kReverseComplement);
}

bool IsFlagged(ReferenceStatus status) {
  return status != ReferenceStatus::kNotCompared && status != ReferenceStatus::kAgrees &&
         status != ReferenceStatus::kAbsent;
}

/// Some shards of the counts, variants of all of them together.
struct Part {
  VariantTable variants;
  std::vector<FounderAlleles> founders;
  std::vector<size_t> ends;  // of each shard

  void Add(const H5Reader& file) {
    const VariantTable more = file.ReadVariants("/variants");
    const VariantCounts counts = VariantCounts::Read(file);
    for (size_t i = 0; i < counts.size(); ++i) {
      founders.push_back(FounderAllelesOf(counts, i, more.chrom_class(i)));
    }
    variants.Append(more);
    ends.push_back(variants.size());
  }
};

/// Variants by status, all and palindromic ones.
using Tally = std::array<std::array<int64_t, 2>, kReferenceStatuses>;

/// Rows of reference_variants.tsv.gz behind the sites.
class FlaggedRows {
 public:
  void Add(const ReferenceFit& fit, const ReferenceAllele& reference, double frequency) {
    suspect_.emplace_back(ReferenceStatusName(fit.status));
    alleles_.emplace_back(AlleleFitName(reference.fit));
    frequency_.push_back(frequency);
    reference_.push_back(reference.fit == AlleleFit::kOther ? VariantFacts::kNone
                                                            : reference.frequency);
    difference_.push_back(fit.difference);
    chi2_.push_back(fit.chi2);
    p_.push_back(fit.p);
  }
  Table Take() {
    Table table;
    table.Add("SUSPECT", std::move(suspect_));
    table.Add("ALLELES", std::move(alleles_));
    table.Add("AF", std::move(frequency_));
    table.Add("REFERENCE_AF", std::move(reference_));
    table.Add("DIFFERENCE", std::move(difference_));
    table.Add("CHI2", std::move(chi2_));
    table.Add("P", std::move(p_));
    return table;
  }

 private:
  Table::Strings suspect_, alleles_;
  Table::Doubles frequency_, reference_, difference_, chi2_, p_;
};

void WriteShard(H5Writer& out, const Part& part, size_t first, size_t end,
                const ReferenceMatch& match, const ReferenceLimits& limits, Tally& tally) {
  std::vector<uint8_t> status;
  std::vector<double> difference;
  VariantTable flagged;
  FlaggedRows rows;
  for (size_t i = first; i < end; ++i) {
    const FounderAlleles& own = part.founders[i];
    const bool palindromic = IsPalindromic(part.variants, i);
    const ReferenceFit fit = JudgeByReference(own.alt, own.all, match.At(i), palindromic, limits);
    status.push_back(static_cast<uint8_t>(fit.status));
    difference.push_back(fit.difference);
    auto& counted = tally[static_cast<size_t>(fit.status)];
    ++counted[0];
    counted[1] += palindromic ? 1 : 0;
    if (!IsFlagged(fit.status)) continue;
    flagged.Append(part.variants, i);
    rows.Add(fit, match.At(i), own.frequency());
  }
  out.Write("/status", std::span<const uint8_t>(status));
  out.Write("/difference", std::span<const double>(difference));
  out.WriteVariants("/variants", flagged);
  out.WriteTable("/flagged", rows.Take());
}

Table SummaryOf(const Tally& tally) {
  Table table;
  Table::Strings status;
  Table::Ints all, palindromic;
  for (size_t s = 0; s < tally.size(); ++s) {
    status.emplace_back(ReferenceStatusName(static_cast<ReferenceStatus>(s)));
    all.push_back(tally[s][0]);
    palindromic.push_back(tally[s][1]);
  }
  table.Add("STATUS", std::move(status));
  table.Add("VARIANTS", std::move(all));
  table.Add("PALINDROMIC", std::move(palindromic));
  return table;
}

int64_t Of(const Tally& tally, ReferenceStatus status) {
  return tally[static_cast<size_t>(status)][0];
}

/// What a person should know before using the genotypes; throws if nothing could be compared.
std::vector<std::string> Warnings(const Tally& tally, const std::string& path) {
  int64_t all = 0, flagged = 0;
  for (size_t s = 0; s < tally.size(); ++s) {
    all += tally[s][0];
    if (IsFlagged(static_cast<ReferenceStatus>(s))) flagged += tally[s][0];
  }
  const int64_t absent = Of(tally, ReferenceStatus::kAbsent);
  if (absent == all) {
    throw Error(ErrorId::kNoVariantMatched, "the reference has none of the variants")
        .InFile(path)
        .Field("qc.reference.file")
        .Remedy("give one of the genome build of the genotypes, or with their variant ids");
  }
  std::vector<std::string> warnings;
  if (2 * absent > all) {
    warnings.push_back(
        fmt::format("{} of {} variants are not in the reference: is it of another "
                    "genome build?",
                    absent, all));
  }
  const int64_t turned = Of(tally, ReferenceStatus::kStrand) +
                         Of(tally, ReferenceStatus::kPalindromicTurned) +
                         Of(tally, ReferenceStatus::kExchanged);
  if (turned > 0) {
    warnings.push_back(
        fmt::format("{} variants agree with the reference only with alleles "
                    "exchanged or on the other strand",
                    turned));
  }
  if (flagged > turned) {
    warnings.push_back(
        fmt::format("{} more variants are suspect beside the reference: see "
                    "reference_variants.tsv.gz",
                    flagged - turned));
  }
  return warnings;
}

}  // namespace

std::string ReferenceStage::options() const {
  return fmt::format(R"({{"difference":{},"p":{}}})", setup_.limits.difference, setup_.limits.p);
}

void ReferenceStage::Run(RunContext& run, const StageKeys& keys) const {
  const Manifest counts = InputManifest(run.store, kCountsKind, keys, "counts");
  Manifest manifest = NewManifest(*this, keys);
  Tally tally{};
  run.progress.Start(id(), counts.shards.size(), "shards");
  for (size_t next = 0; next < counts.shards.size();) {
    Part part;
    for (const size_t begin = next; next < counts.shards.size(); ++next) {
      if (next > begin && part.variants.size() >= setup_.part_variants) break;
      run.stop.Check();
      part.Add(run.store.Open(counts, next));
    }
    ReferenceMatch match(part.variants);
    FrequencyFileReader file(setup_.file);
    match.Read(file);
    size_t first = 0;
    for (const size_t end : part.ends) {
      const auto index = static_cast<uint32_t>(manifest.shards.size());
      auto shard = run.store.BeginShard(kReferenceKind, keys.self, index);
      WriteShard(shard->file(), part, first, end, match, setup_.limits, tally);
      manifest.shards.push_back(shard->Commit(end - first));
      first = end;
      run.progress.Add(1);
    }
  }
  const auto index = static_cast<uint32_t>(manifest.shards.size());
  auto shard = run.store.BeginShard(kReferenceKind, keys.self, index);
  shard->file().WriteTable("/summary", SummaryOf(tally));
  manifest.shards.push_back(shard->Commit(0));
  for (const std::string& warning : Warnings(tally, setup_.file)) {
    manifest.warnings.push_back("reference: " + warning);
    run.log.Warn("{}", manifest.warnings.back());
  }
  run.store.Seal(manifest);
  run.progress.Finish();
}

std::vector<ReferenceFit> ReadReferenceFits(const H5Reader& shard) {
  const std::vector<uint8_t> status = shard.ReadU8("/status");
  const std::vector<double> difference = shard.ReadF64("/difference");
  std::vector<ReferenceFit> fits(status.size());
  for (size_t i = 0; i < fits.size(); ++i) {
    fits[i].status = static_cast<ReferenceStatus>(status[i]);
    fits[i].difference = difference.at(i);
  }
  return fits;
}

Table ReferenceSummary(const ArtifactStore& store, const Manifest& reference) {
  return store.Open(reference, reference.shards.size() - 1).ReadTable("/summary");
}

void WriteReferenceVariants(const ArtifactStore& store, const Manifest& reference,
                            const std::string& path) {
  TsvWriter out(path);
  for (size_t i = 0; i + 1 < reference.shards.size(); ++i) {
    const H5Reader file = store.Open(reference, i);
    out.Append(WithSites(file.ReadVariants("/variants"), file.ReadTable("/flagged")));
  }
  out.Commit();
}

}  // namespace kinflow
