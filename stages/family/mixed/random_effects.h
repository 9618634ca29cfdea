#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// Correlation of the effects of two levels.
struct LevelPair {
  uint32_t a = 0, b = 0;
  double r = 0;
};

/// Effects of one grouping factor that are free to correlate: `q` numbers a level.
struct RandomBlock {
  std::string group;                 // "m_id"; "preg_id:m_id" for pregnancies within mothers
  std::vector<std::string> columns;  // of the frame, whose values together name a level
  std::vector<std::string> terms;    // q names: "(Intercept)", "time"
  std::vector<double> z;             // n x q, column-major
  std::vector<uint32_t> level;       // of each row: 0, 1, ... by first appearance
  std::vector<uint32_t> first_row;   // of each level: its first row among the rows used
  std::string term;                  // of the formula, "1 + time | m_id", for messages
  std::vector<LevelPair> related;    // pairs of levels; empty = levels are independent

  size_t q() const { return terms.size(); }
  size_t levels() const { return first_row.size(); }
  size_t thetas() const { return q() * (q() + 1) / 2; }
  bool IsIntercept() const { return q() == 1 && terms[0] == "(Intercept)"; }
};

/// The random part of a mixed model, blocks by falling number of levels, then as written (lme4's
/// order). `(x || g)` gives a block a column.
struct RandomDesign {
  size_t n = 0;
  std::vector<RandomBlock> blocks;

  size_t thetas() const;
  size_t columns() const;  // of Z
};

/// Group and term of the block of people who are relatives.
inline constexpr const char* kRelatedness = "relatedness";

/// Expands the random terms over `rows`, which are complete in their columns; a frame with
/// relatives gives one more block, an effect a person that relatives share. Throws kModelFailed
/// for a grouping factor with one level, with a level a row, or with fewer rows than effects, for
/// an effect that is there twice, and if no two rows are of relatives.
RandomDesign BuildRandomEffects(const Formula& formula, const ModelFrame& frame,
                                const std::vector<uint32_t>& rows);

}  // namespace kinflow::family
