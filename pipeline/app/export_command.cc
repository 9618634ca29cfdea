#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pipeline/app/command.h"
#include "pipeline/app/export_decisions.h"
#include "pipeline/app/genotype_input.h"
#include "pipeline/app/run_pedigree.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/graph/forwarding_source.h"
#include "pipeline/graph/signal_thread.h"
#include "stages/export/export.h"
#include "stages/formats/pedigree_table.h"
#include "stages/kinship/apply_decisions.h"
#include "stages/qc/mendel_source.h"
#include "stages/writers/indexed_file.h"

namespace kinflow {
namespace {

struct ExportFlags {
  GenotypeFlags genotypes;
  ExportOptions options;
  std::string pedigree, decisions, mendel_errors, threads, memory;
  bool quiet = false;
};

std::optional<LoadedConfig> ConfigOf(const ExportFlags& flags) {
  std::vector<std::string> overrides = flags.genotypes.Overrides();
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) overrides.push_back(key + ("=" + nlohmann::json(value).dump()));
  };
  put("resources.threads", flags.threads);
  put("resources.memory", flags.memory);
  return OneShotConfig(overrides);
}

/// Where relations for the .fam come from: the file named, the table that lies beside a .bed or
/// .pgen, or the pedigree of the run whose output folder is exported. No file: nowhere.
PedigreeOptions PedigreeSource(const ExportFlags& flags, const GenotypeInput& input,
                               const RunPedigree& of_run) {
  PedigreeOptions options;
  options.file = flags.pedigree.empty() ? input.PedigreeFile() : flags.pedigree;
  return options.file.empty() ? of_run.options.value_or(options) : options;
}

/// The genotypes under the ids that were decided.
class DecidedSource : public ForwardingSource {
 public:
  DecidedSource(std::unique_ptr<GenotypeSource> inner, SampleTablePtr samples)
      : ForwardingSource(std::move(inner)), samples_(std::move(samples)) {}
  const SampleTablePtr& samples() const override { return samples_; }

 private:
  SampleTablePtr samples_;
};

/// A .fam looks complete without any relations.
void TellOfPedigree(const ExportFlags& flags, const PedigreeOptions& source,
                    const RunPedigree& of_run, Log& log) {
  constexpr const char* kLacks =
      "the .fam has a family of each person, no parents, and only sexes that the genotypes' files "
      "tell";
  const bool uses = flags.options.format == "bed" || flags.mendel_errors == "missing";
  if (of_run.options && source.file == of_run.options->file && flags.pedigree.empty()) {
    if (uses) log.Info("parents and sexes are those of the run's pedigree, {}", of_run.name);
  } else if (flags.options.format != "bed" || !source.file.empty()) {
    return;
  } else if (!of_run.name.empty()) {
    log.Warn("without --pedigree {}; the run's pedigree was {}, which {}", kLacks, of_run.name,
             of_run.why_not);
  } else {
    log.Info("without --pedigree {}", kLacks);
  }
}

/// Samples and pedigree as decided, if there are decisions.
void Decide(const ExportFlags& flags, Pedigree& pedigree, std::unique_ptr<GenotypeSource>& source,
            Log& log) {
  auto file = DecisionsOfExport(flags.genotypes.geno, flags.decisions);
  const size_t dropped = KeepForExport(*source->samples(), !pedigree.people().empty(), file);
  if (dropped > 0 && flags.options.format == "bed") {
    log.Warn("{}: decisions on parents, {}, are not applied without --pedigree",
             BaseName(file.path), dropped);
  }
  if (file.rows.empty()) return;
  auto decided = kinship::ApplyDecisions(file, source->samples(), pedigree.people());
  if (!pedigree.people().empty()) pedigree = Pedigree::Build(std::move(decided.people), file.path);
  source = std::make_unique<DecidedSource>(std::move(source), std::move(decided.samples));
  log.Info("{}: ids, sexes and parents are those decided; nobody is left out", BaseName(file.path));
}

/// The source without the calls that are blamed in Mendel errors, if that is asked for; null if
/// not.
const MendelSource* SetMendelErrorsMissing(const ExportFlags& flags, const Pedigree& pedigree,
                                           std::unique_ptr<GenotypeSource>& source, Log& log) {
  if (flags.mendel_errors.empty() && RunSetMendelErrorsMissing(flags.genotypes.geno)) {
    log.Warn(
        "the run set calls to missing for Mendel errors, this export keeps them; "
        "--mendel-errors missing leaves them out");
  }
  if (flags.mendel_errors != "missing") return nullptr;
  const auto cohort = Cohort::Build(source->samples(), pedigree);
  const std::vector<uint8_t> everybody(cohort->samples->size(), 1);
  MendelChecker checker(*cohort, everybody, true);
  if (checker.trios().empty()) {
    throw Error(ErrorId::kBadArgument,
                "Mendel errors are to be set to missing, but no child is exported with a parent")
        .Field("--mendel-errors")
        .Remedy("name the families with --pedigree");
  }
  auto masked = std::make_unique<MendelSource>(std::move(source), std::move(checker));
  const MendelSource* told = masked.get();
  source = std::move(masked);
  return told;
}

/// Throws kBadArgument if a file to be written is one that is read.
void RequireOtherFiles(const ExportFlags& flags, const GenotypeInput& input,
                       const std::string& pedigree) {
  std::vector<std::string> read = {pedigree, input.PedigreeFile()};
  for (const FileFacts& file : input.plan().files) {
    read.push_back(file.path);
    read.insert(read.end(), file.companions.begin(), file.companions.end());
  }
  for (const auto& written : ExportFiles(flags.options)) {
    for (const auto& name : read) {
      std::error_code none;
      if (!std::filesystem::equivalent(written, name, none)) continue;
      throw Error(ErrorId::kBadArgument, "the export would replace a file that it reads")
          .InFile(written)
          .Field("--out")
          .Remedy("give another prefix");
    }
  }
}

void Tell(Log& log, const ExportReport& report) {
  const double genotypes = static_cast<double>(report.variants) * report.samples;
  log.Info("{} variants of {} people; missing {} ({:.3g} %)", report.variants, report.samples,
           report.missing, 100 * static_cast<double>(report.missing) / genotypes);
  if (report.uncertain > 0) {
    log.Info("no hard call, the dosage being too uncertain: {} ({:.3g} %)", report.uncertain,
             100 * static_cast<double>(report.uncertain) / genotypes);
  }
  for (const auto& file : report.files) {
    log.Info("wrote {}", file);
    if (file.ends_with(".vcf.gz.csi")) {
      log.Info("the index is a .csi: a .tbi holds positions up to {} alone", kTabixBases);
    }
  }
  log.Info("these files hold data of individuals; only their owner may read them (0600)");
  log.Info("peak memory {}", FormatBytes(PeakRss()));
}

ExitCode RunExport(const ExportFlags& flags) {
  const auto config = ConfigOf(flags);
  if (!config) return ExitCode::kConfig;
  StopSignal stop;
  const SignalThread signals(stop);
  Log log("", flags.quiet ? LogLevel::kWarn : LogLevel::kInfo);
  Progress progress(flags.quiet ? Progress::Mode::kNone : Progress::Mode::kAuto);
  const ScanContext scan{.log = log,
                         .progress = progress,
                         .stop = stop,
                         .threads = ThreadsOf(config->root),
                         .memory_bytes = MemoryOf(config->root)};
  const GenotypeInput input(*config);
  ExportOptions options = flags.options;
  options.contigs = input.store() ? ContigsOf(*input.store()) : ContigsOf(input.plan());
  options.build = input.build();
  const RunPedigree of_run = PedigreeOfRun(flags.genotypes.geno);
  const PedigreeOptions families = PedigreeSource(flags, input, of_run);
  Pedigree pedigree = families.file.empty() ? Pedigree::Build({}, "") : ReadPedigree(families);
  options.pedigree = &pedigree;
  RequireOtherFiles(flags, input, families.file);
  TellOfPedigree(flags, families, of_run, log);
  auto source = input.Open();
  Decide(flags, pedigree, source, log);
  const MendelSource* masked = SetMendelErrorsMissing(flags, pedigree, source, log);
  progress.Start("export", source->input_bytes(), "bytes");
  const ExportReport report = Export(*source, options, scan);
  progress.Finish();
  if (const std::string unmatched = input.UnmatchedExclusions(); !unmatched.empty()) {
    log.Warn("{}", unmatched);
  }
  if (masked != nullptr) {
    log.Info("calls set to missing for Mendel errors: {}", masked->calls_set());
  }
  Tell(log, report);
  return ExitCode::kOk;
}

}  // namespace

void AddExportCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "export", "dosage store or any genotypes -> VCF or BCF with dosages, or PLINK .bed");
  command->group("One step, without a config");
  auto flags = std::make_shared<ExportFlags>();
  command
      ->add_option("PATH", flags->genotypes.geno,
                   "dosage store (output folder of load, artifact folder), or genotypes as for "
                   "--geno")
      ->required()
      ->expected(1, -1);
  command->add_option("--out", flags->options.prefix, "prefix of the files")->required();
  command
      ->add_option("--format", flags->options.format,
                   "vcf (PREFIX.vcf.gz; plink2 reads it into a .pgen with dosage=DS), bcf or bed")
      ->check(CLI::IsMember(ExportFormats()))
      ->default_val("vcf");
  command
      ->add_option("--hard-call-threshold", flags->options.hard_call_threshold,
                   "dosages further from 0, 1 and 2 than this have no hard call (GT, bed)")
      ->capture_default_str();
  command->add_option("--pedigree", flags->pedigree,
                      ".fam or TSV with parents and sexes for the .fam; default: that of a .bed or "
                      ".pgen, or of the "
                      "run whose output folder PATH is");
  command->add_option("--decisions", flags->decisions,
                      "decisions.tsv: exchanged samples and corrected sexes and parents; default: "
                      "what the run applied whose output folder PATH is");
  command
      ->add_option("--mendel-errors", flags->mendel_errors,
                   "hard calls that are blamed in Mendel errors among those exported: kept "
                   "(default), or missing as by plink1.9 --set-me-missing --mendel-duos")
      ->check(CLI::IsMember({"keep", "missing"}));
  flags->genotypes.AddSelection(*command);
  command->add_option("--threads", flags->threads, "threads (default: all allowed)");
  command->add_option("--memory", flags->memory, "memory budget, for example 24G");
  command->add_flag("--quiet", flags->quiet, "only warnings and errors on standard error");
  command->callback([&action, flags] { action = [flags] { return RunExport(*flags); }; });
}

}  // namespace kinflow
