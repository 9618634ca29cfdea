#include "stages/family/refit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "stages/family/case_weights.h"
#include "stages/family/model.h"
#include "stages/family/refit_lines.h"
#include "stages/family/refit_mixed.h"
#include "stages/family/refit_paths.h"
#include "stages/family/refit_ptdt.h"
#include "stages/family/steps.h"
#include "stages/family/time_names.h"
#include "stages/family/wave_times.h"

namespace kinflow::family {
namespace {

// The covariance of a fit `m` by the name that kinflow has for it.
constexpr std::pair<const char*, const char*> kCovariances[] = {
    {"const", "vcov(m)"},
    {"model", "vcov(m)"},
    {"robust", "vcov(m)"},
    {"HC0", "sandwich::sandwich(m)"},
    {"HC1", "sandwich::vcovHC(m, type = \"HC1\")"},
    {"HC2", "sandwich::vcovHC(m, type = \"HC2\")"},
    {"HC3", "sandwich::vcovHC(m, type = \"HC3\")"},
    {"CR0", "sandwich::vcovCL(m, cluster = d$.cluster, type = \"HC0\", cadjust = FALSE)"},
    {"CR1", "sandwich::vcovCL(m, cluster = d$.cluster, type = \"HC0\", cadjust = TRUE)"},
    {"CR1S", "sandwich::vcovCL(m, cluster = d$.cluster, type = \"HC1\", cadjust = TRUE)"},
    {"CR2", "clubSandwich::vcovCR(m, cluster = d$.cluster, type = \"CR2\")"},
    {"kenward-roger", "pbkrtest::vcovAdj(m)"},
    {"CR3", "clubSandwich::vcovCR(m, cluster = d$.cluster, type = \"CR3\")"}};

// The coefficients of a fit `m`, for kinds whose coef() does not give them.
constexpr std::pair<const char*, const char*> kCoefficients[] = {{"lmm", "lme4::fixef(m)"},
                                                                 {"family_reml", "lme4::fixef(m)"},
                                                                 {"ordinal", "c(coef(m), m$zeta)"}};

// Tables of which OUT/share has a part lie beside the script in full.
constexpr const char* kTableInR = R"(tables <- list()
of_kinflow <- function(table) {
  full <- paste0(table, "_full.tsv")
  file <- if (file.exists(full)) full else paste0("../share/", table, ".tsv")
  if (is.null(tables[[table]])) {
    tables[[table]] <<- read.delim(file, check.names = FALSE, quote = "")
  }
  tables[[table]]
}
)";

constexpr const char* kHelpers = R"(shown <- NULL
# R keeps the quotes of names like `my score`.
plain <- function(name) gsub("`", "", name)
# Without aliased coefficients, which vcov() keeps as NA.
known <- function(v) v[!is.na(diag(v)), !is.na(diag(v)), drop = FALSE]
# a:b is b:a.
term_key <- function(name) vapply(strsplit(as.character(name), ":"), function(x) {
  paste(sort(x), collapse = ":")
}, "")
# What fails in R is told, and the others go on.
attempt <- function(model, what, code) tryCatch(code, error = function(e) {
  told <- paste("failed:", gsub("[[:space:]]+", " ", conditionMessage(e)))
  message(model, " ", what, " ", told)
  shown <<- rbind(shown, data.frame(
    model_id = model, pgs = if (is.null(score)) NA else score, se_type = what, term = told,
    estimate = NA, std_error = NA, kinflow_estimate = NA, kinflow_std_error = NA))
})
show <- function(model, type, b, se) {
  names(b) <- plain(names(b))
  ours <- subset(estimates, analysis_id == analysis & model_id == model & se_type == type)
  if (!is.null(score)) ours <- subset(ours, pgs == score)
  if (!is.null(at_wave)) ours <- ours[ours$wave %in% at_wave, ]
  at <- match(term_key(names(b)), term_key(ours$term))
  swapped <- sub("^(.*) ~~ (.*)$", "\\2 ~~ \\1", names(b))
  at <- ifelse(is.na(at), match(swapped, ours$term), at)
  shown <<- rbind(shown, data.frame(
    model_id = model, pgs = if (is.null(score)) NA else score, se_type = type, term = names(b),
    estimate = b, std_error = se, kinflow_estimate = ours$estimate[at],
    kinflow_std_error = ours$std_error[at], row.names = NULL))
}
show_row <- function(model, table, at, values) {
  ours <- of_kinflow(table)
  id <- if (table == "comparisons") "full" else "model_id"
  ours <- ours[ours$analysis_id == analysis & ours[[id]] == model, ]
  if (!is.null(score)) ours <- subset(ours, pgs == score)
  for (key in names(at)) {
    same <- if (startsWith(key, "term")) term_key(ours[[key]]) %in% term_key(at[[key]]) else
      ours[[key]] %in% at[[key]]
    ours <- ours[same, ]
  }
  shown <<- rbind(shown, data.frame(
    model_id = model, pgs = if (is.null(score)) NA else score, se_type = table,
    term = paste(paste(na.omit(unlist(at)), collapse = " "), names(values)),
    estimate = unname(values),
    std_error = NA, kinflow_estimate = unlist(ours[1, names(values)]), kinflow_std_error = NA,
    row.names = NULL))
}
show_contrasts <- function(model, type, b, v, contrasts) {
  names(b) <- plain(names(b))
  for (text in names(contrasts)) {
    weights <- contrasts[[text]]
    at <- match(names(weights), names(b))
    if (anyNA(at)) next
    error <- sqrt(drop(weights %*% v[at, at, drop = FALSE] %*% weights))
    row <- list(contrast = text, se_type = type)
    if (!is.null(at_wave)) row$wave <- at_wave
    show_row(model, "contrasts", row, c(
      estimate = sum(weights * b[at]), std_error = error))
  }
}
)";

template <size_t N>
std::string Look(const std::pair<const char*, const char*> (&table)[N], const std::string& key,
                 const std::string& otherwise) {
  for (const auto& [name, value] : table) {
    if (key == name) return value;
  }
  return otherwise;
}

bool IsMixed(const std::string& kind) { return kind == "lmm" || kind == "family_reml"; }

bool IsPathModel(const std::string& kind) { return kind == "sem" || kind == "riclpm"; }

// Kinds whose parts all rest on the complete rows, whatever the key `sample` says of steps.
bool HasOneSample(const std::string& kind) {
  return kind == "groups" || kind == "group_waves" || kind == "mediation" || kind == "spatial" ||
         kind == "ptdt";
}

// Levels of a factor in R: names that are times in time, others in byte order, which R's sort() has
// not everywhere.
std::string LevelsInR(const Table::Strings& texts, const std::string& column) {
  const std::set<std::string> distinct(texts.begin(), texts.end());
  std::vector<std::string> names(distinct.begin(), distinct.end());
  std::erase_if(names, [](const std::string& name) { return name.empty() || name == "NA"; });
  if (SortByTime(names)) return TextsInR(names);
  return fmt::format("sort(unique({}), method = \"radix\")", column);
}

// Texts are factors.
std::string FactorLines(const ModelFrame& frame, const ModelSpec& spec) {
  std::string out;
  const auto groups = spec.formula.GroupColumns();
  for (const auto& name : spec.formula.Columns()) {
    const int64_t c = frame.columns.Find(name);
    if (c < 0 || std::find(groups.begin(), groups.end(), name) != groups.end()) continue;
    const auto* texts = std::get_if<Table::Strings>(&frame.columns.column(static_cast<size_t>(c)));
    const auto reference = frame.reference.find(name);
    const std::string column = "d[[" + InR(name) + "]]";
    if (texts != nullptr) {
      out += fmt::format("  {0} <- factor({0}, {1})\n", column, LevelsInR(*texts, column));
    }
    if (reference != frame.reference.end()) {
      out += fmt::format("  {0} <- relevel(factor({0}), {1})\n", column, InR(reference->second));
    }
  }
  return out;
}

// family_reml's `parental` model has columns of its own: the sums of both parents' scores.
void AddParentalSums(const ModelFrame& frame, const ModelSpec& spec, Table& out) {
  std::map<std::string, std::pair<std::string, std::vector<std::string>>> scores;
  for (const auto& term : spec.formula.terms) {
    if (term.variables.size() != 1) continue;
    const std::string& column = spec.formula.variables[term.variables[0]].column;
    const VariableInfo info = frame.InfoOf(column);
    auto& [own, parents] = scores[info.pgs];
    if (info.role == frame.outcome_of) {
      own = column;
    } else if (IsMemberRole(info.role)) {
      parents.push_back(column);
    }
  }
  for (const auto& [score, columns] : scores) {
    const auto& [own, parents] = columns;
    if (own.empty() || parents.size() != 2) continue;
    const auto a = out.DoublesOf(parents[0]), b = out.DoublesOf(parents[1]);
    Table::Doubles sum;
    for (size_t i = 0; i < a.size(); ++i) sum.push_back(a[i] + b[i]);
    out.Add(own.substr(0, own.rfind('.')) + ".parents", std::move(sum));
  }
}

std::string CallOf(const ModelFrame& frame, const Table& models, size_t row,
                   const ModelSpec& spec) {
  const std::string& kind = models.StringsOf("model")[row];
  if (kind == "gee") {
    const std::string& time = spec.options.time;
    return fmt::format(
        "geepack::geeglm({}, id = .cluster, data = d, family = {}, corstr = \"{}\"{}{})",
        models.StringsOf("formula")[row], spec.options.distribution, spec.options.correlation,
        WeightsArgument(spec), time.empty() ? "" : WavesArgument(frame, time, "`" + time + "`"));
  }
  return models.StringsOf("call")[row];
}

// With a second cluster vcovCL() gets both columns. Of a weighted polr() sandwich takes the sum of
// the weights for the number of rows.
std::string CovarianceCall(const std::string& type, const std::string& kind,
                           const ModelOptions& options) {
  std::string call = Look(kCovariances, type, "vcov(m)");
  const std::string one = "d$.cluster";
  const size_t at = call.find(one);
  if (!options.second_cluster.empty() && at != std::string::npos) {
    call.replace(at, one.size(),
                 fmt::format("d[c(\".cluster\", {})]", InR(options.second_cluster)));
  }
  if (kind == "ordinal" && !options.case_weights.empty() && type != "model") {
    call += " * (nrow(model.frame(m)) / m$n)^2";
  }
  return call;
}

// Those of coefficients of the full model. family_reml's are of two models.
bool HasContrasts(const std::string& id, const std::string& kind, const ModelSpec& spec) {
  return !spec.contrasts.empty() && kind != "family_reml" && id == spec.plan.full().id;
}

// What is shown of a fit `m`, for each kind of error.
std::string EstimateLines(const std::string& id, const std::string& kind, const ModelSpec& spec) {
  const bool mixed_logit = kind == "logit" && !spec.formula.random.empty();
  const std::string coef = Look(kCoefficients, mixed_logit ? "lmm" : kind, "coef(m)");
  std::string out = fmt::format("  b <- {}\n  b <- b[!is.na(b)]\n", coef);
  for (const auto& name : spec.vcov) {
    const std::string type = spec.kenward_roger && IsMixed(kind) ? "kenward-roger" : name;
    std::string lines =
        fmt::format("  v <- known(as.matrix({}))\n", CovarianceCall(type, kind, spec.options));
    lines += fmt::format("  show({}, \"{}\", b, sqrt(diag(v))[seq_along(b)])\n", InR(id), type);
    if (HasContrasts(id, kind, spec)) {
      lines += fmt::format("  show_contrasts({}, \"{}\", b, v, {})\n", InR(id), type,
                           ContrastsInR(spec.contrasts));
    }
    if (IsMixed(kind)) lines += MixedLines(id, type, HasContrasts(id, kind, spec), spec);
    out += Attempt(id, type, lines);
    if (kind == "mediation") break;  // has one kind of error
  }
  return out;
}

// The three regressions of a mediation by the names that its effects are told from.
std::string MediationFit(const std::string& id, const ModelSpec& spec) {
  if (id == "mediator" || id == "total") return fmt::format("  {} <- m\n", id);
  return "  outcome <- m\n" +
         MediationLines(id, spec, CovarianceCall(spec.vcov.front(), "mediation", spec.options));
}

// Rows of one wave as `d`; `all_waves` holds all of the score.
std::string WaveLines(const std::string& wave, const ModelFrame& frame, const ModelSpec& spec) {
  const std::string& name = spec.options.wave;
  const auto& column = frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
  const std::string value = std::holds_alternative<Table::Strings>(column) ? InR(wave) : wave;
  return fmt::format("  at_wave <<- {0}\n  d <- all_waves[all_waves[[{1}]] %in% at_wave, ]\n",
                     value, InR(name));
}

// The fit of one model as `m`, then what is shown of it.
std::string FitLines(const Table& models, size_t row, const ModelFrame& frame,
                     const ModelSpec& spec) {
  const std::string &id = models.StringsOf("model_id")[row], &kind = models.StringsOf("model")[row];
  if (kind == "groups") return GroupsLines(id, spec);
  if (kind == "group_waves") return GroupWavesLines(id, frame, spec);
  if (kind == "spatial") return SpatialLines(id, frame, spec);
  if (kind == "ptdt") return PtdtLines(id, frame, spec);
  if (IsPathModel(kind)) {
    return PathModelLines(
        {id, kind, models.StringsOf("formula")[row], models.StringsOf("call")[row]}, frame, spec);
  }
  const std::string call = CallOf(frame, models, row, spec);
  const std::string& wave = models.StringsOf("wave")[row];
  std::string out = wave == "NA" ? "" : WaveLines(wave, frame, spec);
  out += IsMixed(kind) ? MixedFitLines(id, call) : fmt::format("  m <- {}\n", call);
  out += EstimateLines(id, kind, spec);
  if (wave != "NA" && id == spec.plan.full().id) out += KeepWaveLine(wave);
  return kind == "mediation" ? out + MediationFit(id, spec) : out;
}

std::string ModelLines(const Table& models, size_t row, const ModelFrame& frame,
                       const ModelSpec& spec) {
  const std::string &id = models.StringsOf("model_id")[row], &kind = models.StringsOf("model")[row];
  const bool own = IsPathModel(kind) || HasOneSample(kind);
  if (CallOf(frame, models, row, spec) == "NA" && (!own || kind == "mediation")) {
    return fmt::format("  # {}: no package of R has this model\n", id);
  }
  return Attempt(id, "fit", FitLines(models, row, frame, spec));
}

}  // namespace

Table RefitFrame(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind) {
  std::vector<uint32_t> rows;
  if (IsPathModel(kind) || (!spec.common_sample && !HasOneSample(kind))) {
    for (uint32_t r = 0; r < frame.columns.rows(); ++r) rows.push_back(r);
  } else {
    rows = SelectRows(frame, spec.Columns()).rows;
  }
  Table out;
  for (const auto& name : spec.Columns()) {
    const auto& from = frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
    std::visit(
        [&](const auto& values) {
          std::decay_t<decltype(values)> column;
          for (const uint32_t r : rows) column.push_back(values[r]);
          out.Add(name, std::move(column));
        },
        from);
  }
  if (kind == "family_reml") AddParentalSums(frame, spec, out);
  if (kind == "ptdt") AddFamilies(frame, rows, out);
  Table::Ints cluster;
  for (const uint32_t r : rows) {
    cluster.push_back(frame.cluster.empty() ? Table::kMissingInt : frame.cluster[r]);
  }
  out.Add(".cluster", std::move(cluster));
  out.Add(".score", Table::Strings(rows.size(), spec.pgs));
  return out;
}

std::string RefitScript(const std::string& analysis, const ModelFrame& frame, const ModelSpec& spec,
                        const Table& models) {
  std::vector<std::string> scores;
  std::map<std::string, std::string> lines;
  std::string functions;
  const bool by_wave = !spec.options.wave.empty();
  bool by_paths = false, mixed = false;
  for (size_t r = 0; r < models.rows(); ++r) {
    if (models.StringsOf("status")[r] != "ok") continue;
    const std::string& score = models.StringsOf("pgs")[r];
    if (lines.count(score) == 0) scores.push_back(score);
    lines[score] += ModelLines(models, r, frame, spec);
    by_paths = IsPathModel(models.StringsOf("model")[r]);
    mixed = IsMixed(models.StringsOf("model")[r]);
    functions = RefitFunctions(by_wave ? "ols_by_wave" : models.StringsOf("model")[r]);
  }
  std::string out = fmt::format(
      "# Refits the models of analysis {0} with R's reference packages; run it in its folder:\n"
      "#   Rscript refit_{0}.R\n"
      "# R's numbers stand beside those of the tables in ../share, or of NAME_full.tsv here.\n"
      "all <- read.delim(\"refit_{0}.tsv\", check.names = FALSE, quote = \"\")\n"
      "{2}estimates <- of_kinflow(\"estimates\")\n"
      "analysis <- {1}\n"
      "at_wave <- NULL\n",
      analysis, InR(analysis), kTableInR);
  out += kHelpers + functions;
  for (const auto& name : scores) {
    const bool one = name == "NA";
    out += fmt::format("score <- {}\nlocal({{\n", one ? "NULL" : InR(name));
    out += one ? "  d <- all\n" : "  d <- all[all$.score == score, ]\n";
    const std::string& time = spec.options.time;
    if (!frame.cluster.empty()) {
      out +=
          fmt::format("  d <- d[order(d$.cluster{}), ]\n",
                      time.empty() ? "" : ", " + TimesInR(frame, time, "d[[" + InR(time) + "]]"));
    }
    out += FactorLines(frame, spec);
    if (by_wave) out += "  all_waves <- d\n";
    if (by_wave || by_paths || mixed) out += "  fits <- list()\n";
    if (mixed) out += "  calls <- list()\n";
    out += lines[name];
    const std::string& last = spec.plan.full().id;
    if (by_paths) out += Attempt(last, "comparisons", VariantTestsLine(spec));
    if (by_wave) out += Attempt(last, "comparisons", EqualWavesLine(last, spec));
    if (mixed) out += Attempt(last, "comparisons", MixedTestsLine(spec));
    out += "})\n";
  }
  out += "write.table(shown, sep = \"\\t\", quote = FALSE, row.names = FALSE)\n";
  return out;
}

}  // namespace kinflow::family
