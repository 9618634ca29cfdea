#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/polynomial.h"

namespace kinflow::family {

/// A variable over the rows of a design: numbers, or codes of levels with their names.
struct DesignVariable {
  bool factor = false;
  std::vector<double> values;
  std::vector<uint32_t> codes;
  std::vector<std::string> levels;         // reference first
  uint32_t power = 1;                      // of I(): `values` are raised to it
  Transform transform = Transform::kNone;  // of log(): `values` are what it is of
  double added = 0;                        // of log(x + 1): to them
  Polynomial polynomial;                   // of poly(): `values` are what it is of

  bool IsPlain() const {
    return !factor && power == 1 && polynomial.degree() == 0 && transform == Transform::kNone;
  }
  /// What stands in the design for a number of the column; `part`: of the polynomial.
  double At(double number, uint32_t part) const;
};
using DesignVariables = std::map<uint32_t, DesignVariable>;  // by index into Formula::variables

/// Over `rows` of the frame. Throws kModelFailed, kLimitExceeded (too many levels),
/// kConfigReference (no such reference).
DesignVariable VariableOf(const FormulaVariable& variable, const ModelFrame& frame,
                          const std::vector<uint32_t>& rows);

/// Of each term, for each of its variables: is it a factor that is coded in full, a column a level,
/// and not by contrasts with its reference?
using FactorCoding = std::vector<std::vector<bool>>;

/// Fills in DesignColumn::people, for disclosure. Groups are formed by factors and by columns of
/// two values, within a term by their combinations. A coefficient tells of the group that its
/// levels name; of those at the reference of what is coded by contrasts, from which it is a
/// difference; and, if it is part of a larger term, of the group at the reference of the rest. So
/// the intercept tells of each factor's reference, and a slope whose product with a factor stands
/// in the formula is that of the factor's reference.
void CountPeople(const Formula& formula, const ModelFrame& frame, const std::vector<uint32_t>& rows,
                 const DesignVariables& variables, const FactorCoding& full, Design& design);

}  // namespace kinflow::family
