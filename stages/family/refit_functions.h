#pragma once

namespace kinflow::family {

// Functions in R that scripts of `refit` have for one kind of model each. They are base R but for
// sandwich and lme4, and share no formula with ours that base R has a function for.

// Effects equal at all waves: Wald tests in one regression in which every coefficient has a value
// of its own at each wave.
inline constexpr const char* kByWaveInR = R"(show_equal <- function(model, fits, types) {
  x <- lapply(fits, function(f) model.matrix(f$m)[, !is.na(coef(f$m)), drop = FALSE])
  first <- cumsum(c(0, sapply(x, ncol)))
  row <- cumsum(c(0, sapply(x, nrow)))
  all <- matrix(0, sum(sapply(x, nrow)), sum(sapply(x, ncol)))
  for (i in seq_along(x)) {
    all[row[i] + seq_len(nrow(x[[i]])), first[i] + seq_len(ncol(x[[i]]))] <- x[[i]]
  }
  y <- unlist(lapply(fits, function(f) model.response(model.frame(f$m))))
  w <- unlist(lapply(fits, function(f) {
    if (is.null(weights(f$m))) rep(1, nobs(f$m)) else weights(f$m)
  }))
  m <- lm(y ~ 0 + all, weights = w)
  cluster <- unlist(lapply(fits, function(f) f$cluster))
  names <- Reduce(intersect, lapply(x, colnames))
  one <- model.matrix(fits[[1]]$m)
  term <- attr(one, "assign")[match(names, colnames(one))]
  labels <- attr(terms(fits[[1]]$m), "term.labels")
  at <- function(i, name) first[i] + match(name, colnames(x[[i]]))
  for (type in intersect(types, c("CR0", "CR1", "CR1S"))) {
    v <- sandwich::vcovCL(m, cluster = cluster, type = if (type == "CR1S") "HC1" else "HC0",
                          cadjust = type != "CR0")
    for (k in seq_along(labels)) {
      differences <- function(name) t(sapply(seq_along(x)[-1], function(i) {
        replace(replace(numeric(ncol(all)), at(i, name), 1), at(1, name), -1)
      }))
      l <- do.call(rbind, lapply(names[term == k], differences))
      if (is.null(l)) next
      e <- l %*% coef(m)
      which <- list(wave = "all", added = labels[k], test = paste0("Wald-", type))
      show_row(model, "comparisons", which, c(
        statistic = drop(t(e) %*% solve(l %*% v %*% t(l), e)) / nrow(l)))
    }
  }
}
)";

inline constexpr const char* kGroupsInR = R"(show_groups <- function(model, y, g, low, level) {
  g <- factor(g)
  test <- function(name, statistic, p) show_row(
    model, "comparisons", list(test = name), c(statistic = unname(statistic), p = unname(p)))
  test_anova <- function(name, m) test(name, anova(m)[1, 4], anova(m)[1, 5])
  for (l in levels(g)) {
    show_row(model, "groups", list(group = l), c(mean = mean(y[g == l]), sd = sd(y[g == l])))
  }
  test_anova("F", lm(y ~ g))
  h <- oneway.test(y ~ g)
  test("Welch", h$statistic, h$p.value)
  h <- kruskal.test(y, g)
  test("Kruskal-Wallis", h$statistic, h$p.value)
  distance <- abs(y - ave(y, g, FUN = median))
  test_anova("Levene", lm(distance ~ g))
  pairs <- combn(levels(g), 2)
  tukey <- TukeyHSD(aov(y ~ g))$g
  for (i in seq_len(ncol(pairs))) {
    show_row(model, "contrasts",
             list(contrast = paste(pairs[2, i], "-", pairs[1, i]), se_type = "Tukey"),
             c(estimate = tukey[i, "diff"], p_value = tukey[i, "p adj"]))
  }
  if (is.na(low)) return()
  t <- table(g, factor(y <= low, c(TRUE, FALSE)))
  h <- suppressWarnings(chisq.test(t, correct = FALSE))
  test("Pearson", h$statistic, h$p.value)
  g2 <- 2 * sum(ifelse(t > 0, t * log(t / h$expected), 0))
  test("G2", g2, pchisq(g2, nrow(t) - 1, lower.tail = FALSE))
  exact <- function(t) fisher.test(t, workspace = 2e7)$p.value
  show_row(model, "comparisons", list(test = "Fisher"), c(p = exact(t)))
  for (l in levels(g)) {
    h <- suppressWarnings(prop.test(t[l, 1], sum(t[l, ]), conf.level = level, correct = FALSE))
    show_row(model, "groups", list(group = l), c(
      share = unname(h$estimate), conf_low = h$conf.int[1], conf_high = h$conf.int[2]))
  }
  p <- apply(pairs, 2, function(pair) exact(t[pair, ]))
  for (i in seq_len(ncol(pairs))) {
    o <- t[pairs[, i], ]
    name <- paste(pairs[1, i], "-", pairs[2, i])
    show_row(model, "contrasts", list(contrast = name, se_type = "Fisher"),
             c(p_value = p[i], p_holm = p.adjust(p, "holm")[i]))
    if (all(o > 0)) {
      show_row(model, "contrasts", list(contrast = name, se_type = "Woolf"),
               c(estimate = log(o[1, 1] * o[2, 2] / (o[1, 2] * o[2, 1])), std_error = sqrt(sum(1 / o))))
    }
  }
}
)";

inline constexpr const char* kGroupWavesInR =
    R"(show_group_waves <- function(model, y, g, w, person, terms, reml, low) {
  g <- factor(g)
  w <- factor(w)
  groups <- levels(g)
  waves <- levels(w)
  cell <- factor((as.integer(w) - 1) * length(groups) + as.integer(g))
  m <- lme4::lmer(y ~ 0 + cell + (1 | person), REML = reml)
  b <- lme4::fixef(m)
  v <- as.matrix(vcov(m))
  # Weights of cells: of waves by those of groups.
  contrast <- function(wave, name, type, of_waves, of_groups) {
    l <- as.vector(kronecker(of_waves, of_groups))
    show_row(model, "contrasts", list(wave = wave, contrast = name, se_type = type),
             c(estimate = sum(l * b), std_error = sqrt(drop(l %*% v %*% l))))
  }
  unit <- function(i, n) as.numeric(seq_len(n) == i)
  each <- c(lapply(seq_along(groups), function(i) list(groups[i], unit(i, length(groups)))),
            apply(combn(length(groups), 2), 2, function(p) list(
              paste(groups[p[2]], "-", groups[p[1]]),
              unit(p[2], length(groups)) - unit(p[1], length(groups))), simplify = FALSE))
  for (j in seq_along(waves)) {
    at <- unit(j, length(waves))
    for (e in each) {
      single <- sum(e[[2]]) == 1
      contrast(waves[j], e[[1]], if (single) "mean" else "pair", at, e[[2]])
      if (j > 1) {
        contrast(waves[j], paste0(e[[1]], ": ", waves[j], " - ", waves[1]),
                 if (single) "change" else "interaction", at - unit(1, length(waves)), e[[2]])
      }
    }
  }
  of_groups <- t(contr.sum(length(groups)))
  of_waves <- t(contr.sum(length(waves)))
  all_groups <- t(rep(1, length(groups)))
  all_waves <- t(rep(1, length(waves)))
  ls <- list(kronecker(all_waves, of_groups), kronecker(of_waves, all_groups),
             kronecker(of_waves, of_groups))
  f <- function(test, i, value) show_row(
    model, "comparisons", list(test = test, added = terms[i]), c(statistic = value))
  for (i in 1:3) {
    l <- ls[[i]]
    e <- l %*% b
    f("F-Satterthwaite", i, drop(t(e) %*% solve(l %*% v %*% t(l), e)) / nrow(l))
  }
  # Type III with people as units: means over waves, and orthonormal contrasts of waves.
  wide <- tapply(y, list(person, w), mean)
  group <- g[match(rownames(wide), as.character(person))]
  complete <- rowSums(is.na(wide)) == 0
  if (all(table(group[complete]) > 0)) {
    k <- group[complete]
    z <- wide[complete, ] %*% contr.poly(length(waves))
    m <- lm(z ~ k, contrasts = list(k = "contr.sum"))
    within <- sum(resid(m)^2) / (df.residual(m) * ncol(z))
    f("F-ANOVA", 1, anova(lm(rowMeans(wide[complete, ]) ~ k))[["F value"]][1])
    of_mean <- sum(as.matrix(coef(m))[1, ]^2) / solve(crossprod(model.matrix(m)))[1, 1]
    f("F-ANOVA", 2, of_mean / ncol(z) / within)
    of_groups <- sum(resid(lm(z ~ 1))^2) - sum(resid(m)^2)
    f("F-ANOVA", 3, of_groups / (ncol(z) * (length(groups) - 1)) / within)
  }
  if (is.na(low)) return()
  for (j in seq_along(waves)[-1]) {
    t <- table(factor(wide[, 1] <= low, c(TRUE, FALSE)), factor(wide[, j] <= low, c(TRUE, FALSE)))
    row <- function(test) list(test = test, wave = waves[j])
    if (t[1, 2] + t[2, 1] == 0) next
    h <- mcnemar.test(t, correct = FALSE)
    show_row(model, "comparisons", row("McNemar"), c(statistic = unname(h$statistic), p = h$p.value))
    show_row(model, "comparisons", row("McNemar-exact"),
             c(p = binom.test(t[1, 2], t[1, 2] + t[2, 1])$p.value))
  }
}
)";

inline constexpr const char* kMediationInR =
    R"(show_indirect <- function(model, mediator, total, outcome, name, covariance, type) {
  error <- function(m, x) sqrt(diag(covariance(m)))[x]
  row <- function(what, x, type, estimate, error) show_row(
    model, "contrasts", list(contrast = paste(what, x), se_type = type),
    c(estimate = unname(estimate), std_error = unname(error)))
  exposure <- colnames(model.matrix(mediator))[attr(model.matrix(mediator), "assign") == 1]
  b <- coef(outcome)[name]
  for (x in exposure[!is.na(coef(mediator)[exposure])]) {
    a <- coef(mediator)[x]
    indirect <- function(type, se_a, se_b, both) row(
      "indirect", x, type, a * b, sqrt(a^2 * se_b^2 + b^2 * se_a^2 + both * se_a^2 * se_b^2))
    indirect("Sobel", error(mediator, x), error(outcome, name), 0)
    indirect("Aroian", error(mediator, x), error(outcome, name), 1)
    if (type == "const") {
      ml <- function(m) sqrt(df.residual(m) / nobs(m))
      indirect("delta", error(mediator, x) * ml(mediator), error(outcome, name) * ml(outcome), 0)
    }
    row("direct", x, type, coef(outcome)[x], error(outcome, x))
    row("total", x, type, coef(total)[x], error(total, x))
  }
}
)";

inline constexpr const char* kSpatialInR =
    R"(show_spatial <- function(model, m, area, level, group, neighbours, row_standardised) {
  area <- as.character(area)
  areas <- sort(unique(area), method = "radix")
  w <- matrix(0, length(areas), length(areas), dimnames = list(areas, areas))
  known <- neighbours[, 1] %in% areas & neighbours[, 2] %in% areas
  w[neighbours[known, , drop = FALSE]] <- 1
  w <- pmax(w, t(w))
  diag(w) <- 0
  linked <- rowSums(w) > 0
  w <- w[linked, linked]
  if (row_standardised) w <- w / rowSums(w)
  n <- nrow(w)
  s0 <- sum(w)
  s1 <- sum((w + t(w))^2) / 2
  s2 <- sum((rowSums(w) + colSums(w))^2)
  # Cliff and Ord's moments, those of spdep::moran.test() and geary.test().
  measure <- function(quantity, values) {
    z <- (values - mean(values[linked]))[linked]
    k <- n * sum(z^4) / sum(z^2)^2
    random <- (n * ((n^2 - 3 * n + 3) * s1 - n * s2 + 3 * s0^2) -
      k * (n * (n - 1) * s1 - 2 * n * s2 + 6 * s0^2)) / ((n - 1) * (n - 2) * (n - 3) * s0^2)
    normal <- (n^2 * s1 - n * s2 + 3 * s0^2) / (s0^2 * (n^2 - 1))
    show_row(model, "spatial", list(quantity = quantity, measure = "Moran I"), c(
      value = n / s0 * sum(w * outer(z, z)) / sum(z^2), variance = random - 1 / (n - 1)^2,
      variance_normal = normal - 1 / (n - 1)^2))
    show_row(model, "spatial", list(quantity = quantity, measure = "Geary C"), c(
      value = (n - 1) / (2 * s0) * sum(w * outer(z, z, "-")^2) / sum(z^2)))
  }
  y <- model.response(model.frame(m))
  measure("area mean", as.vector(tapply(y, area, mean)[areas]))
  effects <- lme4::ranef(m)[[group]][level[match(areas, area)], , drop = FALSE]
  for (term in names(effects)) measure(paste("effect", term), effects[[term]])
}
)";

}  // namespace kinflow::family
