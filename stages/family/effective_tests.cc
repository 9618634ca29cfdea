#include "stages/family/effective_tests.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace kinflow::family {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {
constexpr size_t kRowsAtOnce = 512;  // of many columns: what a cache holds
}  // namespace

EffectiveTests CountEffective(const MatrixXd& correlation) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(correlation, Eigen::EigenvaluesOnly);
  const VectorXd values = solver.eigenvalues().reverse();  // the largest first
  const auto m = static_cast<double>(values.size());
  const VectorXd positive = values.cwiseMax(0.0);
  EffectiveTests out;
  out.tests = static_cast<size_t>(values.size());
  const double variance = m > 1 ? (values.array() - values.mean()).square().sum() / (m - 1) : 0.0;
  out.nyholt = 1 + (m - 1) * (1 - variance / m);
  // An eigenvalue that is 1 but for rounding is 1: the formula jumps there.
  for (const double value : values.cwiseAbs()) {
    const double l = std::abs(value - std::round(value)) < 1e-9 ? std::round(value) : value;
    out.li_ji += (l >= 1 ? 1 : 0) + (l - std::floor(l));
  }
  const double roots = positive.cwiseSqrt().sum();
  out.galwey = roots * roots / positive.sum();
  double explained = 0;
  for (Index i = 0; i < positive.size(); ++i) {
    explained += positive(i) / positive.sum();
    ++out.gao;
    if (explained >= 0.995) break;
  }
  return out;
}

MatrixXd CorrelationOf(const std::vector<std::vector<double>>& columns) {
  std::vector<uint8_t> lacking(columns.front().size(), 0);
  for (const auto& column : columns) {
    for (size_t r = 0; r < column.size(); ++r) lacking[r] |= std::isnan(column[r]);
  }
  std::vector<size_t> rows;
  for (size_t r = 0; r < lacking.size(); ++r) {
    if (lacking[r] == 0) rows.push_back(r);
  }
  if (rows.size() < 3) return {};
  VectorXd mean = VectorXd::Zero(static_cast<Index>(columns.size()));
  for (size_t c = 0; c < columns.size(); ++c) {
    for (const size_t r : rows) mean(static_cast<Index>(c)) += columns[c][r];
  }
  mean /= static_cast<double>(rows.size());
  MatrixXd cross = MatrixXd::Zero(mean.size(), mean.size());
  for (size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    const size_t n = std::min(kRowsAtOnce, rows.size() - begin);
    MatrixXd block(static_cast<Index>(n), mean.size());
    for (Index c = 0; c < mean.size(); ++c) {
      const auto& column = columns[static_cast<size_t>(c)];
      for (size_t i = 0; i < n; ++i) {
        block(static_cast<Index>(i), c) = column[rows[begin + i]] - mean(c);
      }
    }
    cross.selfadjointView<Eigen::Lower>().rankUpdate(block.transpose());
  }
  const VectorXd norm = cross.diagonal().cwiseSqrt();
  if ((norm.array() <= 0).any()) return {};
  cross = norm.cwiseInverse().asDiagonal() * cross * norm.cwiseInverse().asDiagonal();
  return cross.selfadjointView<Eigen::Lower>();
}

Table EffectiveTestsTable(const std::string& analysis, const EffectiveByRole& roles) {
  Table::Strings ids, names;
  Table::Ints tests, gao;
  Table::Doubles nyholt, li_ji, galwey;
  for (const auto& [role, effective] : roles) {
    ids.push_back(analysis);
    names.push_back(role);
    tests.push_back(static_cast<int64_t>(effective.tests));
    nyholt.push_back(effective.nyholt);
    li_ji.push_back(effective.li_ji);
    galwey.push_back(effective.galwey);
    gao.push_back(effective.gao);
  }
  Table table;
  table.Add("analysis_id", std::move(ids));
  table.Add("role", std::move(names));
  table.Add("scores", std::move(tests));
  table.Add("nyholt", std::move(nyholt));
  table.Add("li_ji", std::move(li_ji));
  table.Add("galwey", std::move(galwey));
  table.Add("gao", std::move(gao));
  return table;
}

}  // namespace kinflow::family
