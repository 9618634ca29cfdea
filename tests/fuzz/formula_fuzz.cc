// A model formula, and on a second line a combination of coefficients, or the terms of a step.

#include <cmath>
#include <optional>
#include <set>

#include "stages/family/formula.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

/// Terms by the names of their variables. The order within a term is that in which a formula first
/// names its variables, as in R, and main effects are printed first: it may change once.
std::multiset<std::set<std::string>> TermsOf(const family::Formula& formula) {
  std::multiset<std::set<std::string>> terms;
  for (const auto& term : formula.terms) {
    std::set<std::string> names;
    for (const uint32_t v : term.variables) names.insert(formula.variables[v].Label());
    terms.insert(std::move(names));
  }
  return terms;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = text.substr(0, text.find('\n'));
  std::optional<family::Formula> formula;
  if (Accepts([&] { formula = family::ParseFormula(first); })) {
    const std::string canonical = formula->Text();
    std::optional<family::Formula> again;
    if (!Accepts([&] { again = family::ParseFormula(canonical); })) {
      Fail("a canonical formula is refused: " + canonical);
    }
    Require(TermsOf(*again) == TermsOf(*formula) &&
                again->random.size() == formula->random.size() &&
                again->response == formula->response &&
                again->response_transform == formula->response_transform &&
                again->intercept == formula->intercept,
            "a canonical formula means something else");
  }
  if (first.size() < text.size()) {
    Accepts([&] {
      const auto combination = family::ParseCombination(text.substr(first.size() + 1));
      Require(combination.names.size() == combination.weights.size(), "weights and names");
      for (const double weight : combination.weights) Require(std::isfinite(weight), "weight");
    });
    Accepts([&] {
      if (!formula) return;
      for (const size_t term : family::FindTerms(*formula, text.substr(first.size() + 1))) {
        Require(term < formula->terms.size(), "a step finds a term that is not there");
      }
    });
  }
  return 0;
}
