#include "stages/family/trajectories.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "pipeline/base/number.h"
#include "stages/family/design_people.h"
#include "stages/family/people.h"
#include "stages/family/reporting.h"
#include "stages/family/steps.h"
#include "stages/family/table_builder.h"
#include "stages/family/wave_order.h"

namespace kinflow::family {
namespace {

constexpr size_t kMaxValues = 50;  // of a column that is gone through

/// A column held at a value: a level's name, and the number if it is one.
struct Held {
  std::string column, text;
  double number = kNa;
};

/// The variables of a formula over the rows of its design.
class Grid {
 public:
  Grid(const Formula& formula, const ModelFrame& frame, const std::vector<uint32_t>& rows)
      : formula_(formula) {
    for (const auto& term : formula.terms) {
      for (const uint32_t v : term.variables) {
        if (variables_.count(v) > 0) continue;
        const DesignVariable& made =
            variables_.emplace(v, VariableOf(formula.variables[v], frame, rows)).first->second;
        if (!made.factor) means_[v] = MeanOf(made.values);
      }
    }
  }

  /// Each value of a column; without a name, one that is none.
  std::vector<std::optional<Held>> ValuesOf(const std::string& column) const {
    if (column.empty()) return {std::nullopt};
    std::vector<std::optional<Held>> out;
    for (const auto& [v, variable] : variables_) {
      if (formula_.variables[v].column != column || !out.empty()) continue;
      std::vector<double> values = variable.values;
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      for (const double value : values) out.push_back(Held{column, FormatDouble(value), value});
      for (const auto& level : variable.levels) {
        out.push_back(Held{column, level, ParseDouble(level).value_or(kNa)});
      }
    }
    return out;
  }

  double Mean(uint32_t variable) const { return means_.at(variable); }
  double Sd(uint32_t variable) const {
    const auto& values = variables_.at(variable).values;
    double squares = 0;
    for (const double v : values) squares += (v - Mean(variable)) * (v - Mean(variable));
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
  }
  /// Variables of scores of members, one a column.
  std::vector<uint32_t> Scores(const ModelFrame& frame) const {
    std::vector<uint32_t> out;
    for (const auto& [v, variable] : variables_) {
      const std::string& column = formula_.variables[v].column;
      const bool known = std::any_of(out.begin(), out.end(), [&](uint32_t other) {
        return formula_.variables[other].column == column;
      });
      if (!variable.factor && !known && IsMemberRole(frame.InfoOf(column).role)) out.push_back(v);
    }
    return out;
  }

  /// The design column where the columns in `held` have these values.
  double Weight(const DesignColumn& column, const std::vector<Held>& held) const {
    if (column.term == DesignColumn::kIntercept) return 1;
    double product = 1;
    const auto& of = formula_.terms[column.term].variables;
    for (size_t i = 0; i < of.size(); ++i) product *= Value(of[i], column.levels[i], held);
    return product;
  }

 private:
  static double MeanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }

  double Value(uint32_t v, uint32_t level, const std::vector<Held>& held) const {
    const DesignVariable& variable = variables_.at(v);
    const auto at = std::find_if(held.begin(), held.end(), [&](const Held& h) {
      return h.column == formula_.variables[v].column;
    });
    if (at == held.end()) {
      return variable.factor ? 1 / static_cast<double>(variable.levels.size())
                             : variable.At(Mean(v), level);
    }
    if (!variable.factor) return variable.At(at->number, level);
    return variable.levels[level] == at->text ? 1 : 0;
  }

  const Formula& formula_;
  DesignVariables variables_;
  std::map<uint32_t, double> means_;
};

/// Values of the column of waves, if there is one. Returns OrderWarning().
std::string PutInTime(const ModelFrame& frame, const std::vector<uint32_t>& rows,
                      std::vector<std::optional<Held>>& waves) {
  if (waves.empty() || !waves.front()) return "";
  const std::string& column = waves.front()->column;
  const WaveOrder order = WavesInTime(
      frame.columns.column(static_cast<size_t>(frame.columns.Find(column))), rows, SeriesOf(frame));
  const std::string warning = OrderWarning(column, order);
  const auto place = [&order](const std::optional<Held>& wave) {
    return std::find(order.names.begin(), order.names.end(), wave->text);
  };
  std::stable_sort(waves.begin(), waves.end(),
                   [&place](const auto& a, const auto& b) { return place(a) < place(b); });
  return warning;
}

/// Once for all kinds of errors.
void WarnOfOrder(const ModelSpec& spec, const std::string& order,
                 std::vector<std::string>& warnings) {
  const std::string text = NameOf(KeyOf(spec, spec.plan.models.size() - 1)) + ": " + order;
  const bool told = std::find(warnings.begin(), warnings.end(), text) != warnings.end();
  if (!order.empty() && !told) warnings.push_back(text);
}

}  // namespace

std::vector<TrajectoryRow> Trajectories(const ModelSpec& spec, const ModelFrame& frame,
                                        const std::vector<uint32_t>& rows, const Design& design,
                                        const std::string& se_type, const LinearOf& linear,
                                        std::vector<std::string>& warnings) {
  const Formula& formula = spec.formula;
  const Grid grid(formula, frame, rows);
  const TrajectoryOptions& options = spec.trajectories;
  auto waves = grid.ValuesOf(options.wave);
  const auto groups = grid.ValuesOf(options.group);
  for (const auto& [column, values] :
       {std::pair(options.wave, waves.size()), std::pair(options.group, groups.size())}) {
    if (values <= kMaxValues) continue;
    warnings.push_back(fmt::format(
        "{}: no trajectories: {} has {} values, more than {}; name a column of waves or groups",
        NameOf(KeyOf(spec, spec.plan.models.size() - 1)), column, values, kMaxValues));
    return {};
  }
  WarnOfOrder(spec, PutInTime(frame, rows, waves), warnings);
  Inference infer(spec);
  std::vector<TrajectoryRow> out;
  const auto predict = [&](const std::vector<Held>& held) {
    std::vector<size_t> columns;
    std::vector<double> weights;
    for (size_t c = 0; c < design.k; ++c) {
      const double weight = grid.Weight(design.columns[c], held);
      if (weight == 0) continue;
      columns.push_back(c);
      weights.push_back(weight);
    }
    TrajectoryRow row;
    row.prediction = ContrastRowOf(infer, spec.plan.models.size() - 1, {}, se_type,
                                   linear(columns, weights), design, columns);
    return row;
  };
  const auto scores = grid.Scores(frame);
  for (const auto& wave : waves) {
    for (const auto& group : groups) {
      std::vector<Held> held;
      for (const auto& each : {wave, group}) {
        if (each) held.push_back(*each);
      }
      const auto add = [&](TrajectoryRow row) {
        if (wave) row.prediction.key.wave = wave->text;
        if (group) row.group = group->text;
        out.push_back(std::move(row));
      };
      if (scores.empty()) add(predict(held));
      for (const uint32_t score : scores) {
        for (const double at : options.at) {
          const std::string& name = formula.variables[score].column;
          const double value = grid.Mean(score) + at * grid.Sd(score);
          auto with_score = held;
          with_score.push_back({name, "", value});
          TrajectoryRow row = predict(with_score);
          row.score = name;
          row.at = at;
          row.value = value;
          add(std::move(row));
        }
      }
    }
  }
  return out;
}

Table TrajectoryTable(const std::vector<TrajectoryRow>& rows) {
  using R = TrajectoryRow;
  const auto of = [](auto ContrastRow::*member) {
    return [member](const R& row) { return row.prediction.*member; };
  };
  const auto key = [](std::string RowKey::*member) {
    return [member](const R& row) { return row.prediction.key.*member; };
  };
  return TableBuilder<R>(rows)
      .Add("analysis_id", key(&RowKey::analysis_id))
      .Add("model_id", key(&RowKey::model_id))
      .Add("outcome", key(&RowKey::outcome))
      .Add("wave", key(&RowKey::wave))
      .Add("pgs", key(&RowKey::pgs))
      .Add("score", &R::score)
      .Add("at", &R::at)
      .Add("value", &R::value)
      .Add("group", &R::group)
      .Add("predicted", of(&ContrastRow::estimate))
      .Add("std_error", of(&ContrastRow::std_error))
      .Add("se_type", of(&ContrastRow::se_type))
      .Add("df", of(&ContrastRow::df))
      .Add("conf_low", of(&ContrastRow::conf_low))
      .Add("conf_high", of(&ContrastRow::conf_high))
      .Add("conf_level", of(&ContrastRow::conf_level))
      .Add("n", of(&ContrastRow::n))
      .Add("n_level", of(&ContrastRow::n_level))
      .Take();
}

}  // namespace kinflow::family
