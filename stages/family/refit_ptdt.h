#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/model.h"

namespace kinflow::family {

// Lines of R for model ptdt: base R but for clustered errors.

inline constexpr const char* kPtdtInR =
    R"(show_ptdt <- function(model, d, y, trio, beyond, level, types) {
  limit <- if (is.na(beyond)) max(y) else mean(y) + beyond * sd(y)
  case <- if (!is.na(beyond) && beyond < 0) y <= limit else y >= limit
  family <- ifelse(is.na(d$.family), paste("row", seq_along(y)), d$.family)
  parents <- (d[[trio[2]]] + d[[trio[3]]]) / 2
  couples <- !duplicated(data.frame(family, d[[trio[3]]]))
  x <- (d[[trio[1]]] - parents) / sd(parents[couples])
  of <- list("cases" = case, "siblings of cases" = !case & family %in% family[case],
             "not cases" = !case)
  for (type in types) {
    clustered <- function(m, rows) {
      sqrt(diag(sandwich::vcovCL(m, cluster = d$.cluster[rows], type = "HC0")))
    }
    for (term in names(of)[sapply(of, sum) > 1]) {
      rows <- of[[term]]
      h <- t.test(x[rows], conf.level = level)
      m <- lm(x[rows] ~ 1)
      show(model, type, setNames(mean(x[rows]), term),
           if (type == "const") h$stderr else clustered(m, rows))
      if (term == "cases") next
      rows <- case | of[[term]]
      is_case <- as.numeric(case)[rows]
      m <- lm(x[rows] ~ is_case)
      show_row(model, "contrasts", list(contrast = paste("cases -", term), se_type = type), c(
        estimate = unname(coef(m)[2]), std_error = if (type == "const") {
          t.test(x[case], x[of[[term]]])$stderr
        } else unname(clustered(m, rows)[2])))
    }
  }
}
)";

/// The column .family that kPtdtInR reads: codes of whose children rows are, missing = not known.
void AddFamilies(const ModelFrame& frame, const std::vector<uint32_t>& rows, Table& out);

std::string PtdtLines(const std::string& model_id, const ModelFrame& frame, const ModelSpec& spec);

}  // namespace kinflow::family
