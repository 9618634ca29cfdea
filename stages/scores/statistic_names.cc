#include "stages/scores/statistic_names.h"

#include <algorithm>
#include <array>
#include <string>

namespace kinflow {
namespace {

// As the manuals of plink 1.9 and 2, REGENIE, SAIGE, BOLT-LMM, GCTA, METAL, LDSC, bigsnpr, GCTB,
// susieR and FINEMAP and the GWAS-SSF standard name them, in lower case, words joined.
constexpr auto kStatistics = std::to_array<std::string_view>(
    {// Significance and precision.
     "p", "pval", "pvalue", "pvalnominal", "pboltlmm", "pboltlmminf", "pwald", "pscore", "plrt",
     "logp", "log10p", "mlog10p", "mlogp", "neglog10p", "neglog10pval", "neglog10pvalue", "fdr",
     "qval", "qvalue", "se", "stderr", "standarderror", "sebeta", "betase", "logorse", "z",
     "zscore", "zstat", "t", "tstat", "stat", "chisq", "chi2", "l95", "u95", "cilower", "ciupper",
     "lower95", "upper95", "var", "sd",
     // Heterogeneity of meta-analyses.
     "hetisq", "hetisqt", "heti2", "hetchisq", "hetdf", "hetpval", "hetpva", "direction",
     "nstudies", "nstudy",
     // Sample sizes and counts.
     "n", "neff", "neffhalf", "effectiven", "ntotal", "nsamples", "samplesize", "ncase", "ncases",
     "ncas", "nca", "nctrl", "ncontrol", "ncontrols", "ncon", "nco", "nmiss", "nmissing", "nobs",
     "nchrobs", "obsct", "allelect", "a1ct", "ac", "an", "mac",
     // Frequencies.
     "af", "maf", "freq", "frq", "frequency", "freq1", "freqse", "minfreq", "maxfreq", "a1freq",
     "a1frq", "freqa1", "afreq", "altfreq", "altfreqs", "reffreq", "fa", "fu", "afcase", "afctrl",
     "fcas", "fcon",
     // Quality.
     "info", "infoscore", "imputationinfo", "machr2", "r2", "rsq", "fmiss", "missingrate",
     "callrate", "hwe", "hwep", "phwe",
     // Posterior probabilities and their kin.
     "pip", "pep", "pp", "ppa", "prob", "postp", "postpest", "varexplained", "log10bf", "bf", "lbf",
     "ldscore", "l2",
     // Genetic maps.
     "cm", "genpos"});

/// FRQ_A_46350 of the PGC: the frequency in so many cases or controls.
bool IsFrequencyOf(std::string_view joined) {
  if (!joined.starts_with("frqa") && !joined.starts_with("frqu")) return false;
  return joined.substr(4).find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool IsStatisticName(std::string_view name) {
  std::string joined;
  for (const char c : name) {
    if (c == '_' || c == '.' || c == '-' || c == ' ' || c == '(' || c == ')') continue;
    joined += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return std::find(kStatistics.begin(), kStatistics.end(), joined) != kStatistics.end() ||
         IsFrequencyOf(joined);
}

}  // namespace kinflow
