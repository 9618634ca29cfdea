#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/factor.h"
#include "pipeline/data/string_column.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_dataset.h"

// Internal to the store: how columns of every type become chunks.
namespace kinflow::h5 {

/// Elements [row, row + rows) x [column, column + columns) into a chunk that holds fill values.
using FillChunk = std::function<void(uint64_t row, uint64_t rows, uint64_t column, uint64_t columns,
                                     uint8_t* chunk)>;

/// A dataset to be written; its values must outlive it.
struct Column {
  std::string path;
  Grid grid;
  Id type;
  std::vector<uint8_t> fill;  // one element
  FillChunk fill_chunk;       // uses no HDF5
  Compressor compressor = Compressor::kText;
};

Column ColumnOf(std::string_view path, std::span<const uint8_t> v);
Column ColumnOf(std::string_view path, std::span<const uint16_t> v);
Column ColumnOf(std::string_view path, std::span<const uint32_t> v);
Column ColumnOf(std::string_view path, std::span<const int64_t> v);
Column ColumnOf(std::string_view path, std::span<const uint64_t> v);
Column ColumnOf(std::string_view path, std::span<const float> v);
Column ColumnOf(std::string_view path, std::span<const double> v);
Column ColumnOf(std::string_view path, const StringColumn& v);
Column ColumnOf(std::string_view path, const std::vector<std::string>& v);
/// An enumeration; strings if the levels do not fit one.
Column ColumnOf(std::string_view path, const Factor& v);
template <class Strings>
Column ColumnOf(std::string_view path, const Strings* v) {
  return ColumnOf(path, *v);
}

/// Shape of a dataset of n elements, in chunks of about 1 MB.
Grid VectorGrid(uint64_t n, size_t element, bool shuffle);

/// Fixed-length, null-padded UTF-8.
Id StringType(size_t length);

struct StoredChunk {
  uint64_t row = 0, column = 0;
  std::vector<uint8_t> bytes;
};
/// Chunks in order. Thread-safe for different encoders.
void Encode(const Column& column, ChunkEncoder& encoder,
            const std::function<void(StoredChunk)>& take);

}  // namespace kinflow::h5
