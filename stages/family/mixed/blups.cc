#include "stages/family/mixed/blups.h"

#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>

#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;

// Z L, a row an observation.
Sparse ScaledEffects(const RandomDesign& random, const MixedFit& fit) {
  std::vector<Eigen::Triplet<double>> entries;
  size_t offset = 0, at = 0;
  for (const auto& block : random.blocks) {
    const size_t q = block.q();
    const MatrixXd lower = LowerFactor(fit.theta, at, q);
    at += block.thetas();
    const Eigen::Map<const MatrixXd> z(block.z.data(), static_cast<Index>(random.n),
                                       static_cast<Index>(q));
    const MatrixXd scaled = z * lower;
    for (size_t i = 0; i < random.n; ++i) {
      for (size_t c = 0; c < q; ++c) {
        entries.emplace_back(static_cast<int>(i), static_cast<int>(offset + block.level[i] * q + c),
                             scaled(static_cast<Index>(i), static_cast<Index>(c)));
      }
    }
    offset += block.levels() * q;
  }
  Sparse out(static_cast<Index>(random.n), static_cast<Index>(offset));
  out.setFromTriplets(entries.begin(), entries.end());
  return out;
}

// Entries of (L L')^-1 where L has entries (Takahashi 1973), from the last column to the first.
class SelectedInverse {
 public:
  explicit SelectedInverse(const Sparse& lower) : values_(lower) {
    for (Index j = lower.cols() - 1; j >= 0; --j) {
      const int begin = lower.outerIndexPtr()[j], end = lower.outerIndexPtr()[j + 1];
      const double diagonal = lower.valuePtr()[begin];
      for (int e = end - 1; e >= begin; --e) {
        const Index i = lower.innerIndexPtr()[e];
        double sum = e == begin ? 1 / diagonal : 0;
        for (int k = begin + 1; k < end; ++k) {
          sum -= lower.valuePtr()[k] * At(lower.innerIndexPtr()[k], i);
        }
        values_.valuePtr()[e] = sum / diagonal;
      }
    }
  }
  /// 0 outside the pattern.
  double At(Index i, Index j) const {
    const Index row = std::max(i, j), column = std::min(i, j);
    const int* begin = values_.innerIndexPtr() + values_.outerIndexPtr()[column];
    const int* end = values_.innerIndexPtr() + values_.outerIndexPtr()[column + 1];
    const int* found = std::lower_bound(begin, end, static_cast<int>(row));
    if (found == end || *found != row) return 0;
    return values_.valuePtr()[found - values_.innerIndexPtr()];
  }

 private:
  Sparse values_;
};

VectorXd Residuals(const Design& design, const MixedFit& fit) {
  VectorXd out = Eigen::Map<const VectorXd>(design.y.data(), static_cast<Index>(design.n));
  for (size_t c = 0; c < design.k; ++c) {
    if (fit.position[c] < 0) continue;
    out -= fit.coef[c] * Eigen::Map<const VectorXd>(design.Column(c), static_cast<Index>(design.n));
  }
  return out;
}

}  // namespace

std::vector<BlockBlups> PredictRandomEffects(const Design& design, const RandomDesign& random,
                                             const MixedFit& fit) {
  const Sparse zl = ScaledEffects(random, fit);
  Sparse system = Sparse(zl.transpose()) * zl;
  Sparse identity(system.rows(), system.cols());
  identity.setIdentity();
  system += identity;
  const Eigen::SimplicialLLT<Sparse> llt(system);
  const VectorXd u = llt.solve(zl.transpose() * Residuals(design, fit));
  const SelectedInverse inverse(Sparse(llt.matrixL()));
  const auto& place = llt.permutationP().indices();

  std::vector<BlockBlups> out;
  Index offset = 0;
  size_t at = 0;
  for (const auto& block : random.blocks) {
    const auto q = static_cast<Index>(block.q()), levels = static_cast<Index>(block.levels());
    const MatrixXd lower = LowerFactor(fit.theta, at, block.q());
    at += block.thetas();
    BlockBlups blups{MatrixXd(q, levels), MatrixXd(q, levels)};
    for (Index level = 0; level < levels; ++level, offset += q) {
      blups.value.col(level) = lower * u.segment(offset, q);
      MatrixXd own(q, q);
      for (Index i = 0; i < q; ++i) {
        for (Index j = 0; j < q; ++j) own(i, j) = inverse.At(place(offset + i), place(offset + j));
      }
      blups.sd.col(level) = fit.sigma * (lower * own * lower.transpose()).diagonal().cwiseSqrt();
    }
    out.push_back(std::move(blups));
  }
  return out;
}

Table BlupTable(const RowKey& key, const ModelFrame& frame, const std::vector<uint32_t>& rows,
                const Design& design, const RandomDesign& random, const MixedFit& fit) {
  Table::Strings groups, levels, terms;
  Table::Doubles values, sds;
  const auto blups = PredictRandomEffects(design, random, fit);
  for (size_t b = 0; b < blups.size(); ++b) {
    const RandomBlock& block = random.blocks[b];
    for (size_t level = 0; level < block.levels(); ++level) {
      std::string name;
      for (const auto& column : block.columns) {
        const auto at = static_cast<size_t>(frame.columns.Find(column));
        name += (name.empty() ? "" : ":") + frame.columns.Cell(rows[block.first_row[level]], at);
      }
      for (size_t i = 0; i < block.q(); ++i) {
        groups.push_back(block.group);
        levels.push_back(name);
        terms.push_back(block.terms[i]);
        const auto r = static_cast<Index>(i), c = static_cast<Index>(level);
        values.push_back(blups[b].value(r, c));
        sds.push_back(blups[b].sd(r, c));
      }
    }
  }
  Table table;
  const auto repeat = [&](const char* name, const std::string& value) {
    table.Add(name, Table::Strings(groups.size(), value));
  };
  repeat("analysis_id", key.analysis_id);
  repeat("model_id", key.model_id);
  repeat("outcome", key.outcome);
  repeat("pgs", key.pgs);
  table.Add("group", groups);
  table.Add("level", levels);
  table.Add("term", terms);
  table.Add("blup", values);
  table.Add("cond_sd", sds);
  return table;
}

}  // namespace kinflow::family
