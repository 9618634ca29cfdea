#include "pipeline/store/h5_column.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "pipeline/data/table.h"
#include "pipeline/store/layout.h"

namespace kinflow::h5 {
namespace {

template <class T>
Column Numbers(std::string_view path, std::span<const T> v, hid_t type, T fill) {
  Column column;
  column.path = Absolute(path);
  column.grid = VectorGrid(v.size(), sizeof(T), sizeof(T) > 1);
  column.type = Id(H5Tcopy(type), &H5Tclose);
  // Codes and counts lie in runs, bytes of other numbers vary too much for matches to pay.
  column.compressor = Compressor::kNumbers;
  column.fill.resize(sizeof(T));
  std::memcpy(column.fill.data(), &fill, sizeof fill);
  column.fill_chunk = [v](uint64_t row, uint64_t rows, uint64_t, uint64_t, uint8_t* chunk) {
    std::memcpy(chunk, v.data() + row, rows * sizeof(T));
  };
  return column;
}

template <class Strings>
Column Texts(std::string_view path, const Strings& v) {
  size_t length = 1;
  for (size_t i = 0; i < v.size(); ++i) length = std::max(length, std::string_view(v[i]).size());
  Column column;
  column.path = Absolute(path);
  column.grid = VectorGrid(v.size(), length, false);
  column.type = StringType(length);
  column.fill.assign(length, 0);
  column.fill_chunk = [&v, length](uint64_t row, uint64_t rows, uint64_t, uint64_t,
                                   uint8_t* chunk) {
    for (uint64_t r = 0; r < rows; ++r) {
      const std::string_view text = v[row + r];
      std::memcpy(chunk + r * length, text.data(), text.size());
    }
  };
  return column;
}

// Levels of an enumeration lie in the object header, which holds 64 KiB.
constexpr size_t kMostEnumLevels = 255, kMostEnumBytes = 16 << 10;

/// Invalid if the levels do not fit an enumeration.
Id EnumType(const std::vector<std::string>& levels) {
  size_t bytes = 0;
  for (const auto& level : levels) bytes += level.size();
  if (levels.empty() || levels.size() > kMostEnumLevels || bytes > kMostEnumBytes) return {};
  Id type(H5Tenum_create(H5T_STD_U8LE), &H5Tclose);
  for (size_t i = 0; i < levels.size(); ++i) {
    const auto value = static_cast<uint8_t>(i);
    const bool has_name = !levels[i].empty() && levels[i].find('\0') == std::string::npos;
    if (!has_name || H5Tenum_insert(type.get(), levels[i].c_str(), &value) < 0) return {};
  }
  return type;
}

}  // namespace

Grid VectorGrid(uint64_t n, size_t element, bool shuffle) {
  Grid grid;
  grid.rows = n;
  grid.element = element;
  grid.shuffle = shuffle;
  const uint64_t most = std::max<uint64_t>(1, layout::kTableChunkBytes / element);
  grid.chunk_rows = std::clamp<uint64_t>(n, 1, most);
  return grid;
}

Id StringType(size_t length) {
  Id type(H5Tcopy(H5T_C_S1), &H5Tclose);
  H5Tset_size(type.get(), std::max<size_t>(1, length));
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

Column ColumnOf(std::string_view path, std::span<const uint8_t> v) {
  return Numbers<uint8_t>(path, v, H5T_STD_U8LE, UINT8_MAX);
}
Column ColumnOf(std::string_view path, std::span<const uint16_t> v) {
  return Numbers<uint16_t>(path, v, H5T_STD_U16LE, UINT16_MAX);
}
Column ColumnOf(std::string_view path, std::span<const uint32_t> v) {
  return Numbers<uint32_t>(path, v, H5T_STD_U32LE, UINT32_MAX);
}
Column ColumnOf(std::string_view path, std::span<const int64_t> v) {
  return Numbers<int64_t>(path, v, H5T_STD_I64LE, Table::kMissingInt);
}
Column ColumnOf(std::string_view path, std::span<const uint64_t> v) {
  return Numbers<uint64_t>(path, v, H5T_STD_U64LE, UINT64_MAX);
}
Column ColumnOf(std::string_view path, std::span<const float> v) {
  return Numbers<float>(path, v, H5T_IEEE_F32LE, std::numeric_limits<float>::quiet_NaN());
}
Column ColumnOf(std::string_view path, std::span<const double> v) {
  return Numbers<double>(path, v, H5T_IEEE_F64LE, std::numeric_limits<double>::quiet_NaN());
}
Column ColumnOf(std::string_view path, const StringColumn& v) { return Texts(path, v); }
Column ColumnOf(std::string_view path, const std::vector<std::string>& v) { return Texts(path, v); }

Column ColumnOf(std::string_view path, const Factor& v) {
  Id type = EnumType(v.levels());
  if (!type.valid()) return Texts(path, v);
  const auto codes = std::make_shared<std::vector<uint8_t>>(v.codes().begin(), v.codes().end());
  Column column = Numbers<uint8_t>(path, *codes, H5T_STD_U8LE, UINT8_MAX);
  column.type = std::move(type);
  column.fill_chunk = [codes](uint64_t row, uint64_t rows, uint64_t, uint64_t, uint8_t* chunk) {
    std::memcpy(chunk, codes->data() + row, rows);
  };
  return column;
}

void Encode(const Column& column, ChunkEncoder& encoder,
            const std::function<void(StoredChunk)>& take) {
  const Grid& grid = column.grid;
  std::vector<uint8_t> chunk(grid.chunk_bytes());
  for (uint64_t row = 0; row < grid.rows; row += grid.chunk_rows) {
    for (uint64_t c = 0; c < grid.columns; c += grid.chunk_columns) {
      for (size_t at = 0; at < chunk.size(); at += column.fill.size()) {
        std::memcpy(chunk.data() + at, column.fill.data(), column.fill.size());
      }
      column.fill_chunk(row, std::min(grid.chunk_rows, grid.rows - row), c,
                        std::min(grid.chunk_columns, grid.columns - c), chunk.data());
      const auto bytes = encoder.Encode(chunk.data(), chunk.size(), grid.shuffle_bytes());
      take({row, c, {bytes.begin(), bytes.end()}});
    }
  }
}

}  // namespace kinflow::h5
