#include "stages/pca/block_lanczos.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include "pipeline/base/philox.h"

namespace kinflow::pca {
namespace {

using Eigen::MatrixXd;

/// Symmetric with the given eigenvalues and random eigenvectors.
MatrixXd WithEigenvalues(const Eigen::VectorXd& values) {
  Philox random(7, static_cast<uint64_t>(values.size()));
  MatrixXd noise(values.size(), values.size());
  for (double& x : noise.reshaped()) x = random.Normal();
  const Eigen::HouseholderQR<MatrixXd> qr(noise);
  const MatrixXd q = qr.householderQ();
  return q * values.asDiagonal() * q.transpose();
}

Eigenpairs Find(const MatrixXd& s, const LanczosOptions& options) {
  return LargestEigenpairs(
      s.rows(), [&](const MatrixXd& block) { return MatrixXd(s * block); }, options);
}

void ExpectLargest(const MatrixXd& s, const Eigenpairs& found, int64_t k, double tolerance) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> dense(s);
  ASSERT_EQ(found.values.size(), k);
  for (int64_t i = 0; i < k; ++i) {
    const double expected = dense.eigenvalues()[s.rows() - 1 - i];
    EXPECT_NEAR(found.values[i], expected, tolerance * dense.eigenvalues().maxCoeff()) << i;
    const double error = (s * found.vectors.col(i) - found.values[i] * found.vectors.col(i)).norm();
    EXPECT_NEAR(error, found.errors[i], 1e-9) << "the error is what it says to be";
  }
  const MatrixXd unit = found.vectors.transpose() * found.vectors;
  EXPECT_LT((unit - MatrixXd::Identity(k, k)).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(LargestEigenpairs, EqualThoseOfADenseSolver) {
  // A few that stand out over a long tail, as in a cohort.
  Eigen::VectorXd values = Eigen::VectorXd::LinSpaced(200, 0.5, 2);
  values.tail(4) << 3, 5, 9, 30;
  const MatrixXd s = WithEigenvalues(values);
  const Eigenpairs found = Find(s, {.wanted = 6, .block = 16, .most_products = 40});
  ExpectLargest(s, found, 6, 1e-9);
  EXPECT_LT(found.products, 40);
}

TEST(LargestEigenpairs, SmallMatricesAreExact) {
  for (const int64_t n : {1, 2, 5, 19, 20, 21, 45}) {
    const MatrixXd s = WithEigenvalues(Eigen::VectorXd::LinSpaced(n, 1, 1 + 0.01 * double(n)));
    ExpectLargest(s, Find(s, {.wanted = 10, .block = 20, .tolerance = 1e-9}),
                  std::min<int64_t>(n, 10), 1e-12);
  }
}

TEST(LargestEigenpairs, RankBelowWhatIsWanted) {
  Eigen::VectorXd values = Eigen::VectorXd::Zero(60);
  values.tail(3) << 1, 2, 3;
  const MatrixXd s = WithEigenvalues(values);
  const Eigenpairs found = Find(s, {.wanted = 5, .block = 8, .most_products = 40});
  ExpectLargest(s, found, 5, 1e-9);
}

TEST(LargestEigenpairs, RepeatedEigenvalues) {
  Eigen::VectorXd values = Eigen::VectorXd::Ones(80);
  values.tail(4) << 7, 7, 7, 8;
  const MatrixXd s = WithEigenvalues(values);
  ExpectLargest(s, Find(s, {.wanted = 4, .block = 8, .most_products = 40}), 4, 1e-9);
}

TEST(LargestEigenpairs, StopsAndSaysHowFarItIs) {
  const MatrixXd s = WithEigenvalues(Eigen::VectorXd::LinSpaced(300, 1, 2));
  const Eigenpairs found =
      Find(s, {.wanted = 5, .block = 6, .most_products = 3, .tolerance = 1e-9});
  EXPECT_EQ(found.products, 3u);
  EXPECT_GT(found.errors.maxCoeff(), 1e-3);
}

}  // namespace
}  // namespace kinflow::pca
