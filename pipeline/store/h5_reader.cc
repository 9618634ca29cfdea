#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/base/file.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_dataset.h"
#include "pipeline/store/h5_reader_impl.h"
#include "pipeline/store/h5_records.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

// Deflate shrinks at most about 1032 : 1; a dataset larger than that cannot be in the file.
constexpr uint64_t kLargestRatio = 1100;

void CheckSize(const h5::Opened& data, uint64_t file_bytes) {
  const h5::Grid& g = data.grid;
  const uint64_t most = file_bytes * kLargestRatio + g.chunk_bytes();
  if (g.columns > 0 && g.rows > most / g.element / g.columns) {
    throw h5::ReadError("dataset is larger than its file can hold", data.file, data.path);
  }
}

// Calls visit(row, column, chunk bytes) for every chunk in order.
template <class Visit>
void ForEachChunk(const h5::Opened& data, Visit visit) {
  std::vector<uint8_t> stored, chunk(data.grid.chunk_bytes());
  for (uint64_t row = 0; row < data.grid.rows; row += data.grid.chunk_rows) {
    for (uint64_t column = 0; column < data.grid.columns; column += data.grid.chunk_columns) {
      h5::ReadStoredChunk(data, row, column, stored);
      if (stored.empty()) throw h5::ReadError("a chunk is missing", data.file, data.path);
      if (!DecodeChunk(stored, data.grid.shuffle_bytes(), chunk.data(), chunk.size())) {
        throw h5::ReadError("a chunk does not fit its checksum", data.file, data.path);
      }
      visit(row, column, chunk.data());
    }
  }
}

h5::Opened OpenTyped(const H5Reader::Impl& file, std::string_view path, int rank, hid_t type) {
  h5::Opened data = h5::OpenDataset(file.file.get(), file.path, std::string(path));
  if (data.grid.rank != rank || (type >= 0 && H5Tequal(data.type.get(), type) <= 0)) {
    throw h5::ReadError("dataset has another type than expected", data.file, data.path);
  }
  CheckSize(data, file.bytes);
  return data;
}

template <class T>
std::vector<T> ReadVector(const H5Reader::Impl& file, std::string_view path, hid_t type) {
  const h5::Opened data = OpenTyped(file, path, 1, type);
  std::vector<T> out(data.grid.rows);
  ForEachChunk(data, [&](uint64_t row, uint64_t, const uint8_t* chunk) {
    const uint64_t n = std::min(data.grid.chunk_rows, data.grid.rows - row);
    std::memcpy(out.data() + row, chunk, n * sizeof(T));
  });
  return out;
}

// One fixed-length value without its padding.
std::vector<std::string> ReadNames(const H5Reader::Impl& file, const std::string& object,
                                   const char* name) {
  h5::PrepareThread();
  const h5::Id attribute(
      H5Aopen_by_name(file.file.get(), object.c_str(), name, H5P_DEFAULT, H5P_DEFAULT), &H5Aclose);
  if (!attribute.valid()) throw h5::ReadError("attribute is missing", file.path, object);
  const h5::Id type(H5Aget_type(attribute.get()), &H5Tclose);
  const h5::Id space(H5Aget_space(attribute.get()), &H5Sclose);
  const size_t length = type.valid() ? H5Tget_size(type.get()) : 0;
  const hssize_t n = space.valid() ? H5Sget_simple_extent_npoints(space.get()) : -1;
  if (length == 0 || n < 0 || H5Tget_class(type.get()) != H5T_STRING ||
      H5Tis_variable_str(type.get()) != 0 || static_cast<uint64_t>(n) > file.bytes / length) {
    throw h5::ReadError("attribute has another type than expected", file.path, object);
  }
  std::string packed(length * static_cast<size_t>(n), '\0');
  if (n > 0 && H5Aread(attribute.get(), type.get(), packed.data()) < 0) {
    throw h5::ReadError("cannot read an attribute", file.path, object);
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    names.emplace_back(h5::Unpadded(packed.data() + i * length, length));
  }
  return names;
}

/// Names of an enumeration over u8 whose values are 0, 1, 2, ...
std::vector<std::string> EnumLevels(const h5::Opened& data) {
  const hid_t type = data.type.get();
  const int n = H5Tget_nmembers(type);
  const h5::Id base(H5Tget_super(type), &H5Tclose);
  if (n < 0 || H5Tequal(base.get(), H5T_STD_U8LE) <= 0) {
    throw h5::ReadError("dataset has another type than expected", data.file, data.path);
  }
  std::vector<std::string> levels;
  for (unsigned i = 0; i < static_cast<unsigned>(n); ++i) {
    uint8_t value = 0;
    char* name = H5Tget_member_name(type, i);
    if (name == nullptr || H5Tget_member_value(type, i, &value) < 0 || value != i) {
      H5free_memory(name);
      throw h5::ReadError("levels of an enumeration are out of order", data.file, data.path);
    }
    levels.emplace_back(name);
    H5free_memory(name);
  }
  return levels;
}

void ReadNumber(const H5Reader::Impl& file, std::string_view object_view, std::string_view name,
                hid_t type, void* value) {
  const std::string object = h5::Absolute(object_view);
  const h5::Id attribute(H5Aopen_by_name(file.file.get(), object.c_str(), std::string(name).c_str(),
                                         H5P_DEFAULT, H5P_DEFAULT),
                         &H5Aclose);
  if (!attribute.valid()) throw h5::ReadError("attribute is missing", file.path, object);
  const h5::Id found(H5Aget_type(attribute.get()), &H5Tclose);
  const h5::Id space(H5Aget_space(attribute.get()), &H5Sclose);
  if (H5Tequal(found.get(), type) <= 0 || H5Sget_simple_extent_npoints(space.get()) != 1 ||
      H5Aread(attribute.get(), type, value) < 0) {
    throw h5::ReadError("attribute has another type than expected", file.path, object);
  }
}

template <class Column>
Table::Strings Texts(const Column& column) {
  Table::Strings values;
  values.reserve(column.size());
  for (size_t i = 0; i < column.size(); ++i) values.emplace_back(column[i]);
  return values;
}

Table ReadRecords(const H5Reader::Impl& file, const std::string& path) {
  const h5::Opened data = OpenTyped(file, path, 1, -1);
  h5::RecordReader records(data);
  ForEachChunk(data, [&](uint64_t row, uint64_t, const uint8_t* chunk) {
    records.Append(chunk, std::min(data.grid.chunk_rows, data.grid.rows - row));
  });
  return records.Take();
}

herr_t CollectName(hid_t, const char* name, const H5L_info_t*, void* data) {
  try {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;  // out of memory; an exception must not pass through C
  }
}

}  // namespace

H5Reader::H5Reader(const std::string& path) : impl_(std::make_unique<Impl>()) {
  h5::PrepareThread();
  impl_->path = path;
  impl_->bytes = FileHandle::OpenRead(path).Size();
  const h5::Id access = h5::FileAccess();
  h5::KeepLittleMetadata(access);
  impl_->file = h5::Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), &H5Fclose);
  if (!impl_->file.valid()) throw h5::ReadError("cannot open as HDF5", path, "");
}

H5Reader::~H5Reader() = default;
H5Reader::H5Reader(H5Reader&&) noexcept = default;

const std::string& H5Reader::path() const { return impl_->path; }

bool H5Reader::Has(std::string_view path) const {
  h5::PrepareThread();
  return h5::Exists(impl_->file.get(), std::string(path));
}

std::vector<uint8_t> H5Reader::ReadU8(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<uint8_t>(*impl_, path, H5T_STD_U8LE);
}
std::vector<uint16_t> H5Reader::ReadU16(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<uint16_t>(*impl_, path, H5T_STD_U16LE);
}
std::vector<uint32_t> H5Reader::ReadU32(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<uint32_t>(*impl_, path, H5T_STD_U32LE);
}
std::vector<int64_t> H5Reader::ReadI64(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<int64_t>(*impl_, path, H5T_STD_I64LE);
}
std::vector<uint64_t> H5Reader::ReadU64(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<uint64_t>(*impl_, path, H5T_STD_U64LE);
}
std::vector<float> H5Reader::ReadF32(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<float>(*impl_, path, H5T_IEEE_F32LE);
}
std::vector<double> H5Reader::ReadF64(std::string_view path) const {
  h5::PrepareThread();
  return ReadVector<double>(*impl_, path, H5T_IEEE_F64LE);
}

StringColumn H5Reader::ReadStrings(std::string_view path) const {
  const h5::Opened data = OpenTyped(*impl_, path, 1, -1);
  if (H5Tget_class(data.type.get()) != H5T_STRING || H5Tis_variable_str(data.type.get()) != 0) {
    throw h5::ReadError("dataset has another type than expected", data.file, data.path);
  }
  StringColumn out;
  const size_t length = data.grid.element;
  ForEachChunk(data, [&](uint64_t row, uint64_t, const uint8_t* chunk) {
    const uint64_t n = std::min(data.grid.chunk_rows, data.grid.rows - row);
    for (uint64_t i = 0; i < n; ++i) {
      out.Append(h5::Unpadded(reinterpret_cast<const char*>(chunk) + i * length, length));
    }
  });
  return out;
}

Factor H5Reader::ReadFactor(std::string_view path) const {
  const h5::Opened data = OpenTyped(*impl_, path, 1, -1);
  if (H5Tget_class(data.type.get()) != H5T_ENUM) {
    const StringColumn strings = ReadStrings(path);
    Factor out;
    for (size_t i = 0; i < strings.size(); ++i) out.Append(strings[i]);
    return out;
  }
  std::vector<std::string> levels = EnumLevels(data);
  std::vector<uint16_t> codes(data.grid.rows);
  ForEachChunk(data, [&](uint64_t row, uint64_t, const uint8_t* chunk) {
    const uint64_t n = std::min(data.grid.chunk_rows, data.grid.rows - row);
    const auto stray = [&](uint8_t code) { return code >= levels.size(); };
    if (std::any_of(chunk, chunk + n, stray)) {
      throw h5::ReadError("a code has no level", data.file, data.path);
    }
    std::copy(chunk, chunk + n, codes.begin() + static_cast<std::ptrdiff_t>(row));
  });
  return {std::move(levels), std::move(codes)};
}

std::vector<double> H5Reader::ReadMatrix(std::string_view path, size_t& rows, size_t& cols) const {
  h5::PrepareThread();
  const h5::Opened data = OpenTyped(*impl_, path, 2, H5T_IEEE_F64LE);
  const h5::Grid& g = data.grid;
  if (g.rows == 0 && H5Aexists(data.dataset.get(), layout::kEmptyRows) > 0) {
    const int64_t stated = AttributeInt(data.path, layout::kEmptyRows);
    if (stated < 0) throw h5::ReadError("matrix has an impossible size", data.file, data.path);
    rows = static_cast<size_t>(stated);
    cols = 0;
    return {};
  }
  rows = g.rows;
  cols = g.columns;
  std::vector<double> out(rows * cols);
  ForEachChunk(data, [&](uint64_t row, uint64_t column, const uint8_t* chunk) {
    const uint64_t n = std::min(g.chunk_rows, g.rows - row);
    const uint64_t m = std::min(g.chunk_columns, g.columns - column);
    for (uint64_t r = 0; r < n; ++r) {
      std::memcpy(out.data() + (row + r) * cols + column,
                  chunk + r * g.chunk_columns * sizeof(double), m * sizeof(double));
    }
  });
  return out;
}

bool H5Reader::HasAttribute(std::string_view object, std::string_view name) const {
  h5::PrepareThread();
  return H5Aexists_by_name(impl_->file.get(), h5::Absolute(object).c_str(),
                           std::string(name).c_str(), H5P_DEFAULT) > 0;
}

std::string H5Reader::AttributeText(std::string_view object, std::string_view name) const {
  const auto values = ReadNames(*impl_, h5::Absolute(object), std::string(name).c_str());
  if (values.size() != 1) {
    throw h5::ReadError("attribute is not a single text", impl_->path, object);
  }
  return values.front();
}

double H5Reader::AttributeDouble(std::string_view object, std::string_view name) const {
  h5::PrepareThread();
  double value = 0;
  ReadNumber(*impl_, object, name, H5T_IEEE_F64LE, &value);
  return value;
}

int64_t H5Reader::AttributeInt(std::string_view object, std::string_view name) const {
  h5::PrepareThread();
  int64_t value = 0;
  ReadNumber(*impl_, object, name, H5T_STD_I64LE, &value);
  return value;
}

Table H5Reader::ReadTable(std::string_view path) const {
  const std::string group = h5::Absolute(path);
  if (!Has(group)) throw h5::ReadError("table is missing", impl_->path, group);
  if (!IsGroup(group)) return ReadRecords(*impl_, group);
  Table table;
  for (const std::string& name : ReadNames(*impl_, group, layout::kColumns)) {
    const std::string column = JoinPath(group, h5::LinkName(name));
    H5T_class_t kind = H5T_NO_CLASS;
    uint64_t rows = 0;
    {
      const h5::Opened data = h5::OpenDataset(impl_->file.get(), impl_->path, column);
      kind = H5Tget_class(data.type.get());
      rows = data.grid.rows;
    }
    if (table.columns() > 0 && rows != table.rows()) {
      throw h5::ReadError("columns have different lengths", impl_->path, group);
    }
    if (kind == H5T_INTEGER) {
      table.Add(name, ReadI64(column));
    } else if (kind == H5T_FLOAT) {
      table.Add(name, ReadF64(column));
    } else if (kind == H5T_ENUM) {
      table.Add(name, Texts(ReadFactor(column)));
    } else {
      table.Add(name, Texts(ReadStrings(column)));
    }
  }
  return table;
}

bool H5Reader::IsTable(std::string_view path_view) const {
  const std::string path = h5::Absolute(path_view);
  if (!Has(path)) return false;
  if (IsGroup(path)) return HasAttribute(path, layout::kColumns);
  const h5::Id dataset(H5Dopen2(impl_->file.get(), path.c_str(), H5P_DEFAULT), &H5Dclose);
  const h5::Id type(dataset.valid() ? H5Dget_type(dataset.get()) : -1, &H5Tclose);
  return type.valid() && H5Tget_class(type.get()) == H5T_COMPOUND;
}

VariantTable H5Reader::ReadVariants(std::string_view path) const {
  const std::string group = h5::Absolute(path);
  const auto column = [&](const char* name) { return JoinPath(group, name); };
  const auto chrom = ReadU16(column(layout::kChrom));
  const auto names = ReadStrings(column(layout::kChromNames));
  const auto pos = ReadU32(column(layout::kPos));
  const auto id = ReadStrings(column(layout::kId));
  const auto ref = ReadStrings(column(layout::kRef));
  const auto alt = ReadStrings(column(layout::kAlt));
  const auto info = ReadF32(column(layout::kInfo));
  const auto multiallelic = ReadU8(column(layout::kMultiallelic));
  const size_t n = pos.size();
  const bool lengths_fit = chrom.size() == n && id.size() == n && ref.size() == n &&
                           alt.size() == n && info.size() == n && multiallelic.size() == n;
  const bool codes_fit =
      std::all_of(chrom.begin(), chrom.end(), [&](uint16_t c) { return c < names.size(); });
  if (!lengths_fit || !codes_fit) {
    throw h5::ReadError("variant table is inconsistent", impl_->path, group);
  }
  VariantTable out;
  for (size_t i = 0; i < n; ++i) {
    out.Append(names[chrom[i]], pos[i], id[i], ref[i], alt[i], info[i], multiallelic[i] != 0);
  }
  return out;
}

bool H5Reader::IsGroup(std::string_view path_view) const {
  const std::string path = h5::Absolute(path_view);
  if (!Has(path)) return false;
  const h5::Id object(H5Oopen(impl_->file.get(), path.c_str(), H5P_DEFAULT), &H5Oclose);
  return object.valid() && H5Iget_type(object.get()) == H5I_GROUP;
}

std::vector<std::string> H5Reader::List(std::string_view group_view) const {
  h5::PrepareThread();
  const std::string path = h5::Absolute(group_view);
  const h5::Id group(H5Gopen2(impl_->file.get(), path.c_str(), H5P_DEFAULT), &H5Gclose);
  std::vector<std::string> names;
  if (!group.valid() ||
      H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, &CollectName, &names) < 0) {
    throw h5::ReadError("cannot list a group", impl_->path, path);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace kinflow
