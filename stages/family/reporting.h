#pragma once

#include <string>
#include <vector>

#include "stages/family/model.h"

namespace kinflow::family {

// Pieces of the result rows that every kind of model fills in the same way.

RowKey KeyOf(const ModelSpec& spec, size_t model);
/// "joint/trio/adhd", for warnings.
std::string NameOf(const RowKey& key);

/// What the coefficient of a member's score means: "total" if the formula has scores of this member
/// only, else "direct" for the person whose outcome it is and "indirect" for the others; "NA" for
/// other roles and outside family designs.
std::string EffectOf(const Formula& formula, const ModelFrame& frame, const std::string& role);

void AddCounts(const RowKey& key, const ModelFrame& frame, const RowSelection& selection,
               std::vector<CountRow>& out);

/// p value and confidence limits of a row whose estimate, std_error and statistic are set.
void Infer(const ModelSpec& spec, double df, EstimateRow& row);
void Infer(const ModelSpec& spec, double df, ContrastRow& row);

}  // namespace kinflow::family
