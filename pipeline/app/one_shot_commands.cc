#include <nlohmann/json.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/kinship_flags.h"
#include "pipeline/app/pca_flags.h"
#include "pipeline/app/result_folder.h"
#include "pipeline/app/score_flags.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

/// Flags of load, qc, kin, pca and score: what differs from a config run is said in overrides.
struct OneShot {
  GenotypeFlags genotypes;
  RunFlags flags;
  std::string pedigree, decisions, preset, reference;
  std::vector<std::string> against;
  ScoreFlags scores;
  KinshipFlags kinship;
  PcaFlags pca;
};

std::string Quoted(const std::string& text) { return nlohmann::json(text).dump(); }

/// A one-shot command: the stages to reach and the table that `--out -` prints.
struct Step {
  const char* name;
  std::vector<std::string> targets;
  const char* main_table;
  /// Reached too if relatives are asked for; components alone look for them, but tell nothing.
  std::vector<std::string> of_kinship;
};

ExitCode RunOneShot(OneShot o, const Step& step, std::vector<std::string> own) {
  const ResultFolder out(o.genotypes.out);
  o.genotypes.out = out.path();
  std::vector<std::string> overrides = o.genotypes.Overrides();
  overrides.push_back("resources.work=" + Quoted(JoinPath(out.path(), "work")));
  if (!o.pedigree.empty()) overrides.push_back("pedigree.file=" + Quoted(o.pedigree));
  if (!o.decisions.empty()) overrides.push_back("kinship.decisions=" + Quoted(o.decisions));
  overrides.insert(overrides.end(), own.begin(), own.end());
  for (auto& flag : o.flags.Overrides()) overrides.push_back(std::move(flag));
  const auto config = OneShotConfig(overrides);
  if (!config) return ExitCode::kConfig;
  std::vector<std::string> targets = step.targets;
  if (config->root.Bool("kinship.compute")) {
    targets.insert(targets.end(), step.of_kinship.begin(), step.of_kinship.end());
  }
  const ExitCode code =
      RunStudy(*config, o.flags, {targets, true, step.name, out.lasting(), step.main_table});
  out.Print(step.main_table);
  return code;
}

ExitCode Load(const OneShot& o) {
  return RunOneShot(o, {"load", {"dosage", "counts"}, "", {}}, {"dosage.store=always"});
}

ExitCode Qc(const OneShot& o) {
  std::vector<std::string> own;
  if (!o.preset.empty()) own.push_back("qc.preset=" + o.preset);
  // Counting without removing anything: a threshold that cannot fail asks for the tables.
  if (o.preset == "none") own.emplace_back("qc.variant.maf=0");
  if (!o.reference.empty()) own.push_back("qc.reference.file=" + Quoted(o.reference));
  // Checks that `--set` asks for are part of it; those that nobody asked for are no stages.
  return RunOneShot(o,
                    {"qc",
                     {"qc", "reference", "genotype_errors", "mendel_calls", "pca", "plates",
                      "plate_effects", "batch_info"},
                     "ledger.tsv",
                     {"relatives", "concordance", "trio_dosages"}},
                    own);
}

ExitCode Kin(const OneShot& o) {
  std::vector<std::string> own = o.kinship.Overrides();
  own.push_back("qc.preset=" + (o.preset.empty() ? "none" : o.preset));
  if (o.against.empty())
    return RunOneShot(o, {"kin", {"relatives", "concordance", "trio_dosages"}, "pairs.tsv", {}},
                      own);
  own.push_back("input.against=" + nlohmann::json(o.against).dump());
  return RunOneShot(o, {"kin", {"identity"}, "identity.tsv", {}}, own);
}

ExitCode Pca(const OneShot& o) {
  std::vector<std::string> own = o.pca.Overrides();
  if (o.pca.project.empty()) {
    for (std::string& flag : o.kinship.Overrides()) own.push_back(std::move(flag));
  }
  own.push_back("qc.preset=" + (o.preset.empty() ? "none" : o.preset));
  return RunOneShot(o, {"pca", {"pca"}, "pca.tsv", {}}, own);
}

ExitCode Score(const OneShot& o) {
  std::vector<std::string> own = o.scores.Overrides();
  if (o.genotypes.out == "-") own.emplace_back("scores.text=true");
  own.push_back("qc.preset=" + (o.preset.empty() ? "none" : o.preset));
  std::vector<std::string> targets = {"scores", "adjusted", "score_checks"};
  if (o.scores.transmitted || o.scores.impute_parents) targets.emplace_back("family_scores");
  return RunOneShot(o, {"score", targets, "scores.tsv", {}}, own);
}

CLI::App* AddOneShot(CLI::App& app, const char* name, const char* help, OneShot& options) {
  auto* command = app.add_subcommand(name, help);
  command->group("One step, without a config");
  options.genotypes.AddTo(*command);
  command->add_option("--pedigree", options.pedigree,
                      ".fam or TSV; default: the .fam or .psam beside a .bed or .pgen");
  command->add_option("--decisions", options.decisions,
                      "decisions.tsv of an earlier run, edited: applied before anything else");
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
  command->add_option("--reference", options->reference,
                      "allele frequencies of another cohort (.afreq of plink2) to compare with");
  command->callback([&action, options] { action = [options] { return Qc(*options); }; });
}

void AddKinCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<OneShot>();
  auto* command =
      AddOneShot(app, "kin", "relatedness of all pairs of people, against the pedigree", *options);
  options->kinship.AddTo(*command);
  command
      ->add_option("--against", options->against,
                   "an earlier genotyping of the same people: are the samples theirs?")
      ->expected(1, -1);
  AddPreset(*command, *options, "QC preset to apply first (default: none)");
  command->callback([&action, options] { action = [options] { return Kin(*options); }; });
}

void AddPcaCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<OneShot>();
  auto* command = AddOneShot(
      app, "pca", "principal components of unrelated founders, all others projected", *options);
  options->pca.AddTo(*command);
  options->kinship.AddTo(*command);
  AddPreset(*command, *options, "QC preset to apply first (default: none)");
  command->callback([&action, options] { action = [options] { return Pca(*options); }; });
}

void AddScoreCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<OneShot>();
  auto* command = AddOneShot(app, "score", "polygenic scores, many in one pass", *options);
  options->scores.AddTo(*command);
  AddPreset(*command, *options, "QC preset to apply first (default: none)");
  command->callback([&action, options] { action = [options] { return Score(*options); }; });
}

}  // namespace kinflow
