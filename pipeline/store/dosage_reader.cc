#include <algorithm>
#include <cstring>

#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_dataset.h"
#include "pipeline/store/h5_reader_impl.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

DosageEncoding ReadEncoding(const H5Reader& file, const h5::Opened& data) {
  DosageEncoding e;
  e.layout = data.grid.element == 1 ? DosageEncoding::Layout::kU8 : DosageEncoding::Layout::kU16;
  const int64_t units = file.AttributeInt(data.path, layout::kUnits);
  e.error_bound = file.AttributeDouble(data.path, layout::kErrorBound);
  const int64_t missing = file.AttributeInt(data.path, layout::kMissingValue);
  if (units < 1 || units > missing / 2 || missing != e.missing() || !(e.error_bound >= 0)) {
    throw h5::ReadError("dosage attributes make no sense", data.file, data.path);
  }
  e.units_per_copy = static_cast<uint32_t>(units);
  return e;
}

}  // namespace

struct DosageReader::Impl {
  struct Chosen {
    uint32_t column;  // within its chunk
    uint32_t target;  // within the rows given out
  };
  h5::Opened data;
  DosageEncoding encoding;
  bool all = true;
  std::vector<std::vector<Chosen>> chosen;  // by column chunk

  bool Needs(size_t c) const { return all || !chosen[c].empty(); }

  // One row of column chunk c; null = missing.
  template <class T>
  void PutChosen(size_t c, const uint8_t* row, uint8_t* out) const {
    constexpr T kMissing = static_cast<T>(-1);
    for (const Chosen& s : chosen[c]) {
      std::memcpy(
          out + s.target * sizeof(T),
          row == nullptr ? reinterpret_cast<const uint8_t*>(&kMissing) : row + s.column * sizeof(T),
          sizeof(T));
    }
  }
  void PutRow(size_t c, const uint8_t* row, uint8_t* out) const {
    const h5::Grid& g = data.grid;
    if (!all) {
      return g.element == 1 ? PutChosen<uint8_t>(c, row, out) : PutChosen<uint16_t>(c, row, out);
    }
    const uint64_t first = c * g.chunk_columns;
    const size_t bytes = std::min(g.chunk_columns, g.columns - first) * g.element;
    if (row == nullptr) {
      std::memset(out + first * g.element, 0xff, bytes);
    } else {
      std::memcpy(out + first * g.element, row, bytes);
    }
  }
};

DosageReader::DosageReader(const H5Reader& file, std::string_view path)
    : impl_(std::make_unique<Impl>()) {
  h5::PrepareThread();
  impl_->data = h5::OpenDataset(file.impl_->file.get(), file.path(), std::string(path));
  const h5::Grid& g = impl_->data.grid;
  const hid_t type = g.element == 1 ? H5T_STD_U8LE : H5T_STD_U16LE;
  if (g.rank != 2 || g.columns == 0 || g.columns > UINT32_MAX ||
      H5Tequal(impl_->data.type.get(), type) <= 0 || g.shuffle != (g.element == 2)) {
    throw h5::ReadError("dataset does not hold dosages", file.path(), impl_->data.path);
  }
  impl_->encoding = ReadEncoding(file, impl_->data);
}

DosageReader::~DosageReader() = default;
DosageReader::DosageReader(DosageReader&&) noexcept = default;

uint64_t DosageReader::rows() const { return impl_->data.grid.rows; }
uint32_t DosageReader::samples() const { return static_cast<uint32_t>(impl_->data.grid.columns); }
const DosageEncoding& DosageReader::encoding() const { return impl_->encoding; }
uint32_t DosageReader::rows_per_chunk() const {
  return static_cast<uint32_t>(impl_->data.grid.chunk_rows);
}

void DosageReader::SelectSamples(const std::vector<uint32_t>& columns) {
  const h5::Grid& g = impl_->data.grid;
  impl_->all = false;
  impl_->chosen.assign(g.column_chunks(), {});
  for (uint32_t i = 0; i < columns.size(); ++i) {
    if (columns[i] >= g.columns) {
      throw Error(ErrorId::kInternal, "chosen samples must lie within the dataset");
    }
    impl_->chosen[columns[i] / g.chunk_columns].push_back(
        {static_cast<uint32_t>(columns[i] % g.chunk_columns), i});
  }
}

void DosageReader::ReadBand(uint64_t band, RawBand& out) const {
  const h5::Grid& g = impl_->data.grid;
  if (band >= g.row_chunks()) throw Error(ErrorId::kInternal, "band beyond the end of a dataset");
  out.band = band;
  out.chunks.resize(g.column_chunks());
  for (size_t c = 0; c < out.chunks.size(); ++c) {
    out.chunks[c].clear();
    if (!impl_->Needs(c)) continue;
    h5::ReadStoredChunk(impl_->data, band * g.chunk_rows, c * g.chunk_columns, out.chunks[c]);
  }
}

void DosageReader::Expand(const RawBand& raw, uint8_t* out, size_t stride_bytes) const {
  const h5::Grid& g = impl_->data.grid;
  const uint64_t rows = std::min(g.chunk_rows, g.rows - raw.band * g.chunk_rows);
  // Scratch of a leaf function: nothing below it runs other tasks.
  static thread_local std::vector<uint8_t> chunk;
  chunk.resize(g.chunk_bytes());
  const size_t row_bytes = g.chunk_columns * g.element;
  for (size_t c = 0; c < raw.chunks.size(); ++c) {
    if (!impl_->Needs(c)) continue;
    const bool present = !raw.chunks[c].empty();  // one that was never written is missing
    if (present && !DecodeChunk(raw.chunks[c], g.shuffle_bytes(), chunk.data(), chunk.size())) {
      throw h5::ReadError("a chunk does not fit its checksum", impl_->data.file, impl_->data.path);
    }
    for (uint64_t r = 0; r < rows; ++r) {
      impl_->PutRow(c, present ? chunk.data() + r * row_bytes : nullptr, out + r * stride_bytes);
    }
  }
}

}  // namespace kinflow
