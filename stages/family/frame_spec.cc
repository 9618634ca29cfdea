#include "stages/family/frame_spec.h"

#include <algorithm>
#include <string>

namespace kinflow::family {

TrioFrameSpec FrameSpecOf(const AnalysisOptions& options,
                          const std::vector<const Formula*>& formulas) {
  const Formula& formula = *formulas.front();
  TrioFrameSpec spec;
  spec.outcome_of = options.outcome_of;
  const auto add = [&spec](const std::vector<std::string>& names) {
    for (const auto& name : names) {
      const auto& known = spec.columns;
      if (std::find(known.begin(), known.end(), name) == known.end()) spec.columns.push_back(name);
    }
  };
  for (const Formula* one : formulas) add(one->Columns());
  add(options.model_options.Columns());
  add(options.table_one.Columns());
  spec.groups = formula.GroupColumns();
  spec.standardise = options.standardise;
  spec.imputed_parents = MakeModel(options.model)->TakesImputedParents();
  spec.children = options.children;
  spec.cluster = IsClustered(options, formula) ? options.cluster : ClusterBy::kNone;
  spec.cluster_column = options.cluster_column;
  spec.reference = options.reference;
  return spec;
}

}  // namespace kinflow::family
