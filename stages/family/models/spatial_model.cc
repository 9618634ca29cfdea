#include "stages/family/models/spatial_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "stages/family/mixed/blups.h"
#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/mixed/variance_components.h"
#include "stages/family/multiple_testing.h"
#include "stages/family/regression_run.h"
#include "stages/family/reporting.h"
#include "stages/family/spatial/areas.h"
#include "stages/family/spatial/autocorrelation.h"
#include "stages/family/spatial/tables.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

/// Areas with a neighbour among those of the data; only they count.
struct Map {
  std::vector<size_t> areas;  // indices into Areas
  SpatialWeights weights;
  std::vector<int64_t> rarest_neighbour;  // of each: people of its smallest neighbour
  size_t islands = 0;
  size_t strangers = 0;  // pairs of the list with an area that has no data
};

Map MapOf(const Areas& areas, const NeighbourList& list, bool row_standardised) {
  Map map;
  const auto all = NeighboursOf(areas.names, list);
  const auto has_data = [&](const std::string& name) {
    return std::binary_search(areas.names.begin(), areas.names.end(), name);
  };
  for (const auto& [a, b] : list.pairs) map.strangers += !has_data(a) || !has_data(b);
  std::vector<std::string> names;
  for (size_t a = 0; a < all.size(); ++a) {
    if (all[a].empty()) {
      ++map.islands;
      continue;
    }
    map.areas.push_back(a);
    names.push_back(areas.names[a]);
    int64_t rarest = areas.people[all[a].front()];
    for (const uint32_t other : all[a]) rarest = std::min(rarest, areas.people[other]);
    map.rarest_neighbour.push_back(rarest);
  }
  // Neighbours have neighbours: leaving out islands leaves no new ones.
  map.weights = MakeWeights(NeighboursOf(names, list), row_standardised);
  return map;
}

class SpatialRun {
 public:
  SpatialRun(const ModelFrame& frame, const ModelSpec& spec) : frame_(frame), spec_(spec) {
    key_ = KeyOf(spec, spec.plan.models.size() - 1);
  }

  Results Go() {
    try {
      Fit();
      AddCounts(key_, frame_, spec_.formula, rows_, out_.rows);
      AddModelRow();
      AddVarianceComponents(key_, random_, fit_, out_.varcomp);
      WarnOfSingular();
      Measure("area mean", areas_.mean);
      const RandomBlock& block = random_.blocks[areas_.block];
      const auto effects = PredictRandomEffects(design_, random_, fit_)[areas_.block].value;
      for (size_t c = 0; c < block.q(); ++c) {
        std::vector<double> values;
        for (const uint32_t level : areas_.level) {
          values.push_back(effects(static_cast<Eigen::Index>(c), level));
        }
        Measure("effect " + block.terms[c], values);
      }
      out_.more["spatial"] = SpatialTable(tests_);
      out_.more["areas"] = AreasTable(local_);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_ = Results{};
      out_.Fail(key_, "spatial", spec_.formula.Text(), error);
    }
    return std::move(out_);
  }

 private:
  void Fit() {
    rows_ = SelectRows(frame_, spec_.formula.Columns());
    design_ = BuildDesign(spec_.formula, frame_, rows_.rows);
    random_ = BuildRandomEffects(spec_.formula, frame_, rows_.rows);
    areas_ = AreasOf(spec_.formula, frame_, rows_, design_, random_);
    const std::string column = AreaColumn(spec_.formula);
    map_ = MapOf(areas_, InNamesOf(*spec_.options.neighbours, frame_, column),
                 spec_.options.row_standardised);
    if (map_.areas.size() < 4) {
      throw Error(ErrorId::kTooFewRows,
                  fmt::format("spatial: {} of {} areas have a neighbour among the areas with data",
                              map_.areas.size(), areas_.names.size()))
          .Field("neighbours")
          .Value(column)
          .Remedy("name the areas in the neighbour list as the column does; four are needed");
    }
    if (map_.islands > 0) {
      out_.warnings.push_back(
          fmt::format("{}: {} of {} areas have no neighbour among the areas with data and do not "
                      "count (table areas, neighbours 0)",
                      NameOf(key_), map_.islands, areas_.names.size()));
    }
    if (map_.strangers > 0) {
      out_.warnings.push_back(
          fmt::format("{}: {} of {} pairs of neighbours name an area without data", NameOf(key_),
                      map_.strangers, spec_.options.neighbours->pairs.size()));
    }
    fit_ = FitMixed(design_, random_, spec_.reml);
  }

  void WarnOfSingular() {
    if (!fit_.singular) return;
    out_.warnings.push_back(NameOf(key_) + ": " + kSingularFit);
    const RandomBlock& block = random_.blocks[areas_.block];
    const Eigen::MatrixXd& covariance = fit_.covariance[areas_.block];
    for (Eigen::Index i = 1; i < covariance.rows(); ++i) {
      for (Eigen::Index j = 0; j < i; ++j) {
        if (!ArePerfectlyCorrelated(covariance, i, j)) continue;
        out_.warnings.push_back(fmt::format(
            "{}: effects {} and {} of areas are perfectly correlated: they are one map, "
            "and their autocorrelation is the same",
            NameOf(key_), block.terms[static_cast<size_t>(j)],
            block.terms[static_cast<size_t>(i)]));
      }
    }
  }

  void AddModelRow() {
    ModelRow row;
    row.key = key_;
    row.model = "spatial";
    row.n = static_cast<int64_t>(rows_.rows.size());
    row.n_clusters = static_cast<int64_t>(areas_.names.size());
    row.k = static_cast<int64_t>(fit_.rank);
    row.criterion = fit_.criterion;
    row.reml = fit_.reml ? 1 : 0;
    row.sigma = fit_.sigma;
    row.converged = "true";
    row.iterations = fit_.iterations;
    row.singular = fit_.singular ? "true" : "false";
    row.formula = spec_.formula.Text();
    row.call = fmt::format("spdep::moran.test(ranef(lmerTest::lmer({}, data = d))${}, w)",
                           row.formula, random_.blocks[areas_.block].group);
    out_.models.push_back(std::move(row));
  }

  void Measure(const std::string& quantity, const std::vector<double>& all) {
    std::vector<double> values;
    for (const size_t a : map_.areas) values.push_back(all[a]);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    if (*low == *high) {
      out_.warnings.push_back(
          fmt::format("{}: {} is the same in all areas: no test of it", NameOf(key_), quantity));
      AddAreas(quantity, all, {});
      return;
    }
    const PermutationP p =
        PermuteAreas(values, map_.weights, spec_.options.permutations, spec_.options.seed);
    AddTest(quantity, "Moran I", MoranI(values, map_.weights), p.moran);
    AddTest(quantity, "Geary C", GearyC(values, map_.weights), p.geary);
    AddAreas(quantity, all, LocalMoran(values, map_.weights));
  }

  void AddTest(const std::string& quantity, const std::string& measure,
               const Autocorrelation& value, double p_permutation) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    SpatialRow row;
    row.key = key_;
    row.quantity = quantity;
    row.measure = measure;
    row.weights = spec_.options.row_standardised ? "row_standardised" : "binary";
    row.value = value;
    // Positive z: neighbours are alike, by either measure.
    row.sign = measure == "Geary C" ? -1 : 1;
    row.randomisation = TwoSidedT(row.Z(value.variance), kInfinity);
    row.normality = TwoSidedT(row.Z(value.variance_normal), kInfinity);
    row.p_permutation = p_permutation;
    row.permutations = spec_.options.permutations;
    row.n_areas = static_cast<int64_t>(map_.areas.size());
    row.n_islands = static_cast<int64_t>(map_.islands);
    row.n = static_cast<int64_t>(rows_.rows.size());
    tests_.push_back(row);
  }

  // Areas without neighbours have no measure of their own.
  void AddAreas(const std::string& quantity, const std::vector<double>& values,
                const std::vector<Autocorrelation>& local) {
    const size_t first = local_.size();
    for (size_t a = 0; a < areas_.names.size(); ++a) {
      AreaRow row;
      row.key = key_;
      row.area = areas_.names[a];
      row.quantity = quantity;
      row.n = areas_.people[a];
      row.value = values[a];
      local_.push_back(row);
    }
    std::vector<double> p;
    for (size_t m = 0; m < map_.areas.size(); ++m) {
      AreaRow& row = local_[first + map_.areas[m]];
      row.neighbours = static_cast<int64_t>(map_.weights.rows[m].size());
      row.n_neighbour = map_.rarest_neighbour[m];
      if (local.empty()) continue;
      row.local = local[m];
      row.has_local = true;
      row.p = TwoSidedT((row.local.value - row.local.expected) / std::sqrt(row.local.variance),
                        std::numeric_limits<double>::infinity());
      p.push_back(row.p.p);
    }
    const auto adjusted = AdjustP(p, Adjust::kBh);
    for (size_t m = 0; m < adjusted.size(); ++m) local_[first + map_.areas[m]].p_bh = adjusted[m];
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  RowKey key_;
  RowSelection rows_;
  Design design_;
  RandomDesign random_;
  MixedFit fit_;
  Areas areas_;
  Map map_;
  std::vector<SpatialRow> tests_;
  std::vector<AreaRow> local_;
  Results out_;
};

class SpatialModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return SpatialRun(frame, spec).Go();
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = RefuseTests(spec, "spatial", clustered, "the areas are a random term");
    for (const auto& refuse : {RefuseMixedKeys, RefuseCovariances}) {
      for (auto& error : refuse(spec, "spatial")) errors.push_back(std::move(error));
    }
    const auto& random = spec.formula.random;
    if (random.empty() || random.front().groups.back().empty() || !random.front().intercept) {
      errors.push_back(Error(ErrorId::kConfigReference,
                             "model spatial needs a random term of the areas, named first")
                           .Field("formula")
                           .Value(spec.formula.Text())
                           .Remedy("write (1 | area), (1 | district/area) or (1 + pgs | area)"));
    }
    if (spec.options.neighbours == nullptr) {
      errors.push_back(Error(ErrorId::kMissingKey, "model spatial needs a list of neighbours")
                           .Field("neighbours")
                           .Remedy("name a table with two columns, the names of two areas that "
                                   "are neighbours: neighbours: neighbours.tsv"));
    }
    return errors;
  }
  bool ClustersByDefault() const override { return false; }
  bool TestsCoefficients() const override { return false; }
  std::string MainTable() const override { return "spatial"; }
  std::map<std::string, Table> MoreTables() const override {
    return {{"spatial", SpatialTable({})}, {"areas", AreasTable({})}};
  }
  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {kModelBased};
  }
};

}  // namespace

std::unique_ptr<Model> MakeSpatial() { return std::make_unique<SpatialModel>(); }

}  // namespace kinflow::family
