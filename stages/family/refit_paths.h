#pragma once

#include <string>

#include "stages/family/model.h"

namespace kinflow::family {

/// Lines of R that fit a path model with lavaan and show it. `statements`: joined by "; ", those of
/// several groups with names that end in "@group"; `call`: of one group, without the cluster.
struct RefitPaths {
  std::string model_id, kind, statements, call;
};
std::string PathModelLines(const RefitPaths& model, const ModelFrame& frame, const ModelSpec& spec);

/// The line that shows tests of variants, behind the lines of all of them.
std::string VariantTestsLine(const ModelSpec& spec);

/// The functions of those lines.
inline constexpr const char* kPathsInR =
    R"R(show_paths <- function(model, type, m, groups = NULL, predictors = NULL) {
  p <- lavaan::parameterEstimates(m)
  for (i in which(p$op == ":=")) {
    show_row(model, "contrasts", list(contrast = p$lhs[i], se_type = type),
             c(estimate = p$est[i], std_error = p$se[i]))
  }
  p <- p[p$se > 0 & p$op != ":=", ]
  at <- if (is.null(groups)) "" else paste0("@", groups[p$group])
  right <- ifelse(p$rhs %in% predictors, p$rhs, paste0(p$rhs, at))
  right <- ifelse(p$op == "~1", "1", right)
  term <- paste(paste0(p$lhs, at), ifelse(p$op == "~1", "~", p$op), right)
  show(model, type, setNames(p$est, term), p$se)
}
show_variant_tests <- function(fits, test) {
  ours <- of_kinflow("comparisons")
  ours <- ours[ours$analysis_id == analysis & ours$test == test, ]
  if (!is.null(score)) ours <- subset(ours, pgs == score)
  for (i in which(ours$full %in% names(fits) & ours$reduced %in% names(fits))) {
    t <- suppressWarnings(lavaan::lavTestLRT(fits[[ours$full[i]]], fits[[ours$reduced[i]]]))
    show_row(ours$full[i], "comparisons", list(reduced = ours$reduced[i], test = test),
             c(statistic = t[2, "Chisq diff"], p = t[2, "Pr(>Chisq)"]))
  }
}
)R";

}  // namespace kinflow::family
