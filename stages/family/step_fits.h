#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stages/family/model.h"
#include "stages/family/reporting.h"

namespace kinflow::family {

/// The nested models of one spec, fitted from the full one down: that one defines the common
/// sample. A fault of one model is kept for the report, the others go on. `Fitted` holds what a
/// kind of model knows of one fit, among it `formula`, `selection` and `design`.
template <class Fitted>
class StepFits {
 public:
  using FitOne = std::function<Fitted(const Formula&, const RowSelection&)>;

  StepFits(const ModelFrame& frame, const ModelSpec& spec, const FitOne& fit)
      : frame_(frame), spec_(spec), fits_(spec.plan.models.size()) {
    for (size_t i = fits_.size(); i-- > 0;) {
      const bool full = i + 1 == fits_.size();
      try {
        const Formula formula = FormulaOf(i);
        std::vector<std::string> columns = formula.Columns();
        for (auto& name : spec.options.Columns()) columns.push_back(std::move(name));
        RowSelection selection =
            full_rows_ && spec.common_sample ? *full_rows_ : SelectRows(frame, columns);
        if (full) full_rows_ = selection;
        fits_[i] = fit(formula, selection);
      } catch (const Error& error) {
        if (!IsModelFault(error.id())) throw;
        errors_.emplace_back(i, error);
        if (spec.common_sample && !full_rows_) break;
      }
    }
  }

  size_t size() const { return fits_.size(); }
  const std::optional<Fitted>& operator[](size_t model) const { return fits_[model]; }
  /// The full model's fit, for good.
  std::optional<Fitted> TakeFull() { return std::move(fits_.back()); }
  Formula FormulaOf(size_t model) const {
    return spec_.formula.Keep(spec_.plan.models[model].keep);
  }

  /// Records why `model` has no fit.
  void ReportFailure(size_t model, const std::string& kind, Results& out) const {
    const RowKey key = KeyOf(spec_, model);
    const std::string text = FormulaOf(model).Text();
    const auto found = std::find_if(errors_.begin(), errors_.end(),
                                    [&](const auto& entry) { return entry.first == model; });
    if (found != errors_.end()) {
      out.Fail(key, kind, text, found->second);
      if (full_rows_ && model + 1 == fits_.size()) {
        AddCounts(key, frame_, spec_.formula, *full_rows_, out.rows);
      }
      return;
    }
    const Error& cause = errors_.front().second;  // of the full model
    if (cause.field().empty() || Uses(model, cause.field())) {
      out.Fail(key, kind, text, cause);
    } else {
      out.Fail(key, kind, text,
               Error(cause.id(), "there is no common sample: " + cause.OneLine())
                   .Remedy(cause.Advice()));
    }
  }

 private:
  bool Uses(size_t model, const std::string& column) const {
    const auto columns = FormulaOf(model).Columns();
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  std::vector<std::optional<Fitted>> fits_;
  std::vector<std::pair<size_t, Error>> errors_;
  std::optional<RowSelection> full_rows_;
};

}  // namespace kinflow::family
