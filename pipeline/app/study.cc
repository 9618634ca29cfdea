#include "pipeline/app/study.h"

#include <fmt/format.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "pipeline/app/analysis_tables.h"
#include "pipeline/app/neighbours.h"
#include "pipeline/app/phenotypes.h"
#include "pipeline/app/unused_keys.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/family/shared_values.h"
#include "stages/formats/id_join.h"
#include "stages/formats/pedigree_table.h"
#include "stages/scores/adjust/adjusted_stage.h"
#include "stages/scores/score_file.h"

namespace kinflow {
namespace {

Pedigree PedigreeOf(const LoadedConfig& config, const GenotypeInput& genotypes) {
  if (!config.root.At("pedigree").is_null()) {
    PedigreeOptions options = PedigreeOptionsFrom(config.root.At("pedigree"));
    options.file = JoinPath(config.base, options.file);
    return ReadPedigree(options);
  }
  PedigreeOptions options;
  options.file = genotypes.PedigreeFile();
  if (options.file.empty()) return Pedigree::Build({}, "");
  const Pedigree beside = ReadPedigree(options);
  if (!genotypes.ids().given()) return beside;
  std::vector<Person> people = beside.people();
  for (Person& person : people) {
    for (std::string Person::*id : {&Person::iid, &Person::father, &Person::mother}) {
      person.*id = genotypes.ids().Of(person.*id);
    }
  }
  return Pedigree::Build(std::move(people), options.file);
}

/// The pedigree without the rows of people who withdrew; whose children others are stays.
Pedigree WithoutPeople(const Pedigree& pedigree, const std::unordered_set<std::string>& ids) {
  std::vector<Person> people = pedigree.people();
  std::erase_if(people, [&ids](const Person& p) { return ids.contains(p.iid); });
  return Pedigree::Build(std::move(people), "");
}

/// Samples that the pedigree lacks are legal; none in common is a wrong file.
void CheckOverlap(const Cohort& cohort, const std::string& file, Log& log) {
  if (cohort.pedigree.people().empty()) return;
  uint32_t known = 0, people = 0;
  for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
    if (cohort.controls[i] != 0) continue;
    ++people;
    known += cohort.pedigree.Find(cohort.samples->iid(i)) >= 0 ? 1 : 0;
  }
  if (known == 0) {
    std::vector<std::string> ids;
    for (const Person& person : cohort.pedigree.people()) ids.push_back(person.iid);
    const std::string hint = HintOnIds(ids, *cohort.samples);
    throw Error(ErrorId::kNoCommonSamples,
                fmt::format("none of the {} genotyped people is in the pedigree of {}", people,
                            cohort.pedigree.people().size()))
        .InFile(file)
        .Remedy("compare the IID column of the pedigree with the sample names of the genotypes" +
                (hint.empty() ? "" : ": " + hint));
  }
  if (known < people) {
    log.Warn("{} of {} genotyped people are not in the pedigree; they count as founders",
             people - known, people);
  }
}

/// Whose genotypes the cohort has, told before anything is computed: models of mother, father and
/// child need all of them. No reason to stop: scores need none, and lost analyses can be accepted.
void WarnOfMissingRoles(const Cohort& cohort, Log& log) {
  if (cohort.trios.empty()) {
    const bool none = cohort.pedigree.people().empty();
    log.Warn("{}, so analyses have no rows and fail; name {} under pedigree.file",
             none ? "no pedigree: nobody's mother, father or child is known"
                  : "the pedigree holds no genotyped child or parent",
             none ? "a pedigree" : "one of the genotyped people");
    return;
  }
  const auto check = [&](const char* name, uint32_t Trio::*sample) {
    for (const Trio& trio : cohort.trios) {
      if (trio.*sample != SampleTable::kAbsent) return;
    }
    log.Warn("no {} of the pedigree is genotyped: pgs.{} cannot be estimated", name, name);
  };
  check("mother", &Trio::mother);
  check("father", &Trio::father);
  check("child", &Trio::child);
}

/// Where the table of an outcome tells no pregnancies, a parent's value counts with each of their
/// children.
void WarnOfSharedValues(const Cohort& cohort, const family::PersonColumns& persons,
                        const std::vector<family::AnalysisOptions>& analyses, Log& log) {
  family::SharedValues shared(cohort, persons);
  std::map<std::pair<std::string, bool>, std::vector<std::string>> ids;
  for (const auto& analysis : analyses) {
    const bool one_a_mother = analysis.children == family::ChildRule::kOnePerMother;
    const std::string member = shared.Of(analysis);
    if (!member.empty()) ids[{member, one_a_mother}].push_back(analysis.id);
  }
  for (const auto& [whose, of] : ids) {
    const auto& [member, one_a_mother] = whose;
    log.Warn(
        "{} {}: the table of the outcome tells no pregnancies, so the values of a {} of several "
        "children count with each of them; name its column of pregnancies "
        "(phenotypes[].pregnancy, and a pedigree with PREGNANCY){}",
        of.size() == 1 ? "analysis" : "analyses", fmt::join(of, ", "), member,
        one_a_mother ? "" : ", or set children: one_per_mother");
  }
}

/// Scores, filters, kinship and components take allele frequencies from founders.
void WarnOfNoFounders(const Cohort& cohort, Log& log) {
  const auto people = std::count(cohort.founders.begin(), cohort.founders.end(), 1);
  if (!cohort.all_as_founders || people == 0) return;
  log.Warn("no founder among the genotyped: allele frequencies are over all {} people", people);
}

/// Frequencies and correlations of a handful of founders would choose variants by who they are.
void RequireFounders(const Cohort& cohort, kinship::KinshipOptions& options, Log& log) {
  constexpr auto kEnough = 50;
  const auto founders = std::count(cohort.founders.begin(), cohort.founders.end(), 1);
  if (!options.compute || founders >= kEnough) return;
  if (options.maf <= 0 && !options.prunes()) return;
  options.maf = options.prune_r2 = 0;
  log.Warn(
      "kinship: fewer than {} founders ({}): variants are chosen neither by frequency "
      "nor by correlation",
      kEnough, founders);
}

/// Checksum files that were verified before, by content: (digest, stated checksum) pairs need no
/// second reading. Without digests (validate) nothing is hashed and nothing can be verified.
DigestOf DigestsBy(DigestCache* digests) {
  if (digests == nullptr) return [](const std::string&) { return Digest{}; };
  return [digests](const std::string& path) { return digests->DigestOf(path); };
}

ChecksumKnown KnownBy(DigestCache* digests) {
  if (digests != nullptr) return {};
  return [](const std::string&, const std::string&) { return true; };
}

}  // namespace

Study::Study(const LoadedConfig& config, DigestCache* digests, Log& log)
    : config_(config.root), base_(config.base), digests_(digests), genotypes_(config) {
  // The genotypes, which are large, are read for their digests while tables are parsed.
  oneapi::tbb::task_group digests_ahead;
  if (digests != nullptr) {
    for (const std::string& path : genotypes_.FilesReadWhole()) {
      digests_ahead.run([digests, path] { digests->ReadAhead(path); });
    }
  }
  has_store_ = !genotypes_.has_random_access() || config_.Text("dosage.store") == "always";
  small_cell_ = config_.Int("output.small_cell");
  qc_ = QcOptions::FromConfig(config_.At("qc"), genotypes_.hard_calls());
  qc_.build = genotypes_.build();
  if (qc_.preset == "mobapsychgen") {
    log.Warn("preset mobapsychgen has the thresholds of the pipeline's modules {}",
             genotypes_.hard_calls()
                 ? "2 to 4, before imputation"
                 : "7 and 8, after imputation; no genotype is set to missing for a Mendel error");
  }
  if (!qc_.reference.file.empty()) {
    qc_.reference.file = JoinPath(config.base, qc_.reference.file);
  }
  kinship_ = kinship::KinshipOptions::FromConfig(config_.At("kinship"));
  SettlePca();
  WarnOfUnusedKeys(config_, log);
  scores_ = ScoreOptions::FromConfig(config_.At("scores"));
  score_files_ = ScoreFilesOf(scores_, config.base);
  if (!scores_.frequencies.empty()) {
    scores_.frequencies = JoinPath(config.base, scores_.frequencies);
  }
  try {
    ReadPlates(log);  // which says who of the samples is a control
  } catch (const Error& fault) {
    faults_.push_back(fault);
  }
  cohort_ =
      DecidedCohort(WithoutPeople(PedigreeOf(config, genotypes_), genotypes_.withdrawn()), log);
  ReadImputationBatches();
  SettleFiltersOfEffects();
  digests_ahead.wait();
  inventory_ = genotypes_.Inventory(DigestsBy(digests), KnownBy(digests));
  AddTables(config, digests);
  try {
    CheckOverlap(*cohort_,
                 config_.At("pedigree").is_null() ? genotypes_.PedigreeFile()
                                                  : JoinPath(base_, config_.Text("pedigree.file")),
                 log);
  } catch (const Error& fault) {
    faults_.push_back(fault);
  }
  WarnOfNoFounders(*cohort_, log);
  RequireFounders(*cohort_, kinship_, log);
  for (const auto& warning : genotypes_.list_warnings()) log.Warn("{}", warning);
  analyses_ = family::ReadAnalyses(config_.At("analyses"));
  analysis_tables_ = std::make_shared<AnalysisTables>(small_cell_, family::AcrossOf(analyses_));
  for (auto& analysis : analyses_) {
    auto& options = analysis.model_options;
    if (options.neighbours_file.empty()) continue;
    const std::string path = JoinPath(config.base, options.neighbours_file);
    options.neighbours = ReadNeighbours(path);
    neighbour_files_[analysis.id] = digests == nullptr ? Digest{} : digests->DigestOf(path);
  }
  score_names_ = ScoreNames();
  if (!analyses_.empty() && faults_.empty()) WarnOfMissingRoles(*cohort_, log);
  if (!analyses_.empty() || !scores_.adjust.residuals.terms.empty() ||
      scores_.adjust.ancestry.asked_for()) {
    ReadPersons(config, digests, log);
  }
  // Of people who are not found only names can be told.
  knows_people_ = faults_.empty();
  if (knows_people_ && persons_ != nullptr) WarnOfSharedValues(*cohort_, *persons_, analyses_, log);
  if (knows_people_) CheckAdjustment();
  for (const auto& composite : scores_.adjust.composites) score_names_.push_back(composite.name);
  CheckFamilyScores();
  CheckPca();
  CheckIdentity();
  CheckAnalyses(log);
}

void Study::ReadPersons(const LoadedConfig& config, DigestCache* digests, Log& log) {
  auto phenotypes = ReadPhenotypeFiles(config, *cohort_, genotypes_.withdrawn(), ComponentNames(),
                                       digests, faults_, log);
  persons_ = std::make_shared<const family::PersonColumns>(std::move(phenotypes.persons));
  own_components_ = std::move(phenotypes.components);
  phenotype_files_ = std::move(phenotypes.files);
  phenotype_ledgers_ = std::move(phenotypes.ledgers);
  phenotype_files_["pedigree"] = cohort_->pedigree.digest();
}

/// Each file once; a .fam named as the pedigree may stand among the genotypes already.
void Study::AddTables(const LoadedConfig& config, DigestCache* digests) {
  std::set<std::string> seen;
  for (const InputInfo& input : inventory_) seen.insert(input.path);
  const auto add = [&](const std::string& path, const char* format) {
    if (!seen.insert(path).second) return;
    tables_.push_back(DescribeTable(path, format, DigestsBy(digests), KnownBy(digests)));
  };
  for (const char* key : {"input.samples", "input.remove", "input.variants", "input.exclude"}) {
    if (config_.Has(key)) add(JoinPath(config.base, config_.Text(key)), "list");
  }
  for (const ConfigNode& batch : config_.At("input.batches").items()) {
    for (const char* key : {"samples", "remove"}) {
      if (batch.Has(key)) add(JoinPath(config.base, batch.Text(key)), "list");
    }
  }
  if (!config_.At("pedigree").is_null()) {
    add(JoinPath(config.base, config_.Text("pedigree.file")), "pedigree");
  }
  if (config_.Has("plates.file")) {
    add(JoinPath(config.base, config_.Text("plates.file")), "plates");
  }
  if (!qc_.reference.file.empty()) add(qc_.reference.file, "frequencies");
  if (pca_.projects()) add(pca_.project, "loadings");
  if (!pca_.reference.empty()) add(pca_.reference, "reference panel");
  if (config_.Has("kinship.decisions")) {
    add(JoinPath(config.base, config_.Text("kinship.decisions")), "decisions");
  }
  for (const ConfigNode& item : config_.At("phenotypes").items()) {
    add(JoinPath(config.base, item.Text("file")), "phenotypes");
  }
  for (const ConfigNode& item : config_.At("analyses").items()) {
    if (item.Has("neighbours")) {
      add(JoinPath(config.base, item.Text("neighbours")), "neighbours");
    }
  }
  for (const auto& file : score_files_) add(file.path, "scores");
  if (!scores_.frequencies.empty()) add(scores_.frequencies, "frequencies");
  if (!scores_.adjust.ancestry.reference.empty()) {
    add(JoinPath(config.base, scores_.adjust.ancestry.reference), "reference panel");
  }
  if (config_.Has("scores.liftover.chain")) {
    add(JoinPath(config.base, config_.Text("scores.liftover.chain")), "chain");
  }
}

std::vector<InputInfo> Study::inventory() const {
  std::vector<InputInfo> all = inventory_;
  all.insert(all.end(), tables_.begin(), tables_.end());
  return all;
}

/// Names of the scores in the files, by their headers. A file that cannot be read is the match
/// stage's to report: its scores fail there, the others go on. A table with a column of accessions
/// names its scores row by row.
std::vector<std::string> Study::ScoreNames() {
  std::vector<std::string> names;
  for (const auto& file : score_files_) {
    try {
      if (file.continues) continue;
      const ScoreFileReader reader(file.path, file.reading);
      if (reader.columns().Has(ColumnRole::kAccession)) all_score_names_ = false;
      for (const auto& own : reader.scores()) {
        const auto renamed = scores_.names.find(own);
        names.push_back(renamed == scores_.names.end() ? own : renamed->second);
      }
    } catch (const Error&) {
      all_score_names_ = false;
    }
  }
  return names;
}

/// Scores have a place in families if both parents of a child are genotyped.
bool Study::has_score_checks() const {
  return !score_files_.empty() &&
         std::any_of(cohort_->trios.begin(), cohort_->trios.end(), [](const Trio& trio) {
           return trio.mother != SampleTable::kAbsent && trio.father != SampleTable::kAbsent;
         });
}

}  // namespace kinflow
