# Case weights and waves with gaps (uses a_trio.tsv, b_waves.tsv, c_logit.tsv and f_ordinal.tsv, writes no data): lm, glm, polr and lmer with weights, and sandwich; geeglm with waves.
local({ f <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)); if (length(f)) setwd(dirname(normalizePath(gsub("~+~", " ", f[1], fixed = TRUE)))) })  # work in the folder of this script
source("common.R"); suppressPackageStartupMessages({library(sandwich); library(geepack); library(MASS); library(lme4)})
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
weighted <- function(f) { x <- get_tsv(f); x$w <- 1 + (seq_len(nrow(x)) %% 5) / 4; x }
g <- suppressWarnings(glm(high_dep ~ pgs_m + pgs_f + pgs_c + age, binomial, weighted("c_logit.tsv"), weights = w, control = glm.control(1e-15, 100), y = TRUE))  # warns of weights that are no whole numbers
gd <- weighted("c_logit.tsv")[as.integer(names(fitted(g))), ]
logit <- list(estimate = as.list(coef(g)), model = se(vcov(g)), HC0 = se(sandwich(g)), CR1 = se(vcovCL(g, cluster = gd$m_id, type = "HC0", cadjust = TRUE)), logLik = -g$deviance / 2, n = nobs(g))
od <- weighted("f_ordinal.tsv"); fo <- factor(dep_cat) ~ pgs_m + pgs_f + pgs_c
p <- polr(fo, od, weights = w, Hess = TRUE); for (i in 1:3) p <- polr(fo, od, weights = w, Hess = TRUE, start = c(coef(p), p$zeta), control = list(reltol = 1e-16, maxit = 1000))
cr1 <- function(p) { s <- rowsum(estfun(p), od$m_id[as.integer(rownames(model.frame(p)))]); vcov(p) %*% crossprod(s) %*% vcov(p) * nrow(s) / (nrow(s) - 1) }  # sandwich 3.0.2 takes polr's n, the sum of the weights, for the number of rows
ordinal <- list(estimate = as.list(c(coef(p), p$zeta)), model = se(vcov(p)), CR1 = se(cr1(p)), logLik = as.numeric(logLik(p)), n = nrow(model.frame(p)))
lmm <- function(f, reml) { l <- lmer(f, weighted("b_waves.tsv"), weights = w, REML = reml, control = lmerControl("bobyqa", optCtrl = list(rhoend = 1e-12), calc.derivs = FALSE)); list(formula = deparse(f), reml = reml, estimate = as.list(fixef(l)), model = se(as.matrix(vcov(l))), logLik = as.numeric(logLik(l)), variances = c(as.data.frame(VarCorr(l))$vcov), n = nobs(l)) }
mixed <- list(lmm(scl_dep ~ pgs_m + pgs_f + pgs_c + time + (1 | m_id), TRUE), lmm(scl_dep ~ pgs_m + time + (1 + time | m_id), FALSE), lmm(scl_dep ~ pgs_m + time + (1 | m_id/preg_id), TRUE))
put_json(list(case = "A weights, B waves with gaps", data = c("a_trio.tsv", "b_waves.tsv", "c_logit.tsv", "f_ordinal.tsv"), weights = w, logit = logit, ordinal = ordinal, mixed = mixed, ar1 = fit(b), ar1_gaps = fit(gap)), "a_weights.json")
