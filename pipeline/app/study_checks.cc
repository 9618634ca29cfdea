#include <fmt/format.h>

#include "pipeline/app/accepted.h"
#include "pipeline/app/analysis_faults.h"
#include "pipeline/app/study.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/family/outcome_values.h"
#include "stages/family/owner_check.h"
#include "stages/scores/adjust/adjusted_stage.h"

namespace kinflow {
namespace {

/// True if a term is a score by parent of origin.
bool UsesOrigin(const family::AnalysisOptions& analysis) {
  const std::string text = analysis.ToJson();
  return text.find(".t_mother") != std::string::npos ||
         text.find(".t_father") != std::string::npos ||
         text.find(".nt_mother") != std::string::npos ||
         text.find(".nt_father") != std::string::npos;
}

}  // namespace

/// Reads the covariates of scores.
void Study::CheckAdjustment() {
  const AdjustOptions& adjust = scores_.adjust;
  if (!adjust.asked_for()) return;
  const ConfigNode& place = config_.At("scores.adjust");
  if (score_files_.empty()) {
    faults_.push_back(Error(ErrorId::kMissingKey, "scores are to be adjusted, but there are none")
                          .InFile(place.origin())
                          .Field("scores.adjust")
                          .Remedy("name score files under scores.files"));
    return;
  }
  try {
    if (!adjust.residuals.terms.empty()) {
      covariates_ = std::make_shared<const Covariates>(adjust.residuals.terms, *cohort_, *persons_);
    }
  } catch (Error& fault) {
    HintAtComponents(fault);
    faults_.push_back(Placed(fault, place, "scores.adjust."));
  }
  try {
    ReadAncestry();
  } catch (Error& fault) {
    HintAtComponents(fault);
    faults_.push_back(Placed(fault, place, "scores.adjust."));
  }
  for (const Error& fault : CheckAdjust(adjust, score_names_, all_score_names_)) {
    faults_.push_back(Placed(fault, place, "scores.adjust."));
  }
}

/// Where people lie by their principal components, and the panel they are compared with.
void Study::ReadAncestry() {
  const AncestryOptions& options = scores_.adjust.ancestry;
  if (!options.asked_for()) return;
  if (options.use != AncestryOptions::Use::kNone && !scores_.adjust.residuals.terms.empty()) {
    throw Error(ErrorId::kConfigRange, "scores are either normalised by ancestry or residuals")
        .Field("scores.adjust.ancestry")
        .Remedy("set ancestry.use: none, or leave out residualise");
  }
  if (options.use == AncestryOptions::Use::kZPop && options.group.empty()) {
    throw Error(ErrorId::kConfigReference, "z_pop needs the most similar population of each person")
        .Field("scores.adjust.ancestry")
        .Remedy("name its column under scores.adjust.ancestry.group");
  }
  if (!options.reference.empty() && !own_components_.empty() && !pca_.projects()) {
    throw Error(ErrorId::kConfigReference,
                "components of this run have nothing in common with those of a reference panel")
        .Field("scores.adjust.ancestry")
        .Value(options.reference)
        .Remedy(
            "project people on the panel's loadings (pca.project), or give the components of "
            "people and panel together, in a table under phenotypes");
  }
  places_ = std::make_shared<const Covariates>(AncestryPlaces(*persons_));
  auto input = std::make_shared<AncestryInput>(PlacesOf(places_->columns(), options));
  if (!options.reference.empty()) {
    input->panel = ReadAncestryPanel(JoinPath(base_, options.reference), options.pcs, options.group,
                                     score_names_);
  }
  ancestry_ = std::move(input);
}

Covariates Study::AncestryPlaces(const family::PersonColumns& persons) const {
  const AncestryOptions& options = scores_.adjust.ancestry;
  std::vector<std::string> terms;
  for (uint32_t k = 1; k <= options.pcs; ++k) terms.push_back(fmt::format("PC{}", k));
  if (!options.group.empty()) terms.push_back("factor(`" + options.group + "`)");
  return Covariates(terms, *cohort_, persons, "scores.adjust.ancestry");
}

/// Where everybody is there twice, nothing else can be computed.
void Study::CheckIdentity() {
  if (!genotypes_.has_earlier()) return;
  const bool alone = kinship_.compute && !pca_.compute && score_files_.empty() &&
                     analyses_.empty() && layout_ == nullptr;
  if (alone) return;
  faults_.push_back(
      Error(ErrorId::kConfigRange, "comparing with an earlier genotyping is a run of its own")
          .InFile(config_.At("input").origin())
          .Field("input.against")
          .Remedy("set kinship.compute: true and leave out pca, plates, scores and analyses"));
}

void Study::CheckFamilyScores() {
  if (!scores_.families.asked_for()) return;
  const auto refuse = [&](ErrorId id, const std::string& what, const std::string& field,
                          const std::string& remedy) {
    faults_.push_back(
        Error(id, what).InFile(config_.At("scores.families").origin()).Field(field).Remedy(remedy));
  };
  if (score_files_.empty()) {
    refuse(ErrorId::kMissingKey, "family scores are asked for, but there are no scores",
           "scores.families", "name score files under scores.files");
    return;
  }
  if (cohort_->trios.empty()) {
    refuse(ErrorId::kConfigReference,
           "family scores need a pedigree with genotyped children or parents", "scores.families",
           "name one under pedigree.file (--pedigree)");
  }
  if (scores_.genotypes != ScoreOptions::Genotypes::kAsIs) {
    refuse(ErrorId::kConfigRange, "alleles of centred genotypes have no parent of origin",
           "scores.genotypes", "scores.genotypes: as_is");
  }
  if (scores_.effect && *scores_.effect != EffectType::kAdditive) {
    refuse(ErrorId::kConfigRange, "family scores are additive", "scores.effects",
           "scores.effects: as_written or additive");
  }
  if (!scores_.x_males_once) {
    refuse(ErrorId::kConfigRange, "family scores count one copy of X in males", "scores.x_males",
           "scores.x_males: once");
  }
  if (scores_.families.impute_parents && has_adjusted() && !scores_.adjust.is_linear()) {
    refuse(ErrorId::kConfigRange,
           "imputed parents have no covariates: their scores cannot be adjusted by them",
           "scores.families.impute_parents",
           "leave out residualise and ancestry.use of scores.adjust, or set impute_parents: false");
  }
}

void Study::CheckAnalyses(Log& log) {
  if (analyses_.empty()) return;
  // A run goes on with a warning: it computes scores, and its models fail by themselves.
  const bool validates = digests_ == nullptr;
  AnalysisFaults all, to_come;
  family::ColumnOwners owners(*cohort_, *persons_);
  family::OutcomeValues outcomes(*cohort_, *persons_);
  for (size_t i = 0; i < analyses_.size(); ++i) {
    const auto& analysis = analyses_[i];
    std::vector<std::string> known = score_names_;
    // A file whose header cannot be read may have the scores that an analysis names.
    if (!all_score_names_)
      known.insert(known.end(), analysis.scores.begin(), analysis.scores.end());
    std::vector<Error> faults = family::CheckAnalysis(analysis, *persons_, known);
    if (faults.empty() && knows_people_) faults = owners.Check(analysis, known);
    const std::string prefix = "analyses." + analysis.id + ".";
    const auto add = [&](AnalysisFaults& list, Error& fault) {
      const auto placed = [&] { return Placed(fault, config_.At("analyses").items()[i], prefix); };
      list.Add(analysis.id, fault, placed);
    };
    if (faults.empty() && knows_people_) {
      for (Error& fault : outcomes.Check(analysis, known)) {
        const std::string stage = "family:" + analysis.id;
        if (!AcceptedReason(config_, stage, ErrorName(fault.id())).empty()) continue;
        add(validates ? all : to_come, fault);
      }
    }
    if (has_adjusted() && !scores_.adjust.is_linear() && UsesOrigin(analysis)) {
      faults.push_back(
          Error(ErrorId::kConfigReference,
                "transmitted and non-transmitted scores are not adjusted by covariates, other "
                "scores are")
              .Field("formula")
              .Remedy("leave out residualise and ancestry.use of scores.adjust, or fit this "
                      "analysis from a config without them"));
    }
    if (analysis.model_options.relatedness == "genotypes" && !has_kinship()) {
      faults.push_back(Error(ErrorId::kConfigReference, "the kinship of genotypes is not computed")
                           .Field("relatedness")
                           .Remedy("set kinship.compute: true, or use relatedness: pedigree"));
    }
    for (Error& fault : faults) {
      HintAtComponents(fault);
      add(all, fault);
    }
  }
  for (const Error& fault : to_come.Take()) {
    log.Warn("models will fail: {}; {}", fault.OneLine(), fault.Advice());
  }
  for (Error& fault : all.Take()) faults_.push_back(std::move(fault));
}

}  // namespace kinflow
