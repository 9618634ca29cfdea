#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "pipeline/app/analysis_tables.h"
#include "pipeline/app/command.h"
#include "pipeline/app/fit_input.h"
#include "pipeline/app/fit_text.h"
#include "pipeline/app/publish.h"
#include "pipeline/app/published_record.h"
#include "pipeline/app/result_folder.h"
#include "pipeline/app/study_run.h"
#include "pipeline/app/version.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "stages/family/fit.h"
#include "stages/family/model.h"
#include "stages/family/sem/path_diagram.h"
#include "stages/family/told_once.h"
#include "stages/report/analysis_disclosure.h"
#include "stages/report/hidden_values.h"

namespace kinflow {
namespace {

struct FitFlags {
  std::string table, out, model, formula, cluster, person, data_format, wave, outcome_of, log;
  std::vector<std::string> vcov, missing, set;
  bool quiet = false;
  size_t threads = 0;  // 0 = all that are allowed

  /// Each flag is a shorthand for a key of FitSchema(); --set last, so that it wins.
  std::vector<std::string> Overrides() const {
    std::vector<std::string> given;
    const auto put = [&given](const std::string& key, const std::string& value) {
      if (!value.empty()) given.push_back(key + "=" + nlohmann::json(value).dump());
    };
    put("model", model);
    put("formula", formula);
    put("cluster", cluster);
    put("person", person);
    put("data_format", data_format);
    put("wave", wave);
    put("outcome_of", outcome_of);
    if (!vcov.empty()) given.push_back("vcov=" + nlohmann::json(vcov).dump());
    given.insert(given.end(), set.begin(), set.end());
    return given;
  }
};

AnalysisDisclosure DisclosureOf(const family::FitResult& result, int64_t small_cell) {
  const auto areas = result.tables.find("areas");
  return {result.tables.at("rows"), result.tables.at("groups"),
          areas == result.tables.end() ? Table{} : areas->second, result.tables.at("estimates"),
          small_cell};
}

/// What holds rows of people or of their groups.
void PublishPrivate(const family::FitResult& result, const std::string& id,
                    const std::string& folder) {
  if (result.individual.empty() && !result.refit) return;
  MakeFolders(folder);
  for (const auto& [name, table] : result.individual) PublishTable(table, name, folder);
  if (!result.refit) return;
  WriteTsv(result.refit->frame, JoinPath(folder, "refit_" + id + ".tsv"));
  WriteFileAtomically(JoinPath(folder, "refit_" + id + ".R"), result.refit->script);
}

/// As run leaves them: no file without a path.
void PublishDiagrams(const Table& paths, const std::string& folder) {
  const std::string file = "share/paths.dot", link = JoinPath(folder, "paths.dot");
  const std::string text = family::PathDiagrams(paths);
  if (text.empty()) {
    RemoveLink(link);
    RemoveFile(JoinPath(folder, file));
    return;
  }
  WriteFileAtomically(JoinPath(folder, file), text);
  LinkTo(file, link);
}

// Added to what is withheld: without a column of people few clusters or levels look like few
// people.
constexpr const char* kWhoRowsAreOf =
    "; people are counted by clusters or grouping factors, else by rows: --person COLUMN names "
    "them";

/// What may be seen by others; where that is not all, all of it goes to private/, with a warning.
/// `person`: the column of people, "" = not told.
void PublishShared(const family::FitResult& result, const AnalysisDisclosure& disclosure,
                   int64_t small_cell, const std::string& person, const ResultFolder& out,
                   Log& log) {
  const std::string folder = JoinPath(out.path(), "private");
  for (const auto& [name, table] : result.tables) {
    const Table shared = disclosure.Shared(name, table);
    PublishTable(shared, name, JoinPath(out.path(), "share"));
    LinkTo("share/" + name + ".tsv", JoinPath(out.path(), name + ".tsv"));
    if (name == "paths") PublishDiagrams(shared, out.path());
    const size_t withheld = table.rows() - shared.rows();
    const bool partial = withheld > 0 || HidesValues(table, shared);
    if (partial) {
      MakeFolders(folder);
      PublishTable(table, FullName(name), folder);
    } else {
      for (const char* end : {".tsv", ".h5"}) RemoveFile(JoinPath(folder, FullName(name) + end));
    }
    if (withheld > 0) {
      log.Warn("{}{}", WithheldText(name, withheld, small_cell, out.lasting()),
               person.empty() ? kWhoRowsAreOf : "");
    } else if (partial && name == "table1") {
      log.Warn("{}", HiddenNumbersText(small_cell, out.lasting()));
    }
  }
}

/// What a fit leaves or takes away, as the record of published files names it.
std::set<std::string> FilesOfFit(const family::FitResult& result, const std::string& id) {
  std::set<std::string> files;
  for (const auto& table : result.tables) {
    files.insert("share/" + table.first + ".tsv");
    files.insert("private/" + FullName(table.first) + ".tsv");
    if (table.first == "paths") files.insert("share/paths.dot");
  }
  for (const auto& table : result.individual) files.insert("private/" + table.first + ".tsv");
  if (result.refit) {
    for (const char* end : {".tsv", ".R"}) files.insert("private/refit_" + id + end);
  }
  return files;
}

/// Writes all tables into the folder, and tells of the results that it held.
void PublishFit(const family::FitResult& result, const AnalysisDisclosure& disclosure,
                const family::FitOptions& options, const ResultFolder& out, Log& log) {
  constexpr const char* kOfAFit = "fit";  // no digest: a run in this folder makes its own again
  const std::set<std::string> files = FilesOfFit(result, options.id);
  PublishedRecord record(out.path());
  const std::vector<std::string> older = record.Besides(files);
  std::vector<std::string> replaced = record.Besides({});
  std::erase_if(replaced, [&](const std::string& file) {
    return !files.contains(file) || record.IsCurrent(file, kOfAFit);
  });
  record.Forget();
  PublishShared(result, disclosure, options.small_cell, options.person, out, log);
  PublishPrivate(result, options.id, JoinPath(out.path(), "private"));
  for (const std::string& file : files) record.Set(file, kOfAFit);
  record.Save();
  if (!replaced.empty()) {
    log.Warn(
        "the output folder held results of a run, which this fit has replaced: {}, and run.json, "
        "the "
        "run's record; give each a folder of its own, and run again for those of the run",
        fmt::join(KindsOfResults(replaced), ", "));
  }
  WarnOfOlderResults(older, log);
}

/// Fits and writes the tables; models that failed come back as losses.
std::vector<Loss> FitAndPublish(const FitFlags& flags, family::FitOptions options,
                                const ResultFolder& out, std::vector<InputInfo>& files, Log& log) {
  const FitInput input = ReadFit(flags.table, flags.missing, options);
  files = input.files;
  if (input.columns > 0) {
    log.Info("{}: {} rows, {} columns", BaseName(flags.table), input.rows, input.columns);
  }
  for (const auto& warning : input.warnings) log.Warn("{}: {}", BaseName(flags.table), warning);
  const auto& wrong = input.faults;
  for (size_t i = 0; i + 1 < wrong.size(); ++i) log.Error("{}", wrong[i].Format());
  if (!wrong.empty()) throw wrong.back();
  const family::FitResult result = input.fit->Run();
  const AnalysisDisclosure disclosure = DisclosureOf(result, options.small_cell);
  PublishFit(result, disclosure, options, out, log);
  for (const auto& warning : result.warnings) log.Warn("{}", warning);
  // Not fmt::print: a reader of standard error that went away is no reason to end the run.
  if (!flags.quiet) {
    std::fputs(FitText(result, options, disclosure, !out.lasting()).c_str(), stderr);
  }
  std::vector<Loss> losses;
  std::vector<std::string> faults;
  for (const Error& e : result.failures) {
    faults.push_back(e.Format());
    losses.push_back({"family:" + options.id, ErrorName(e.id()), e.OneLine(), e.Advice(), ""});
  }
  for (const auto& told : family::TellOnce(faults)) {
    log.Error("{}{}", faults[told.first], family::CountText(told.count));
  }
  if (out.lasting()) log.Info("results in {}", flags.out);
  return losses;
}

/// "lmm, logit, ...": the other kinds.
std::string ModelNames() {
  std::string names;
  for (const auto& entry : family::ModelEntries()) {
    if (entry.name != "ols") names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  return names;
}

/// Keys whose values decide what is a fault of others.
constexpr std::array<std::string_view, 14> kDecisive{
    "model", "formula", "cluster", "person", "relatives", "data_format", "wave",
    "paths", "x",       "y",       "w",      "time",      "correlation", "mediator"};

/// What is wrong beside refused values, which are left out.
std::vector<Error> FurtherFaults(const FitFlags& flags) {
  const SchemaNode schema = family::FitSchema();
  std::vector<std::string> kept;
  ConfigResult loaded = LoadConfigText("{}\n", "command line", schema, kept);
  bool decisive = false;
  for (const std::string& given : flags.Overrides()) {
    kept.push_back(given);
    ConfigResult with = LoadConfigText("{}\n", "command line", schema, kept);
    if (with.errors.empty()) {
      loaded = std::move(with);
      continue;
    }
    kept.pop_back();
    const std::string key = given.substr(0, given.find_first_of(".="));
    decisive |= std::find(kDecisive.begin(), kDecisive.end(), key) != kDecisive.end();
  }
  if (decisive) return {};
  try {
    auto options = family::FitOptionsFrom(loaded.root);
    return ReadFit(flags.table, flags.missing, options).faults;
  } catch (const Error& fault) {
    return {fault};
  }
}

ExitCode Fit(const FitFlags& flags) {
  const auto start = std::chrono::steady_clock::now();
  auto loaded = LoadConfigText("{}\n", "command line", family::FitSchema(), flags.Overrides());
  if (!loaded.errors.empty()) {
    for (Error& fault : FurtherFaults(flags)) loaded.errors.push_back(std::move(fault));
  }
  const auto config = PrintOrReturn(std::move(loaded), "command line", "");
  if (!config) return ExitCode::kConfig;
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          flags.threads > 0 ? flags.threads : AvailableThreads());
  const ResultFolder out(flags.out);
  MakeFolders(JoinPath(out.path(), "share"));
  Log log(flags.log.empty() ? JoinPath(out.path(), "kinflow.log") : flags.log,
          flags.quiet ? LogLevel::kWarn : LogLevel::kInfo);
  log.Info("{}: fit", VersionLine());
  RunRecord record{"fit", config->name, "done", ExitCode::kOk, 0};
  std::vector<InputInfo> inputs;
  std::vector<Loss> losses;
  std::string main_table;
  try {
    const auto options = family::FitOptionsFrom(config->root);
    losses = FitAndPublish(flags, options, out, inputs, log);
    main_table = family::MakeModel(options.model)->MainTable() + ".tsv";
    record.exit_code = ExitCodeOf(losses);
  } catch (const Error& e) {
    record.exit_code = e.exit_code();
    log.Error("{}", e.Format());
  }
  if (record.exit_code != ExitCode::kOk) record.status = "failed";
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  WriteRunJson(JoinPath(out.path(), "run.json"), record, *config, inputs, nullptr, nullptr, {},
               losses);
  log.Info("exit={} name={} elapsed={:.2f}s peak_rss={}", static_cast<int>(record.exit_code),
           record.status, record.seconds, FormatBytes(PeakRss()));
  if (!main_table.empty()) out.Print(main_table);
  return record.exit_code;
}

}  // namespace

void AddFitCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("fit", "one regression on any table");
  command->group("One step, without a config");
  auto flags = std::make_shared<FitFlags>();
  command->add_option("--table", flags->table, "TSV or CSV with a header, gzip allowed")
      ->required();
  command->add_option("--model", flags->model, "ols (default), " + ModelNames());
  command->add_option("--formula", flags->formula,
                      "for example \"y ~ a + b * c + factor(d)\"; models told by paths have none");
  command
      ->add_option(
          "--out", flags->out,
          "output folder; -: only estimates.tsv (groups: groups.tsv, group_waves and mediation: "
          "contrasts.tsv, spatial: spatial.tsv), to standard output, and what else was asked for "
          "to "
          "standard error")
      ->required();
  command
      ->add_option("--missing", flags->missing,
                   "codes of missing values beside NA, NaN, '.' and empty fields: --missing=-9")
      ->expected(1, -1);
  command->add_option("--cluster", flags->cluster, "column whose values are the clusters");
  command->add_option(
      "--person", flags->person,
      "column of who a row is of: share/ hides what is of few people, not rows; for relatives");
  command
      ->add_option("--data-format", flags->data_format,
                   "wide: a row a person, with columns COLUMN_WAVE; long: a row a person and wave; "
                   "made what the model needs")
      ->check(CLI::IsMember({"auto", "wide", "long"}));
  command->add_option("--wave", flags->wave,
                      "column of waves, of model ols_by_wave or a long table; of a wide table the "
                      "name that it is given (default: wave)");
  command
      ->add_option("--vcov", flags->vcov,
                   "covariances: " + fmt::format("{}", fmt::join(family::CovarianceNames(), " ")))
      ->expected(1, -1)
      ->delimiter(',')
      ->check(CLI::IsMember(family::CovarianceNames()));
  command->add_option("--outcome-of", flags->outcome_of, "mother, father or child: labels effects")
      ->check(CLI::IsMember({"mother", "father", "child", "nobody"}));
  command
      ->add_option(
          "--set", flags->set,
          "a key of an analysis: steps, contrasts, family, reference.COLUMN, sample, df, "
          "ci, conf_level, small_cell, or of the model: link, correlation, paths, relatives, ...")
      ->expected(1)
      ->take_all()
      ->check(KeyAndValue());
  command
      ->add_option("--threads", flags->threads,
                   "threads (default: what Slurm, cgroup and affinity allow); the results are the "
                   "same for any number")
      ->check(CLI::Range(1, 1024));
  command->add_option("--log", flags->log, "log file (default: OUT/kinflow.log)");
  command->add_flag("--quiet", flags->quiet, "only warnings and errors on standard error");
  command->callback([&action, flags] { action = [flags] { return Fit(*flags); }; });
}

}  // namespace kinflow
