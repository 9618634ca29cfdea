#include "stages/family/models/family_reml_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "stages/family/assortative_mating.h"
#include "stages/family/mixed/mixed_run.h"
#include "stages/family/mixed/projection.h"
#include "stages/family/reporting.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::Vector3d;
using Eigen::VectorXd;

constexpr size_t kPopulation = 0, kTrio = 1;

/// The columns of one score: of the person whose outcome it is, and of the two others.
struct ScoreTerms {
  std::string score, own;
  std::vector<std::string> others;
};

// Scores that enter by main effects of all three members, in order of appearance.
std::vector<ScoreTerms> TrioScores(const Formula& formula, const ModelFrame& frame) {
  std::vector<ScoreTerms> out;
  for (const auto& term : formula.terms) {
    const VariableInfo info = TermInfo(formula, term, frame);
    if (term.variables.size() != 1 || !IsMemberRole(info.role)) continue;
    auto at = std::find_if(out.begin(), out.end(),
                           [&](const ScoreTerms& terms) { return terms.score == info.pgs; });
    if (at == out.end()) at = out.insert(out.end(), {info.pgs, "", {}});
    const std::string& column = formula.variables[term.variables[0]].column;
    if (info.role == frame.outcome_of) {
      at->own = column;
    } else {
      at->others.push_back(column);
    }
  }
  std::erase_if(out,
                [](const auto& terms) { return terms.own.empty() || terms.others.size() != 2; });
  return out;
}

// True if some score has terms of all three members, by name.
bool NamesTrio(const Formula& formula) {
  std::map<std::string, std::set<std::string>> members;
  for (const auto& term : formula.terms) {
    const std::string name = formula.TermLabel(term);
    const size_t dot = name.rfind('.');
    if (term.variables.size() != 1 || dot == std::string::npos) continue;
    const std::string member = name.substr(dot + 1);
    if (IsMemberRole(member)) members[name.substr(0, dot)].insert(member);
  }
  return std::any_of(members.begin(), members.end(),
                     [](const auto& entry) { return entry.second.size() == 3; });
}

// True for terms that no score of another member is part of.
std::vector<uint8_t> OwnTerms(const Formula& formula, const ModelFrame& frame) {
  std::vector<uint8_t> keep;
  for (const auto& term : formula.terms) {
    keep.push_back(std::none_of(term.variables.begin(), term.variables.end(), [&](uint32_t v) {
      const std::string role = frame.InfoOf(formula.variables[v].column).role;
      return IsMemberRole(role) && role != frame.outcome_of;
    }));
  }
  return keep;
}

size_t ColumnNamed(const Design& design, const std::string& name) {
  for (size_t c = 0; c < design.k; ++c) {
    if (design.columns[c].name == name) return c;
  }
  throw Error(ErrorId::kInternal, "no such design column").Value(name);
}

VectorXd ColumnOf(const Design& design, const std::string& name) {
  return Eigen::Map<const VectorXd>(design.Column(ColumnNamed(design, name)),
                                    static_cast<Index>(design.n));
}

double Sd(const VectorXd& v) {
  return std::sqrt((v.array() - v.mean()).square().sum() / static_cast<double>(v.size() - 1));
}

/// Covariance of the estimates of the population model with those of the trio model, over the
/// columns in use of each. Both are linear in the outcome, whose covariance is taken to be the trio
/// model's: cov = B1 X1'V1^-1 X2 B2 with B = (X'V^-1 X)^-1.
MatrixXd CrossCovariance(const MixedStep& population, const MixedStep& trio) {
  const auto used = [](const MixedStep& step) {
    MatrixXd x(static_cast<Index>(step.design.n), static_cast<Index>(step.fit.rank));
    for (size_t c = 0; c < step.design.k; ++c) {
      if (step.fit.position[c] < 0) continue;
      x.col(step.fit.position[c]) =
          Eigen::Map<const VectorXd>(step.design.Column(c), static_cast<Index>(step.design.n));
    }
    return x;
  };
  const MatrixXd x1 = used(population), x2 = used(trio);
  MatrixXd w(x1.rows(), x1.cols() + x2.cols());
  w << x1, x2;
  Projected at;
  MakeProjection(population.random, w)->Evaluate(population.fit.theta, at);
  const MatrixXd between = at.m.topRightCorner(x1.cols(), x2.cols());
  return population.fit.vcov * between * trio.fit.vcov / std::pow(population.fit.sigma, 2);
}

/// Direct, mean indirect and population effect of one score, in units of the columns.
ScoreEffects EffectsOf(const ScoreTerms& terms, const MixedStep& population,
                       const MixedStep& trio) {
  const auto at = [](const MixedStep& step, const std::string& name) {
    return step.fit.position[ColumnNamed(step.design, name)];
  };
  // Rows: direct, indirect, population; columns: the trio model's estimates, then the others'.
  const Index k1 = population.fit.vcov.rows(), k2 = trio.fit.vcov.rows();
  MatrixXd l = MatrixXd::Zero(3, k2 + k1);
  l(0, at(trio, terms.own)) = 1;
  for (const auto& other : terms.others) l(1, at(trio, other)) = 0.5;
  l(2, k2 + at(population, terms.own)) = 1;
  MatrixXd joint(k2 + k1, k2 + k1);
  const MatrixXd cross = CrossCovariance(population, trio);
  joint << trio.fit.vcov, cross.transpose(), cross, population.fit.vcov;
  const auto coef = [](const MixedStep& step, const std::string& name) {
    return step.fit.coef[ColumnNamed(step.design, name)];
  };
  ScoreEffects out;
  out.value << coef(trio, terms.own),
      (coef(trio, terms.others[0]) + coef(trio, terms.others[1])) / 2, coef(population, terms.own);
  out.covariance = l * joint * l.transpose();
  return out;
}

// Correlation of the parents' scores and its standard error. Siblings are told by their parents'
// scores: each pair of values counts once, however many children have it.
std::pair<double, double> ParentalCorrelation(const ScoreTerms& terms, const MixedStep& trio) {
  const VectorXd first = ColumnOf(trio.design, terms.others[0]),
                 second = ColumnOf(trio.design, terms.others[1]);
  std::set<std::pair<double, double>> seen;
  std::vector<Index> rows;
  for (Index i = 0; i < first.size(); ++i) {
    if (seen.emplace(first(i), second(i)).second) rows.push_back(i);
  }
  VectorXd a = first(rows), b = second(rows);
  a.array() -= a.mean();
  b.array() -= b.mean();
  const double r = a.dot(b) / std::sqrt(a.squaredNorm() * b.squaredNorm());
  return {r, (1 - r * r) / std::sqrt(static_cast<double>(rows.size()) - 1)};
}

/// Rows of `contrasts` on what the two models say together.
class JointRows {
 public:
  /// `of_child`: the two others are the parents, so that their mean effect is the indirect one.
  JointRows(const ModelSpec& spec, bool of_child, const MixedStep& population,
            const MixedStep& trio, Results& out)
      : spec_(spec), of_child_(of_child), population_(population), trio_(trio), out_(out) {}

  /// `prefix`: of the rows' names, where there are several scores.
  void Add(const ScoreTerms& terms, const std::string& prefix) {
    for (const auto* step : {&population_, &trio_}) {
      for (const auto& name : {terms.own, terms.others[0], terms.others[1]}) {
        if (step == &population_ && name != terms.own) continue;
        if (step->fit.position[ColumnNamed(step->design, name)] < 0) return;  // aliased
      }
    }
    const ScoreEffects effects = EffectsOf(terms, population_, trio_);
    if (of_child_) {
      AddRow(prefix + "mean indirect", effects.value(1), std::sqrt(effects.covariance(1, 1)));
    }
    const double share = effects.value(0) / effects.value(2);
    const Vector3d slope(1 / effects.value(2), 0, -share / effects.value(2));
    AddRow(prefix + "direct / population", share, std::sqrt(slope.dot(effects.covariance * slope)));
    if (!std::isnan(spec_.options.assortment.h2f)) AddAssortment(terms, effects, prefix);
  }

 private:
  void AddAssortment(const ScoreTerms& terms, ScoreEffects effects, const std::string& prefix) {
    const double unit =
        Sd(ColumnOf(trio_.design, terms.own)) /
        Sd(Eigen::Map<const VectorXd>(trio_.design.y.data(), static_cast<Index>(trio_.design.n)));
    effects.value *= unit;
    effects.covariance *= unit * unit;
    Assortment assortment = spec_.options.assortment;
    if (std::isnan(assortment.rk)) {
      std::tie(assortment.rk, assortment.rk_se) = ParentalCorrelation(terms, trio_);
      AddRow(prefix + "assortment: rk", assortment.rk, assortment.rk_se);
    }
    for (const auto& row : AdjustForAssortment(effects, assortment)) {
      AddRow(prefix + "assortment: " + row.name, row.estimate, row.std_error);
    }
  }

  void AddRow(const std::string& name, double estimate, double error) {
    LinearCombination named;
    named.text = name;
    const double df = std::numeric_limits<double>::infinity();
    out_.contrasts.push_back(ContrastRowOf(
        spec_, kTrio, named, "delta", {estimate, error, estimate / error, df}, trio_.design, {}));
  }

  const ModelSpec& spec_;
  bool of_child_;
  const MixedStep &population_, &trio_;
  Results& out_;
};

// The trio model without each of its variance components, by the same criterion.
void TestComponents(const ModelSpec& spec, const MixedStep& trio, Results& out) {
  if (trio.random.blocks.size() < 2) return;
  for (size_t b = 0; b < trio.random.blocks.size(); ++b) {
    RandomDesign fewer = trio.random;
    fewer.blocks.erase(fewer.blocks.begin() + static_cast<std::ptrdiff_t>(b));
    ComparisonRow row;
    row.key = KeyOf(spec, kTrio);
    row.reduced = "without " + trio.random.blocks[b].group;
    row.full = row.key.model_id;
    row.added = trio.random.blocks[b].group;
    row.n = static_cast<int64_t>(trio.fit.n);
    try {
      const MixedFit reduced = FitMixed(trio.design, fewer, trio.fit.reml);
      AddVarianceTest(row, reduced.criterion - trio.fit.criterion, 1, out.comparisons);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out.warnings.push_back(
          fmt::format("{}: a test is left out: {}", spec.analysis_id, error.OneLine()));
    }
  }
}

/// One coefficient for the sum of both parents' scores: all that imputed parents can tell, and a
/// little more precise.
Results FitParentalSum(const ModelFrame& frame, const ModelSpec& spec,
                       const std::vector<ScoreTerms>& scores) {
  ModelFrame summed = frame;
  ModelSpec own = spec;
  std::string text = spec.formula.Keep(OwnTerms(spec.formula, frame)).Text();
  std::set<std::string> names;
  for (const auto& terms : scores) {
    const auto& a = frame.columns.DoublesOf(terms.others[0]);
    const auto& b = frame.columns.DoublesOf(terms.others[1]);
    Table::Doubles sum;
    for (size_t i = 0; i < a.size(); ++i) sum.push_back(a[i] + b[i]);
    const std::string name = terms.own.substr(0, terms.own.rfind('.')) + ".parents";
    if (summed.columns.Find(name) >= 0) {
      throw Error(ErrorId::kConfigReference,
                  "model family_reml adds a column of this name, the sum of both parents' scores")
          .Field("formula")
          .Value(name)
          .Remedy("give the column of the table another name");
    }
    summed.columns.Add(name, std::move(sum));
    summed.info[name] = {"parents", terms.score};
    text += " + `" + name + "`";
    names.insert(name);
  }
  own.formula = ParseFormula(text);
  own.plan = {{{"parental", std::vector<uint8_t>(own.formula.terms.size(), 1)}}, {}};
  own.contrasts.clear();
  own.random_tests = false;
  Results out = RunMixed(summed, own, "family_reml");
  for (auto& row : out.estimates) {
    if (row.role == frame.outcome_of) row.effect = "direct";
    if (names.contains(row.predictor)) row.effect = "indirect";
  }
  return out;
}

class FamilyRemlModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& given) const override {
    ModelSpec spec = given;
    const auto scores = TrioScores(spec.formula, frame);
    if (scores.empty()) {
      throw Error(ErrorId::kConfigReference, "model family_reml needs to know whose outcome it is")
          .Field("outcome_of")
          .Remedy("kinflow fit: --outcome-of child");
    }
    const bool of_child = frame.outcome_of == "child";
    if (!of_child && !std::isnan(spec.options.assortment.h2f)) {
      throw Error(ErrorId::kConfigReference, "h2f adjusts effects on the outcome of a child")
          .Field("h2f")
          .Value(frame.outcome_of)
          .Remedy("take it out, or use outcome_of: child");
    }
    spec.random_tests = false;  // of components, not of terms
    const auto all = std::vector<uint8_t>(spec.formula.terms.size(), 1);
    spec.plan = {{{"population", OwnTerms(spec.formula, frame)}, {"trio", all}},
                 {{kPopulation, kTrio}}};
    Results out = RunMixed(frame, spec, "family_reml", [&](const auto& fits, Results& results) {
      if (!fits[kPopulation] || !fits[kTrio]) return;
      JointRows joint(spec, of_child, *fits[kPopulation], *fits[kTrio], results);
      for (const auto& terms : scores) {
        joint.Add(terms, scores.size() > 1 ? terms.score + ": " : "");
      }
      if (given.random_tests) TestComponents(spec, *fits[kTrio], results);
    });
    if (of_child) out.Append(FitParentalSum(frame, spec, scores));
    out.tested = {"trio"};
    return out;
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    std::vector<Error> errors = CheckMixed(spec, "family_reml", clustered);
    if (!NamesTrio(spec.formula)) {
      errors.push_back(Error(ErrorId::kConfigReference,
                             "model family_reml needs a score of mother, father and child")
                           .Field("formula")
                           .Value(spec.formula.Text())
                           .Remedy("write pgs.mother + pgs.father + pgs.child"));
    }
    if (spec.steps_given) {
      errors.push_back(Error(ErrorId::kConfigReference, "model family_reml has steps of its own")
                           .Field("steps")
                           .Remedy("leave steps out"));
    }
    if (!spec.common_sample) {
      errors.push_back(
          Error(ErrorId::kConfigReference, "model family_reml compares models of the same rows")
              .Field("sample")
              .Value("varying")
              .Remedy("leave sample out"));
    }
    size_t components = spec.options.relatedness == "none" ? 0 : 1;
    for (const auto& term : spec.formula.random) components += term.groups.size();
    if (spec.random_tests && components == 1) errors.push_back(NothingToTest(spec.formula));
    const auto slope = [](const RandomTerm& term) { return !term.slopes.empty(); };
    if (std::any_of(spec.formula.random.begin(), spec.formula.random.end(), slope)) {
      errors.push_back(Error(ErrorId::kConfigReference, "model family_reml has no random slopes")
                           .Field("formula")
                           .Value(spec.formula.Text())
                           .Remedy("write (1 | group), or use model lmm"));
    }
    return errors;
  }

  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {kMixedErrors};
  }
  std::string DefaultRandom() const override { return "(1 | mother:father)"; }
};

}  // namespace

std::unique_ptr<Model> MakeFamilyReml() { return std::make_unique<FamilyRemlModel>(); }

}  // namespace kinflow::family
