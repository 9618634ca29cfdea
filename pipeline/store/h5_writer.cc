#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <limits>

#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_writer_impl.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

// Process-wide on purpose: it describes the state of the HDF5 library, which is process-wide.
std::atomic<bool>& WriteErrorFlag() {
  static std::atomic<bool> flag{false};
  return flag;
}

// A file system with less than this left is called full if HDF5 does not say what went wrong.
constexpr uint64_t kNothingLeft = 64 << 10;

h5::Id StringType(size_t length) {
  h5::Id type(H5Tcopy(H5T_C_S1), &H5Tclose);
  H5Tset_size(type.get(), std::max<size_t>(1, length));
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

h5::Grid VectorGrid(uint64_t n, size_t element, bool shuffle) {
  h5::Grid grid;
  grid.rows = n;
  grid.element = element;
  grid.shuffle = shuffle;
  const uint64_t most = std::max<uint64_t>(1, layout::kTableChunkBytes / element);
  grid.chunk_rows = std::clamp<uint64_t>(n, 1, most);
  return grid;
}

// Elements [row, row + rows) x [column, column + columns) into a chunk, `stride` bytes a chunk row.
using FillChunk = std::function<void(uint64_t row, uint64_t rows, uint64_t column, uint64_t columns,
                                     uint8_t* chunk, size_t stride)>;

void WriteGrid(H5Writer::Impl& file, const std::string& path, const h5::Grid& grid, hid_t type,
               std::span<const uint8_t> fill, const FillChunk& fill_chunk) {
  h5::Id dataset = file.Create(path, grid, type, fill.data(), grid.rows == 0);
  std::vector<uint8_t> chunk(grid.chunk_bytes());
  for (uint64_t row = 0; row < grid.rows; row += grid.chunk_rows) {
    for (uint64_t column = 0; column < grid.columns; column += grid.chunk_columns) {
      for (size_t at = 0; at < chunk.size(); at += fill.size()) {
        std::memcpy(chunk.data() + at, fill.data(), fill.size());
      }
      fill_chunk(row, std::min(grid.chunk_rows, grid.rows - row), column,
                 std::min(grid.chunk_columns, grid.columns - column), chunk.data(),
                 grid.chunk_columns * grid.element);
      file.WriteChunk(dataset.get(), path, row, column,
                      file.encoder.Encode(chunk.data(), chunk.size(), grid.shuffle_bytes()));
    }
  }
  file.CloseDataset(dataset, path);
}

template <class T>
void WriteVector(H5Writer::Impl& file, std::string_view path, std::span<const T> v, hid_t type,
                 T fill) {
  std::array<uint8_t, sizeof(T)> fill_bytes;
  std::memcpy(fill_bytes.data(), &fill, sizeof fill);
  WriteGrid(file, h5::Absolute(path), VectorGrid(v.size(), sizeof(T), sizeof(T) > 1), type,
            fill_bytes,
            [&](uint64_t row, uint64_t rows, uint64_t, uint64_t, uint8_t* chunk, size_t) {
              std::memcpy(chunk, v.data() + row, rows * sizeof(T));
            });
}

template <class Strings>
size_t LongestOf(const Strings& v) {
  size_t longest = 1;
  for (size_t i = 0; i < v.size(); ++i) longest = std::max(longest, std::string_view(v[i]).size());
  return longest;
}

template <class Strings>
void WriteStrings(H5Writer::Impl& file, std::string_view path, const Strings& v) {
  const size_t length = LongestOf(v);
  const h5::Id type = StringType(length);
  const std::vector<uint8_t> fill(length, 0);
  WriteGrid(file, h5::Absolute(path), VectorGrid(v.size(), length, false), type.get(), fill,
            [&](uint64_t row, uint64_t rows, uint64_t, uint64_t, uint8_t* chunk, size_t) {
              for (uint64_t r = 0; r < rows; ++r) {
                const std::string_view text = v[row + r];
                std::memcpy(chunk + r * length, text.data(), text.size());
              }
            });
}

}  // namespace

bool HadWriteError() { return WriteErrorFlag().load(); }

void H5Writer::Impl::CheckOpen() const {
  if (given_up) {
    throw Error(ErrorId::kWriteFailed, "file was given up after an earlier write error")
        .InFile(path);
  }
  if (!file.valid()) throw Error(ErrorId::kInternal, "HDF5 file is closed already").InFile(path);
}

void H5Writer::Impl::Fail(std::string_view doing, std::string_view object) {
  const h5::Failure failure = h5::LastFailure();
  const uint64_t free_bytes = FreeDiskBytes(FolderOf(path).c_str());
  given_up = true;
  WriteErrorFlag().store(true);
  ::unlink(path.c_str());
  // Closing would flush again into a full disk; the process is about to end (HadWriteError).
  file.Abandon();
  int cause = failure.error_number;
  if (cause == 0 && free_bytes < kNothingLeft) cause = ENOSPC;
  Error error = cause != 0 ? SystemError(cause, ErrorId::kWriteFailed, doing, path)
                           : Error(ErrorId::kWriteFailed, fmt::format("cannot {}", doing));
  error.InFile(path).Context(fmt::format("writing with HDF5 ({}); {} free on the file system",
                                         failure.text, FormatBytes(free_bytes)));
  if (!object.empty()) error.Field(object);
  throw error;
}

h5::Id H5Writer::Impl::Create(const std::string& dataset, const h5::Grid& grid, hid_t type,
                              const void* fill, bool growing) {
  CheckOpen();
  h5::PrepareThread();
  h5::Id id = h5::CreateDataset(file.get(), dataset, grid, type, fill, growing);
  if (!id.valid()) Fail("create dataset", dataset);
  return id;
}

void H5Writer::Impl::WriteChunk(hid_t dataset, std::string_view name, uint64_t row, uint64_t column,
                                std::span<const uint8_t> stored) {
  const std::array<hsize_t, 2> offset = {row, column};
  if (H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offset.data(), stored.size(), stored.data()) < 0) {
    Fail("write", name);
  }
}

void H5Writer::Impl::CloseDataset(h5::Id& dataset, std::string_view name) {
  if (!dataset.Close()) Fail("write", name);
}

void H5Writer::Impl::WriteAttribute(const std::string& object, const std::string& name, hid_t type,
                                    const void* value, int64_t n) {
  CheckOpen();
  h5::PrepareThread();
  const hsize_t count = static_cast<hsize_t>(std::max<int64_t>(n, 0));
  const h5::Id space(n < 0    ? H5Screate(H5S_SCALAR)
                     : n == 0 ? H5Screate(H5S_NULL)
                              : H5Screate_simple(1, &count, nullptr),
                     &H5Sclose);
  h5::Id attribute(H5Acreate_by_name(file.get(), object.c_str(), name.c_str(), type, space.get(),
                                     H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                   &H5Aclose);
  if (!attribute.valid() || (n != 0 && H5Awrite(attribute.get(), type, value) < 0) ||
      !attribute.Close()) {
    Fail("write attribute", fmt::format("{}@{}", object, name));
  }
}

H5Writer::H5Writer(const std::string& path) : impl_(std::make_unique<Impl>()) {
  h5::PrepareThread();
  impl_->path = path;
  FileHandle::CreateNew(path).Close();  // mode 0600, refuses links and existing files
  const h5::Id creation(H5Pcreate(H5P_FILE_CREATE), &H5Pclose);
  const h5::Id access = h5::FileAccess();
  if (H5Pset_obj_track_times(creation.get(), false) < 0 ||
      H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG) < 0) {
    impl_->Fail("create", "");
  }
  impl_->file =
      h5::Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), &H5Fclose);
  if (!impl_->file.valid()) impl_->Fail("create", "");
}

H5Writer::~H5Writer() {
  if (!impl_->file.valid()) return;
  ::unlink(impl_->path.c_str());
  if (!impl_->file.Close()) WriteErrorFlag().store(true);
}

void H5Writer::Write(std::string_view path, std::span<const uint8_t> v) {
  WriteVector<uint8_t>(*impl_, path, v, H5T_STD_U8LE, UINT8_MAX);
}
void H5Writer::Write(std::string_view path, std::span<const uint16_t> v) {
  WriteVector<uint16_t>(*impl_, path, v, H5T_STD_U16LE, UINT16_MAX);
}
void H5Writer::Write(std::string_view path, std::span<const uint32_t> v) {
  WriteVector<uint32_t>(*impl_, path, v, H5T_STD_U32LE, UINT32_MAX);
}
void H5Writer::Write(std::string_view path, std::span<const int64_t> v) {
  WriteVector<int64_t>(*impl_, path, v, H5T_STD_I64LE, Table::kMissingInt);
}
void H5Writer::Write(std::string_view path, std::span<const uint64_t> v) {
  WriteVector<uint64_t>(*impl_, path, v, H5T_STD_U64LE, UINT64_MAX);
}
void H5Writer::Write(std::string_view path, std::span<const float> v) {
  WriteVector<float>(*impl_, path, v, H5T_IEEE_F32LE, std::numeric_limits<float>::quiet_NaN());
}
void H5Writer::Write(std::string_view path, std::span<const double> v) {
  WriteVector<double>(*impl_, path, v, H5T_IEEE_F64LE, std::numeric_limits<double>::quiet_NaN());
}
void H5Writer::Write(std::string_view path, const StringColumn& v) {
  WriteStrings(*impl_, path, v);
}
void H5Writer::Write(std::string_view path, const std::vector<std::string>& v) {
  WriteStrings(*impl_, path, v);
}

void H5Writer::WriteMatrix(std::string_view path, std::span<const double> v, size_t rows,
                           size_t cols) {
  if (v.size() != rows * cols) {
    throw Error(ErrorId::kInternal,
                fmt::format("matrix of {} values is not {} x {}", v.size(), rows, cols));
  }
  constexpr uint64_t kValues = layout::kTableChunkBytes / sizeof(double);
  h5::Grid grid;
  grid.rank = 2;
  grid.rows = cols == 0 ? 0 : rows;
  grid.columns = std::max<size_t>(1, cols);  // HDF5 has no chunks without columns
  grid.element = sizeof(double);
  grid.shuffle = true;
  grid.chunk_columns = std::min(grid.columns, kValues);
  grid.chunk_rows =
      std::clamp<uint64_t>(grid.rows, 1, std::max<uint64_t>(1, kValues / grid.chunk_columns));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::array<uint8_t, sizeof nan> fill;
  std::memcpy(fill.data(), &nan, sizeof nan);
  const std::string name = h5::Absolute(path);
  WriteGrid(*impl_, name, grid, H5T_IEEE_F64LE, fill,
            [&](uint64_t row, uint64_t n_rows, uint64_t column, uint64_t n_columns, uint8_t* chunk,
                size_t stride) {
              for (uint64_t r = 0; r < n_rows; ++r) {
                std::memcpy(chunk + r * stride, v.data() + (row + r) * cols + column,
                            n_columns * sizeof(double));
              }
            });
  if (cols == 0) Attribute(name, layout::kEmptyRows, static_cast<int64_t>(rows));
}

void H5Writer::Attribute(std::string_view object, std::string_view name, std::string_view value) {
  h5::PrepareThread();
  const h5::Id type = StringType(value.size());
  const std::string text = value.empty() ? std::string(1, '\0') : std::string(value);
  impl_->WriteAttribute(h5::Absolute(object), std::string(name), type.get(), text.data());
}

void H5Writer::Attribute(std::string_view object, std::string_view name, double value) {
  h5::PrepareThread();
  impl_->WriteAttribute(h5::Absolute(object), std::string(name), H5T_IEEE_F64LE, &value);
}

void H5Writer::Attribute(std::string_view object, std::string_view name, int64_t value) {
  h5::PrepareThread();
  impl_->WriteAttribute(h5::Absolute(object), std::string(name), H5T_STD_I64LE, &value);
}

void H5Writer::WriteTable(std::string_view path, const Table& table) {
  impl_->CheckOpen();
  h5::PrepareThread();
  const std::string group = h5::Absolute(path);
  if (!h5::CreateGroup(impl_->file.get(), group)) impl_->Fail("create group", group);
  std::vector<std::string> names;
  for (size_t c = 0; c < table.columns(); ++c) {
    names.push_back(table.name(c));
    const std::string column = JoinPath(group, h5::LinkName(table.name(c)));
    std::visit(
        [&](const auto& v) {
          using V = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<V, Table::Strings>) {
            Write(column, v);
          } else {
            Write(column, std::span<const typename V::value_type>(v));
          }
        },
        table.column(c));
  }
  const size_t length = LongestOf(names);
  const h5::Id type = StringType(length);
  std::string packed(length * names.size(), '\0');
  for (size_t c = 0; c < names.size(); ++c) names[c].copy(packed.data() + c * length, length);
  impl_->WriteAttribute(group, layout::kColumns, type.get(), packed.data(),
                        static_cast<int64_t>(names.size()));
}

void H5Writer::WriteVariants(std::string_view path, const VariantTable& variants) {
  const std::string group = h5::Absolute(path);
  const auto column = [&](const char* name) { return JoinPath(group, name); };
  Write(column(layout::kChrom), std::span(variants.chrom_codes()));
  Write(column(layout::kChromNames), variants.chrom_names());
  Write(column(layout::kPos), std::span(variants.positions()));
  Write(column(layout::kId), variants.ids());
  Write(column(layout::kRef), variants.refs());
  Write(column(layout::kAlt), variants.alts());
  Write(column(layout::kInfo), std::span(variants.infos()));
  Write(column(layout::kMultiallelic), std::span(variants.multiallelic_flags()));
}

void H5Writer::Close() {
  impl_->CheckOpen();
  h5::PrepareThread();
  const unsigned kinds = H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_ATTR | H5F_OBJ_LOCAL;
  if (H5Fget_obj_count(impl_->file.get(), kinds) != 0) {
    throw Error(ErrorId::kInternal, "HDF5 file closed before its dosages were finished")
        .InFile(impl_->path);
  }
  if (!impl_->file.Close()) impl_->Fail("write", "");
  try {
    SyncFile(impl_->path);
  } catch (...) {
    ::unlink(impl_->path.c_str());
    impl_->given_up = true;
    throw;
  }
}

}  // namespace kinflow
