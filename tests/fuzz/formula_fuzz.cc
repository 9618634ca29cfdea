// A model formula, and on a second line a combination of coefficients.

#include <cmath>
#include <optional>

#include "stages/family/formula.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

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
    Require(again->Text() == canonical, "a canonical formula reads differently");
    Require(again->terms.size() == formula->terms.size() &&
                again->random.size() == formula->random.size() &&
                again->response == formula->response && again->intercept == formula->intercept,
            "a canonical formula means something else");
  }
  if (first.size() < text.size()) {
    Accepts([&] {
      const auto combination = family::ParseCombination(text.substr(first.size() + 1));
      Require(combination.names.size() == combination.weights.size(), "weights and names");
      for (const double weight : combination.weights) Require(std::isfinite(weight), "weight");
    });
  }
  return 0;
}
