#include "pipeline/app/study.h"

#include <fmt/format.h>

#include "pipeline/app/phenotypes.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/pedigree_table.h"
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
  return options.file.empty() ? Pedigree::Build({}, "") : ReadPedigree(options);
}

/// Samples that the pedigree lacks are legal; none in common is a wrong file.
void CheckOverlap(const Cohort& cohort, Log& log) {
  if (cohort.pedigree.people().empty()) return;
  uint32_t known = 0;
  for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
    known += cohort.pedigree.Find(cohort.samples->iid(i)) >= 0 ? 1 : 0;
  }
  if (known == 0) {
    throw Error(ErrorId::kNoCommonSamples,
                fmt::format("none of the {} genotyped people is in the pedigree of {}",
                            cohort.samples->size(), cohort.pedigree.people().size()))
        .Remedy("compare the IID column of the pedigree with the sample names of the genotypes");
  }
  if (known < cohort.samples->size()) {
    log.Warn("{} of {} genotyped people are not in the pedigree; they count as founders",
             cohort.samples->size() - known, cohort.samples->size());
  }
}

/// Whose genotypes the cohort has, told before anything is computed: models of mother, father and
/// child need all of them.
void WarnOfMissingRoles(const Cohort& cohort, Log& log) {
  if (cohort.trios.empty()) {
    const bool none = cohort.pedigree.people().empty();
    log.Warn("{}", none ? "no pedigree: nobody's mother, father or child is known, so no term of "
                          "them can be estimated; name a pedigree under pedigree.file"
                        : "the pedigree holds no genotyped child or parent, so no term of mother, "
                          "father or child can be estimated");
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

/// Checksum files that were verified before, by content: (digest, stated MD5) pairs need no second
/// reading. Without digests (validate) nothing is hashed and nothing can be verified.
std::vector<InputInfo> Inventory(const GenotypePlan& plan, DigestCache* digests) {
  if (digests == nullptr) {
    return TakeInventory(
        plan, [](const std::string&) { return Digest{}; },
        [](const std::string&, const std::string&) { return true; });
  }
  return TakeInventory(plan,
                       [digests](const std::string& path) { return digests->DigestOf(path); });
}

/// The text of `node` that is `value`, or else holds it; null = none.
const ConfigNode* FindText(const ConfigNode& node, const std::string& value, bool whole) {
  if (node.kind() == ConfigNode::Kind::kText) {
    const std::string& text = node.Text("");
    return (whole ? text == value : text.find(value) != std::string::npos) ? &node : nullptr;
  }
  for (const ConfigNode& item : node.items()) {
    if (const ConfigNode* found = FindText(item, value, whole)) return found;
  }
  for (const auto& [key, member] : node.members()) {
    if (const ConfigNode* found = FindText(member, value, whole)) return found;
  }
  return nullptr;
}

/// A fault of an analysis with its place in the config: where the value stands, inside the key that
/// the fault names if there.
Error Placed(Error fault, const ConfigNode& analysis, const std::string& id) {
  if (!fault.file().empty()) return fault;
  const std::string prefix = "analyses." + id + ".";
  const std::string key =
      fault.field().rfind(prefix, 0) == 0 ? fault.field().substr(prefix.size()) : std::string();
  const auto member = analysis.members().find(key);
  const ConfigNode* place = member == analysis.members().end() ? &analysis : &member->second;
  for (const bool whole : {true, false}) {
    if (fault.value().empty()) break;
    if (const ConfigNode* found = FindText(*place, fault.value(), whole)) {
      place = found;
      break;
    }
  }
  return std::move(fault.InFile(place->origin()));
}

}  // namespace

Study::Study(const LoadedConfig& config, DigestCache* digests, Log& log)
    : config_(config.root), digests_(digests), genotypes_(config) {
  inventory_ =
      genotypes_.store()
          ? std::vector{genotypes_.store()->Describe(config_.TextList("input.genotypes")[0])}
          : Inventory(genotypes_.plan(), digests);
  has_store_ = !genotypes_.has_random_access() || config_.Text("dosage.store") == "always";
  small_cell_ = config_.Int("output.small_cell");
  qc_ = QcOptions::FromConfig(config_.At("qc"), genotypes_.hard_calls());
  scores_ = ScoreOptions::FromConfig(config_.At("scores"));
  cohort_ = Cohort::Build(genotypes_.samples(), PedigreeOf(config, genotypes_));
  CheckOverlap(*cohort_, log);
  for (const auto& warning : genotypes_.list_warnings()) log.Warn("{}", warning);
  score_files_ = ExpandScoreFiles(scores_.files, config.base);
  analyses_ = family::ReadAnalyses(config_.At("analyses"));
  if (analyses_.empty()) return;
  WarnOfMissingRoles(*cohort_, log);
  auto phenotypes = ReadPhenotypeFiles(config, *cohort_, digests, log);
  persons_ = std::make_shared<const family::PersonColumns>(std::move(phenotypes.persons));
  phenotype_files_ = std::move(phenotypes.files);
  phenotype_ledgers_ = std::move(phenotypes.ledgers);
  phenotype_files_["pedigree"] = cohort_->pedigree.digest();
  CheckAnalyses();
}

/// Names of the scores in the files, by their headers. A file that cannot be read is the match
/// stage's to report: its scores fail there, the others go on.
std::vector<std::string> Study::ScoreNames() const {
  std::vector<std::string> names;
  for (const auto& file : score_files_) {
    try {
      const ScoreFileReader reader(file);
      for (const auto& own : reader.scores()) {
        const auto renamed = scores_.names.find(own);
        names.push_back(renamed == scores_.names.end() ? own : renamed->second);
      }
    } catch (const Error&) {
    }
  }
  return names;
}

void Study::CheckAnalyses() {
  const std::vector<std::string> in_files = ScoreNames();
  for (size_t i = 0; i < analyses_.size(); ++i) {
    const auto& analysis = analyses_[i];
    std::vector<std::string> known = analysis.scores;
    known.insert(known.end(), in_files.begin(), in_files.end());
    for (const Error& fault : family::CheckAnalysis(analysis, *persons_, known)) {
      faults_.push_back(Placed(fault, config_.At("analyses").items()[i], analysis.id));
    }
  }
  if (digests_ != nullptr && !faults_.empty()) throw faults_.front();
}

}  // namespace kinflow
