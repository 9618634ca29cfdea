#include "pipeline/app/study_run.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "pipeline/app/accepted.h"
#include "pipeline/app/analysis_tables.h"
#include "pipeline/app/input_check.h"
#include "pipeline/app/option_names.h"
#include "pipeline/app/plan_estimates.h"
#include "pipeline/app/published_record.h"
#include "pipeline/app/run_record.h"
#include "pipeline/app/run_state.h"
#include "pipeline/app/version.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/graph/scan_executor.h"
#include "pipeline/store/layout.h"
#include "stages/family/main_table.h"
#include "stages/family/result_text.h"

namespace kinflow {
namespace {

/// The run's state that its record needs, whatever ends the run.
struct Progressed {
  std::unique_ptr<DigestCache> digests;
  std::unique_ptr<Study> study;
  std::unique_ptr<Plan> plan;
  std::vector<StageOutcome> outcomes;
  std::vector<Loss> losses;
};

void LogStart(Log& log, const RunContext& run, const RunRequest& request) {
  log.Info("{}: {}", VersionLine(), request.command);
  log.Info("threads {}, memory budget {}", run.threads, FormatBytes(run.memory_bytes));
}

/// Lists of people and decisions on them: size and digest would tell who and how many they are to
/// anyone with the ids of the cohort, who can try which few of them give these.
bool NamesFewPeople(const std::string& format) { return format == "list" || format == "decisions"; }

void LogInventory(Log& log, const Study& study) {
  for (const InputInfo& input : study.inventory()) {
    const std::string dosage =
        input.field.empty() ? ""
                            : fmt::format(", field {}, {} units a copy", input.field, input.units);
    const std::string batch = input.batch.empty() ? "" : "batch " + input.batch + ", ";
    const std::string size = NamesFewPeople(input.format) ? "" : ", " + FormatBytes(input.bytes);
    log.Info("input {}: {}{}{}{}, completeness: {}", BaseName(input.path), batch, input.format,
             size, dosage, input.completeness);
    if (input.bytes_to_read < input.bytes) {
      log.Info("input {}: {} of it are read", BaseName(input.path),
               FormatBytes(input.bytes_to_read));
    } else if (!input.reads_all_because.empty()) {
      log.Info("input {}: all of it is read ({})", BaseName(input.path), input.reads_all_because);
    }
    for (const auto& warning : input.warnings) log.Warn("{}: {}", BaseName(input.path), warning);
  }
  const Cohort& cohort = *study.cohort();
  size_t complete = 0;
  for (const Trio& trio : cohort.trios) complete += trio.complete() ? 1 : 0;
  log.Info("{} people genotyped, {} complete trios", cohort.samples->size(), complete);
  const size_t unknown = cohort.CountSex(Sex::kUnknown);
  if (unknown > 0) {
    log.Info(
        "sex of {} people unknown: on X they have the copies that are written (two in PLINK "
        "files), on Y their calls do not count, and their sex cannot be checked",
        unknown);
  }
  if (study.genotypes().build().empty()) {
    log.Info("genome build unknown: pseudoautosomal regions are not told from the rest of X");
  }
  if (study.genotypes().only_scored()) {
    log.Info("only variants at positions of the score files are read (scores.read: auto)");
  }
  if (const size_t excluded = study.genotypes().excluded_variants(); excluded > 0) {
    log.Info("variants of {} ids are left out (input.exclude)", excluded);
  }
  if (study.genotypes().removed_people() > 0) {
    log.Info("people of input.remove are left out");  // how many: ledger, if not too few
  }
}

/// The inventory for OUT/share, without folders, which often name projects and people, and without
/// what tells who stands in lists of people.
Table SharedInventory(std::vector<InputInfo> inputs) {
  for (InputInfo& input : inputs) {
    input.path = BaseName(input.path);
    input.index = BaseName(input.index);
  }
  const Table all = InventoryTable(inputs);
  Table shared;
  for (size_t c = 0; c < all.columns(); ++c) {
    const std::string& name = all.name(c);
    Table::Column column = all.column(c);
    for (size_t r = 0; r < inputs.size(); ++r) {
      if (!NamesFewPeople(inputs[r].format)) continue;
      if (name == "DIGEST") std::get<Table::Strings>(column)[r] = "NA";
      if (name == "BYTES" || name == "BYTES_TO_READ") {
        std::get<Table::Ints>(column)[r] = Table::kMissingInt;
      }
    }
    shared.Add(name, std::move(column));
  }
  return shared;
}

/// What `--set` asks a command for that does one step, and that it does not do.
void WarnOfOtherSteps(const ConfigNode& root, const Plan& plan, const std::string& command,
                      Log& log) {
  const auto check = [&](const char* key, bool asked, const char* stage, const char* does) {
    if (!asked || plan.Has(stage)) return;
    log.Warn("{}: kinflow {} does not compute it; kinflow {} and kinflow run do", key, command,
             does);
  };
  check("kinship.compute", root.Bool("kinship.compute"), "kinship", "kin");
  check("pca.compute", root.Bool("pca.compute"), "pca", "pca");
  check("plates.file", root.Has("plates.file"), "plates", "qc");
}

void PrintMainTable(const Plan& plan, const ArtifactStore& store, const Study& study) {
  for (const auto& analysis : study.analyses()) {
    const std::string id = "family:" + analysis.id;
    if (!plan.Has(id)) continue;
    const auto manifest = store.Find("family", plan.at(id).keys.self);
    if (!manifest) continue;
    const std::string main = family::MakeModel(analysis.model)->MainTable();
    // As OUT/share has them: what is printed ends in logs of jobs.
    AnalysisTables tables(study.small_cell(), {});
    std::string text;
    for (const std::string& name : {main, std::string("comparisons")}) {
      if (main == "estimates" && name != main) continue;
      const Table shared = tables.Shared(store, {*manifest}, name);
      const Table whole = tables.FullIfHidden(store, {*manifest}, name);
      family::MainTableOptions options;
      if (whole.rows() > 0) options.whole = &whole;
      text += main == "estimates" ? family::MainTable(shared, options)
                                  : family::ResultText(name, shared);
      text += WithheldNote(name, tables.Withheld(store, {*manifest}, name));
    }
    // Not fmt::print: a reader of standard error that went away is no reason to end the run.
    if (!text.empty()) std::fputs(("\n" + text).c_str(), stderr);
  }
}

/// Ids of input.variants are looked for while the input streams past: known when it was counted.
void WarnOfListedVariants(const Plan& plan, const ArtifactStore& store, const Study& study,
                          Log& log) {
  const size_t listed = study.genotypes().listed_variants();
  if (listed == 0 || !plan.Has("counts")) return;
  const auto counts = store.Find("counts", plan.at("counts").keys.self);
  if (!counts) return;
  uint64_t found = 0;
  for (const ShardRecord& shard : counts->shards) found += shard.rows;
  if (found < listed) {
    log.Warn("input.variants: {} ids are listed, {} variants have one of them{}{}", listed, found,
             study.genotypes().only_scored() ? " and lie at a scored position" : "",
             study.genotypes().excluded_variants() > 0 ? " and none of input.exclude" : "");
  }
}

/// Variants of a file of counts that lie on X, as far as pseudoautosomal ones are told from it.
uint64_t VariantsOnX(const H5Reader& file) {
  if (!file.Has(layout::kVariants)) return 0;
  const StringColumn names = file.ReadStrings(std::string(layout::kVariants) + "/chrom_names");
  bool named = false;
  for (size_t i = 0; i < names.size(); ++i) named |= names[i] == "X";
  if (!named) return 0;
  const VariantTable variants = file.ReadVariants(layout::kVariants);
  uint64_t on_x = 0;
  for (size_t r = 0; r < variants.size(); ++r) on_x += variants.chrom_class(r) == ChromClass::kX;
  return on_x;
}

/// Headers may name an X that no variant lies on, or leave it out: known when it was counted.
void WarnOfUnknownBuild(const Plan& plan, const ArtifactStore& store, const Study& study,
                        Log& log) {
  const bool males = study.cohort()->CountSex(Sex::kMale) > 0;
  if (!males || !study.genotypes().build().empty() || !plan.Has("counts")) return;
  const auto counts = store.Find("counts", plan.at("counts").keys.self);
  if (!counts) return;
  uint64_t on_x = 0;
  for (size_t s = 0; s < counts->shards.size(); ++s) on_x += VariantsOnX(store.Open(*counts, s));
  if (on_x == 0) return;
  log.Warn(
      "genome build unknown: which of {} variants on X are pseudoautosomal is not known, and "
      "males, "
      "who have two copies there, are counted with one; say it by input.build (--build)",
      on_x);
}

void WarnOfVariants(const Plan& plan, const ArtifactStore& store, const Study& study, Log& log) {
  WarnOfListedVariants(plan, store, study, log);
  WarnOfUnknownBuild(plan, store, study, log);
  const std::string unmatched = study.genotypes().UnmatchedExclusions();
  if (!unmatched.empty()) log.Warn("{}", unmatched);
}

/// "error[E0430] message", with the remedy; a failed stage's message holds all that. `options`: for
/// a command without a config.
std::string Described(const Loss& loss, bool options) {
  if (loss.remedy.empty()) return options ? InOptions(loss.message) : loss.message;
  const std::string accept =
      options ? fmt::format(R"(add --set 'accept=[{{what: "{}", reason: "WHY"}}]')", loss.what)
              : fmt::format("list {} under accept: with a reason", loss.what);
  const std::string text = fmt::format("error[{}] {}\n  remedy: {}{}", loss.error, loss.message,
                                       loss.remedy, loss.remedy.ends_with('.') ? "" : ".");
  return fmt::format("{} If the loss is intended, {}.", options ? InOptions(text) : text, accept);
}

/// `output` empty: nothing stays there. `options`: Described.
ExitCode Summarise(Log& log, const std::vector<Loss>& losses, const std::string& output,
                   const std::string& main_table, bool options) {
  size_t open = 0;
  for (size_t i = 0; i < losses.size(); ++i) {
    const Loss& loss = losses[i];
    if (loss.accepted.empty()) {
      ++open;
      // Stages of one pass fail together, by one error.
      const auto end = losses.begin() + static_cast<ptrdiff_t>(i);
      const auto first = std::find_if(losses.begin(), end,
                                      [&loss](const Loss& l) { return l.message == loss.message; });
      if (first != end) {
        log.Error("{} failed: for the same reason as {}{}", loss.what, first->what,
                  loss.remedy.empty() ? "" : ", " + loss.message);
      } else {
        log.Error("{} failed: {}", loss.what, Described(loss, options));
      }
    } else {
      log.Warn("{} failed, accepted ({}): {}", loss.what, loss.accepted, loss.message);
    }
  }
  if (!output.empty()) {
    const std::string first = open > 0 || main_table.empty() ? "" : JoinPath(output, main_table);
    log.Info("{} in {}{}", open == 0 ? "results" : "what could be done is", output,
             first.empty() || !FileExists(first) ? "" : "; begin with " + first);
  }
  if (open == 0) return ExitCode::kOk;
  const ExitCode code = ExitCodeOf(losses);
  log.Error("error[{}] {} failure{} not accepted: exit {}. What else could be done was done.",
            ErrorName(ErrorId::kNotAccepted), open, open == 1 ? "" : "s", static_cast<int>(code));
  return code;
}

std::string FormatFor(const RunRequest& request, const Error& error) {
  return request.links ? InOptions(error.Format()) : error.Format();
}

/// All of them; the exit code is that of the first.
ExitCode TellFaults(const std::vector<Error>& faults, const RunRequest& request, Log& log) {
  for (const Error& fault : faults) log.Error("{}", FormatFor(request, fault));
  return faults.front().exit_code();
}

ExitCode RunSession(const LoadedConfig& config, const RunRequest& request, Session& session,
                    Progressed& p) {
  RunContext& run = session.context();
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          run.threads);
  LogStart(run.log, run, request);
  if (request.lasting) {
    MarkRunning(config, request.command, session.output_folder(), run.store.work_folder());
  }
  run.progress.Start("inputs", 0, "files");
  p.digests = std::make_unique<DigestCache>(run.store.work_folder());
  try {
    p.study = std::make_unique<Study>(config, p.digests.get(), run.log);
  } catch (const Error& fault) {
    run.progress.Finish();
    if (fault.id() == ErrorId::kStopped) throw;
    return TellFaults(WithOtherFaults(fault, config), request, run.log);
  }
  run.progress.Finish();
  if (!p.study->faults().empty()) return TellFaults(p.study->faults(), request, run.log);
  LogInventory(run.log, *p.study);
  p.plan = std::make_unique<Plan>(p.study->Stages(request.targets), run.store, run.shard_genotypes,
                                  config.RunName(), RecordedKeys(session.output_folder()));
  if (request.links) WarnOfOtherSteps(config.root, *p.plan, request.command, run.log);
  p.digests->Save();  // a run that is killed from here on need not read its inputs for them again
  std::string estimates = Estimates(*p.study, *p.plan, run);
  estimates.pop_back();  // the log ends its lines itself
  run.log.Info("plan\n{}{}", p.plan->ToText(), estimates);

  const std::string& output = session.output_folder();
  MakeFolders(JoinPath(output, "share"));
  WriteTsv(SharedInventory(p.study->inventory()), JoinPath(output, "share/inputs.tsv"));
  p.outcomes = Execute(*p.plan, run, p.study->Sources(*p.plan, run.store), &p.outcomes);
  const std::vector<std::string> older =
      Publish(p.study->Products(), *p.plan, run.store, {output, request.links, run.memory_bytes});
  p.losses = CollectLosses(*p.plan, run.store, p.outcomes, config.root);
  for (const Error& list : p.study->genotypes().accepted_lists()) {
    const std::string error = ErrorName(list.id());
    p.losses.push_back({list.field(), error, list.message(), list.remedy(),
                        AcceptedReason(config.root, list.field(), error)});
  }
  p.study->TellBatches(*p.plan, run.store, run.log);
  if (request.lasting) p.study->TellQc(*p.plan, run.store, run.log);
  if (request.lasting) p.study->TellFindings(*p.plan, run.store, run.log);
  if (request.lasting) p.study->TellDecisions(*p.plan, run.store, run.log);
  p.study->TellWithheld(*p.plan, run.store, output, run.log);
  PrintMainTable(*p.plan, run.store, *p.study);
  WarnOfVariants(*p.plan, run.store, *p.study, run.log);
  for (const auto& what : UnusedAccepts(config.root, p.losses)) {
    run.log.Warn("accept: nothing named {} failed; correct or remove the entry", what);
  }
  // What `run --only` leaves alone is not older.
  if (request.links || request.targets.empty()) WarnOfOlderResults(older, run.log);
  return Summarise(run.log, p.losses, request.lasting ? output : "", request.main_table,
                   request.links);
}

ExitCode CodeOf(const Error& e, const StopSignal& stop) {
  if (e.id() != ErrorId::kStopped) return e.exit_code();
  return stop.signal() == 2 ? ExitCode::kInterrupted : ExitCode::kCheckpointed;
}

}  // namespace

ExitCode RunStudy(const LoadedConfig& config, const RunFlags& flags, const RunRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  Session session(config, flags);
  Progressed p;
  RunRecord record{request.command, config.name, "done", ExitCode::kOk, 0};
  std::string error;
  try {
    record.exit_code = RunSession(config, request, session, p);
    if (record.exit_code != ExitCode::kOk) record.status = "failed";
  } catch (const Error& e) {
    record.exit_code = CodeOf(e, session.context().stop);
    record.status = e.id() == ErrorId::kStopped ? "stopped" : "failed";
    error = FormatFor(request, e);
    session.log().Error("{}", error);
  }
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  try {
    WriteRunJson(JoinPath(session.output_folder(), "run.json"), record, config,
                 p.study ? p.study->inventory() : std::vector<InputInfo>(), p.study.get(),
                 p.plan.get(), p.outcomes, p.losses);
    UnmarkRunning(session.output_folder());
  } catch (const Error& e) {  // on a full disk the first error counts
    session.log().Error("{}", e.Format());
    if (error.empty()) error = e.Format();
    if (record.exit_code == ExitCode::kOk) {
      record.exit_code = e.exit_code();
      record.status = "failed";
    }
    MarkEnded(session.output_folder(), record, error);
  }
  session.log().Info("exit={} name={} elapsed={:.2f}s peak_rss={}",
                     static_cast<int>(record.exit_code), record.status, record.seconds,
                     FormatBytes(PeakRss()));
  return record.exit_code;
}

}  // namespace kinflow
