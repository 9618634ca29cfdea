# Case D, further variants (uses d_riclpm4.tsv, writes no data): innovations and means equal over waves, predictors of the within components, and variances bounded at 0.
local({ f <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)); if (length(f)) setwd(dirname(normalizePath(gsub("~+~", " ", f[1], fixed = TRUE)))) })  # work in the folder of this script
source("common.R"); suppressPackageStartupMessages(library(lavaan))
d <- get_tsv("d_riclpm4.tsv"); T <- 4L
riclpm <- function(lags = FALSE, innovations = FALSE, means = FALSE, z = NULL, zeq = FALSE, zero = NULL) {
  u <- function(t, l) if (innovations && t > 1) paste0(l, "*") else ""
  s <- c(paste("RIx =~", paste0("1*x", 1:T, collapse = " + ")), paste("RIy =~", paste0("1*y", 1:T, collapse = " + ")), paste0("wx", 1:T, " =~ 1*x", 1:T), paste0("wy", 1:T, " =~ 1*y", 1:T), "RIx ~~ RIy")
  for (v in c("RIx", "RIy")) s <- c(s, paste0(v, " ~~ ", if (v %in% zero) "0*", v))
  for (t in 1:T) s <- c(s, sprintf("wx%d ~~ %swy%d", t, u(t, "uxy"), t), vapply(c("x", "y"), function(k) { v <- paste0("w", k, t); paste0(v, " ~~ ", if (v %in% zero) "0*" else u(t, paste0("u", k)), v) }, ""))
  for (t in 2:T) s <- c(s, if (lags) c(sprintf("wx%d ~ a*wx%d + b*wy%d", t, t - 1, t - 1), sprintf("wy%d ~ c*wx%d + d*wy%d", t, t - 1, t - 1)) else c(sprintf("wx%d ~ wx%d + wy%d", t, t - 1, t - 1), sprintf("wy%d ~ wx%d + wy%d", t, t - 1, t - 1)))
  if (means) s <- c(s, paste(paste0("x", 1:T, collapse = " + "), "~ mx*1"), paste(paste0("y", 1:T, collapse = " + "), "~ my*1"))
  for (k in z) for (v in c("wx", "wy")) s <- c(s, paste0(paste0(v, 1:T, collapse = " + "), " ~ ", if (zeq) paste0("s", v, k, "*"), k))
  paste(s, collapse = "\n") }
quiet <- function(e) { v <- NULL; invisible(capture.output(v <- suppressWarnings(e))); v }
fit <- function(m, d, ...) quiet(lavaan(m, data = d, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE, ...))
# lavaan stops at score ~1e-4: Newton steps, then every statistic at the polished estimates (as d_riclpm.R). Equal parameters move by the sum of their scores.
polish <- function(m, d, ...) { f <- fit(m, d, ...); step <- NA
  for (k in 1:4) { pt <- parTable(f); fr <- pt$free > 0; con <- any(pt$op == "=="); K <- if (con) f@Model@eq.constraints.K else diag(max(pt$free))
    H <- crossprod(K, lavInspect(f, "information.observed") %*% K) * nobs(f); g <- colSums(quiet(lavScores(f, ignore.constraints = TRUE, remove.duplicated = FALSE))); st <- as.vector(K %*% solve(H, crossprod(K, g))); step <- max(abs(st))
    pt$ustart[fr] <- pt$est[fr] + st[pt$free[fr]]; pt$ustart[!fr] <- pt$est[!fr]; pt$start <- pt$ustart; pt$est <- NULL; pt$se <- NULL
    f <- fit(as.data.frame(pt), d, optim.method = "none", optim.force.converged = TRUE) }
  list(fit = f, last_step = step) }
# bounds = "pos.var" finds which variances are at 0; the estimates are then those of the model that fixes them, whose errors are taken.
bounded <- function(rows) { f <- fit(riclpm(), d[rows, ], bounds = "pos.var"); v <- coef(f); zero <- sub("~~.*", "", names(v)[v == 0]); p <- fit(riclpm(zero = zero), d[rows, ])
  list(fit = p, last_step = max(abs(vcov(p) %*% colSums(quiet(lavScores(p))))), rows = range(rows), zero = I(zero), pos_var_logl = as.numeric(logLik(f)), pos_var_npar = length(v), difference = max(abs(v[names(coef(p))] - coef(p)))) }
zs <- c("prenatal", "temper")
models <- list(innovations = polish(riclpm(innovations = TRUE), d), means = polish(riclpm(means = TRUE), d), lags_innovations = polish(riclpm(TRUE, TRUE), d), lags_innovations_means = polish(riclpm(TRUE, TRUE, TRUE), d),
  z_within = polish(riclpm(z = zs), d), z_within_equal = polish(riclpm(z = zs, zeq = TRUE), d), nonneg_intercept = bounded(1:40), nonneg_innovations = bounded(161:190), nonneg_diverging = bounded(241:270))
co <- NULL; info <- list()
for (k in names(models)) { f <- models[[k]]$fit; pe <- parameterEstimates(f, standardized = TRUE, rsquare = FALSE)
  pe <- pe[!(pe$op == "=~") & !(pe$op == "~1" & grepl("^(w|RI)", pe$lhs)) & !(pe$se == 0 & !pe$lhs %in% models[[k]]$zero) & !pe$lhs %in% zs, ]
  co <- rbind(co, data.frame(model = k, lhs = pe$lhs, op = pe$op, rhs = pe$rhs, estimate = pe$est, std_error = ifelse(pe$se == 0, NA, pe$se), p_value = pe$pvalue, conf_low = pe$ci.lower, conf_high = pe$ci.upper, std_all = pe$std.all))
  m <- fitMeasures(f); info[[k]] <- c(as.list(m[c("npar", "chisq", "df", "logl", "unrestricted.logl", "cfi", "rmsea", "srmr")]), models[[k]][-1]); cat(k, unlist(info[[k]]), "\n") }
co[!is.finite(co$std_all), "std_all"] <- NA; co[is.na(co$std_error), c("p_value", "conf_low", "conf_high")] <- NA
put_ref(co, "d_variants_coef.tsv"); put_json(list(case = "D, further variants", data = "d_riclpm4.tsv", fit = info), "d_variants.json")
