#include "pipeline/app/score_flags.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "stages/scores/score_layout.h"

namespace kinflow {

void ScoreFlags::AddReading(CLI::App& command) {
  command
      .add_option("--weights", weights,
                  "PGS Catalog files, tables ID ALLELE WEIGHT as for plink2, or weight tables of "
                  "other tools "
                  "(--layout, --columns); patterns allowed")
      ->required()
      ->expected(1, -1);
  command.add_option("--layout", layout, "the tool that wrote the weight tables")
      ->check(CLI::IsMember(LayoutNames()));
  command
      .add_option("--columns", columns,
                  "MEANING=COLUMN, by name or number from 1: effect_allele=A1 effect_weight=8; "
                  "effect_weight alone (several: W1,W2 or 3-12): names tell the others")
      ->expected(1, -1);
  command.add_option("--header", header, "whether the first line names the columns")
      ->check(CLI::IsMember({"present", "absent"}));
  command.add_option("--ratios", ratios, "odds and hazard ratios: refuse, log, as_is")
      ->check(CLI::IsMember({"refuse", "log", "as_is"}));
  command.add_option("--liftover", chain,
                     "UCSC chain file, for score files on another genome build");
  command.add_option("--freq", frequencies,
                     "allele frequencies (.afreq of plink2) in place of the founders'");
}

void ScoreFlags::AddMatching(CLI::App& command) {
  command.add_option("--min-overlap", min_overlap, "share of lines that must match (0.75)")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--min-weight-overlap", min_weight_overlap,
                  "share of summed |weight| that must match (0)")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--match-by", by, "auto, position or id")
      ->check(CLI::IsMember({"auto", "position", "id"}));
  command
      .add_option("--match-rules", rules,
                  "v2 (PGS Catalog calculator), or strict (README of stages/scores)")
      ->check(CLI::IsMember({"v2", "strict"}));
  auto* keep = command.add_flag("--keep-ambiguous", keep_ambiguous, "keep A/T and C/G variants");
  command
      .add_option(
          "--ambiguous", ambiguous,
          "A/T and C/G variants: drop, keep, or tell the strand by frequency; auto: drop, but "
          "keep those of lines with an id and one allele, as plink2")
      ->check(CLI::IsMember({"auto", "drop", "keep", "frequency"}))
      ->excludes(keep);
  command
      .add_option("--duplicates", duplicates,
                  "several lines on one variant (by id: on one allele): drop all (by id: fail), or "
                  "keep the first")
      ->check(CLI::IsMember({"drop", "first"}));
}

void ScoreFlags::AddTo(CLI::App& command) {
  AddReading(command);
  AddMatching(command);
  auto* imputation =
      command.add_option("--missing", missing, "mean (2 x frequency in founders), none or refuse")
          ->check(CLI::IsMember({"mean", "none", "refuse"}));
  command.add_flag("--no-mean-imputation", no_mean_imputation, "the same as --missing none")
      ->excludes(imputation);
  command
      .add_option("--x-males", x_males, "males on X: one copy (once), or two as in plink2 (twice)")
      ->check(CLI::IsMember({"once", "twice"}));
  auto* scales = command.add_option_group("genotypes", "what is weighted, as in plink2");
  scales->add_flag("--center", centre, "dosages less their mean, 2 x frequency");
  scales->add_flag("--variance-standardize", standardise,
                   "dosages less their mean, divided by sqrt(2 f (1 - f))");
  scales->add_flag("--dominant", dominant, "min(dosage, 1)");
  scales->add_flag("--recessive", recessive, "max(dosage - 1, 0)");
  scales->require_option(0, 1);
  command.add_flag("--plink2-compat", plink2_compat,
                   "with --center or --variance-standardize: missing genotypes add their mean "
                   "uncentred, as in plink2");
  command.add_flag("--detail", detail, "write scores_detail.tsv.gz (ALLELE_CT DENOM SUM AVG)");
  command.add_flag("--text", text, "write scores.tsv of more than 100 scores too, not HDF5 alone");
  command.add_flag("--list-variants", list_variants,
                   "write scores.sscore.vars: ids of the variants that scores use");
  command.add_flag("--transmitted", transmitted,
                   "scores by parent of origin too, passed on and not (needs a pedigree)");
  command.add_flag("--impute-parents", impute_parents,
                   "scores too of parents without genotypes, from their children");
  command.add_flag("--sscore", sscore, "write scores.sscore as plink2 does");
}

/// Files that describe themselves, or one table of files.
std::string ScoreFlags::Files() const {
  if (layout.empty() && columns.empty() && header.empty()) {
    return "scores.files=" + nlohmann::json(weights).dump();
  }
  nlohmann::json table = {{"files", weights}};
  if (!layout.empty()) table["layout"] = layout;
  if (!header.empty()) table["header"] = header;
  for (const auto& column : columns) {
    const size_t equals = column.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == column.size()) {
      throw Error(ErrorId::kBadArgument, "not MEANING=COLUMN")
          .Field("--columns")
          .Value(column)
          .Remedy("for example --columns rsID=1 effect_allele=2 effect_weight=3");
    }
    table["columns"][column.substr(0, equals)] = column.substr(equals + 1);
  }
  return "scores.tables=" + nlohmann::json::array({table}).dump();
}

std::vector<std::string> ScoreFlags::Overrides() const {
  std::vector<std::string> own = {Files()};
  const auto add = [&own](const char* key, const std::string& value) {
    if (!value.empty()) own.push_back(fmt::format("scores.{}={}", key, value));
  };
  add("ratios", ratios);
  if (!frequencies.empty()) add("frequencies", nlohmann::json(frequencies).dump());
  if (!chain.empty()) add("liftover.chain", nlohmann::json(chain).dump());
  if (min_overlap >= 0) add("match.min_overlap", fmt::format("{}", min_overlap));
  if (min_weight_overlap >= 0) {
    add("match.min_weight_overlap", fmt::format("{}", min_weight_overlap));
  }
  add("match.by", by);
  add("match.rules", rules);
  add("match.ambiguous", keep_ambiguous ? "keep" : ambiguous);
  add("match.duplicates", duplicates);
  add("missing", no_mean_imputation ? "none" : missing);
  add("x_males", x_males);
  add("genotypes", centre ? "centre" : standardise ? "standardise" : "");
  if (plink2_compat) add("plink2_compat", "true");
  add("effects", dominant ? "dominant" : recessive ? "recessive" : "");
  if (detail) add("detail", "true");
  if (transmitted) add("families.transmitted", "true");
  if (impute_parents) add("families.impute_parents", "true");
  if (list_variants) add("list_variants", "true");
  if (text) add("text", "true");
  if (sscore) add("sscore", "true");
  return own;
}

}  // namespace kinflow
