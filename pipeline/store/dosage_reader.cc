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
  h5::Opened data;
  DosageEncoding encoding;
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

void DosageReader::ReadBand(uint64_t band, RawBand& out) const {
  const h5::Grid& g = impl_->data.grid;
  if (band >= g.row_chunks()) throw Error(ErrorId::kInternal, "band beyond the end of a dataset");
  out.band = band;
  out.chunks.resize(g.column_chunks());
  for (size_t c = 0; c < out.chunks.size(); ++c) {
    h5::ReadStoredChunk(impl_->data, band * g.chunk_rows, c * g.chunk_columns, out.chunks[c]);
  }
}

void DosageReader::Expand(const RawBand& raw, uint8_t* out, size_t stride_bytes) const {
  const h5::Grid& g = impl_->data.grid;
  const uint64_t rows = std::min(g.chunk_rows, g.rows - raw.band * g.chunk_rows);
  // Scratch of a leaf function: nothing below it runs other tasks.
  static thread_local std::vector<uint8_t> chunk;
  chunk.resize(g.chunk_bytes());
  for (size_t c = 0; c < raw.chunks.size(); ++c) {
    const uint64_t first = c * g.chunk_columns;
    const size_t bytes = std::min(g.chunk_columns, g.columns - first) * g.element;
    uint8_t* target = out + first * g.element;
    const bool present = !raw.chunks[c].empty();  // one that was never written is missing
    if (present && !DecodeChunk(raw.chunks[c], g.shuffle_bytes(), chunk.data(), chunk.size())) {
      throw h5::ReadError("a chunk does not fit its checksum", impl_->data.file, impl_->data.path);
    }
    for (uint64_t r = 0; r < rows; ++r, target += stride_bytes) {
      if (present) {
        std::memcpy(target, chunk.data() + r * g.chunk_columns * g.element, bytes);
      } else {
        std::memset(target, 0xff, bytes);
      }
    }
  }
}

}  // namespace kinflow
