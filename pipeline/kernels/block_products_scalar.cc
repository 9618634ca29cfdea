#include <algorithm>

#include "pipeline/kernels/block_products.h"

namespace kinflow::scalar {

void MultiplyBlock(const NumberBlock& block, const float* right, size_t width, float* out) {
  const size_t stride = PaddedWidth(width);
  std::fill_n(out, block.rows * stride, 0.0f);
  for (size_t j = 0; j < block.columns; ++j) {
    for (size_t c = 0; c < width; ++c) {
      for (size_t r = 0; r < block.rows; ++r) {
        out[c * block.rows + r] += block.values[j * block.rows + r] * right[j * stride + c];
      }
    }
  }
}

void MultiplyTransposed(const NumberBlock& block, const float* right, size_t width, float* out) {
  const size_t stride = PaddedWidth(width);
  std::fill_n(out, block.columns * stride, 0.0f);
  for (size_t j = 0; j < block.columns; ++j) {
    for (size_t r = 0; r < block.rows; ++r) {
      for (size_t c = 0; c < width; ++c) {
        out[j * stride + c] += block.values[j * block.rows + r] * right[r * stride + c];
      }
    }
  }
}

}  // namespace kinflow::scalar
