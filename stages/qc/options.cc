#include "stages/qc/options.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

const char* Name(QcOptions::HweX x) {
  switch (x) {
    case QcOptions::HweX::kFemales:
      return "females";
    case QcOptions::HweX::kAll:
      return "all";
    case QcOptions::HweX::kOff:
      return "off";
  }
  return "off";
}

const char* Name(QcOptions::SexCheck x) {
  switch (x) {
    case QcOptions::SexCheck::kReport:
      return "report";
    case QcOptions::SexCheck::kRemove:
      return "remove";
    case QcOptions::SexCheck::kOff:
      return "off";
  }
  return "off";
}

void Take(const ConfigNode& node, const char* key, double& value) {
  if (node.Has(key)) value = node.Number(key);
}

SchemaNode Rate(const char* name, const char* help) {
  return schema::Number(name, help).Nullable().Within(0, 1);
}

SchemaNode ReferenceSchema() {
  using namespace schema;
  return Map(
      "reference", "allele frequencies of founders against those of another cohort",
      {Text("file",
            "table of CHROM POS ID REF ALT and ALT_FREQS or AF, as plink2 --freq writes it; "
            "OBS_CT (AN) = alleles counted")
           .Nullable(),
       Number("difference",
              "frequencies further apart than this differ, if chance does not "
              "explain it (p)")
           .Default("0.2")
           .Within(0, 1),
       Number("p", "largest p-value of a difference of frequencies; 1 = any")
           .Default("1e-4")
           .Within(0, 1),
       List("remove", "variants to remove: which of them reference.tsv counts; none by default",
            Choice("", "status in reference.tsv",
                   {"absent", "alleles", "strand", "difference", "exchanged", "palindromic_turned",
                    "palindromic"}))});
}

/// Preset mobapsychgen before imputation: modules 2 to 4.
void SetArrayModules(QcOptions& o) {
  o.call_rate = 0.98;
  o.maf = 0.005;
  o.info = 0;
  o.plate_p = o.batch_p = 0.001;
  o.mendel_missing = true;
}

}  // namespace

SchemaNode QcSchema() {
  using namespace schema;
  SchemaNode variant = Map(
      "variant", "filters of variants; no value = the preset's, frequencies are those of founders",
      {Rate("call_rate", "smallest share of people with a call or dosage; 0 = off"),
       Number("maf", "smallest minor allele frequency; 0 = off").Nullable().Within(0, 0.5),
       Rate("hwe_p", "smallest p-value of the exact Hardy-Weinberg test; 0 = off"),
       Bool("hwe_midp", "use the mid-p value of the test (yes, but for mobapsychgen)").Nullable(),
       Choice("hwe_x", "test on X: females only, all (males' allele counts included), or off",
              {"females", "all", "off"})
           .Default("females"),
       Rate("info", "smallest imputation quality stated in the file (R2, INFO); 0 = off"),
       Rate("info_computed",
            "smallest ratio of the dosage variance to 2p(1-p), from the data; 0 = off"),
       Rate("mendel_rate", "largest share of trios with a Mendel error; 1 = off"),
       Rate("plate_p",
            "smallest p-value of allele by plate (plates.file) in founders within sex, of what the "
            "other filters left; 0 = off; no value = the preset's (mobapsychgen of hard calls: "
            "0.001, else off)"),
       Rate("batch_p",
            "the same by batch; no value = the preset's (mobapsychgen: 0.001 of hard calls, 5e-8 "
            "of dosages, else off)"),
       Rate("batch_info_p",
            "smallest p-value of equal imputation quality in all batches (batch_info); 0 = off")});
  SchemaNode sample = Map(
      "sample", "filters of people; no value = the preset's",
      {Rate("call_rate_first",
            "people below this share of calls are left out before variants are judged (variants "
            "that many others lack too are not held against them); 0 = off; no value = the "
            "preset's (0.9, mobapsychgen: off), at most call_rate"),
       Rate("call_rate", "smallest share of variants with a call or dosage; 0 = off"),
       Number("het_sd",
              "largest distance of a person's heterozygosity from the mean, in SD; 0 = off")
           .Nullable()
           .Within(0, 1000),
       Choice("het_within",
              "mean and SD of everybody, or of those who are CONFIDENT of the ancestry group "
              "that pca.reference tells of the person",
              {"everybody", "ancestry"})
           .Default("everybody"),
       Choice("sex_check", "sex from X heterozygosity against the declared sex",
              {"report", "remove", "off"})
           .Nullable(),
       Number("sex_female_max",
              "X inbreeding coefficient below which a person counts as female; no value for "
              "both: from "
              "the gap in the data; for one of them: 0.2 and 0.8")
           .Nullable()
           .Within(-10, 1),
       Number("sex_male_min", "X inbreeding coefficient above which a person counts as male")
           .Nullable()
           .Within(-10, 1),
       Rate("mendel_rate", "largest share of Mendel errors in a family; 1 = off")});
  return Map(
      "qc", "quality control",
      {Choice("preset", "thresholds to start from; auto: array for hard calls, else imputed",
              {"auto", "imputed", "array", "mobapsychgen", "none"})
           .Default("auto"),
       Int("rounds",
           "rounds of filters: variants, then people by those that passed; no value = the "
           "preset's (mobapsychgen of hard calls: 3, else 1)")
           .Nullable()
           .Within(1, 10),
       std::move(variant), std::move(sample), ReferenceSchema(),
       Number("hard_call_threshold",
              "a dosage this near to a whole number of copies counts as a call (Mendel errors, "
              "HWE, heterozygosity)")
           .Default("0.1")
           .Within(0, 0.4999),
       Bool("mendel_duos", "check children with one genotyped parent too").Default("true"),
       Choice("mendel_rules",
              "what a Mendel error is: by PLINK, or by hail (no duos; Y is checked too)",
              {"plink", "hail"})
           .Default("plink"),
       Choice("mendel_errors",
              "calls that are blamed in Mendel errors left after QC: counted, or missing in scores "
              "and "
              "tests of plates; no value = the preset's (mobapsychgen of hard calls: missing, else "
              "count)",
              {"count", "missing"})
           .Nullable()});
}

QcOptions QcOptions::FromPreset(const std::string& name) {
  QcOptions o;
  o.preset = name;
  if (name == "none") return o;
  o.asked_for = true;
  o.hwe_p = 1e-6;
  o.sample_call_rate_first = 0.9;
  o.sample_call_rate = 0.98;
  o.het_sd = 3;
  o.sample_mendel_rate = 0.05;
  if (name == "array") {
    o.call_rate = 0.98;
    o.maf = 0.005;
    o.mendel_rate = 0.01;
  } else if (name == "imputed") {
    o.call_rate = 0.98;
    o.maf = 0.01;
    o.info = 0.8;
  } else if (name == "mobapsychgen") {  // modules 7 and 8 of the pipeline of that name
    o.sample_call_rate_first = 0;       // its order: variants come first
    o.call_rate = 0.95;
    o.maf = 0.01;
    o.info = 0.8;
    o.hwe_midp = false;
    o.batch_p = 5e-8;
    o.mendel_rate = 0.01;
    o.sex_check = SexCheck::kRemove;
    o.sex_female_max = o.sex_male_min = 0.5;
  } else {
    throw Error(ErrorId::kInternal, "unknown QC preset").Value(name);
  }
  return o;
}

QcOptions QcOptions::FromConfig(const ConfigNode& qc, bool hard_calls) {
  std::string preset = qc.Text("preset");
  if (preset == "auto") preset = hard_calls ? "array" : "imputed";
  QcOptions o = FromPreset(preset);
  if (preset == "mobapsychgen" && hard_calls) SetArrayModules(o);
  for (const char* key :
       {"variant.call_rate", "variant.maf", "variant.hwe_p", "variant.info",
        "variant.info_computed", "variant.mendel_rate", "variant.plate_p", "variant.batch_p",
        "variant.batch_info_p", "sample.call_rate_first", "sample.call_rate", "sample.het_sd",
        "sample.sex_check", "sample.mendel_rate"}) {
    o.asked_for = o.asked_for || qc.Has(key);
  }
  Take(qc, "variant.call_rate", o.call_rate);
  Take(qc, "variant.maf", o.maf);
  Take(qc, "variant.hwe_p", o.hwe_p);
  if (qc.Has("variant.hwe_midp")) o.hwe_midp = qc.Bool("variant.hwe_midp");
  const std::string& x = qc.Text("variant.hwe_x");
  o.hwe_x = x == "all" ? HweX::kAll : x == "off" ? HweX::kOff : HweX::kFemales;
  Take(qc, "variant.info", o.info);
  Take(qc, "variant.info_computed", o.info_computed);
  Take(qc, "variant.mendel_rate", o.mendel_rate);
  Take(qc, "variant.plate_p", o.plate_p);
  Take(qc, "variant.batch_p", o.batch_p);
  Take(qc, "variant.batch_info_p", o.batch_info_p);
  Take(qc, "sample.call_rate", o.sample_call_rate);
  o.sample_call_rate_first = std::min(o.sample_call_rate_first, o.sample_call_rate);
  Take(qc, "sample.call_rate_first", o.sample_call_rate_first);
  Take(qc, "sample.het_sd", o.het_sd);
  o.het_by_ancestry = o.het_sd > 0 && qc.Text("sample.het_within") == "ancestry";
  if (qc.Has("sample.sex_check")) {
    const std::string& check = qc.Text("sample.sex_check");
    o.sex_check = check == "remove"   ? SexCheck::kRemove
                  : check == "report" ? SexCheck::kReport
                                      : SexCheck::kOff;
  }
  if (!o.sex_cutoffs_given() &&
      (qc.Has("sample.sex_female_max") || qc.Has("sample.sex_male_min"))) {
    o.sex_female_max = 0.2;  // PLINK's
    o.sex_male_min = 0.8;
  }
  Take(qc, "sample.sex_female_max", o.sex_female_max);
  Take(qc, "sample.sex_male_min", o.sex_male_min);
  Take(qc, "sample.mendel_rate", o.sample_mendel_rate);
  if (qc.Has("reference.file")) o.reference.file = qc.Text("reference.file");
  o.reference.limits = {qc.Number("reference.difference"), qc.Number("reference.p")};
  o.reference.remove = qc.TextList("reference.remove");
  o.asked_for = o.asked_for || !o.reference.remove.empty();
  if (!o.reference.remove.empty() && o.reference.file.empty()) {
    throw Error(ErrorId::kMissingKey,
                "variants are to be removed by a reference, but there is none")
        .Field("qc.reference.file")
        .Remedy("name a table of allele frequencies under qc.reference.file");
  }
  o.hard_call_threshold = qc.Number("hard_call_threshold");
  o.mendel_duos = qc.Bool("mendel_duos");
  o.mendel_rules = qc.Text("mendel_rules") == "hail" ? MendelRules::kHail : MendelRules::kPlink;
  if (qc.Has("mendel_errors")) o.mendel_missing = qc.Text("mendel_errors") == "missing";
  o.asked_for = o.asked_for || o.mendel_missing;
  if (o.mendel_missing && !hard_calls) {
    throw Error(ErrorId::kConfigRange, "only hard calls are set to missing for Mendel errors")
        .Field("qc.mendel_errors")
        .Value("missing")
        .Remedy("leave qc.mendel_errors out for dosages, or read calls (input.field: GT)");
  }
  if (o.sex_female_max > o.sex_male_min) {
    throw Error(ErrorId::kConfigRange, "qc.sample.sex_female_max is above qc.sample.sex_male_min")
        .Field("qc.sample.sex_female_max")
        .Remedy("give a female threshold at or below the male one, for example 0.2 and 0.8");
  }
  return o;
}

std::string QcOptions::CountsJson() const {
  nlohmann::json json{{"hard_call_threshold", hard_call_threshold}, {"mendel_duos", mendel_duos}};
  if (mendel_rules == MendelRules::kHail) json["mendel_rules"] = "hail " + build;
  return json.dump();
}

std::vector<std::string> QcOptions::CountsChoices() const {
  const QcOptions usual;
  std::vector<std::string> choices;
  if (hard_call_threshold != usual.hard_call_threshold) {
    choices.push_back("qc.hard_call_threshold: " + nlohmann::json(hard_call_threshold).dump());
  }
  if (mendel_duos != usual.mendel_duos) {
    choices.emplace_back(mendel_duos ? "qc.mendel_duos: true" : "qc.mendel_duos: false");
  }
  if (mendel_rules == MendelRules::kHail) choices.push_back("qc.mendel_rules: hail " + build);
  return choices;
}

std::string QcOptions::VariantsJson() const {
  nlohmann::json json{{"call_rate", call_rate},
                      {"maf", maf},
                      {"hwe_p", hwe_p},
                      {"hwe_midp", hwe_midp},
                      {"hwe_x", Name(hwe_x)},
                      {"info", info},
                      {"info_computed", info_computed},
                      {"mendel_rate", mendel_rate}};
  if (plate_p > 0) json["plate_p"] = plate_p;
  if (batch_p > 0) json["batch_p"] = batch_p;
  if (batch_info_p > 0) json["batch_info_p"] = batch_info_p;
  if (!reference.remove.empty()) {
    json["reference"] = {{"remove", reference.remove}, {"difference", reference.limits.difference}};
  }
  return json.dump();
}

std::string QcOptions::CallsJson() const {
  auto json = nlohmann::json::parse(VariantsJson());
  if (mendel_missing) json["mendel_errors"] = "missing";
  return json.dump();
}

std::string QcOptions::FirstJson() const {
  return nlohmann::json{{"call_rate_first", sample_call_rate_first}}.dump();
}

std::string QcOptions::SamplesJson() const {
  return nlohmann::json{{"call_rate", sample_call_rate}, {"het_sd", het_sd},
                        {"sex_check", Name(sex_check)},  {"sex_female_max", sex_female_max},
                        {"sex_male_min", sex_male_min},  {"mendel_rate", sample_mendel_rate}}
      .dump();
}

std::string QcOptions::SexJson() const {
  return nlohmann::json{{"sex_check", Name(sex_check)},
                        {"sex_female_max", sex_female_max},
                        {"sex_male_min", sex_male_min}}
      .dump();
}

}  // namespace kinflow
