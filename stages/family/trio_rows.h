#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/family/person_index.h"
#include "stages/family/shared_vector.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// Which children have rows, and whose waves they are repeated over.
struct TrioRowsSpec {
  std::string outcome_of = "mother";
  ChildRule children = ChildRule::kOnePerPregnancy;
  bool by_wave = false;
  auto operator<=>(const TrioRowsSpec&) const = default;
};

/// The rows of trio frames, whatever outcome, covariates and scores stand in them. Refers to cohort
/// and persons. Thread-safe.
class TrioRows {
 public:
  /// Throws kDuplicateSamples.
  TrioRows(const Cohort& cohort, const PersonColumns& persons, TrioRowsSpec spec);

  /// Of each row: a child, several times if it has waves.
  const std::vector<Trio>& trios() const { return trios_; }
  const Person& Child(size_t row) const;
  /// Id of the member; "" = the pedigree has none.
  const std::string& Iid(size_t row, const std::string& member) const;
  static uint32_t SampleOf(const Trio& trio, const std::string& member);
  /// Of the child's pregnancy; of the child if there is none.
  std::string PregnancyOf(size_t row) const;
  /// Children that the rule leaves out.
  uint64_t left_out() const { return left_out_; }
  /// Children who have no row, as the person whose outcome it is has no wave; 0 if nobody has one.
  uint64_t without_wave() const { return without_wave_; }
  /// Codes of mothers, of pregnancies, of whose outcome it is.
  const SharedVector<int64_t>& mother() const { return mother_; }
  const SharedVector<int64_t>& pregnancy() const { return pregnancy_; }
  const SharedVector<int64_t>& person() const { return person_; }
  /// Row of the member in the persons, at the row's wave or whatever the wave; -1 = none.
  SharedVector<int64_t> PersonRows(const std::string& member, bool by_wave) const;
  /// Of a member who has no row in the persons for the row's pregnancy: why.
  enum class NoRow { kNotListed, kOtherPregnancies, kPregnancyOfAnother };
  NoRow WhyNoRow(size_t row, const std::string& member) const;

 private:
  void RepeatOverWaves();
  void AddCodes();
  void FindPregnanciesOfOthers(const PersonColumns& persons);

  const Cohort& cohort_;
  const PersonIndex index_;
  const TrioRowsSpec spec_;
  std::vector<Trio> trios_;
  std::vector<std::string> waves_;  // of each row, "" = none
  /// Pregnancies of rows of the persons that the pedigree gives to others, by the rows' people.
  std::map<std::string, std::set<std::string>> of_others_;
  uint64_t left_out_ = 0, without_wave_ = 0;
  SharedVector<int64_t> mother_, pregnancy_, person_;
  mutable std::mutex finding_;
  mutable std::map<std::pair<std::string, bool>, SharedVector<int64_t>> person_rows_;
};

}  // namespace kinflow::family
