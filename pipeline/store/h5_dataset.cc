#include "pipeline/store/h5_dataset.h"

#include <fmt/format.h>

#include <array>

namespace kinflow::h5 {
namespace {

// More than any chunk that is written; a length beyond it is damage, not data to allocate.
constexpr uint64_t kLargestChunk = 1ull << 28;

Id CreationList(const Grid& grid, hid_t type, const void* fill) {
  Id list(H5Pcreate(H5P_DATASET_CREATE), &H5Pclose);
  const std::array<hsize_t, 2> chunk = {grid.chunk_rows, grid.chunk_columns};
  const bool ok = list.valid() && H5Pset_chunk(list.get(), grid.rank, chunk.data()) >= 0 &&
                  H5Pset_alloc_time(list.get(), H5D_ALLOC_TIME_INCR) >= 0 &&
                  H5Pset_fill_value(list.get(), type, fill) >= 0 &&
                  H5Pset_fill_time(list.get(), H5D_FILL_TIME_IFSET) >= 0 &&
                  H5Pset_obj_track_times(list.get(), false) >= 0 &&
                  (!grid.shuffle || H5Pset_shuffle(list.get()) >= 0) &&
                  H5Pset_deflate(list.get(), 1) >= 0 && H5Pset_fletcher32(list.get()) >= 0;
  return ok ? std::move(list) : Id();
}

// Exactly [shuffle,] deflate, fletcher32, as declared by CreateDataset.
bool FiltersFit(hid_t list, Grid& grid) {
  std::array<H5Z_filter_t, 3> found{};
  const int n = H5Pget_nfilters(list);
  if (n != 2 && n != 3) return false;
  for (int i = 0; i < n; ++i) {
    unsigned flags = 0, config = 0;
    size_t values = 0;
    found[static_cast<size_t>(i)] = H5Pget_filter2(list, static_cast<unsigned>(i), &flags, &values,
                                                   nullptr, 0, nullptr, &config);
  }
  grid.shuffle = n == 3;
  const size_t first = grid.shuffle ? 1 : 0;
  return (!grid.shuffle || found[0] == H5Z_FILTER_SHUFFLE) && found[first] == H5Z_FILTER_DEFLATE &&
         found[first + 1] == H5Z_FILTER_FLETCHER32;
}

bool ShapeFits(hid_t dataset, hid_t list, Grid& grid) {
  const Id space(H5Dget_space(dataset), &H5Sclose);
  std::array<hsize_t, 2> dims = {0, 1}, chunk = {1, 1};
  if (!space.valid()) return false;
  grid.rank = H5Sget_simple_extent_ndims(space.get());
  if (grid.rank != 1 && grid.rank != 2) return false;
  if (H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr) < 0 ||
      H5Pget_layout(list) != H5D_CHUNKED || H5Pget_chunk(list, 2, chunk.data()) != grid.rank) {
    return false;
  }
  grid.rows = dims[0];
  grid.columns = grid.rank == 2 ? dims[1] : 1;
  grid.chunk_rows = chunk[0];
  grid.chunk_columns = grid.rank == 2 ? chunk[1] : 1;
  if (grid.columns == 0 && grid.rows > 0) return false;  // rows of nothing, without end
  return grid.chunk_rows <= kLargestChunk && grid.chunk_columns <= kLargestChunk &&
         grid.element <= kLargestChunk &&
         grid.chunk_rows * grid.chunk_columns <= kLargestChunk / grid.element;
}

}  // namespace

std::string Absolute(std::string_view path) {
  return path.starts_with('/') ? std::string(path) : fmt::format("/{}", path);
}

std::string LinkName(std::string_view column) {
  if (column.empty()) return "%";
  if (column == ".") return "%2E";
  std::string name;
  for (const char c : column) {
    if (c == '/' || c == '%') {
      name += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      name += c;
    }
  }
  return name;
}

Id CreateDataset(hid_t file, const std::string& path, const Grid& grid, hid_t type,
                 const void* fill, bool growing) {
  const Id list = CreationList(grid, type, fill);
  if (!list.valid()) return {};
  const std::array<hsize_t, 2> dims = {grid.rows, grid.columns};
  const std::array<hsize_t, 2> most = {growing ? H5S_UNLIMITED : grid.rows, grid.columns};
  const Id space(H5Screate_simple(grid.rank, dims.data(), most.data()), &H5Sclose);
  if (!space.valid()) return {};
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0 && !CreateGroup(file, path.substr(0, slash))) {
    return {};
  }
  return Id(H5Dcreate2(file, path.c_str(), type, space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT),
            &H5Dclose);
}

bool CreateGroup(hid_t file, const std::string& path) {
  if (path.empty() || path == "/" || Exists(file, path)) return true;
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0 && !CreateGroup(file, path.substr(0, slash))) {
    return false;
  }
  const Id list(H5Pcreate(H5P_GROUP_CREATE), &H5Pclose);
  if (!list.valid() || H5Pset_obj_track_times(list.get(), false) < 0) return false;
  Id group(H5Gcreate2(file, path.c_str(), H5P_DEFAULT, list.get(), H5P_DEFAULT), &H5Gclose);
  return group.valid() && group.Close();
}

bool Exists(hid_t file, const std::string& path) {
  const std::string full = Absolute(path);
  if (full == "/") return true;
  for (size_t slash = full.find('/', 1);; slash = full.find('/', slash + 1)) {
    const std::string part = full.substr(0, slash);
    H5L_info_t info;
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0 ||
        H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD) {
      return false;
    }
    if (slash == std::string::npos) return true;
  }
}

Opened OpenDataset(hid_t file, const std::string& file_name, const std::string& path) {
  PrepareThread();
  Opened data;
  data.file = file_name;
  data.path = Absolute(path);
  if (!Exists(file, data.path)) throw ReadError("dataset is missing", file_name, data.path);
  data.dataset = Id(H5Dopen2(file, data.path.c_str(), H5P_DEFAULT), &H5Dclose);
  if (!data.dataset.valid()) throw ReadError("cannot open dataset", file_name, data.path);
  data.type = Id(H5Dget_type(data.dataset.get()), &H5Tclose);
  const Id list(H5Dget_create_plist(data.dataset.get()), &H5Pclose);
  if (!data.type.valid() || !list.valid()) {
    throw ReadError("cannot read the dataset's header", file_name, data.path);
  }
  data.grid.element = H5Tget_size(data.type.get());
  if (data.grid.element == 0 || !ShapeFits(data.dataset.get(), list.get(), data.grid) ||
      !FiltersFit(list.get(), data.grid)) {
    throw ReadError("dataset was not written by kinflow", file_name, data.path);
  }
  return data;
}

namespace {

// HDF5 1.10 reports an error for the size of a chunk that was never written; this slower query (it
// walks the index) tells that apart from a failure.
bool WasNeverWritten(const Opened& data, const hsize_t* offset) {
  unsigned mask = 0;
  haddr_t address = 0;
  hsize_t size = 0;
  return H5Dget_chunk_info_by_coord(data.dataset.get(), offset, &mask, &address, &size) >= 0 &&
         address == HADDR_UNDEF;
}

}  // namespace

void ReadStoredChunk(const Opened& data, uint64_t row, uint64_t column, std::vector<uint8_t>& out) {
  PrepareThread();
  const std::array<hsize_t, 2> offset = {row, column};
  hsize_t size = 0;
  if (H5Dget_chunk_storage_size(data.dataset.get(), offset.data(), &size) < 0) {
    Error error = ReadError("cannot find a chunk", data.file, data.path);
    if (!WasNeverWritten(data, offset.data())) throw error;
    size = 0;
  }
  if (size > 2 * data.grid.chunk_bytes() + 4096) {
    throw ReadError("a chunk has an impossible size", data.file, data.path);
  }
  out.resize(size);
  if (size == 0) return;
  uint32_t mask = 0;
  if (H5Dread_chunk(data.dataset.get(), H5P_DEFAULT, offset.data(), &mask, out.data()) < 0) {
    throw ReadError("cannot read a chunk", data.file, data.path);
  }
  // A filter that was left out at writing would take the checksum away.
  if (mask != 0) throw ReadError("a chunk lacks its checksum", data.file, data.path);
}

}  // namespace kinflow::h5
