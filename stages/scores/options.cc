#include "stages/scores/options.h"

#include <fmt/format.h>
#include <glob.h>

#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

Ratios RatiosOf(const std::string& text) {
  return text == "log" ? Ratios::kLog : text == "as_is" ? Ratios::kAsIs : Ratios::kRefuse;
}

SchemaNode TablesSchema() {
  using namespace schema;
  std::vector<std::string> layouts = {"auto"};
  for (auto& name : LayoutNames()) layouts.push_back(std::move(name));
  return List(
      "tables", "weight tables that do not describe themselves",
      Map("", "files that are laid out alike",
          {TextList("files", "paths; patterns allowed").OneOrMore().Required(),
           Choice("layout", "the tool that wrote them; auto: columns are known by their names",
                  std::move(layouts))
               .Default("auto"),
           FreeMap("columns",
                   "meaning (effect_allele, other_allele, effect_weight, rsID, chr_name, "
                   "chr_position, OR, HR, allelefrequency_effect) -> column; effect_weight alone: "
                   "names "
                   "tell the others",
                   Text("", "a name, a number from 1, or for several scores a list: 3-12")),
           Choice("header",
                  "a first line with names; auto: as the layout, absent if all columns "
                  "are numbers",
                  {"auto", "present", "absent"})
               .Default("auto"),
           Text("build", "genome build of the positions").Default(""),
           Text("name",
                "name of the score: several files (one a chromosome) are parts of it then; without "
                "one each file is named after itself")
               .Default("")}));
}

ScoreTable TableFrom(const ConfigNode& node, const ScoreReading& shared) {
  ScoreTable table{node.TextList("files"), shared};
  ScoreReading& reading = table.reading;
  reading.layout = node.Text("layout");
  for (const auto& [meaning, column] : node.At("columns").members()) {
    reading.columns.emplace(meaning, column.Text(""));
  }
  const std::string& header = node.Text("header");
  reading.header = header == "present"  ? ScoreReading::Header::kPresent
                   : header == "absent" ? ScoreReading::Header::kAbsent
                                        : ScoreReading::Header::kByLayout;
  reading.build = node.Text("build");
  reading.name = node.Text("name");
  return table;
}

constexpr const char* kAmbiguousNames[] = {"auto", "drop", "keep", "frequency"};

}  // namespace

SchemaNode ScoresSchema() {
  using namespace schema;
  SchemaNode match = Map(
      "match", "pairing of score lines with variants",
      {Choice("rules",
              "v2: those of the PGS Catalog calculator; strict: the other strand is the reverse "
              "complement, and a line that fits several variants equally is dropped",
              {"v2", "strict"})
           .Default("v2"),
       Number("min_overlap", "share of a score's lines that must match, genome-wide (inclusive)")
           .Default("0.75")
           .Within(0, 1),
       Number("min_weight_overlap", "share of a score's summed |weight| that must match")
           .Default("0")
           .Within(0, 1),
       Choice(
           "ambiguous",
           "palindromic variants (A/T, C/G); frequency: kept on the strand that the effect "
           "allele's frequency in the score file tells; auto: drop, but keep those of lines that "
           "have an id and one allele (as plink2 --score)",
           {"auto", "drop", "keep", "frequency"})
           .Default("auto"),
       Number("ambiguous_margin", "ambiguous: frequency needs frequencies this far from 1/2")
           .Default("0.1")
           .Within(0, 0.5),
       Number("frequency_difference",
              "a larger difference of the effect allele's frequency, file against target, is "
              "counted and reported")
           .Default("0.2")
           .Within(0, 1),
       Choice(
           "multiallelic",
           "variants split from multi-allelic records; keep: lines whose effect allele is the ALT "
           "of one of them",
           {"drop", "keep"})
           .Default("drop"),
       Choice(
           "duplicates",
           "several lines of a score on one variant: drop all, or keep the first; by id, several "
           "with the same allele: fail the score, or keep the first",
           {"drop", "first"})
           .Default("drop"),
       Choice("strand_flips", "matches after complementing the alleles", {"keep", "drop"})
           .Default("keep"),
       Choice("by",
              "auto: by position, by id for files without positions; by id as plink2 --score: both "
              "alleles may have weights, one allele alone is read on its own strand",
              {"auto", "position", "id"})
           .Default("auto")});
  return Map(
      "scores", "polygenic scores",
      {TextList(
           "files",
           "score files (PGS Catalog, tables with names of columns, or ID ALLELE WEIGHT without "
           "names); patterns allowed")
           .OneOrMore(),
       TablesSchema(),
       Choice("ratios",
              "odds and hazard ratios (column OR or HR, weight_type): refuse; log: their logarithm "
              "is the weight; as_is: the column holds logarithms already",
              {"refuse", "log", "as_is"})
           .Default("refuse"),
       Choice("unknown_columns", "unknown columns beside a weight column", {"warn", "error"})
           .Default("warn"),
       Map("liftover", "score files on another genome build than the genotypes",
           {Text("chain", "UCSC chain file from their build to that of the genotypes").Nullable(),
            Number("min_share", "share of a file's positions that must have a place there")
                .Default("0.95")
                .Within(0, 1)}),
       Text("frequencies",
            "allele frequencies in place of the founders' (.afreq of plink2, variants.tsv.gz), for "
            "missing genotypes and palindromic variants")
           .Nullable(),
       FreeMap("names", "own name of a score -> name in outputs and formulas",
               Text("", "name in outputs")),
       std::move(match),
       Choice("missing",
              "missing genotypes: 2 x founder frequency, left out, or refused (of anybody read)",
              {"mean", "none", "refuse"})
           .Default("mean"),
       Choice("genotypes",
              "dosages d enter as they are, centred (d - 2 f), or standardised (also divided by "
              "sqrt(2 f (1 - f)))",
              {"as_is", "centre", "standardise"})
           .Default("as_is"),
       Bool(
           "plink2_compat",
           "with genotypes: centre or standardise and missing: mean, missing genotypes add their "
           "mean uncentred, as plink2 --score does; else nothing, which is their mean once centred")
           .Default("false"),
       Choice("x_males",
              "males on X: one copy of each allele whatever the format writes, or two as plink2 "
              "--score counts",
              {"once", "twice"})
           .Default("once"),
       Choice("effects", "effect type of all lines; as_written: what the files say",
              {"as_written", "additive", "dominant", "recessive"})
           .Default("as_written"),
       Choice("unsupported_rows",
              "HLA, haplotype, diplotype and interaction lines: fail the score, or drop them",
              {"fail", "drop"})
           .Default("fail"),
       Choice("read",
              "auto: without QC, only variants at the positions of score files are read (up to "
              "100000; all where lines are matched by id: list them in input.variants); "
              "all: the whole input, kept in the dosage store for other scores",
              {"auto", "all"})
           .Default("auto")
           .NoResult(),
       Bool("detail", "write scores_detail.tsv.gz (ALLELE_CT DENOM SUM AVG of each score)")
           .Default("false")
           .NoResult(),
       Bool("text", "write scores.tsv of more than 100 scores too, not HDF5 alone")
           .Default("false")
           .NoResult(),
       Bool("list_variants", "write scores.sscore.vars: ids of the variants that scores use")
           .Default("false")
           .NoResult(),
       Bool("sscore",
            "write scores.sscore as plink2 does: ALLELE_CT, DENOM and AVG over the variants of all "
            "scores together")
           .Default("false")
           .NoResult(),
       AdjustSchema(),
       FamilyScoresSchema()});
}

ScoreOptions ScoreOptions::FromConfig(const ConfigNode& node) {
  ScoreOptions options;
  options.files = node.TextList("files");
  options.reading.ratios = RatiosOf(node.Text("ratios"));
  options.reading.refuse_unknown_columns = node.Text("unknown_columns") == "error";
  for (const ConfigNode& table : node.At("tables").items()) {
    options.tables.push_back(TableFrom(table, options.reading));
  }
  if (node.Has("frequencies")) options.frequencies = node.Text("frequencies");
  for (const auto& [from, to] : node.At("names").members()) {
    options.names.emplace(from, to.Text(""));
  }
  MatchRules& rules = options.match;
  if (node.Text("match.rules") == "strict") rules.set = MatchRules::Set::kStrict;
  rules.min_overlap = node.Number("match.min_overlap");
  rules.min_weight_overlap = node.Number("match.min_weight_overlap");
  const std::string& ambiguous = node.Text("match.ambiguous");
  rules.ambiguous = ambiguous == "keep"        ? MatchRules::Ambiguous::kKeep
                    : ambiguous == "drop"      ? MatchRules::Ambiguous::kDrop
                    : ambiguous == "frequency" ? MatchRules::Ambiguous::kFrequency
                                               : MatchRules::Ambiguous::kAuto;
  rules.ambiguous_margin = node.Number("match.ambiguous_margin");
  rules.frequency_difference = node.Number("match.frequency_difference");
  rules.keep_multiallelic = node.Text("match.multiallelic") == "keep";
  rules.keep_first_match = node.Text("match.duplicates") == "first";
  rules.ignore_strand_flips = node.Text("match.strand_flips") == "drop";
  rules.drop_unsupported = node.Text("unsupported_rows") == "drop";
  const std::string& by = node.Text("match.by");
  rules.by = by == "id"         ? MatchRules::By::kId
             : by == "position" ? MatchRules::By::kPosition
                                : MatchRules::By::kAuto;
  options.mean_imputation = node.Text("missing") == "mean";
  options.refuse_missing = node.Text("missing") == "refuse";
  const std::string& genotypes = node.Text("genotypes");
  options.genotypes = genotypes == "centre"        ? ScoreOptions::Genotypes::kCentre
                      : genotypes == "standardise" ? ScoreOptions::Genotypes::kStandardise
                                                   : ScoreOptions::Genotypes::kAsIs;
  // Where it changes nothing it is in no key; the user is told (unused_keys.h).
  options.plink2_compat = node.Bool("plink2_compat") && options.mean_imputation &&
                          options.genotypes != ScoreOptions::Genotypes::kAsIs;
  options.x_males_once = node.Text("x_males") == "once";
  const std::string& effects = node.Text("effects");
  for (const auto effect : {EffectType::kAdditive, EffectType::kDominant, EffectType::kRecessive}) {
    if (effects == EffectName(effect)) options.effect = effect;
  }
  options.detail = node.Bool("detail");
  options.sscore = node.Bool("sscore");
  options.list_variants = node.Bool("list_variants");
  options.text = node.Bool("text");
  options.read_all = node.Text("read") == "all";
  options.adjust = AdjustOptions::FromConfig(node.At("adjust"));
  options.families = FamilyScoreOptions::FromConfig(node.At("families"));
  return options;
}

std::string ScoreOptions::MatchJson() const {
  nlohmann::json json = {
      {"ambiguous", kAmbiguousNames[static_cast<size_t>(match.ambiguous)]},
      {"ambiguous_margin", match.ambiguous_margin},
      {"by", static_cast<int>(match.by)},
      {"frequency_difference", match.frequency_difference},
      {"duplicates", match.keep_first_match ? "first" : "drop"},
      {"min_overlap", match.min_overlap},
      {"min_weight_overlap", match.min_weight_overlap},
      {"multiallelic", match.keep_multiallelic ? "keep" : "drop"},
      {"names", names},
      {"strand_flips", match.ignore_strand_flips ? "drop" : "keep"},
      {"unsupported_rows", match.drop_unsupported ? "drop" : "fail"},
  };
  if (match.set == MatchRules::Set::kStrict) json["rules"] = "strict";
  return json.dump();
}

std::string ScoreOptions::ScoreJson() const {
  constexpr const char* kGenotypes[] = {"as_is", "centre", "standardise"};
  nlohmann::json json = {{"missing", mean_imputation  ? "mean"
                                     : refuse_missing ? "refuse"
                                                      : "none"},
                         {"genotypes", kGenotypes[static_cast<size_t>(genotypes)]}};
  json["x_males"] = x_males_once ? "once" : "twice";
  if (plink2_compat) json["plink2_compat"] = true;
  if (effect) json["effects"] = EffectName(*effect);
  if (sscore) json["over_all_scores"] = true;  // one more row of sums
  return json.dump();
}

std::vector<ScoreFileSpec> ScoreFilesOf(const ScoreOptions& options, const std::string& folder) {
  std::vector<ScoreFileSpec> specs;
  for (auto& path : ExpandScoreFiles(options.files, folder)) {
    specs.push_back({std::move(path), options.reading});
  }
  for (const ScoreTable& table : options.tables) {
    bool first = true;
    for (auto& path : ExpandScoreFiles(table.files, folder)) {
      specs.push_back({std::move(path), table.reading, !first && !table.reading.name.empty()});
      first = false;
    }
  }
  return specs;
}

std::vector<std::string> ExpandScoreFiles(const std::vector<std::string>& patterns,
                                          const std::string& folder) {
  std::vector<std::string> files;
  std::set<std::string> seen;
  const auto add = [&](std::string path) {
    if (seen.insert(path).second) files.push_back(std::move(path));
  };
  for (const auto& pattern : patterns) {
    const std::string path = pattern.starts_with('/') ? pattern : JoinPath(folder, pattern);
    if (FileExists(path)) {
      add(path);
      continue;
    }
    if (path.find_first_of("*?[") == std::string::npos) {
      throw Error(ErrorId::kMissingFile, "score file does not exist")
          .InFile(path)
          .Remedy("check the name; a pattern may stand for many files, as weights/*.txt.gz");
    }
    glob_t found = {};
    const int rc = ::glob(path.c_str(), 0, nullptr, &found);
    bool any = false;
    for (size_t i = 0; rc == 0 && i < found.gl_pathc; ++i) {
      if (IsFolder(found.gl_pathv[i])) continue;
      add(found.gl_pathv[i]);
      any = true;
    }
    ::globfree(&found);
    if (!any) {
      throw Error(ErrorId::kNoFileMatches, "no score file matches")
          .Value(pattern)
          .Remedy(fmt::format("check the folder and the spelling; looked for {}", path));
    }
  }
  return files;
}

}  // namespace kinflow
