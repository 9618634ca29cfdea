#include <fmt/format.h>

#include <map>

#include "pipeline/app/command.h"
#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/base/text.h"
#include "pipeline/graph/signal_thread.h"
#include "stages/simulate/simulate.h"

namespace kinflow {
namespace {

struct SimulateFlags {
  SimulateOptions options;
  std::string format = "vcf", fields = "GT,DS";
  unsigned threads = 0;
};

ExitCode RunSimulate(SimulateFlags flags) {
  static const std::map<std::string, SimulateFormat, std::less<>> kFormats = {
      {"vcf", SimulateFormat::kVcf}, {"bcf", SimulateFormat::kBcf}, {"bed", SimulateFormat::kBed}};
  static const std::map<std::string, SimulateField, std::less<>> kFields = {
      {"GT", SimulateField::kGt},
      {"DS", SimulateField::kDs},
      {"HDS", SimulateField::kHds},
      {"GP", SimulateField::kGp}};
  SimulateOptions& o = flags.options;
  o.format = kFormats.at(flags.format);
  o.fields.clear();
  for (const auto field : Split(flags.fields, ',')) {
    const auto it = kFields.find(field);
    if (it == kFields.end()) {
      throw Error(ErrorId::kBadArgument, "--fields: no such FORMAT field")
          .Value(field)
          .Remedy("a comma list of GT, DS, HDS, GP in the order wanted");
    }
    o.fields.push_back(it->second);
  }
  o.threads = flags.threads > 0 ? flags.threads : AvailableThreads();
  StopSignal stop;
  const SignalThread signals(stop);
  Log log("", LogLevel::kInfo);
  const SimulateReport report = Simulate(o, log, stop);
  log.Info("{} people in {} families, {} pregnancies, {} children, {} variants; peak memory {}",
           report.samples, report.families, report.pregnancies, report.children, report.variants,
           FormatBytes(PeakRss()));
  for (const auto& file : report.files) log.Info("wrote {}", file);
  return ExitCode::kOk;
}

}  // namespace

void AddSimulateCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "simulate", "families with known truth: genotypes, pedigree, phenotypes, score files");
  command->group("One step, without a config");
  auto flags = std::make_shared<SimulateFlags>();
  SimulateOptions& o = flags->options;
  command->add_option("--trios", o.trios, "pregnancies")->capture_default_str();
  command->add_option("--variants", o.variants, "variants over all chromosomes")
      ->capture_default_str();
  command->add_option("--seed", o.seed, "equal seeds give equal bytes")->capture_default_str();
  command->add_option("--out", o.out, "prefix of all files")->required();
  command->add_option("--format", flags->format, "vcf, bcf (imputed dosages) or bed (hard calls)")
      ->check(CLI::IsMember({"vcf", "bcf", "bed"}))
      ->capture_default_str();
  command->add_option("--fields", flags->fields, "FORMAT fields in order")->capture_default_str();
  command->add_option("--chromosomes", o.chromosomes, "autosomes, 1 to 22")->capture_default_str();
  command->add_flag("--per-chromosome", o.per_chromosome, "one genotype file a chromosome");
  command->add_option("--r2", o.r2, "mean imputation r2")->capture_default_str();
  command->add_option("--missing-rate", o.missing_rate, "missing hard calls (bed)")
      ->capture_default_str();
  command->add_option("--error-rate", o.error_rate, "wrong hard calls (bed)")
      ->capture_default_str();
  command
      ->add_option("--scores", o.scores,
                   "score files: PGS900001 acts, PGS900002 does not, from PGS900003 on each "
                   "correlates by 0.7 with the first, their general factor")
      ->capture_default_str();
  command->add_option("--second-pregnancies", o.second_pregnancies, "share of mothers with two")
      ->capture_default_str();
  command->add_option("--twins", o.twins, "share of twin pregnancies")->capture_default_str();
  command->add_option("--missing-fathers", o.missing_fathers, "share of fathers not genotyped")
      ->capture_default_str();
  command->add_option("--effect-mother", o.effect_mother, "per SD of the score")
      ->capture_default_str();
  command->add_option("--effect-father", o.effect_father, "per SD of the score")
      ->capture_default_str();
  command->add_option("--effect-child", o.effect_child, "per SD of the score")
      ->capture_default_str();
  command->add_option("--threads", flags->threads, "threads (default: all allowed)");
  command->callback([&action, flags] { action = [flags] { return RunSimulate(*flags); }; });
}

}  // namespace kinflow
