#include <fmt/format.h>

#include "pipeline/app/study.h"
#include "stages/kinship/concordance_stage.h"
#include "stages/kinship/kinship_sums.h"
#include "stages/plates/small_p.h"

namespace kinflow {
namespace {

/// A number of people in a log.
std::string People(size_t n, int64_t small_cell) {
  const bool few = static_cast<int64_t>(n) < small_cell;
  return few ? fmt::format("fewer than {}", small_cell) : fmt::format("{}", n);
}

void WarnOfSums(const Table& people, int64_t small_cell, Log& log) {
  const size_t outliers = kinship::CountOutliers(people);
  if (outliers == 0) return;
  log.Warn(
      "kinship: people whose kinship with those whom the pedigree does not relate adds up to more "
      "than {:.2f}: {}. Their samples may be contaminated: OUTLIER of private/kinship_people.tsv",
      people.DoublesOf("MAX_SUM").front(), People(outliers, small_cell));
}

void WarnOfRepeats(const kinship::Disagreement& found, Log& log) {
  if (found.variants == 0) return;
  log.Warn(
      "concordance: at {} of {} variants {:g} % or more of the repeated calls, and at least {}, "
      "are other than the person's most frequent call: DEVIATING and REPEATS in "
      "private/concordance_variants.tsv.gz. Those to be left out go, an id of "
      "its column ID a line, into a file for input.exclude (--exclude)",
      found.variants, found.compared, 100 * kinship::kOftenDiscordant, kinship::kLeastDiscordant);
}

std::string Tests(const plates::SmallP& found, const char* of) {
  return fmt::format("{} of {} {}", found.small, found.tests, of);
}

void WarnOfEffects(const plates::SmallPs& found, Log& log) {
  for (const auto& [factor, small] : found) {
    log.Warn("plates: allele frequencies of {} depend on the {}: private/plate_effects.tsv.gz",
             Tests(small, "variants"), factor);
  }
}

void WarnOfPlates(const plates::SmallPs& found, Log& log) {
  for (const auto& [what, small] : found) {
    if (what == "edge") {
      log.Warn("plates: in {} edge wells have other call rates than inner ones: share/plates.tsv",
               Tests(small, "plates"));
    } else {
      log.Warn("plates: {} depend on the {}: share/plate_components.tsv",
               Tests(small, "principal components"), what);
    }
  }
}

void WarnOfInfo(const plates::SmallP& found, Log& log) {
  if (found.small == 0) return;
  log.Warn(
      "batches: the imputation quality of {} depends on the batch: "
      "private/batch_info_variants.tsv.gz",
      Tests(found, "variants"));
}

}  // namespace

void Study::TellFindings(const Plan& plan, const ArtifactStore& store, Log& log) const {
  const auto sealed = [&](const char* id) -> std::optional<Manifest> {
    if (!plan.Has(id)) return std::nullopt;
    const PlannedStage& p = plan.at(id);
    return store.Find(p.stage->kind(), p.keys.self);
  };
  if (const auto relatives = sealed("relatives")) {
    const Table pairs = store.Open(*relatives, 0).ReadTable("/pairs");
    WarnOfSums(kinship::PeopleWithSums(pairs, kinship_.max_sum_kinship), small_cell_, log);
  }
  if (const auto repeats = sealed("concordance")) {
    WarnOfRepeats(kinship::DisagreementOf(store, *repeats), log);
  }
  if (const auto effects = sealed("plate_effects")) {
    WarnOfEffects(plates::SmallOfEffects(store, *effects), log);
  }
  if (const auto found = sealed("plates")) WarnOfPlates(plates::SmallOfPlates(store, *found), log);
  if (const auto info = sealed("batch_info")) {
    WarnOfInfo(plates::SmallOfBatchInfo(store, *info), log);
  }
}

}  // namespace kinflow
