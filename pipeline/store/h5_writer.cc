#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <limits>
#include <map>

#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_records.h"
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

void H5Writer::Impl::Write(const h5::Column& column) {
  h5::Id dataset = Create(column.path, column.grid, column.type.get(), column.fill.data(),
                          column.grid.rows == 0);
  ChunkEncoder& encoder = column.compressor == Compressor::kNumbers ? numbers : texts;
  h5::Encode(column, encoder, [&](const h5::StoredChunk& chunk) {
    WriteChunk(dataset.get(), column.path, chunk.row, chunk.column, chunk.bytes);
  });
  CloseDataset(dataset, column.path);
}

void H5Writer::Impl::Write(const h5::Column& column, const std::vector<h5::StoredChunk>& chunks) {
  h5::Id dataset = Create(column.path, column.grid, column.type.get(), column.fill.data(),
                          column.grid.rows == 0);
  for (const h5::StoredChunk& chunk : chunks) {
    WriteChunk(dataset.get(), column.path, chunk.row, chunk.column, chunk.bytes);
  }
  CloseDataset(dataset, column.path);
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
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, std::span<const uint16_t> v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, std::span<const uint32_t> v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, std::span<const int64_t> v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, std::span<const uint64_t> v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, std::span<const float> v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, std::span<const double> v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, const StringColumn& v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, const std::vector<std::string>& v) {
  impl_->Write(h5::ColumnOf(path, v));
}
void H5Writer::Write(std::string_view path, const Factor& v) {
  impl_->Write(h5::ColumnOf(path, v));
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
  const std::string name = h5::Absolute(path);
  h5::Column matrix = h5::ColumnOf(name, v);
  matrix.grid = grid;
  matrix.fill_chunk = [&](uint64_t row, uint64_t n_rows, uint64_t column, uint64_t n_columns,
                          uint8_t* chunk) {
    for (uint64_t r = 0; r < n_rows; ++r) {
      std::memcpy(chunk + r * grid.chunk_columns * sizeof(double),
                  v.data() + (row + r) * cols + column, n_columns * sizeof(double));
    }
  };
  impl_->Write(matrix);
  if (cols == 0) Attribute(name, layout::kEmptyRows, static_cast<int64_t>(rows));
}

void H5Writer::Attribute(std::string_view object, std::string_view name, std::string_view value) {
  h5::PrepareThread();
  const h5::Id type = h5::StringType(value.size());
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
  std::vector<NamedColumn> columns;
  for (size_t c = 0; c < table.columns(); ++c) {
    std::visit(
        [&](const auto& v) {
          using V = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<V, Table::Strings>) {
            columns.push_back({table.name(c), &v});
          } else {
            columns.push_back({table.name(c), std::span<const typename V::value_type>(v)});
          }
        },
        table.column(c));
  }
  WriteColumns(path, columns);
}

namespace {

// Compressed columns wait in memory to be written in order.
constexpr size_t kColumnsAtOnce = 32;

void WriteSideBySide(H5Writer::Impl& impl, std::span<const h5::Column> columns) {
  std::vector<std::vector<h5::StoredChunk>> stored(columns.size());
  // Of each thread: the memory of a compressor costs more to come by than a small column to pack.
  tbb::enumerable_thread_specific<std::map<Compressor, ChunkEncoder>> encoders;
  tbb::parallel_for(size_t{0}, columns.size(), [&](size_t c) {
    const Compressor kind = columns[c].compressor;
    ChunkEncoder& encoder = encoders.local().try_emplace(kind, kind).first->second;
    h5::Encode(columns[c], encoder,
               [&](h5::StoredChunk chunk) { stored[c].push_back(std::move(chunk)); });
  });
  for (size_t c = 0; c < columns.size(); ++c) impl.Write(columns[c], stored[c]);
}

void WriteNames(H5Writer::Impl& impl, const std::string& group,
                const std::vector<std::string>& names) {
  const h5::Column texts = h5::ColumnOf(group, names);
  std::vector<uint8_t> packed(texts.grid.element * names.size());
  if (!names.empty()) texts.fill_chunk(0, names.size(), 0, 1, packed.data());
  impl.WriteAttribute(group, layout::kColumns, texts.type.get(), packed.data(),
                      static_cast<int64_t>(names.size()));
}

}  // namespace

void H5Writer::WriteColumns(std::string_view path, const std::vector<NamedColumn>& named) {
  impl_->CheckOpen();
  h5::PrepareThread();
  const std::string group = h5::Absolute(path);
  if (!h5::CreateGroup(impl_->file.get(), group)) impl_->Fail("create group", group);
  std::vector<h5::Column> columns;
  std::vector<std::string> names;
  for (const NamedColumn& column : named) {
    const std::string at = JoinPath(group, h5::LinkName(column.name));
    columns.push_back(
        std::visit([&](const auto& v) { return h5::ColumnOf(at, v); }, column.values));
    names.push_back(column.name);
  }
  for (size_t first = 0; first < columns.size(); first += kColumnsAtOnce) {
    const size_t n = std::min(kColumnsAtOnce, columns.size() - first);
    WriteSideBySide(*impl_, std::span(columns).subspan(first, n));
  }
  WriteNames(*impl_, group, names);
}

void H5Writer::WriteRecords(std::string_view path, const Table& table) {
  h5::PrepareThread();
  if (const auto records = h5::RecordsOf(path, table)) {
    impl_->Write(*records);
  } else {
    WriteTable(path, table);
  }
}

void H5Writer::WriteTable(std::string_view path, const ColumnTable& table) {
  impl_->CheckOpen();
  h5::PrepareThread();
  const std::string group = h5::Absolute(path);
  if (!h5::CreateGroup(impl_->file.get(), group)) impl_->Fail("create group", group);
  for (size_t first = 0; first < table.names.size(); first += kColumnsAtOnce) {
    const size_t n = std::min(kColumnsAtOnce, table.names.size() - first);
    std::vector<Table::Column> made;
    std::vector<h5::Column> columns;
    for (size_t c = first; c < first + n; ++c) made.push_back(table.make(c));
    for (size_t i = 0; i < n; ++i) {
      const std::string at = JoinPath(group, h5::LinkName(table.names[first + i]));
      std::visit(
          [&](const auto& v) {
            using V = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<V, Table::Strings>) {
              columns.push_back(h5::ColumnOf(at, &v));
            } else {
              columns.push_back(h5::ColumnOf(at, std::span<const typename V::value_type>(v)));
            }
          },
          made[i]);
    }
    WriteSideBySide(*impl_, columns);
  }
  WriteNames(*impl_, group, table.names);
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
