# Case E, groups over waves (uses e_pramd.tsv, writes no data): cell means and contrasts of the mixed model with Satterthwaite's
# degrees of freedom, mixed ANOVA of three measurements with Greenhouse and Geisser's correction, bootstrap of the indirect effect.
local({ f <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)); if (length(f)) setwd(dirname(normalizePath(gsub("~+~", " ", f[1], fixed = TRUE)))) })  # work in the folder of this script
source("common.R"); suppressPackageStartupMessages({library(lme4); library(lmerTest); library(emmeans); library(car)})
d <- get_tsv("e_pramd.tsv"); d$group <- factor(d$group, levels = c("healthy", "depression", "history"))
L <- rbind(data.frame(d[c("id", "group")], wave = "w8", ds = d$ds_8w), data.frame(d[c("id", "group")], wave = "m12", ds = d$ds_12m))
L$wave <- factor(L$wave, levels = c("w8", "m12"))
ctl <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, xtol_rel = 1e-12, ftol_abs = 1e-14, maxeval = 1e5))
m <- lmerTest::lmer(ds ~ group * wave + (1 | id), L, control = ctl)
em <- emmeans(m, ~ group * wave, lmer.df = "satterthwaite", data = L[!is.na(L$ds), ])
plain <- function(x) as.data.frame(summary(x, infer = c(TRUE, TRUE), adjust = "none"))
pw <- plain(contrast(em, "revpairwise", by = "wave")); pw$p_holm <- ave(pw$p.value, pw$wave, FUN = function(x) p.adjust(x, "holm"))
lmm <- list(means = plain(em), pairs = pw, change = plain(contrast(em, "revpairwise", by = "group")), interaction = plain(contrast(em, interaction = c("revpairwise", "consec"))))
# three measurements: numbers of different scales, so that the correction matters
cc <- d[complete.cases(d[c("ds_8w", "ds_12m", "epds_8w")]), ]
op <- options(contrasts = c("contr.sum", "contr.poly")); ml <- lm(cbind(ds_8w, ds_12m, epds_8w) ~ group, cc)
s <- summary(Anova(ml, idata = data.frame(wave = factor(c("w8", "m12", "epds"))), idesign = ~wave, type = 3), multivariate = FALSE); options(op)
u <- s$univariate.tests; gg <- s$pval.adjustments
anova3 <- list(n = nrow(cc), table = data.frame(term = rownames(u), SS = u[, "Sum Sq"], df1 = u[, "num Df"], SS_error = u[, "Error SS"], df2 = u[, "den Df"], F = u[, "F value"], p = u[, "Pr(>F)"]),
  gg = data.frame(term = rownames(gg), epsilon = gg[, "GG eps"], p = gg[, "Pr(>F[GG])"]))
# percentile bootstrap of a b, rows resampled
k <- d[complete.cases(d[c("nbas_social_6d", "ds_8w")]), ]; set.seed(6); B <- 20000L
X <- cbind(1, k$group == "depression", k$group == "history", k$ses_difficulties)
b <- t(replicate(B, { i <- sample(nrow(k), replace = TRUE); a <- qr.coef(qr(X[i, ]), k$nbas_social_6d[i]); o <- qr.coef(qr(cbind(X[i, ], k$nbas_social_6d[i])), k$ds_8w[i]); a[2:3] * o[5] }))
boot <- list(samples = B, dep = list(se = sd(b[, 1]), low = unname(quantile(b[, 1], .025)), high = unname(quantile(b[, 1], .975))), his = list(se = sd(b[, 2]), low = unname(quantile(b[, 2], .025)), high = unname(quantile(b[, 2], .975))))
put_json(list(case = "E groups over waves", data = "e_pramd.tsv", lmm = lmm, anova3 = anova3, bootstrap = boot), "e_group_waves.json")
