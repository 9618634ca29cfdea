#include "stages/family/results.h"

#include <utility>

#include "pipeline/data/concatenate.h"
#include "stages/family/multiple_testing.h"
#include "stages/family/table_builder.h"

namespace kinflow::family {
namespace {

Table EstimatesTable(const std::vector<EstimateRow>& rows) {
  using R = EstimateRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("predictor", &R::predictor)
      .Add("role", &R::role)
      .Add("effect", &R::effect)
      .Add("term", &R::term)
      .Add("estimate", &R::estimate)
      .Add("std_error", &R::std_error)
      .Add("se_type", &R::se_type)
      .Add("statistic", &R::statistic)
      .Add("stat", &R::stat)
      .Add("df", &R::df)
      .Add("p_value", &R::p_value)
      .Add("neg_log10_p", &R::neg_log10_p)
      .Add("conf_low", &R::conf_low)
      .Add("conf_high", &R::conf_high)
      .Add("conf_level", &R::conf_level)
      .Add("std_estimate", &R::std_estimate)
      .Add("std_type", &R::std_type)
      .Add("exp_estimate", &R::exp_estimate)
      .Add("n", &R::n)
      .Add("n_clusters", &R::n_clusters)
      .Na("p_bh")
      .Na("p_bonf")
      .Na("p_meff")
      .NaText("family")
      .Add("vif", &R::vif)
      .Add("n_level", &R::n_level)
      .Add("reason", &R::reason)
      .Add("exp_low", &R::exp_low)
      .Add("exp_high", &R::exp_high)
      .Add("std_estimate_error", &R::std_estimate_error)
      .Na("p_holm")
      .Na("p_hochberg")
      .Na("p_hommel")
      .Na("p_by")
      .Take();
}

Table ModelsTable(const std::vector<ModelRow>& rows) {
  using R = ModelRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("model", &R::model)
      .Add("n", &R::n)
      .Add("n_clusters", &R::n_clusters)
      .Add("k", &R::k)
      .Add("df_resid", &R::df_resid)
      .Add("logLik", &R::log_lik)
      .Add("criterion", &R::criterion)
      .Add("REML", &R::reml)
      .Add("AIC", &R::aic)
      .Add("BIC", &R::bic)
      .Add("sigma", &R::sigma)
      .Add("r2", &R::r2)
      .Add("adj_r2", &R::adj_r2)
      .Add("r2_marginal", &R::r2_marginal)
      .Add("r2_conditional", &R::r2_conditional)
      .Add("icc", &R::icc)
      .Add("deviance", &R::deviance)
      .Add("mcfadden", &R::mcfadden)
      .Add("nagelkerke", &R::nagelkerke)
      .Add("tjur", &R::tjur)
      .Add("auc", &R::auc)
      .Add("converged", &R::converged)
      .Add("iterations", &R::iterations)
      .Add("singular", &R::singular)
      .Na("seconds")  // times differ from run to run: they are in run.json, never in an artifact
      .Add("call", &R::call)
      .Add("formula", &R::formula)
      .Add("status", &R::status)
      .Add("error_id", &R::error_id)
      .Add("message", &R::message)
      .Add("remedy", &R::remedy)
      .Add("max_abs_score", &R::max_abs_score)
      .Add("newton_step", &R::newton_step)
      .Add("cox_snell", &R::cox_snell)
      .Add("r2_liability", &R::r2_liability)
      .Take();
}

Table ComparisonsTable(const std::vector<ComparisonRow>& rows) {
  using R = ComparisonRow;
  return TableBuilder<R>(rows)
      .Key("analysis_id", &RowKey::analysis_id)
      .Key("outcome", &RowKey::outcome)
      .Key("wave", &RowKey::wave)
      .Key("pgs", &RowKey::pgs)
      .Add("reduced", &R::reduced)
      .Add("full", &R::full)
      .Add("added", &R::added)
      .Add("test", &R::test)
      .Add("statistic", &R::statistic)
      .Add("df1", &R::df1)
      .Add("df2", &R::df2)
      .Add("p", &R::p)
      .Add("delta_r2", &R::delta_r2)
      .Add("partial_r2", &R::partial_r2)
      .Add("neg_log10_p", &R::neg_log10_p)
      .Add("n", &R::n)
      .Add("delta_r2_liability", &R::delta_r2_liability)
      .Add("n_level", &R::n_level)
      .Take();
}

Table ContrastsTable(const std::vector<ContrastRow>& rows) {
  using R = ContrastRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("contrast", &R::contrast)
      .Add("estimate", &R::estimate)
      .Add("std_error", &R::std_error)
      .Add("se_type", &R::se_type)
      .Add("statistic", &R::statistic)
      .Add("df", &R::df)
      .Add("p_value", &R::p_value)
      .Add("neg_log10_p", &R::neg_log10_p)
      .Add("conf_low", &R::conf_low)
      .Add("conf_high", &R::conf_high)
      .Add("conf_level", &R::conf_level)
      .Add("n", &R::n)
      .Add("p_holm", &R::p_holm)
      .Add("n_level", &R::n_level)
      .Take();
}

Table VarcompTable(const std::vector<VarcompRow>& rows) {
  using R = VarcompRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("group", &R::group)
      .Add("term1", &R::term1)
      .Add("term2", &R::term2)
      .Add("variance", &R::variance)
      .Add("sd", &R::sd)
      .Add("corr", &R::corr)
      .Add("n_levels", &R::n_levels)
      .Add("vpc", &R::vpc)
      .Take();
}

Table RowsTable(const std::vector<CountRow>& rows) {
  using R = CountRow;
  return TableBuilder<R>(rows)
      .Key("analysis_id", &RowKey::analysis_id)
      .Key("model_id", &RowKey::model_id)
      .Key("outcome", &RowKey::outcome)
      .Key("pgs", &RowKey::pgs)
      .Add("quantity", &R::quantity)
      .Add("reason", &R::reason)
      .Add("count", &R::count)
      .Key("wave", &RowKey::wave)
      .Take();
}

using IndexColumns = std::vector<std::pair<const char*, double FitIndices::*>>;

void AddColumns(const IndexColumns& columns, TableBuilder<FitRow>& table) {
  for (const auto& column : columns) {
    const auto member = column.second;
    table.Add(column.first, [member](const FitRow& row) { return row.indices.*member; });
  }
}

void AddChiSquareIndices(ChiSquareIndices FitIndices::*which, const std::string& suffix,
                         TableBuilder<FitRow>& table) {
  using I = ChiSquareIndices;
  const std::vector<std::pair<const char*, double I::*>> columns{{"cfi", &I::cfi},
                                                                 {"tli", &I::tli},
                                                                 {"rmsea", &I::rmsea},
                                                                 {"rmsea_low", &I::rmsea_low},
                                                                 {"rmsea_high", &I::rmsea_high},
                                                                 {"rmsea_p", &I::rmsea_pvalue}};
  for (const auto& column : columns) {
    const auto member = column.second;
    table.Add(column.first + suffix,
              [which, member](const FitRow& row) { return row.indices.*which.*member; });
  }
}

Table FitTable(const std::vector<FitRow>& rows) {
  using R = FitRow;
  using I = FitIndices;
  TableBuilder<R> table(rows);
  table.ModelKeys().Add("n", &R::n).Add("n_patterns", &R::n_patterns);
  table.Add("npar", [](const R& row) { return row.indices.parameters; });
  AddColumns({{"chisq", &I::chisq},
              {"df", &I::df},
              {"p_value", &I::pvalue},
              {"neg_log10_p", &I::neg_log10_p},
              {"chisq_scaled", &I::chisq_scaled},
              {"p_value_scaled", &I::pvalue_scaled},
              {"scaling_factor", &I::scaling_factor},
              {"baseline_chisq", &I::baseline_chisq},
              {"baseline_df", &I::baseline_df}},
             table);
  AddChiSquareIndices(&I::plain, "", table);
  AddColumns({{"srmr", &I::srmr},
              {"logLik", &I::log_lik},
              {"logLik_saturated", &I::log_lik_saturated},
              {"AIC", &I::aic},
              {"BIC", &I::bic},
              {"BIC_adjusted", &I::bic_adjusted},
              {"baseline_chisq_scaled", &I::baseline_chisq_scaled},
              {"baseline_scaling_factor", &I::baseline_scaling_factor}},
             table);
  AddChiSquareIndices(&I::scaled, "_scaled", table);
  AddChiSquareIndices(&I::robust, "_robust", table);
  return table.Take();
}

Table GroupsTable(const std::vector<GroupRow>& rows) {
  using R = GroupRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("group", &R::group)
      .Add("n", &R::n)
      .Add("mean", &R::mean)
      .Add("sd", &R::sd)
      .Add("n_low", &R::n_low)
      .Add("share", &R::share)
      .Add("conf_low", &R::conf_low)
      .Add("conf_high", &R::conf_high)
      .Add("adjusted_residual", &R::adjusted_residual)
      .Add("n_level", &R::n_level)
      .Take();
}

template <class T>
void Move(std::vector<T>& to, std::vector<T>& from) {
  for (auto& row : from) to.push_back(std::move(row));
}

}  // namespace

void Results::Append(Results other) {
  Move(estimates, other.estimates);
  Move(models, other.models);
  Move(comparisons, other.comparisons);
  Move(contrasts, other.contrasts);
  Move(varcomp, other.varcomp);
  Move(rows, other.rows);
  Move(fit, other.fit);
  Move(groups, other.groups);
  if (tested.empty()) tested = std::move(other.tested);
  Move(warnings, other.warnings);
  Move(failures, other.failures);
  for (auto& [name, table] : other.more) more[name] = Concatenate(std::move(more[name]), table);
  for (const auto& [name, table] : other.individual) {
    individual[name] = Concatenate(std::move(individual[name]), table);
  }
}

void Results::Fail(const RowKey& key, const std::string& model, const std::string& formula,
                   const Error& error) {
  ModelRow row;
  row.key = key;
  row.model = model;
  row.formula = formula;
  row.status = "failed";
  row.error_id = ErrorName(error.id());
  row.message = error.OneLine();
  row.remedy = error.Advice();
  models.push_back(std::move(row));
  failures.push_back(error);
}

std::map<std::string, Table> MakeTables(const Results& results,
                                        const std::vector<std::string>& families,
                                        const std::vector<std::string>& tested, size_t tests,
                                        const std::vector<std::string>& terms) {
  std::map<std::string, Table> tables = results.more;
  tables["estimates"] = WithAdjustedP(EstimatesTable(results.estimates), families, tested,
                                      results.effective, tests, terms);
  tables["models"] = ModelsTable(results.models);
  tables["comparisons"] = ComparisonsTable(results.comparisons);
  tables["contrasts"] = ContrastsTable(results.contrasts);
  tables["varcomp"] = VarcompTable(results.varcomp);
  tables["rows"] = RowsTable(results.rows);
  tables["fit"] = FitTable(results.fit);
  tables["groups"] = GroupsTable(results.groups);
  return tables;
}

}  // namespace kinflow::family
