#pragma once

#include <string>

#include "stages/family/model.h"

namespace kinflow::family {

/// The line of R that fits a mixed model as `m`; `call`: of lmerTest::lmer().
std::string MixedFitLines(const std::string& model_id, const std::string& call);

/// What is shown of `m` beside its coefficients: their tests, likelihood, variances, tests of the
/// spec's contrasts if it has them. `type`: of its errors.
std::string MixedLines(const std::string& model_id, const std::string& type, bool has_contrasts,
                       const ModelSpec& spec);

/// The line that shows tests of steps and of random effects, behind those of all models.
std::string MixedTestsLine(const ModelSpec& spec);

/// The functions of those lines. lmer() stops early by default: here it ends at the better optimum
/// of two optimisers, and slopes that an intercept correlates with, where it is the same model, are
/// in SDs about their means.
inline constexpr const char* kMixedInR = R"R(scaled <- list()
scale_slopes <- function(bar, data) {
  inner <- terms(as.formula(call("~", bar[[2]])))
  slopes <- plain(attr(inner, "term.labels"))
  numeric <- vapply(slopes, function(name) is.numeric(data[[name]]), TRUE)
  if (attr(inner, "intercept") == 0 || !all(numeric)) return(bar)
  for (name in slopes) {
    at <- list(name = name, mean = signif(mean(data[[name]], na.rm = TRUE), 6),
               sd = signif(sd(data[[name]], na.rm = TRUE), 3))
    if (!isTRUE(at$sd > 0)) next
    own <- call("I", bquote((.(as.name(name)) - .(at$mean)) / .(at$sd)))
    scaled[[deparse1(own)]] <<- at
    bar[[2]] <- do.call(substitute, list(bar[[2]], setNames(list(own), name)))
  }
  bar
}
fit_mixed <- function(lmer_call, data) {
  f <- as.formula(lmer_call[[2]])
  right <- lme4::nobars(f)[[3]]
  for (bar in lme4::findbars(f)) right <- call("+", right, call("(", scale_slopes(bar, data)))
  lmer_call[[2]] <- call("~", f[[2]], right)
  lmer_call$data <- quote(data)
  fit <- function(optimizer, start = NULL, ...) {
    lmer_call$start <- start
    lmer_call$control <- lme4::lmerControl(
      optimizer = optimizer, optCtrl = list(...), calc.derivs = FALSE)
    suppressMessages(eval(lmer_call))
  }
  to_end <- function(start) fit("bobyqa", start, rhoend = 1e-9, maxfun = 1e5)
  # There may be several optima: bobyqa ends in one next to where it starts.
  ends <- list(to_end(NULL), to_end(lme4::getME(fit("Nelder_Mead"), "theta")))
  ends[[which.min(vapply(ends, criterion, 0))]]
}
criterion <- function(m) if (lme4::isREML(m)) lme4::REMLcrit(m) else -2 * as.numeric(logLik(m))
show_mixed <- function(model, m, type, ddf) {
  if (!is.null(ddf)) {
    tests <- coef(summary(m, ddf = ddf))
    for (term in rownames(tests)) {
      show_row(model, "estimates", list(term = plain(term), se_type = type),
               c(df = tests[term, "df"], p_value = tests[term, "Pr(>|t|)"]))
    }
  }
  show_row(model, "models", list(), c(criterion = criterion(m), logLik = as.numeric(logLik(m))))
  show_variance <- function(at, values) show_row(model, "varcomp", at, values)
  variances <- lme4::VarCorr(m)
  groups <- names(lme4::getME(m, "cnms"))
  for (i in seq_along(groups)) {
    v <- as.matrix(variances[[i]])
    effects <- colnames(v)
    back <- diag(nrow(v))
    for (j in which(effects %in% names(scaled))) {
      at <- scaled[[effects[j]]]
      back[j, j] <- 1 / at$sd
      back[effects == "(Intercept)", j] <- -at$mean / at$sd
      effects[j] <- at$name
    }
    v <- back %*% v %*% t(back)
    # R writes a:b:c as a:(b:c).
    group <- if (grepl(":", groups[i])) all.vars(str2lang(groups[i])) else plain(groups[i])
    row <- function(j, k) list(group = paste(group, collapse = ":"), term1 = plain(effects[j]),
                               term2 = if (is.na(k)) NA else plain(effects[k]))
    for (j in seq_along(effects)) {
      show_variance(row(j, NA), c(variance = v[j, j]))
      for (k in seq_along(effects)[-seq_len(j)]) {
        show_variance(row(j, k), c(corr = v[j, k] / sqrt(v[j, j] * v[k, k])))
      }
    }
  }
  show_variance(list(group = "Residual", term1 = NA, term2 = NA), c(variance = sigma(m)^2))
}
show_mixed_contrasts <- function(model, m, type, contrasts, ddf) {
  terms <- plain(names(lme4::fixef(m)))
  for (text in names(contrasts)) {
    at <- match(names(contrasts[[text]]), terms)
    if (is.null(ddf) || anyNA(at)) next
    t <- lmerTest::contest1D(m, replace(numeric(length(terms)), at, contrasts[[text]]), ddf = ddf)
    show_row(model, "contrasts", list(contrast = text, se_type = type),
             c(df = t[["df"]], p_value = t[["Pr(>|t|)"]]))
  }
}
# Tests of steps are of maximum likelihood, on the rows of the larger model.
show_mixed_tests <- function(fits, calls, d, ddf) {
  ours <- of_kinflow("comparisons")
  ours <- ours[ours$analysis_id == analysis, ]
  if (!is.null(score)) ours <- subset(ours, pgs == score)
  refit <- function(id, rows) {
    calls[[id]]$REML <- FALSE
    fit_mixed(calls[[id]], rows)
  }
  for (i in seq_len(nrow(ours))) {
    test <- ours$test[i]
    full <- fits[[ours$full[i]]]
    reduced <- fits[[ours$reduced[i]]]
    steps <- !is.null(full) && !is.null(reduced)
    row <- function(values) show_row(
      ours$full[i], "comparisons", list(reduced = ours$reduced[i], test = test), values)
    chi_square <- function(statistic, df) row(c(
      statistic = max(0, statistic), df1 = df, p = pchisq(max(0, statistic), df, lower.tail = FALSE)))
    if (test == "LRT" && steps) {
      rows <- d[rownames(model.frame(full)), ]
      small <- logLik(refit(ours$reduced[i], rows))
      large <- logLik(refit(ours$full[i], rows))
      chi_square(2 * as.numeric(large - small), attr(large, "df") - attr(small, "df"))
    } else if (startsWith(test, "F-") && steps && !is.null(ddf)) {
      effects <- names(lme4::fixef(full))
      l <- diag(length(effects))[!effects %in% names(lme4::fixef(reduced)), , drop = FALSE]
      f <- lmerTest::contestMD(full, l, ddf = ddf)
      row(c(statistic = f[["F value"]], df2 = f[["DenDF"]], p = f[["Pr(>F)"]]))
    } else if (test == "LRT-random") {
      is_full <- function(id) identical(calls[[id]][[2]], str2lang(ours$full[i]))
      id <- Find(is_full, names(fits))
      if (is.null(id)) next
      smaller <- calls[[id]]
      smaller[[2]] <- str2lang(ours$reduced[i])
      smaller <- fit_mixed(smaller, d[rownames(model.frame(fits[[id]])), ])
      chi_square(criterion(smaller) - criterion(fits[[id]]),
                 attr(logLik(fits[[id]]), "df") - attr(logLik(smaller), "df"))
    }
  }
}
)R";

}  // namespace kinflow::family
