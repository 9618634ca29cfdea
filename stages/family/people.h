#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// Codes of who the rows of a frame are of, -1 = not known: mothers where a frame has them, as
/// people without genotypes have no code of their own, else persons, else clusters. Empty = none
/// of these.
const std::vector<int64_t>& PeopleOf(const ModelFrame& frame);

/// Codes of what the rows of a frame follow each other in: pregnancies, as a mother has waves of
/// each, else PeopleOf.
const std::vector<int64_t>& SeriesOf(const ModelFrame& frame);

/// The people behind some rows of a frame: PeopleOf, else the levels of the finest grouping factor
/// among the formula's random terms. Without either, and where a code is not known, each row is of
/// somebody else.
class People {
 public:
  static constexpr uint32_t kNoCell = std::numeric_limits<uint32_t>::max();

  People(const ModelFrame& frame, const Formula& formula, const std::vector<uint32_t>& rows);

  int64_t count() const { return count_; }
  /// True if somebody has several rows.
  bool repeated() const { return !order_.empty(); }
  /// Of each of `cells` cells, how many people have a row there. `cell`: one a row, kNoCell = none.
  std::vector<int64_t> ByCell(const std::vector<uint32_t>& cell, size_t cells) const;

 private:
  int64_t count_ = 0;
  std::vector<uint32_t> order_;  // rows, those of a person in turn; empty = a row a person
  std::vector<uint32_t> first_;  // of each person, index into order_
};

/// The people of `rows`, kept where the frame has a memo.
std::shared_ptr<const People> PeopleOfRows(const ModelFrame& frame, const Formula& formula,
                                           const std::vector<uint32_t>& rows);

/// The smallest of `counts` above 0; missing if there is none.
int64_t FewestOf(const std::vector<int64_t>& counts);

}  // namespace kinflow::family
