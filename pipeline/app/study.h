#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/app/genotype_input.h"
#include "pipeline/app/publish.h"
#include "pipeline/app/session.h"
#include "pipeline/graph/plan.h"
#include "pipeline/store/digest_cache.h"
#include "stages/family/family_stage.h"
#include "stages/formats/input_inventory.h"
#include "stages/kinship/decisions_file.h"
#include "stages/kinship/generations.h"
#include "stages/kinship/options.h"
#include "stages/pca/options.h"
#include "stages/plates/layout.h"
#include "stages/qc/genotype_errors_stage.h"
#include "stages/qc/options.h"
#include "stages/scores/adjust/adjusted_stage.h"
#include "stages/scores/adjust/ancestry.h"
#include "stages/scores/adjust/covariates.h"
#include "stages/scores/match_stage.h"

namespace kinflow {

class AnalysisTables;

/// Everything a config describes, settled from headers and tables before any genotype body is read:
/// the people, their relations and phenotypes, the score files, and the stages of the run. Building
/// it is what `validate` does.
class Study {
 public:
  /// `digests` null: input files are not hashed, and no stage can be planned (validate). Faults of
  /// analyses are kept in faults(); no stage may be asked for then.
  Study(const LoadedConfig& config, DigestCache* digests, Log& log);

  const GenotypeInput& genotypes() const { return genotypes_; }
  const CohortPtr& cohort() const { return cohort_; }
  /// All input files: genotypes, then tables and lists.
  std::vector<InputInfo> inventory() const;
  const std::vector<InputInfo>& genotype_inventory() const { return inventory_; }
  const std::vector<family::AnalysisOptions>& analyses() const { return analyses_; }
  const std::vector<ScoreFileSpec>& score_files() const { return score_files_; }
  const QcOptions& qc() const { return qc_; }
  bool has_qc() const { return qc_.asked_for; }
  int64_t small_cell() const { return small_cell_; }
  const std::vector<Error>& faults() const { return faults_; }

  /// Stages needed for the targets (ids; "family" stands for all analyses); empty = all of them.
  std::vector<std::unique_ptr<Stage>> Stages(const std::vector<std::string>& targets) const;
  /// Opens the scan of a stage: the input, or the store once it is sealed.
  SourceFactory Sources(const Plan& plan, const ArtifactStore& store) const;
  /// The files that the artifacts are shown in.
  std::vector<Product> Products() const;
  /// What quality control left, and where it is told.
  void TellQc(const Plan& plan, const ArtifactStore& store, Log& log) const;
  /// Warns of decisions that are proposed and wait for somebody to decide.
  void TellDecisions(const Plan& plan, const ArtifactStore& store, Log& log) const;
  /// Warns of what tests found beyond chance: sums of kinship, effects of plates and batches.
  void TellFindings(const Plan& plan, const ArtifactStore& store, Log& log) const;
  /// What the log says of batches that were joined.
  void TellBatches(const Plan& plan, const ArtifactStore& store, Log& log) const;
  /// Warns of rows of analyses that OUT/share must not have.
  void TellWithheld(const Plan& plan, const ArtifactStore& store, const std::string& folder,
                    Log& log) const;

 private:
  std::vector<std::string> ComponentNames() const;
  bool UsesComponents(const std::string& options) const;
  family::PersonColumns WithComponents(const RunContext& run, const Digest& pca_key) const;
  void HintAtComponents(Error& fault) const;
  Covariates AncestryPlaces(const family::PersonColumns& persons) const;
  AdjustInputs AdjustInputsOf(const family::PersonColumns& persons) const;
  CohortPtr DecidedCohort(Pedigree declared, Log& log);
  std::vector<uint8_t> Controls() const;
  std::vector<kinship::About> SettledConflicts() const;
  Table DecisionsTable(const ArtifactStore& store, const Manifests& m) const;
  Table OverruledDecisions(const ArtifactStore& store, const Manifest& qc) const;
  void AddTables(const LoadedConfig& config, DigestCache* digests);
  std::vector<std::string> ScoreNames();
  void ReadPersons(const LoadedConfig& config, DigestCache* digests, Log& log);
  void CheckAdjustment();
  void CheckPca();
  void CheckIdentity();
  void CheckFamilyScores();
  void ReadAncestry();
  void CheckAnalyses(Log& log);
  std::map<std::string, Digest> GenotypeFiles() const;
  /// The files of one batch, or of an input without batches (""), added to `choices`.
  std::map<std::string, Digest> WithFiles(std::map<std::string, Digest> choices,
                                          const std::string& batch) const;
  bool has_batches() const { return !genotypes_.batches().empty(); }
  /// Stages that a scan of the input reads.
  std::vector<std::string> InputStages() const;
  void AddBatchStages(std::vector<std::unique_ptr<Stage>>& stages) const;
  /// DosageStage::Setup::fault_of_none.
  std::function<Error()> FaultOfNoVariantRead() const;
  std::unique_ptr<GenotypeSource> OpenJoin(const Plan& plan, const ArtifactStore& store) const;
  void AddBatchProducts(std::vector<Product>& products) const;
  Table LedgerBeforeQc() const;
  Table LedgerOf(const ArtifactStore& store, const Manifests& m, bool shared) const;
  /// Rows of the ledger, one a table, if the second artifact is that of a join.
  std::vector<Table> BatchLedgers(const ArtifactStore& store, const Manifests& m) const;
  std::vector<std::string> BatchNames() const;
  std::string ScanSource() const { return has_store_ ? "store" : "input"; }
  std::vector<std::string> ScanStages() const;
  /// What scores and plates read: without calls that QC set to missing. Not kinship, which looks
  /// for the wrong pedigrees that Mendel errors tell of. Files are those that a stage reads
  /// directly, stages those that the scanned data come from.
  std::string SourceBehindQc() const { return qc_.mendel_missing ? "behind qc" : ScanSource(); }
  std::map<std::string, Digest> FilesOfScan() const;
  std::map<std::string, Digest> FilesBehindQc() const;
  std::vector<std::string> StagesBehindQc() const;
  std::unique_ptr<GenotypeSource> OpenScan(const ScanRequest& scan, const Plan& plan,
                                           const ArtifactStore& store) const;
  CohortPtr WithoutTrios() const;
  void AddQcStages(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddReferenceStage(std::vector<std::unique_ptr<Stage>>& stages) const;
  bool checks_mendel() const;
  std::vector<ChildGroups> ChildGroupings() const;
  void AddMendelStage(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddMendelProducts(std::vector<Product>& products) const;
  void AddMendelCallsProduct(std::vector<Product>& products) const;
  /// Relatives are looked for also where components are fitted.
  bool has_kinship() const { return kinship_.compute || (pca_.compute && !pca_.projects()); }
  void AddKinshipStages(std::vector<std::unique_ptr<Stage>>& stages) const;
  std::string AddCountsOfPeople(std::vector<std::unique_ptr<Stage>>& stages) const;
  void SettlePca();
  void AddPcaStages(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddPcaProducts(std::vector<Product>& products) const;
  void ReadPlates(Log& log);
  void AddPlateStages(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddPlateProducts(std::vector<Product>& products) const;
  bool has_plates() const { return layout_ != nullptr && !layout_->factors.empty(); }
  void ReadImputationBatches();
  void SettleFiltersOfEffects();
  bool filters_by_plates() const {
    return layout_ != nullptr && (qc_.plate_p > 0 || qc_.batch_p > 0);
  }
  /// Of variants and of people, in quality control before its last word.
  std::pair<std::string, std::string> StagesOfLastRound() const;
  void AddBatchInfoStage(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddBatchInfoProducts(std::vector<Product>& products) const;
  void AddScoreStages(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddFamilyScores(std::vector<std::unique_ptr<Stage>>& stages) const;
  void AddAfterScores(std::vector<std::unique_ptr<Stage>>& stages) const;
  bool has_adjusted() const { return !score_files_.empty() && scores_.adjust.asked_for(); }
  bool has_score_checks() const;
  bool has_family_scores() const { return !score_files_.empty() && scores_.families.asked_for(); }
  /// The stage whose scores analyses use, and what reads its artifact.
  std::string FinalScores() const { return has_adjusted() ? "adjusted" : "scores"; }
  std::function<family::ScoreColumns(RunContext&, const Digest&)> ScoresReader() const;
  std::function<std::shared_ptr<const family::AnalysisScores>(RunContext&, const StageKeys&)>
  AnalysisScoresReader() const;
  std::vector<std::string> FamilyStages() const;
  std::vector<std::string> AnalysisTableNames() const;
  std::vector<uint8_t> Kept(const ArtifactStore& store, const Manifests& m) const;
  void AddQcProducts(std::vector<Product>& products) const;
  void AddReferenceProducts(std::vector<Product>& products) const;
  void AddLedgerProducts(std::vector<Product>& products) const;
  void AddKinshipProducts(std::vector<Product>& products) const;
  void AddDecisionsProduct(std::vector<Product>& products) const;
  void AddFamilyScoreProducts(std::vector<Product>& products) const;
  void AddScoreProducts(std::vector<Product>& products) const;
  void AddAfterScoresProducts(std::vector<Product>& products) const;
  void AddPrivateAnalysisProducts(std::vector<Product>& products) const;

  ConfigNode config_;
  std::string base_;  // folder that its relative paths start from
  DigestCache* digests_;
  GenotypeInput genotypes_;
  std::vector<InputInfo> inventory_, tables_;  // of genotypes; of all else
  CohortPtr cohort_;
  std::shared_ptr<const family::PersonColumns> persons_;
  std::map<std::string, Digest> phenotype_files_;
  std::vector<Table> phenotype_ledgers_;
  kinship::DecisionsFile decisions_;  // no path: none given
  Table decisions_ledger_;
  kinship::BirthYears years_;
  std::vector<std::string> own_components_;  // columns of persons_ that the run computes
  std::vector<ScoreFileSpec> score_files_;
  std::vector<std::string> score_names_;          // by headers, composites behind
  bool all_score_names_ = true;                   // every header could be read, and tells them
  std::shared_ptr<const Covariates> covariates_;  // of scores; null = none
  std::shared_ptr<const Covariates> places_;      // by ancestry; null = not asked for
  std::shared_ptr<const AncestryInput> ancestry_;
  std::vector<family::AnalysisOptions> analyses_;
  std::map<std::string, Digest> neighbour_files_;  // by analysis
  QcOptions qc_;
  kinship::KinshipOptions kinship_;
  pca::PcaOptions pca_;
  ScoreOptions scores_;
  plates::PlateOptions plates_;
  std::shared_ptr<const plates::Layout> layout_;      // null: no plates
  std::shared_ptr<const plates::Factor> imputed_in_;  // batches of dosages; null: none
  Digest imputed_in_digest_ = {};
  bool has_store_ = true;
  int64_t small_cell_ = 5;
  std::shared_ptr<AnalysisTables> analysis_tables_;
  std::vector<Error> faults_;
  bool knows_people_ = true;  // those of pedigree and tables are in the genotypes
};

}  // namespace kinflow
