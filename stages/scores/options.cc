#include "stages/scores/options.h"

#include <glob.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {

SchemaNode ScoresSchema() {
  using namespace schema;
  SchemaNode match = Map(
      "match", "pairing of score lines with variants",
      {Number("min_overlap", "share of a score's lines that must match, genome-wide (inclusive)")
           .Default("0.75")
           .Within(0, 1),
       Number("min_weight_overlap", "share of a score's summed |weight| that must match")
           .Default("0")
           .Within(0, 1),
       Choice("ambiguous", "palindromic variants (A/T, C/G)", {"drop", "keep"}).Default("drop"),
       Choice("multiallelic", "variants split from multi-allelic records", {"drop", "keep"})
           .Default("drop"),
       Choice("duplicates", "several lines of a score on one variant: drop all, or keep the first",
              {"drop", "first"})
           .Default("drop"),
       Choice("strand_flips", "matches after complementing the alleles", {"keep", "drop"})
           .Default("keep"),
       Choice("by", "auto: by position, by id for files without positions",
              {"auto", "position", "id"})
           .Default("auto")});
  return Map(
      "scores", "polygenic scores",
      {TextList("files", "score files (PGS Catalog or tables); patterns allowed").OneOrMore(),
       FreeMap("names", "own name of a score -> name in outputs and formulas",
               Text("", "name in outputs")),
       std::move(match),
       Choice("missing", "missing genotypes: 2 x founder frequency, or left out", {"mean", "none"})
           .Default("mean"),
       Choice("unsupported_rows",
              "HLA, haplotype, interaction and non-additive lines: fail the score, or drop them",
              {"fail", "drop"})
           .Default("fail"),
       Choice("read",
              "auto: without QC, only the variants that scores use (up to 100000) are read; "
              "all: the whole input, kept in the dosage store for other scores",
              {"auto", "all"})
           .Default("auto")
           .NoResult(),
       Bool("detail", "write scores_detail.tsv.gz (ALLELE_CT DENOM SUM AVG of each score)")
           .Default("false")
           .NoResult(),
       AdjustSchema()});
}

ScoreOptions ScoreOptions::FromConfig(const ConfigNode& node) {
  ScoreOptions options;
  options.files = node.TextList("files");
  for (const auto& [from, to] : node.At("names").members()) {
    options.names.emplace(from, to.Text(""));
  }
  MatchRules& rules = options.match;
  rules.min_overlap = node.Number("match.min_overlap");
  rules.min_weight_overlap = node.Number("match.min_weight_overlap");
  rules.keep_ambiguous = node.Text("match.ambiguous") == "keep";
  rules.keep_multiallelic = node.Text("match.multiallelic") == "keep";
  rules.keep_first_match = node.Text("match.duplicates") == "first";
  rules.ignore_strand_flips = node.Text("match.strand_flips") == "drop";
  rules.drop_unsupported = node.Text("unsupported_rows") == "drop";
  const std::string& by = node.Text("match.by");
  rules.by = by == "id"         ? MatchRules::By::kId
             : by == "position" ? MatchRules::By::kPosition
                                : MatchRules::By::kAuto;
  options.mean_imputation = node.Text("missing") == "mean";
  options.detail = node.Bool("detail");
  options.read_all = node.Text("read") == "all";
  options.adjust = AdjustOptions::FromConfig(node.At("adjust"));
  return options;
}

std::string ScoreOptions::MatchJson() const {
  const nlohmann::json json = {
      {"ambiguous", match.keep_ambiguous ? "keep" : "drop"},
      {"by", static_cast<int>(match.by)},
      {"duplicates", match.keep_first_match ? "first" : "drop"},
      {"min_overlap", match.min_overlap},
      {"min_weight_overlap", match.min_weight_overlap},
      {"multiallelic", match.keep_multiallelic ? "keep" : "drop"},
      {"names", names},
      {"strand_flips", match.ignore_strand_flips ? "drop" : "keep"},
      {"unsupported_rows", match.drop_unsupported ? "drop" : "fail"},
  };
  return json.dump();
}

std::string ScoreOptions::ScoreJson() const {
  return nlohmann::json{{"missing", mean_imputation ? "mean" : "none"}}.dump();
}

std::vector<std::string> ExpandScoreFiles(const std::vector<std::string>& patterns,
                                          const std::string& folder) {
  std::vector<std::string> files;
  const auto add = [&](std::string path) {
    if (std::find(files.begin(), files.end(), path) == files.end())
      files.push_back(std::move(path));
  };
  for (const auto& pattern : patterns) {
    const std::string path = pattern.starts_with('/') ? pattern : JoinPath(folder, pattern);
    if (FileExists(path)) {
      add(path);
      continue;
    }
    if (path.find_first_of("*?[") == std::string::npos) {
      throw Error(ErrorId::kMissingFile, "score file does not exist").InFile(path);
    }
    glob_t found = {};
    const int rc = ::glob(path.c_str(), 0, nullptr, &found);
    for (size_t i = 0; rc == 0 && i < found.gl_pathc; ++i) {
      if (!IsFolder(found.gl_pathv[i])) add(found.gl_pathv[i]);
    }
    const bool any = rc == 0 && found.gl_pathc > 0;
    ::globfree(&found);
    if (!any) throw Error(ErrorId::kNoFileMatches, "no score file matches").Value(pattern);
  }
  return files;
}

}  // namespace kinflow
