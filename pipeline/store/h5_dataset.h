#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/store/h5_handles.h"

// Internal to the store: chunked datasets of rank 1 or 2, written and read as raw chunks.
namespace kinflow::h5 {

/// Shape of a dataset. Rank 1 has one column.
struct Grid {
  int rank = 1;
  uint64_t rows = 0, columns = 1;
  uint64_t chunk_rows = 1, chunk_columns = 1;
  size_t element = 1;  // bytes
  bool shuffle = false;

  size_t shuffle_bytes() const { return shuffle ? element : 1; }
  size_t chunk_bytes() const { return chunk_rows * chunk_columns * element; }
  uint64_t row_chunks() const { return (rows + chunk_rows - 1) / chunk_rows; }
  uint64_t column_chunks() const { return (columns + chunk_columns - 1) / chunk_columns; }
};

/// Creates a dataset (parents as groups) with filters [shuffle,] deflate, fletcher32, fill value
/// `fill` (one element) and no times. `growing`: the first dimension has no limit. Invalid on
/// error.
Id CreateDataset(hid_t file, const std::string& path, const Grid& grid, hid_t type,
                 const void* fill, bool growing);
bool CreateGroup(hid_t file, const std::string& path);

/// A dataset opened for reading whose layout and filters are those that this store writes.
struct Opened {
  Id dataset, type;
  Grid grid;
  std::string file, path;
};
/// Throws kShardDamaged if it is absent or not one of ours.
Opened OpenDataset(hid_t file, const std::string& file_name, const std::string& path);

/// Stored bytes of the chunk that begins at (row, column); empty if it was never written. Throws
/// kShardDamaged on failure, an impossible size or a non-zero filter mask.
void ReadStoredChunk(const Opened& data, uint64_t row, uint64_t column, std::vector<uint8_t>& out);

/// True if `path` names an object of this file through hard links only.
bool Exists(hid_t file, const std::string& path);

/// "/a/b" from "a/b", "/a/b".
std::string Absolute(std::string_view path);

/// Name of a table column as a link: '/', '%' and a lone '.' are percent-encoded.
std::string LinkName(std::string_view column);

}  // namespace kinflow::h5
