#include <fmt/format.h>

#include <algorithm>

#include "pipeline/app/accepted.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/error.h"
#include "stages/family/failed_models.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {

std::string AcceptedReason(const ConfigNode& root, const std::string& what,
                           const std::string& error) {
  for (const ConfigNode& entry : root.At("accept").items()) {
    const std::string& accepted = entry.Text("what");
    if (accepted == what || accepted == error) return entry.Text("reason");
  }
  return "";
}

std::vector<std::string> UnusedAccepts(const ConfigNode& root, const std::vector<Loss>& losses) {
  std::vector<std::string> unused;
  for (const ConfigNode& entry : root.At("accept").items()) {
    const std::string& what = entry.Text("what");
    const bool used = std::any_of(losses.begin(), losses.end(), [&what](const Loss& loss) {
      return loss.what == what || loss.error == what;
    });
    if (!used) unused.push_back(what);
  }
  return unused;
}

namespace {

std::string ErrorIdIn(const std::string& formatted) {
  const size_t at = formatted.find("error[");
  return at == std::string::npos ? "" : formatted.substr(at + 6, formatted.find(']', at) - at - 6);
}

void AddScores(const Table& scores, std::vector<Loss>& losses) {
  const auto& names = scores.StringsOf("SCORE");
  for (size_t r = 0; r < scores.rows(); ++r) {
    if (scores.StringsOf("ERROR")[r] == "NA") continue;
    losses.push_back({"score:" + names[r], scores.StringsOf("ERROR")[r],
                      scores.StringsOf("MESSAGE")[r], scores.StringsOf("REMEDY")[r], ""});
  }
}

/// A row without a score is of the analysis as a whole, or of its only model.
std::string ModelName(const Table& models, size_t row) {
  const std::string &model = models.StringsOf("model_id")[row],
                    &score = models.StringsOf("pgs")[row];
  if (model == "NA" && score == "NA") return "analysis " + models.StringsOf("analysis_id")[row];
  const std::string& wave = models.StringsOf("wave")[row];
  return fmt::format("model {} of score {}{}", model, score,
                     wave == "NA" ? "" : " at wave " + wave);
}

/// Models of one analysis that fail for one reason are one loss, by the name of the last: the full
/// one.
void AddModels(const std::string& stage, const Table& models, std::vector<Loss>& losses) {
  for (const auto& failed : family::TellFailedModels(models)) {
    const size_t r = failed.row;
    const std::string more = failed.count == 1 ? "" : fmt::format(" and {} more", failed.count - 1);
    losses.push_back({stage, models.StringsOf("error_id")[r],
                      fmt::format("{}{}{}: {}", ModelName(models, r), more, failed.outcomes,
                                  models.StringsOf("message")[r]),
                      models.StringsOf("remedy")[r], ""});
  }
}

}  // namespace

std::vector<Loss> CollectLosses(const Plan& plan, const ArtifactStore& store,
                                const std::vector<StageOutcome>& outcomes, const ConfigNode& root) {
  std::vector<Loss> losses;
  for (const StageOutcome& o : outcomes) {
    if (o.status == "failed" || o.status == "skipped") {
      losses.push_back({o.id, ErrorIdIn(o.error), o.error, "", ""});
    }
  }
  for (const PlannedStage& p : plan.stages()) {
    const auto manifest = store.Find(p.stage->kind(), p.keys.self);
    if (!manifest) continue;
    if (p.stage->kind() == "match") AddScores(ReadMatchScores(store, *manifest), losses);
    if (p.stage->kind() == "adjusted") {
      AddScores(store.Open(*manifest, 0).ReadTable("/adjustment"), losses);
    }
    if (p.stage->kind() == "family") {
      AddModels(p.stage->id(), store.Open(*manifest, 0).ReadTable("/models"), losses);
    }
  }
  for (Loss& loss : losses) loss.accepted = AcceptedReason(root, loss.what, loss.error);
  return losses;
}

ExitCode ExitCodeOf(const std::vector<Loss>& losses) {
  ExitCode code = ExitCode::kOk;
  for (const Loss& loss : losses) {
    if (!loss.accepted.empty()) continue;
    if (loss.error == ErrorName(ErrorId::kInternal)) return ExitCode::kInternal;
    code = ExitCode::kInput;
  }
  return code;
}

}  // namespace kinflow
