#include "stages/family/models/ols_by_wave_model.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

#include "pipeline/base/number.h"
#include "stages/family/models/ols_model.h"
#include "stages/family/nested.h"
#include "stages/family/people.h"
#include "stages/family/reporting.h"
#include "stages/family/vcov.h"
#include "stages/family/wave_order.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Rows of the frame at one wave.
struct Wave {
  std::string name;
  std::vector<uint32_t> rows;
};

/// In time, as WavesInTime has them. `warning`: OrderWarning().
std::vector<Wave> WavesOf(const ModelFrame& frame, const std::string& name, std::string& warning) {
  const auto& column = frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
  std::vector<Wave> waves;
  std::vector<double> values;                 // of waves that are numbers; of names their places
  std::unordered_map<int64_t, size_t> index;  // by code
  const auto codes = CodesOf(column);
  for (uint32_t r = 0; r < codes.size(); ++r) {
    if (codes[r] < 0) continue;
    const auto [known, is_new] = index.emplace(codes[r], waves.size());
    if (is_new) {
      waves.emplace_back();
      if (const auto* text = std::get_if<Table::Strings>(&column)) {
        waves.back().name = (*text)[r];
      } else if (const auto* ints = std::get_if<Table::Ints>(&column)) {
        waves.back().name = fmt::format("{}", (*ints)[r]);
        values.push_back(static_cast<double>((*ints)[r]));
      } else {
        values.push_back(std::get<Table::Doubles>(column)[r]);
        waves.back().name = FormatDouble(values.back());
      }
    }
    waves[known->second].rows.push_back(r);
  }
  if (std::holds_alternative<Table::Strings>(column)) {
    std::vector<uint32_t> rows(codes.size());
    std::iota(rows.begin(), rows.end(), uint32_t{0});
    const WaveOrder told = WavesInTime(column, rows, SeriesOf(frame));
    const auto& in_time = told.names;
    warning = OrderWarning(name, told);
    for (const Wave& wave : waves) {
      const auto at = std::find(in_time.begin(), in_time.end(), wave.name);
      values.push_back(static_cast<double>(at - in_time.begin()));
    }
  }
  std::vector<size_t> order(waves.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<Wave> sorted;
  for (const size_t w : order) sorted.push_back(std::move(waves[w]));
  return sorted;
}

template <class Values>
auto Chosen(const Values& values, const std::vector<uint32_t>& rows) {
  std::vector<typename Values::value_type> out;
  if (values.empty()) return out;
  for (const uint32_t r : rows) out.push_back(values[r]);
  return out;
}

ModelFrame FrameOfWave(const ModelFrame& frame, const std::vector<uint32_t>& rows) {
  ModelFrame out;
  for (size_t c = 0; c < frame.columns.columns(); ++c) {
    out.columns.Add(frame.columns.name(c),
                    std::visit([&](const auto& v) -> Table::Column { return Chosen(v, rows); },
                               frame.columns.column(c)));
  }
  out.cluster = Chosen(frame.cluster, rows);
  out.mother = Chosen(frame.mother, rows);
  out.pregnancy = Chosen(frame.pregnancy, rows);
  out.person = Chosen(frame.person, rows);
  out.info = frame.info;
  std::vector<AbsenceReason> absences;
  for (const auto& absence : frame.absences) {
    absences.push_back({absence.column, absence.reason, Chosen(absence.rows, rows)});
  }
  out.absences = std::move(absences);
  out.reference = frame.reference;
  out.outcome_of = frame.outcome_of;
  return out;
}

/// The full models of all waves together: as one regression in which every coefficient has a value
/// of its own at each wave. Its coefficients are those of the waves, and as the covariance of two
/// of them rests on the clusters that both have, it is a sum over clusters of products of what
/// each cluster adds to either.
class JointWaves {
 public:
  void Add(const FullOls& full, const std::vector<int64_t>& cluster) {
    std::vector<size_t> codes;
    for (const uint32_t r : full.selection.rows) {
      codes.push_back(code_.emplace(cluster[r], code_.size()).first->second);
    }
    const auto rank = static_cast<Index>(full.fit.qr.rank);
    const Eigen::Map<const MatrixXd> q(full.fit.qr.q.data(), static_cast<Index>(full.fit.n), rank),
        r_inv(full.fit.qr.r_inv.data(), rank, rank);
    MatrixXd sums = MatrixXd::Zero(static_cast<Index>(code_.size()), rank);
    for (size_t i = 0; i < codes.size(); ++i) {
      const auto row = static_cast<Index>(i);
      sums.row(static_cast<Index>(codes[i])) += full.fit.residuals()[i] * q.row(row);
    }
    FixedByOne fixed = FixedByOneCluster(full.fit.qr, full.design.cluster, full.design.n_clusters);
    rows_ += full.fit.n;
    parameters_ += full.fit.qr.rank;
    told_by_several_ += full.fit.qr.rank - fixed.combinations;
    waves_.push_back({&full, sums * r_inv.transpose(), std::move(fixed.columns)});
  }

  size_t waves() const { return waves_.size(); }
  /// Fewest people that one of these coefficients tells of at some wave.
  int64_t FewestPeople(const std::vector<std::string>& names) const {
    std::vector<int64_t> people;
    for (const One& wave : waves_) {
      for (const auto& name : names) {
        const int64_t c = Column(*wave.full, name);
        if (c >= 0) people.push_back(wave.full->design.columns[static_cast<size_t>(c)].people);
      }
    }
    return FewestOf(people);
  }
  size_t rows() const { return rows_; }

  /// Are the coefficients of these names alike at all waves? Names that some wave cannot estimate
  /// are left out.
  TestResult Equal(const std::vector<std::string>& names, VcovType type) const {
    Coefficients differences;
    std::vector<VectorXd> parts;  // what each cluster adds to a difference
    for (const auto& name : names) {
      if (!EstimableAtAll(name)) continue;
      for (size_t w = 1; w < waves_.size(); ++w) {
        differences.coef.push_back(At(w, name) - At(0, name));
        differences.position.push_back(static_cast<int64_t>(parts.size()));
        parts.push_back(Part(w, name) - Part(0, name));
      }
    }
    Vcov vcov;
    vcov.type = type;
    vcov.rank = parts.size();
    vcov.wald_df = static_cast<double>(code_.size()) - 1;
    for (const auto& a : parts) {
      for (const auto& b : parts) vcov.values.push_back(Factor(type) * a.dot(b));
    }
    RefuseFewClusters(code_.size(), told_by_several_, vcov);
    std::vector<size_t> columns(parts.size());
    for (size_t i = 0; i < columns.size(); ++i) columns[i] = i;
    return WaldTest(differences, vcov, columns);
  }

 private:
  struct One {
    const FullOls* full;
    MatrixXd sums;               // clusters by estimable coefficients
    std::vector<uint8_t> fixed;  // those that a cluster alone fixes, which says nothing of errors
  };

  static int64_t Column(const FullOls& full, const std::string& name) {
    for (size_t c = 0; c < full.design.k; ++c) {
      if (full.design.columns[c].name == name) return static_cast<int64_t>(c);
    }
    return -1;
  }
  bool EstimableAtAll(const std::string& name) const {
    return std::all_of(waves_.begin(), waves_.end(), [&](const One& wave) {
      const int64_t c = Column(*wave.full, name);
      return c >= 0 && wave.full->fit.position[static_cast<size_t>(c)] >= 0;
    });
  }
  double At(size_t w, const std::string& name) const {
    const FullOls& full = *waves_[w].full;
    return full.fit.coef[static_cast<size_t>(Column(full, name))];
  }
  VectorXd Part(size_t w, const std::string& name) const {
    const FullOls& full = *waves_[w].full;
    const auto position = full.fit.position[static_cast<size_t>(Column(full, name))];
    VectorXd out = VectorXd::Zero(static_cast<Index>(code_.size()));
    out.head(waves_[w].sums.rows()) = waves_[w].sums.col(position);
    if (waves_[w].fixed[static_cast<size_t>(position)] != 0) out.setConstant(kNa);
    return out;
  }
  double Factor(VcovType type) const {
    const auto g = static_cast<double>(code_.size()), n = static_cast<double>(rows_);
    double factor = type == VcovType::kCr0 ? 1 : g / (g - 1);
    if (type == VcovType::kCr1s) factor *= (n - 1) / (n - static_cast<double>(parameters_));
    return factor;
  }

  std::vector<One> waves_;
  std::map<int64_t, size_t> code_;  // of the clusters, by first appearance
  size_t rows_ = 0, parameters_ = 0, told_by_several_ = 0;
};

/// Covariances that coefficients of several waves have together.
std::vector<VcovType> JointTypes(const ModelSpec& spec) {
  std::vector<VcovType> out;
  for (const auto& name : spec.vcov) {
    const auto type = FindVcov(name);
    if (type == VcovType::kCr0 || type == VcovType::kCr1 || type == VcovType::kCr1s) {
      out.push_back(*type);
    }
  }
  return out;
}

/// What is tested: each term of the formula, and the scores of all members together.
std::vector<std::pair<std::string, std::vector<std::string>>> TestedTerms(const ModelSpec& spec,
                                                                          const ModelFrame& frame,
                                                                          const FullOls& full) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  std::pair<std::string, std::vector<std::string>> scores;
  size_t score_terms = 0;
  for (size_t t = 0; t < spec.formula.terms.size(); ++t) {
    const FormulaTerm& term = spec.formula.terms[t];
    std::vector<std::string> names;
    for (const auto& column : full.design.columns) {
      if (column.term == t) names.push_back(column.name);
    }
    const std::string label = spec.formula.TermLabel(term);
    if (IsMemberRole(TermInfo(spec.formula, term, frame).role)) {
      scores.first += (scores.first.empty() ? "" : " + ") + label;
      scores.second.insert(scores.second.end(), names.begin(), names.end());
      ++score_terms;
    }
    out.emplace_back(label, std::move(names));
  }
  if (score_terms > 1) out.push_back(std::move(scores));
  return out;
}

class OlsByWaveModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    Results out;
    const std::string& column = spec.options.wave;
    const int64_t c = frame.columns.Find(column);
    if (c < 0) {
      throw Error(ErrorId::kConfigReference, "the wave is a column that does not exist")
          .Field("wave")
          .Value(column)
          .Remedy("check the spelling and the header of the table");
    }
    std::string order;
    const auto waves = WavesOf(frame, column, order);
    if (waves.size() < 2 || waves.size() > kMaxWaves) {
      out.Fail(KeyOf(spec, spec.plan.models.size() - 1), "ols_by_wave", spec.formula.Text(),
               Error(ErrorId::kModelFailed,
                     fmt::format("column {} has {} different values", column, waves.size()))
                   .Field("wave")
                   .Value(column)
                   .Remedy("name the column of waves, of which there are several"));
      return out;
    }
    std::vector<FullOls> fits;
    std::vector<std::vector<int64_t>> clusters;
    for (const Wave& wave : waves) {
      const ModelFrame at = FrameOfWave(frame, wave.rows);
      ModelSpec own = spec;
      own.wave = wave.name;
      OlsOutcome fitted = RunOls(at, own);
      out.Append(std::move(fitted.results));
      if (!fitted.full) continue;
      fits.push_back(std::move(*fitted.full));
      clusters.push_back(at.cluster);
    }
    NameFailures(out);
    if (!order.empty()) {
      out.warnings.push_back(NameOf(KeyOf(spec, spec.plan.models.size() - 1)) + ": " + order);
    }
    JointWaves joint;
    for (size_t w = 0; w < fits.size(); ++w) joint.Add(fits[w], clusters[w]);
    if (joint.waves() > 1) Test(frame, spec, fits.front(), joint, out);
    return out;
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    std::vector<Error> errors;
    const auto need = [&](bool there, const char* what, const char* key, const char* remedy) {
      if (there) return;
      errors.push_back(Error(ErrorId::kMissingKey, what).Field(key).Remedy(remedy));
    };
    need(!spec.options.wave.empty(), "model ols_by_wave needs the column of waves", "wave",
         "name it: wave: COLUMN (kinflow fit: --wave COLUMN)");
    need(clustered, "effects at several waves need a cluster: a person's waves share errors",
         "cluster",
         "name the column of whose a row is (kinflow fit: --cluster COLUMN), of analyses cluster: "
         "mother");
    need(!JointTypes(spec).empty(), "effects at several waves need clustered errors", "vcov",
         "add CR1S");
    // A cluster that is missing is told above.
    for (Error& error : MakeOls()->Check(spec, true)) errors.push_back(std::move(error));
    return errors;
  }

  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {"CR1S"};
  }

 private:
  static constexpr size_t kMaxWaves = 100;

  // By model and wave: others may have failed for other reasons, or not at all. Waves that have
  // failed for one reason have one text, which is told once.
  static void NameFailures(Results& results) {
    std::vector<std::string> reasons;  // one a failure, by model
    std::map<std::string, std::vector<std::string>> waves;
    for (const ModelRow& row : results.models) {
      if (row.status != "failed") continue;
      reasons.push_back(row.key.model_id + "\n" + results.failures[reasons.size()].Format());
      waves[reasons.back()].push_back(row.key.wave);
    }
    auto reason = reasons.begin();
    auto failure = results.failures.begin();
    for (const ModelRow& row : results.models) {
      if (row.status != "failed") continue;
      const auto& all = waves.at(*reason++);
      RowKey key = row.key;
      if (all.size() > 1) key.wave = "NA";
      const std::string at =
          all.size() > 1 ? fmt::format(" at waves {}", fmt::join(all, ", ")) : "";
      Error named(failure->id(), NameOf(key) + at + ": " + failure->message());
      named.Field(failure->field()).Value(failure->value()).Remedy(failure->Advice());
      *failure++ = std::move(named);
    }
  }

  static void Test(const ModelFrame& frame, const ModelSpec& spec, const FullOls& first,
                   const JointWaves& joint, Results& out) {
    ComparisonRow row;
    row.key = KeyOf(spec, spec.plan.models.size() - 1);
    row.key.wave = "all";
    row.reduced = "equal at all waves";
    row.full = spec.plan.full().id;
    row.n = static_cast<int64_t>(joint.rows());
    for (const VcovType type : JointTypes(spec)) {
      for (const auto& [label, names] : TestedTerms(spec, frame, first)) {
        row.added = label;
        row.n_level = joint.FewestPeople(names);
        AddTest(row, std::string("Wald-") + VcovName(type), joint.Equal(names, type),
                out.comparisons);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Model> MakeOlsByWave() { return std::make_unique<OlsByWaveModel>(); }

}  // namespace kinflow::family
