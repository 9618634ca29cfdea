#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// Phenotypes and covariates by person: one row a person, or a person and pregnancy; columns of a
/// long table have rows of their own, one more for each wave.
struct PersonColumns {
  std::vector<std::string> iid;
  std::vector<std::string> pregnancy;  // empty: a row holds for all pregnancies of the person
  std::set<std::string> by_pregnancy;  // columns whose values are of one pregnancy each
  Table columns;                       // numbers (NaN) or text ("NA")
  /// Text columns that must not be used as numbers, with the error to throw.
  std::map<std::string, Error> mixed;
  std::vector<std::string> wave;     // "" = a row that holds for all waves; empty = all rows do
  std::set<std::string> by_wave;     // columns of the rows with waves
  std::string wave_column;           // of these, the one that names the waves; "" = none
  std::set<std::string> id_columns;  // names of the files' id columns
};

/// Scores by sample of the cohort; NaN = no score (not scored, or removed by QC).
struct ScoreColumns {
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;  // one vector a score, indexed by sample
  std::vector<std::string> failed;          // scores that are named, but could not be computed
  /// score -> member -> values by sample of the child, NaN = none: "t_mother", "nt_mother",
  /// "t_father", "nt_father" (alleles passed on, or not), and "mother", "father" of children whose
  /// parent has no genotypes (imputed).
  std::map<std::string, std::map<std::string, std::vector<double>>> by_child;
};

enum class Standardise { kNone, kCommonSd, kOwn };
enum class ChildRule { kOnePerPregnancy, kOnePerMother, kAll };
enum class ClusterBy { kNone, kMother, kFamily, kColumn };

/// Where a name used in a formula comes from.
struct ColumnSource {
  enum Kind { kPerson, kScore, kGroup } kind = kPerson;
  std::string name;    // column, score or group; "" = the score of the model at hand (`pgs.mother`)
  std::string member;  // mother, father, child
};

/// True for t_mother, nt_mother, t_father, nt_father: members that scores alone have.
bool IsAllelesRole(std::string_view role);

/// Resolves a formula name: `pgs.<member>`; a person column, of the outcome's member; `<score>.
/// <member>`; `<person column>.<member>`. Throws kConfigReference with the nearest name if nothing
/// fits, or if a name fits a score and a column alike.
ColumnSource ResolveColumn(const std::string& name, const std::string& outcome_of,
                           const Table& person_columns, const std::vector<std::string>& scores);

/// Resolves the grouping factor of a random term: a person column; else mother, father, child,
/// family, pregnancy or the name of an id column (the person whose outcome it is), by pedigree ids.
ColumnSource ResolveGroup(const std::string& name, const std::string& outcome_of,
                          const PersonColumns& persons, const std::vector<std::string>& scores);

struct TrioFrameSpec {
  std::string outcome_of = "mother";
  std::vector<std::string> columns;  // names used by the formula
  std::vector<std::string> groups;   // of them, those that name grouping factors
  std::string score;                 // what `pgs` stands for; "" if unused
  Standardise standardise = Standardise::kCommonSd;
  bool imputed_parents = true;  // where parents have no genotypes and scores of them were imputed
  ChildRule children = ChildRule::kOnePerPregnancy;
  ClusterBy cluster = ClusterBy::kMother;
  std::string cluster_column;  // of kColumn: resolved as a grouping factor
  std::map<std::string, std::string> reference;
};

/// Mean and sd used to standardise one member's score.
struct ScoreScale {
  std::string score, member;
  double mean = 0, sd = 1;
  int64_t n = 0;  // people
};

struct TrioFrame {
  ModelFrame frame;
  std::vector<ScoreScale> scales;
  std::vector<std::string> warnings;
  uint64_t without_wave = 0;  // children without a row: TrioRows::without_wave
};

/// One row a child, and wave if a column has waves: the waves of the person whose outcome it is;
/// none without a wave.
/// One child of the cohort (any member genotyped) after the child rule: within a pregnancy
/// (or mother) the first genotyped child in pedigree order, else the first. kCommonSd standardises
/// all members by the mean and sd over the distinct people of the cohort's trios, so that the
/// slopes of mother, father and child share one unit; kOwn by those of each role. Throws
/// kConfigReference; kDuplicateSamples (a person twice in a table without pregnancies);
/// kNoEstimableTerm (a score without variance cannot be standardised).
TrioFrame BuildTrioFrame(const Cohort& cohort, const PersonColumns& persons,
                         const ScoreColumns& scores, const TrioFrameSpec& spec);

class TrioRows;
struct TrioRowsSpec;
/// Gives rows that several analyses have in common.
using TrioRowsOf = std::function<std::shared_ptr<const TrioRows>(const TrioRowsSpec&)>;

/// The frames of many scores: what does not depend on the score is looked up once. Refers to all
/// but `spec`. Of() may be called from several threads.
class TrioFrames {
 public:
  TrioFrames(const Cohort& cohort, const PersonColumns& persons, const ScoreColumns& scores,
             TrioFrameSpec spec, TrioRowsOf rows_of = {});  // none: rows of its own
  ~TrioFrames();
  /// BuildTrioFrame of the spec with this score. Throws as it does, and goes on with the next one.
  TrioFrame Of(const std::string& score);

 private:
  class Builder;
  std::unique_ptr<Builder> builder_;
};

}  // namespace kinflow::family
