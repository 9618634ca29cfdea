#include "stages/family/models/group_waves_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "stages/family/few_rows.h"
#include "stages/family/groups/cell_means.h"
#include "stages/family/groups/mixed_anova.h"
#include "stages/family/groups/one_way.h"
#include "stages/family/groups/share_tests.h"
#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/multiple_testing.h"
#include "stages/family/people.h"
#include "stages/family/regression_run.h"
#include "stages/family/reporting.h"

namespace kinflow::family {
namespace {

constexpr const char* kKind = "group_waves";

/// Rows by group, wave and person.
struct Measured {
  Factor group, wave;
  std::vector<int64_t> person;  // dense codes
  std::vector<double> y;
};

class GroupWavesRun {
 public:
  GroupWavesRun(const ModelFrame& frame, const ModelSpec& spec) : frame_(frame), spec_(spec) {
    key_ = KeyOf(spec, spec.plan.models.size() - 1);
  }

  Results Go() {
    try {
      rows_ = SelectRows(frame_, spec_.formula.Columns());
      Read();
      Check();
      if (!data_.wave.warning.empty()) Warn(data_.wave.warning);
      AddCounts(key_, frame_, spec_.formula, rows_, out_.rows);
      AddGroups();
      FitModel();
      Contrasts();
      CompareCompletePeople();
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_ = Results{};
      out_.Fail(key_, kKind, spec_.formula.Text(), error);
    }
    return std::move(out_);
  }

 private:
  void Read() {
    const Formula& formula = spec_.formula;
    data_.group = FactorOf(formula, formula.terms[0].variables[0], frame_, rows_.rows);
    const std::string& person = formula.random[0].groups[0][0];
    const auto codes =
        CodesOf(frame_.columns.column(static_cast<size_t>(frame_.columns.Find(person))));
    data_.wave = WaveFactorOf(formula, formula.terms[1].variables[0], frame_, rows_.rows, codes);
    data_.y = BuildDesign(formula.Keep({0, 0, 0}), frame_, rows_.rows).y;
    for (const uint32_t r : rows_.rows) data_.person.push_back(codes[r]);
    cells_.assign(Groups() * Waves(), {});
    for (size_t i = 0; i < data_.y.size(); ++i) {
      cells_[data_.group.code[i] * Waves() + data_.wave.code[i]].push_back(data_.y[i]);
    }
  }

  void Warn(const std::string& text) { out_.warnings.push_back(NameOf(key_) + ": " + text); }

  size_t Groups() const { return data_.group.levels.size(); }
  size_t Waves() const { return data_.wave.levels.size(); }
  const std::vector<double>& Cell(size_t g, size_t w) const { return cells_[g * Waves() + w]; }

  void Check() const {
    for (const Factor* factor : {&data_.group, &data_.wave}) {
      if (factor->levels.size() >= 2) continue;
      throw Error(ErrorId::kNoEstimableTerm,
                  factor->column + " has one level in " + RowsUsedText(data_.y.size()))
          .Field(factor->column)
          .Remedy("check its coding and what the complete-case rule left");
    }
    for (size_t g = 0; g < Groups(); ++g) {
      for (size_t w = 0; w < Waves(); ++w) {
        if (Cell(g, w).size() >= 2) continue;
        throw Error(ErrorId::kTooFewRows,
                    fmt::format("{}: a level of {} has fewer than two rows at a wave", kKind,
                                data_.group.column))
            .Field(data_.group.column)
            .Remedy("join levels, or leave the rare one or the wave out");
      }
    }
    std::map<std::pair<int64_t, uint32_t>, int> seen;
    std::map<int64_t, uint32_t> group_of;
    for (size_t i = 0; i < data_.y.size(); ++i) {
      const int64_t person = data_.person[i];
      const bool twice = ++seen[{person, data_.wave.code[i]}] > 1;
      const auto [at, first] = group_of.emplace(person, data_.group.code[i]);
      if (!twice && (first || at->second == data_.group.code[i])) continue;
      throw Error(
          ErrorId::kModelFailed,
          fmt::format("{}: {} of row {} has {}", kKind, spec_.formula.random[0].groups[0][0],
                      rows_.rows[i] + 1, twice ? "a second row at one wave" : "rows in two groups"))
          .Field("formula")
          .Value(spec_.formula.Text())
          .Remedy("a person belongs to one group and has one row a wave");
    }
  }

  RowKey KeyAt(size_t wave) const {
    RowKey key = key_;
    key.wave = data_.wave.levels[wave];
    return key;
  }

  void AddGroups() {
    const auto fewest = FewestByCell();
    for (size_t w = 0; w < Waves(); ++w) {
      for (size_t g = 0; g < Groups(); ++g) {
        const auto& values = Cell(g, w);
        GroupRow row;
        row.key = KeyAt(w);
        row.group = data_.group.levels[g];
        row.n = static_cast<int64_t>(values.size());
        row.n_level = fewest[g * Waves() + w];
        row.mean = MeanOf(values);
        row.sd = std::sqrt(VarianceOf(values));
        if (!std::isnan(spec_.options.low)) {
          row.n_low =
              std::count_if(values.begin(), values.end(), [this](double v) { return Low(v); });
          row.share = static_cast<double>(row.n_low) / static_cast<double>(row.n);
          const Interval wilson = WilsonInterval(row.n_low, row.n, spec_.conf_level);
          row.conf_low = wilson.low;
          row.conf_high = wilson.high;
        }
        out_.groups.push_back(row);
      }
    }
  }

  // Of each group at each wave, its people or, with shares, those of the rarer side.
  std::vector<int64_t> FewestByCell() const {
    const size_t sides = std::isnan(spec_.options.low) ? 1 : 2;
    std::vector<uint32_t> cell;
    for (size_t i = 0; i < data_.y.size(); ++i) {
      const size_t of = data_.group.code[i] * Waves() + data_.wave.code[i];
      cell.push_back(static_cast<uint32_t>(sides * of + (sides == 2 && Low(data_.y[i]) ? 1 : 0)));
    }
    const People people(frame_, spec_.formula, rows_.rows);
    const auto counts = people.ByCell(cell, sides * Groups() * Waves());
    std::vector<int64_t> out;
    for (size_t c = 0; c < Groups() * Waves(); ++c) {
      out.push_back(FewestOf({counts[sides * c], counts[sides * c + sides - 1]}));
    }
    return out;
  }

  bool Low(double value) const { return value <= spec_.options.low; }

  void FitModel() {
    crossed_ = CrossFactors(data_.group, data_.wave, data_.y);
    const RandomDesign random = BuildRandomEffects(spec_.formula, frame_, rows_.rows);
    fit_ = FitMixed(crossed_.design, random, spec_.reml);
    if (fit_.singular) Warn("singular fit: people do not differ beyond their groups");
    ModelRow row;
    row.key = key_;
    row.model = kKind;
    row.n = static_cast<int64_t>(fit_.n);
    row.n_clusters = static_cast<int64_t>(random.blocks[0].levels());
    row.k = static_cast<int64_t>(fit_.rank);
    row.log_lik = fit_.log_lik;
    row.criterion = fit_.criterion;
    row.reml = fit_.reml ? 1 : 0;
    row.aic = fit_.aic;
    row.bic = fit_.bic;
    row.sigma = fit_.sigma;
    row.icc = fit_.icc;
    row.converged = "true";
    row.iterations = fit_.iterations;
    row.singular = fit_.singular ? "true" : "false";
    row.formula = spec_.formula.Text();
    row.call = "emmeans::emmeans(lmerTest::lmer(" + row.formula + ", data = d), ~ " +
               data_.group.column + " * " + data_.wave.column + ", lmer.df = \"satterthwaite\")";
    out_.models.push_back(std::move(row));
    const double between = fit_.covariance[0](0, 0), within = fit_.sigma * fit_.sigma;
    out_.varcomp.push_back(
        {key_, random.blocks[0].group, "(Intercept)", "NA", between, std::sqrt(between), kNa,
         static_cast<int64_t>(random.blocks[0].levels()), between / (between + within)});
    out_.varcomp.push_back({key_, "Residual", "NA", "NA", within, fit_.sigma, kNa,
                            Table::kMissingInt, within / (between + within)});
    for (size_t t = 0; t < 3; ++t) {
      Test(t, "F-Satterthwaite", MixedF(fit_, crossed_.TermColumns(t)),
           static_cast<int64_t>(fit_.n));
    }
  }

  void Test(size_t term, const std::string& test, const TestResult& result, int64_t n,
            double partial = kNa, double generalised = kNa) {
    ComparisonRow row;
    row.key = key_;
    row.reduced = "equal";
    row.full = key_.model_id;
    row.added = spec_.formula.TermLabel(spec_.formula.terms[term]);
    row.delta_r2 = generalised;
    row.partial_r2 = partial;
    row.n = n;
    AddTest(row, test, result, out_.comparisons);
  }

  /// A sum of cell means, each with its weight.
  struct Cells {
    std::vector<std::pair<size_t, double>> groups, waves;
  };

  void Contrast(const RowKey& key, const std::string& text, const char* type, const Cells& cells) {
    const size_t k = crossed_.design.k;
    std::vector<double> weights(k, 0.0);
    std::vector<size_t> columns(k);
    ContrastRow row;
    for (const auto& [g, a] : cells.groups) {
      for (const auto& [w, b] : cells.waves) {
        const auto cell = crossed_.CellWeights(g, w);
        for (size_t c = 0; c < k; ++c) weights[c] += a * b * cell[c];
        row.n += static_cast<int64_t>(Cell(g, w).size());
      }
    }
    for (size_t c = 0; c < k; ++c) columns[c] = c;
    const LinearResult result = MixedContrast(fit_, columns, weights);
    row.key = key;
    row.contrast = text;
    row.se_type = type;
    row.conf_level = spec_.conf_level;
    row.estimate = result.estimate;
    row.std_error = result.std_error;
    row.statistic = result.statistic;
    Infer(spec_, result.df, row);
    out_.contrasts.push_back(row);
  }

  // Names begin with the group or the pair of groups: what share/ hides goes by that.
  void Contrasts() {
    const auto &groups = data_.group.levels, &waves = data_.wave.levels;
    for (size_t w = 0; w < Waves(); ++w) {
      for (size_t g = 0; g < Groups(); ++g) {
        Contrast(KeyAt(w), groups[g], "mean", {{{g, 1}}, {{w, 1}}});
      }
    }
    const auto each_pair = [&](const auto& visit) {
      for (size_t b = 1; b < Groups(); ++b) {
        for (size_t a = 0; a < b; ++a) visit(b, a, groups[b] + " - " + groups[a]);
      }
    };
    for (size_t w = 0; w < Waves(); ++w) {
      const size_t first = out_.contrasts.size();
      each_pair([&](size_t b, size_t a, const std::string& pair) {
        Contrast(KeyAt(w), pair, "pair", {{{b, 1}, {a, -1}}, {{w, 1}}});
      });
      AddHolm(first);
    }
    for (size_t w = 1; w < Waves(); ++w) {
      const std::string change = ": " + waves[w] + " - " + waves[0];
      for (size_t g = 0; g < Groups(); ++g) {
        Contrast(KeyAt(w), groups[g] + change, "change", {{{g, 1}}, {{w, 1}, {0, -1}}});
      }
      each_pair([&](size_t b, size_t a, const std::string& pair) {
        Contrast(KeyAt(w), pair + change, "interaction", {{{b, 1}, {a, -1}}, {{w, 1}, {0, -1}}});
      });
    }
  }

  void AddHolm(size_t first) {
    std::vector<double> p;
    for (size_t r = first; r < out_.contrasts.size(); ++r) p.push_back(out_.contrasts[r].p_value);
    const auto holm = AdjustP(p, Adjust::kHolm);
    for (size_t i = 0; i < holm.size(); ++i) out_.contrasts[first + i].p_holm = holm[i];
  }

  // Analysis of variance and McNemar's tests need people seen at the waves they compare.
  void CompareCompletePeople() {
    std::map<int64_t, std::vector<double>> scores;  // by person, NaN = not seen
    std::map<int64_t, size_t> group;
    for (size_t i = 0; i < data_.y.size(); ++i) {
      auto& own = scores.try_emplace(data_.person[i], Waves(), kNa).first->second;
      own[data_.wave.code[i]] = data_.y[i];
      group[data_.person[i]] = data_.group.code[i];
    }
    std::vector<std::vector<double>> complete;
    std::vector<size_t> complete_group, size(Groups(), 0);
    for (const auto& [person, own] : scores) {
      if (std::any_of(own.begin(), own.end(), [](double v) { return std::isnan(v); })) continue;
      complete.push_back(own);
      complete_group.push_back(group[person]);
      ++size[group[person]];
    }
    if (std::find(size.begin(), size.end(), size_t{0}) == size.end()) {
      AddAnova(AnalyseMixed(complete, complete_group, Groups()));
    } else {
      Warn("no analysis of variance: a group has nobody with all waves");
    }
    if (std::isnan(spec_.options.low)) return;
    for (size_t w = 1; w < Waves(); ++w) AddChange(scores, w);
  }

  void AddAnova(const MixedAnova& anova) {
    const auto n = static_cast<int64_t>(anova.people);
    size_t term = 0;
    for (const AnovaEffect* effect : {&anova.group, &anova.wave, &anova.interaction}) {
      Test(term, "F-ANOVA", effect->f, n, effect->partial_eta2, effect->generalised_eta2);
      if (!std::isnan(effect->greenhouse_geisser.df1)) {
        Test(term, "F-ANOVA-GG", effect->greenhouse_geisser, n, effect->partial_eta2,
             effect->generalised_eta2);
      }
      ++term;
    }
  }

  void AddChange(const std::map<int64_t, std::vector<double>>& scores, size_t wave) {
    int64_t entered = 0, left = 0, n = 0;
    for (const auto& entry : scores) {
      const double before = entry.second[0], after = entry.second[wave];
      if (std::isnan(before) || std::isnan(after)) continue;
      ++n;
      entered += Low(after) && !Low(before);
      left += Low(before) && !Low(after);
    }
    const Change change = TestChange(entered, left);
    ComparisonRow row;
    row.key = key_;
    row.key.wave = data_.wave.levels[wave];
    row.reduced = "equal";
    row.full = key_.model_id;
    row.added = "low: " + data_.wave.levels[wave] + " - " + data_.wave.levels[0];
    row.n = n;
    // With nobody on one side the statistic is the count of the other.
    row.n_level = std::min(entered, left) > 0 ? std::min(entered, left) : std::max(entered, left);
    AddTest(row, "McNemar", change.mcnemar, out_.comparisons);
    AddTest(row, "McNemar-exact", {kNa, kNa, kNa, change.exact_p, -std::log10(change.exact_p)},
            out_.comparisons);
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  RowKey key_;
  RowSelection rows_;
  Measured data_;
  std::vector<std::vector<double>> cells_;  // values by group and wave
  CellDesign crossed_;
  MixedFit fit_;
  Results out_;
};

/// y ~ group * wave + (1 | person).
bool IsGroupByWave(const Formula& formula) {
  const auto& terms = formula.terms;
  return formula.intercept && terms.size() == 3 && terms[0].variables.size() == 1 &&
         terms[1].variables.size() == 1 && terms[2].variables.size() == 2 &&
         formula.random.size() == 1 && formula.random[0].intercept &&
         formula.random[0].slopes.empty() && formula.random[0].groups.size() == 1 &&
         formula.random[0].groups[0].size() == 1;
}

class GroupWavesModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return GroupWavesRun(frame, spec).Go();
  }
  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = RefuseTests(spec, kKind, clustered, "people are the random term");
    for (const auto& refuse : {RefuseMixedKeys, RefuseCovariances}) {
      for (auto& error : refuse(spec, kKind)) errors.push_back(std::move(error));
    }
    if (!IsGroupByWave(spec.formula)) {
      errors.push_back(
          Error(ErrorId::kConfigReference, "model group_waves crosses two factors within people")
              .Field("formula")
              .Value(spec.formula.Text())
              .Remedy("write \"y ~ group * wave + (1 | person)\"; model lmm takes other terms"));
    }
    return errors;
  }
  bool ClustersByDefault() const override { return false; }
  bool TestsCoefficients() const override { return false; }
  bool TakesFactors() const override { return true; }
  std::string MainTable() const override { return "contrasts"; }
  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {kModelBased};
  }
};

}  // namespace

std::unique_ptr<Model> MakeGroupWaves() { return std::make_unique<GroupWavesModel>(); }

}  // namespace kinflow::family
