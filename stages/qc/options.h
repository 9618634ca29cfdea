#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "stages/qc/mendel_rules.h"
#include "stages/qc/reference_fit.h"

namespace kinflow {

/// Founders' allele frequencies against those of a file.
struct ReferenceOptions {
  std::string file;  // "" = none
  ReferenceLimits limits;
  std::vector<std::string> remove;  // names of ReferenceStatus
};

/// Thresholds of quality control. A value that cannot fail (0 for a minimum, 1 for an error rate,
/// 0 for het_sd) turns its filter off.
struct QcOptions {
  enum class HweX { kFemales, kAll, kOff };
  enum class SexCheck { kReport, kRemove, kOff };
  static constexpr double kFromData = std::numeric_limits<double>::quiet_NaN();

  std::string preset;      // effective: imputed, array, mobapsychgen, none
  bool asked_for = false;  // a preset with filters, or a threshold given beside preset none
  // Variants.
  double call_rate = 0, maf = 0;
  double hwe_p = 0;
  bool hwe_midp = true;
  HweX hwe_x = HweX::kFemales;
  double info = 0, info_computed = 0;
  double mendel_rate = 1;
  double plate_p = 0, batch_p = 0, batch_info_p = 0;
  ReferenceOptions reference;
  // Samples.
  double sample_call_rate_first = 0;  // before variants are judged; 0 = off
  double sample_call_rate = 0, het_sd = 0;
  bool het_by_ancestry = false;
  SexCheck sex_check = SexCheck::kReport;
  double sex_female_max = kFromData, sex_male_min = kFromData;  // both given or none
  double sample_mendel_rate = 1;

  double hard_call_threshold = 0.1;
  bool mendel_duos = true;
  MendelRules mendel_rules = MendelRules::kPlink;
  bool mendel_missing = false;  // behind QC the calls that are blamed are missing
  std::string build;  // of the genome; "" = not known. Hail's rules need to know where Y has PARs

  /// People to leave out by decisions that a run proposed, and by a person's own. Ids: in no JSON.
  std::vector<std::string> removed_as_proposed, removed_by_person;
  /// Cohort::controls are left out, before all others. In no JSON either: the cohort says who.
  bool remove_controls = false;

  /// Preset values without a config. `name`: as in the schema, never "auto".
  static QcOptions FromPreset(const std::string& name);
  /// From the validated `qc` node; `hard_calls` decides what preset "auto" means. Throws
  /// kConfigRange if the sex thresholds cross.
  static QcOptions FromConfig(const ConfigNode& qc, bool hard_calls);

  bool sex_cutoffs_given() const { return !std::isnan(sex_female_max); }
  // Canonical JSON of what each stage depends on, for keys.
  std::string CountsJson() const;
  /// What of it is not the default, as labels of choices (Stage::files), for stages behind QC that
  /// read what it blames.
  std::vector<std::string> CountsChoices() const;
  std::string VariantsJson() const;
  /// VariantsJson with what is done to the calls of those that pass.
  std::string CallsJson() const;
  /// Of the first look at people.
  std::string FirstJson() const;
  std::string SamplesJson() const;
  std::string SexJson() const;
};

/// The `qc` key of the config.
SchemaNode QcSchema();

}  // namespace kinflow
