#include "pipeline/kernels/block_products.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <vector>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMajor Padded(Philox& random, int64_t rows, size_t width) {
  RowMajor m = RowMajor::Zero(rows, static_cast<int64_t>(PaddedWidth(width)));
  for (int64_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < width; ++c) {
      m(r, static_cast<int64_t>(c)) = static_cast<float>(random.Normal());
    }
  }
  return m;
}

Eigen::MatrixXf RandomBlock(Philox& random, int64_t rows, int64_t columns) {
  Eigen::MatrixXf m(rows, columns);
  for (float& x : m.reshaped()) x = static_cast<float>(random.Normal());
  return m;
}

// Against Eigen, and the same bits on each target: widths with and without a last vector alone,
// columns that are no multiple of four.
TEST(BlockProducts, AsEigensOnEachTarget) {
  Philox random(12, 4);
  for (const size_t width : {1u, 5u, 16u, 20u, 33u, 47u}) {
    for (const int64_t columns : {1, 2, 7, 40}) {
      const Eigen::MatrixXf block = RandomBlock(random, 128, columns);
      const NumberBlock numbers{block.data(), 128, static_cast<size_t>(columns)};
      const auto stride = static_cast<int64_t>(PaddedWidth(width));
      const RowMajor right = Padded(random, columns, width), left = Padded(random, 128, width);
      const RowMajor product = block * right, transposed = block.transpose() * left;
      std::vector<float> plain(static_cast<size_t>(128 * stride)),
          plain_transposed(static_cast<size_t>(columns * stride));
      scalar::MultiplyBlock(numbers, right.data(), width, plain.data());
      scalar::MultiplyTransposed(numbers, left.data(), width, plain_transposed.data());
      const auto w = static_cast<int64_t>(width);
      EXPECT_LT((Eigen::Map<Eigen::MatrixXf>(plain.data(), 128, w) - product.leftCols(w))
                    .cwiseAbs()
                    .maxCoeff(),
                1e-4f);
      EXPECT_LT((Eigen::Map<RowMajor>(plain_transposed.data(), columns, stride) - transposed)
                    .cwiseAbs()
                    .maxCoeff(),
                1e-4f);
      test::OnEachTarget([&](const char* target) {
        std::vector<float> out(plain.size(), -1), out_transposed(plain_transposed.size(), -1);
        MultiplyBlock(numbers, right.data(), width, out.data());
        MultiplyTransposed(numbers, left.data(), width, out_transposed.data());
        EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(128 * w),
                               out.begin()))
            << target << " " << width << " " << columns;
        EXPECT_EQ(out_transposed, plain_transposed) << target << " " << width << " " << columns;
      });
    }
  }
}

}  // namespace
}  // namespace kinflow
