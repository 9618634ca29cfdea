#include "stages/family/mixed/random_terms.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace kinflow::family {
namespace {

/// The random terms with one grouping factor each, uncorrelated ones with one effect.
std::vector<RandomTerm> TermsOfOneFactor(const Formula& formula) {
  std::vector<RandomTerm> out;
  for (const RandomTerm& term : formula.random) {
    for (const auto& group : term.groups) {
      RandomTerm own = term;
      own.groups = {group};
      if (term.correlated) {
        out.push_back(own);
        continue;
      }
      own.slopes.clear();
      if (term.intercept) out.push_back(own);
      own.intercept = false;
      for (const auto& slope : term.slopes) {
        own.slopes = {slope};
        out.push_back(own);
      }
    }
  }
  for (RandomTerm& term : out) term.text = formula.RandomText(term);
  return out;
}

std::string GroupOf(const RandomTerm& term) {
  return fmt::format("{}", fmt::join(term.groups.front(), ":"));
}

}  // namespace

std::vector<WithoutEffect> WithoutEachEffect(const Formula& formula) {
  std::vector<WithoutEffect> out;
  Formula expanded = formula;
  expanded.random = TermsOfOneFactor(formula);
  for (size_t t = 0; t < expanded.random.size(); ++t) {
    const RandomTerm& term = expanded.random[t];
    if (term.slopes.size() + (term.intercept ? 1 : 0) > 1) {
      for (size_t s = 0; s < term.slopes.size(); ++s) {
        Formula reduced = expanded;
        RandomTerm& less = reduced.random[t];
        less.slopes.erase(less.slopes.begin() + static_cast<std::ptrdiff_t>(s));
        less.text = reduced.RandomText(less);
        out.push_back({std::move(reduced), formula.TermLabel(term.slopes[s]) + " in " + term.text});
      }
    } else if (expanded.random.size() > 1) {
      Formula reduced = expanded;
      reduced.random.erase(reduced.random.begin() + static_cast<std::ptrdiff_t>(t));
      out.push_back({std::move(reduced), term.text});
    }
  }
  return out;
}

std::optional<Error> RepeatedEffect(const Formula& formula) {
  std::set<std::pair<std::set<std::string>, std::string>> seen;  // factor, effect
  for (const RandomTerm& term : TermsOfOneFactor(formula)) {
    const std::set<std::string> group(term.groups.front().begin(), term.groups.front().end());
    std::vector<std::string> effects;
    if (term.intercept) effects.emplace_back("intercept");
    for (const auto& slope : term.slopes) effects.push_back("slope " + formula.TermLabel(slope));
    for (const auto& effect : effects) {
      if (seen.emplace(group, effect).second) continue;
      return Error(ErrorId::kConfigReference,
                   fmt::format("the variance of the {} by {} is there twice: the data cannot tell "
                               "the two apart",
                               effect, GroupOf(term)))
          .Field("formula")
          .Value("(" + term.text + ")")
          .Remedy(effect == "intercept" && !term.slopes.empty()
                      ? fmt::format("leave (1 | {}) out, or write 0 for the intercept of the other "
                                    "term: (0 + slope | {})",
                                    GroupOf(term), GroupOf(term))
                      : "take one of them out");
    }
  }
  return std::nullopt;
}

}  // namespace kinflow::family
