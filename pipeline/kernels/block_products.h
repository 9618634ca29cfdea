#pragma once

#include <cstddef>

namespace kinflow {

/// A dense block of numbers, column after column; `rows` is a multiple of 64.
struct NumberBlock {
  const float* values;
  size_t rows, columns;
};

/// Narrow matrices beside a block lie row after row, a row taking this many numbers for `width`
/// columns; those behind the last column are zero.
constexpr size_t kWidthUnit = 16;
constexpr size_t PaddedWidth(size_t width) {
  return (width + kWidthUnit - 1) / kWidthUnit * kWidthUnit;
}

/// block x right: `right` has a padded row for each column of the block; `out` gets rows x width
/// numbers, column after column, in room for PaddedWidth(width) columns. Each is summed in the
/// order of the block's columns.
void MultiplyBlock(const NumberBlock& block, const float* right, size_t width, float* out);

/// block' x right: `right` has a padded row for each row of the block; `out` gets a padded row for
/// each column of the block. Each number is summed in the order of the block's rows.
void MultiplyTransposed(const NumberBlock& block, const float* right, size_t width, float* out);

/// The plain C++ twins: the same bits.
namespace scalar {
void MultiplyBlock(const NumberBlock& block, const float* right, size_t width, float* out);
void MultiplyTransposed(const NumberBlock& block, const float* right, size_t width, float* out);
}  // namespace scalar

}  // namespace kinflow
