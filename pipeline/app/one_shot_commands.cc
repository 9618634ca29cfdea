#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/result_folder.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

/// Flags of load, qc and score: what differs from a config run is said in overrides.
struct OneShot {
  GenotypeFlags genotypes;
  RunFlags flags;
  std::string pedigree, preset;
  std::vector<std::string> weights;
  double min_overlap = -1;
  std::string missing, by;
  bool detail = false, keep_ambiguous = false;
};

std::string Quoted(const std::string& text) { return nlohmann::json(text).dump(); }

/// A one-shot command: the stages to reach and the table that `--out -` prints.
struct Step {
  const char* name;
  std::vector<std::string> targets;
  const char* main_table;
};

ExitCode RunOneShot(OneShot o, const Step& step, std::vector<std::string> own) {
  const ResultFolder out(o.genotypes.out);
  o.genotypes.out = out.path();
  std::vector<std::string> overrides = o.genotypes.Overrides();
  overrides.push_back("resources.work=" + Quoted(JoinPath(out.path(), "work")));
  if (!o.pedigree.empty()) overrides.push_back("pedigree.file=" + Quoted(o.pedigree));
  overrides.insert(overrides.end(), own.begin(), own.end());
  for (auto& flag : o.flags.Overrides()) overrides.push_back(std::move(flag));
  const auto config = OneShotConfig(overrides);
  if (!config) return ExitCode::kConfig;
  const ExitCode code = RunStudy(*config, o.flags, {step.targets, true, step.name, out.lasting()});
  out.Print(step.main_table);
  return code;
}

ExitCode Load(const OneShot& o) {
  return RunOneShot(o, {"load", {"dosage", "counts"}, ""}, {"dosage.store=always"});
}

ExitCode Qc(const OneShot& o) {
  std::vector<std::string> own;
  if (!o.preset.empty()) own.push_back("qc.preset=" + o.preset);
  // Counting without removing anything: a threshold that cannot fail asks for the tables.
  if (o.preset == "none") own.emplace_back("qc.variant.maf=0");
  return RunOneShot(o, {"qc", {"qc"}, "ledger.tsv"}, own);
}

ExitCode Score(const OneShot& o) {
  std::vector<std::string> own = {"scores.files=" + nlohmann::json(o.weights).dump(),
                                  "qc.preset=" + (o.preset.empty() ? "none" : o.preset)};
  if (o.min_overlap >= 0) own.push_back(fmt::format("scores.match.min_overlap={}", o.min_overlap));
  if (!o.missing.empty()) own.push_back("scores.missing=" + o.missing);
  if (!o.by.empty()) own.push_back("scores.match.by=" + o.by);
  if (o.keep_ambiguous) own.push_back("scores.match.ambiguous=keep");
  if (o.detail) own.push_back("scores.detail=true");
  return RunOneShot(o, {"score", {"scores"}, "scores.tsv"}, own);
}

CLI::App* AddOneShot(CLI::App& app, const char* name, const char* help, OneShot& options) {
  auto* command = app.add_subcommand(name, help);
  command->group("One step, without a config");
  options.genotypes.AddTo(*command);
  command->add_option("--pedigree", options.pedigree,
                      ".fam or TSV; default: the .fam or .psam beside a .bed or .pgen");
  options.flags.AddTo(*command);
  return command;
}

void AddPreset(CLI::App& command, OneShot& options, const std::string& help) {
  command.add_option("--preset", options.preset, help)
      ->check(CLI::IsMember({"auto", "imputed", "array", "mobapsychgen", "none"}));
}

}  // namespace

void AddLoadCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<OneShot>();
  auto* command =
      AddOneShot(app, "load", "genotypes -> lossless HDF5 dosage store, with counts", *options);
  command->get_option("--out")->check(CLI::Validator(
      [](const std::string& out) -> std::string {
        return out == "-" ? "a store is a folder: name one" : "";
      },
      "DIR"));
  command->callback([&action, options] { action = [options] { return Load(*options); }; });
}

void AddQcCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<OneShot>();
  auto* command =
      AddOneShot(app, "qc", "variant and sample QC with a ledger of every loss", *options);
  AddPreset(*command, *options, "auto, imputed, array, mobapsychgen, none");
  command->callback([&action, options] { action = [options] { return Qc(*options); }; });
}

void AddScoreCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<OneShot>();
  auto* command = AddOneShot(app, "score", "polygenic scores, many in one pass", *options);
  command
      ->add_option("--weights", options->weights,
                   "PGS Catalog or custom score files, patterns allowed")
      ->required()
      ->expected(1, -1);
  command
      ->add_option("--min-overlap", options->min_overlap, "share of lines that must match (0.75)")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--missing", options->missing, "mean (2 x frequency in founders) or none")
      ->check(CLI::IsMember({"mean", "none"}));
  command->add_option("--match-by", options->by, "auto, position or id")
      ->check(CLI::IsMember({"auto", "position", "id"}));
  command->add_flag("--keep-ambiguous", options->keep_ambiguous, "keep A/T and C/G variants");
  command->add_flag("--detail", options->detail,
                    "write scores_detail.tsv.gz (ALLELE_CT DENOM SUM AVG)");
  AddPreset(*command, *options, "QC preset to apply first (default: none)");
  command->callback([&action, options] { action = [options] { return Score(*options); }; });
}

}  // namespace kinflow
