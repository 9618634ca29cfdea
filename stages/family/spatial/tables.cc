#include "stages/family/spatial/tables.h"

#include <cmath>

#include "stages/family/table_builder.h"

namespace kinflow::family {

double SpatialRow::Z(double variance) const {
  return sign * (value.value - value.expected) / std::sqrt(variance);
}

Table SpatialTable(const std::vector<SpatialRow>& rows) {
  using R = SpatialRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("quantity", &R::quantity)
      .Add("measure", &R::measure)
      .Add("weights", &R::weights)
      .Add("value", [](const R& row) { return row.value.value; })
      .Add("expected", [](const R& row) { return row.value.expected; })
      .Add("variance", [](const R& row) { return row.value.variance; })
      .Add("z", [](const R& row) { return row.Z(row.value.variance); })
      .Add("p_value", [](const R& row) { return row.randomisation.p; })
      .Add("neg_log10_p", [](const R& row) { return row.randomisation.neg_log10; })
      .Add("variance_normal", [](const R& row) { return row.value.variance_normal; })
      .Add("z_normal", [](const R& row) { return row.Z(row.value.variance_normal); })
      .Add("p_normal", [](const R& row) { return row.normality.p; })
      .Add("p_permutation", &R::p_permutation)
      .Add("permutations", &R::permutations)
      .Add("n_areas", &R::n_areas)
      .Add("n_islands", &R::n_islands)
      .Add("n", &R::n)
      .Take();
}

Table AreasTable(const std::vector<AreaRow>& rows) {
  using R = AreaRow;
  const auto local = [](double Autocorrelation::*member) {
    return [member](const R& row) { return row.has_local ? row.local.*member : kNa; };
  };
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("area", &R::area)
      .Add("quantity", &R::quantity)
      .Add("n", &R::n)
      .Add("value", &R::value)
      .Add("neighbours", &R::neighbours)
      .Add("local_i", local(&Autocorrelation::value))
      .Add("expected", local(&Autocorrelation::expected))
      .Add("variance", local(&Autocorrelation::variance))
      .Add("z",
           [](const R& row) {
             return row.has_local
                        ? (row.local.value - row.local.expected) / std::sqrt(row.local.variance)
                        : kNa;
           })
      .Add("p_value", [](const R& row) { return row.p.p; })
      .Add("neg_log10_p", [](const R& row) { return row.p.neg_log10; })
      .Add("p_bh", &R::p_bh)
      .Add("n_neighbour", &R::n_neighbour)
      .Take();
}

}  // namespace kinflow::family
