# Case weights and waves with gaps (uses a_trio.tsv and b_waves.tsv, writes no data): lm with weights and sandwich; geeglm with waves.
local({ f <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)); if (length(f)) setwd(dirname(normalizePath(gsub("~+~", " ", f[1], fixed = TRUE)))) })  # work in the folder of this script
source("common.R"); suppressPackageStartupMessages({library(sandwich); library(geepack)})
d <- get_tsv("a_trio.tsv"); d$w <- 1 + (seq_len(nrow(d)) %% 5) / 4
cc <- d[complete.cases(d[c("scl_dep", "pgs_m", "pgs_f", "pgs_c")]), ]
m <- lm(scl_dep ~ pgs_m + pgs_f + pgs_c, cc, weights = w); m0 <- lm(scl_dep ~ pgs_m, cc, weights = w); a <- anova(m0, m); s <- summary(m)
se <- function(v) as.list(sqrt(diag(v)))
w <- list(estimate = as.list(coef(m)), const = se(vcov(m)), HC0 = se(vcovHC(m, "HC0")), HC3 = se(vcovHC(m, "HC3")), CR1S = se(vcovCL(m, cluster = cc$m_id)), r2 = s$r.squared, adj_r2 = s$adj.r.squared, sigma = s$sigma, logLik = as.numeric(logLik(m)), AIC = AIC(m), F = a$F[2], p = a$`Pr(>F)`[2], n = nobs(m))
b <- get_tsv("b_waves.tsv"); b <- b[complete.cases(b[c("scl_dep", "time", "pgs_m", "m_id", "preg_id")]), ]
b$number <- match(b$time, sort(unique(b$time)))
b$cl <- as.integer(factor(b$preg_id, levels = unique(b$preg_id))); b <- b[order(b$cl, b$number), ]
gap <- b[(b$cl * 7 + b$number * 3) %% 5 != 0, ]  # waves are missing in between
fit <- function(x) { g <- geeglm(scl_dep ~ time + pgs_m, id = cl, waves = number, data = x, corstr = "ar1", control = geese.control(epsilon = 1e-13, maxit = 300)); c <- coef(summary(g)); list(n = nrow(x), estimate = setNames(as.list(c[, 1]), rownames(c)), std_error = setNames(as.list(c[, 2]), rownames(c)), alpha = unname(g$geese$alpha), phi = unname(g$geese$gamma)) }
put_json(list(case = "A weights, B waves with gaps", data = c("a_trio.tsv", "b_waves.tsv"), weights = w, ar1 = fit(b), ar1_gaps = fit(gap)), "a_weights.json")
