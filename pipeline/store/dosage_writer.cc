#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>

#include "pipeline/base/buffer_memory.h"
#include "pipeline/base/error.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/expand_calls.h"
#include "pipeline/store/h5_writer_impl.h"
#include "pipeline/store/layout.h"
#include "pipeline/store/shuffle.h"

namespace kinflow {
namespace {

// Chunks that are collected before they are compressed in parallel: work for some threads even if a
// band is one chunk wide. It bounds memory (about 16 MB and once more while compressing) and does
// not change the file's bytes.
constexpr size_t kChunksAtOnce = 16;

// libdeflate is ten times slower: it is tried on the first chunks only.
constexpr size_t kChunksTried = 2;

// kAuto takes libdeflate only where it saves this much over the run encoder, which is faster. That
// is so for few samples in strong LD (README.md).
constexpr double kWorthwhile = 0.9;

constexpr size_t kShuffled = 1;  // for ChunkEncoder: chunks are made shuffled

struct Slot {    // one chunk in the making
  uint8_t* raw;  // in Impl::raw; as the shuffle filter leaves it: planes of low and of high bytes
  std::optional<ChunkEncoder> encoder;
  std::span<const uint8_t> stored;
};

size_t BandsAtOnce(size_t column_chunks) {
  return std::max<size_t>(1, kChunksAtOnce / column_chunks);
}

}  // namespace

struct DosageWriter::Impl {
  H5Writer::Impl& file;
  std::string path;
  DosageEncoding encoding;
  h5::Grid grid;
  h5::Id dataset;
  std::unique_ptr<uint8_t, FreeBuffer> raw;
  std::vector<Slot> slots;  // bands x column chunks
  size_t column_chunks = 0, batch_rows = 0;
  size_t filled = 0;     // rows in the slots
  uint64_t flushed = 0;  // rows written
  bool is_flags = false, finished = false;
  Compressor compressor;

  Impl(H5Writer::Impl& f, std::string_view p, uint32_t n_samples, const DosageEncoding& e,
       Compressor c)
      : file(f), path(h5::Absolute(p)), encoding(e), compressor(c) {
    if (e.layout == DosageEncoding::Layout::kTwoBit || n_samples == 0) {
      throw Error(ErrorId::kInternal, "dosages are stored as u8 or u16 of at least one sample");
    }
    grid.rank = 2;
    grid.columns = n_samples;
    grid.chunk_rows = layout::ChunkRows(e.layout);
    grid.chunk_columns = layout::ChunkColumns(n_samples);
    grid.element = e.RowBytes(1);
    grid.shuffle = grid.element > 1;
    column_chunks = grid.column_chunks();
    const size_t bands = BandsAtOnce(column_chunks);
    batch_rows = bands * grid.chunk_rows;
    const uint16_t fill = 0xffff;
    h5::PrepareThread();
    const hid_t type = grid.element == 1 ? H5T_STD_U8LE : H5T_STD_U16LE;
    dataset = file.Create(path, grid, type, &fill, true);
    // Missing everywhere: what no row and no sample fills stays as padding.
    const size_t bytes = bands * column_chunks * grid.chunk_bytes();
    raw.reset(static_cast<uint8_t*>(AllocateBuffer(bytes)));
    std::memset(raw.get(), 0xff, bytes);
    for (size_t s = 0; s < bands * column_chunks; ++s) {
      slots.push_back({raw.get() + s * grid.chunk_bytes(), std::nullopt, {}});
    }
  }

  size_t plane_bytes() const { return grid.chunk_rows * grid.chunk_columns; }

  // copy(first sample, samples, target) for each chunk that the next row runs through; u16:
  // `target` is the place of the low bytes, the high ones are plane_bytes() behind.
  template <class Copy>
  void AddRow(Copy copy) {
    const size_t band = filled / grid.chunk_rows, row = filled % grid.chunk_rows;
    for (size_t c = 0; c < column_chunks; ++c) {
      const auto first = static_cast<uint32_t>(c * grid.chunk_columns);
      const auto n =
          static_cast<uint32_t>(std::min<uint64_t>(grid.chunk_columns, grid.columns - first));
      copy(first, n, slots[band * column_chunks + c].raw + row * grid.chunk_columns);
    }
    if (++filled == batch_rows) Flush();
  }

  // Depends on chunks of the first batch, which depend on the rows alone: same bytes every time.
  Compressor Choose(size_t filled_chunks) const {
    const size_t chunks = std::min(filled_chunks, kChunksTried);
    std::vector<size_t> by_runs(chunks), by_matches(chunks);
    tbb::parallel_for(size_t{0}, chunks, [&](size_t s) {
      const auto size = [&](Compressor c) {
        ChunkEncoder encoder(c);
        return encoder.Encode(slots[s].raw, grid.chunk_bytes(), kShuffled).size();
      };
      by_runs[s] = size(Compressor::kRun);
      by_matches[s] = size(Compressor::kFast);
    });
    const auto sum = [](const std::vector<size_t>& v) {
      return static_cast<double>(std::accumulate(v.begin(), v.end(), size_t{0}));
    };
    return sum(by_matches) < kWorthwhile * sum(by_runs) ? Compressor::kFast : Compressor::kRun;
  }

  void PadLastBand(size_t bands) {
    const size_t rows = filled - (bands - 1) * grid.chunk_rows;
    if (rows == grid.chunk_rows) return;
    for (size_t c = 0; c < column_chunks; ++c) {
      uint8_t* chunk = slots[(bands - 1) * column_chunks + c].raw;
      for (size_t b = 0; b < grid.element; ++b) {
        std::memset(chunk + b * plane_bytes() + rows * grid.chunk_columns, 0xff,
                    (grid.chunk_rows - rows) * grid.chunk_columns);
      }
    }
  }

  void Flush() {
    const size_t bands = (filled + grid.chunk_rows - 1) / grid.chunk_rows;
    if (bands == 0) return;
    PadLastBand(bands);
    if (compressor == Compressor::kAuto) compressor = Choose(bands * column_chunks);
    tbb::parallel_for(size_t{0}, bands * column_chunks, [&](size_t s) {
      Slot& slot = slots[s];
      if (!slot.encoder) slot.encoder.emplace(compressor);
      slot.stored = slot.encoder->Encode(slot.raw, grid.chunk_bytes(), kShuffled);
    });
    h5::PrepareThread();
    const std::array<hsize_t, 2> extent = {flushed + filled, grid.columns};
    if (H5Dset_extent(dataset.get(), extent.data()) < 0) file.Fail("write", path);
    for (size_t s = 0; s < bands * column_chunks; ++s) {
      file.WriteChunk(dataset.get(), path, flushed + s / column_chunks * grid.chunk_rows,
                      s % column_chunks * grid.chunk_columns, slots[s].stored);
    }
    flushed += filled;
    filled = 0;
  }

  void CheckUsable(uint32_t n_samples) const {
    file.CheckOpen();
    if (finished || n_samples != grid.columns) {
      throw Error(ErrorId::kInternal, "dosage tile does not fit the dataset being written")
          .InFile(file.path);
    }
  }
};

DosageWriter::DosageWriter(H5Writer& file, std::string_view path, uint32_t n_samples,
                           const DosageEncoding& encoding, Compressor compressor)
    : impl_(std::make_unique<Impl>(*file.impl_, path, n_samples, encoding, compressor)) {}

DosageWriter::~DosageWriter() = default;

void DosageWriter::Append(const DosageTile& tile) {
  Append(tile, {0, static_cast<uint32_t>(tile.rows())});
}

void DosageWriter::Append(const DosageTile& tile, Range rows) {
  impl_->CheckUsable(tile.n_samples);
  const bool two_bit = tile.encoding.layout == DosageEncoding::Layout::kTwoBit;
  const DosageEncoding& own = impl_->encoding;
  const bool fits = two_bit ? own.layout == DosageEncoding::Layout::kU8 && own.units_per_copy == 1
                            : own == tile.encoding;
  if (!fits) throw Error(ErrorId::kInternal, "dosage tile has another encoding than the dataset");
  const size_t element = impl_->grid.element;
  for (uint32_t r = rows.begin; r < rows.end; ++r) {
    const uint8_t* row = tile.Row(r);
    impl_->AddRow([&](uint32_t first, uint32_t n, uint8_t* out) {
      if (two_bit) {
        ExpandCalls(row, first, n, out);
      } else if (element == 2) {
        SplitBytes(row + 2 * size_t{first}, n, out, out + impl_->plane_bytes());
      } else {
        std::memcpy(out, row + first, n);
      }
    });
  }
}

void DosageWriter::AppendBytes(const uint8_t* rows, size_t n_rows, size_t stride_bytes) {
  impl_->CheckUsable(static_cast<uint32_t>(impl_->grid.columns));
  if (impl_->grid.element != 1) throw Error(ErrorId::kInternal, "bytes appended to a u16 dataset");
  impl_->is_flags = true;
  for (size_t r = 0; r < n_rows; ++r) {
    impl_->AddRow([&](uint32_t first, uint32_t n, uint8_t* out) {
      if (rows == nullptr) {
        std::memset(out, 0, n);
      } else {
        std::memcpy(out, rows + r * stride_bytes + first, n);
      }
    });
  }
}

uint64_t DosageWriter::MemoryBytes(uint32_t n_samples, const DosageEncoding& encoding) {
  const uint64_t columns = layout::ChunkColumns(n_samples);
  const uint64_t chunk = columns * layout::ChunkRows(encoding.layout) * encoding.RowBytes(1);
  const uint64_t column_chunks = (n_samples + columns - 1) / columns;
  return BandsAtOnce(column_chunks) * column_chunks * 2 * (chunk + 4096);  // raw, stored
}

void DosageWriter::Finish() {
  impl_->CheckUsable(static_cast<uint32_t>(impl_->grid.columns));
  impl_->Flush();
  impl_->finished = true;
  impl_->file.CloseDataset(impl_->dataset, impl_->path);
  const auto attribute = [&](const char* name, hid_t type, const void* value) {
    impl_->file.WriteAttribute(impl_->path, name, type, value);
  };
  const DosageEncoding& e = impl_->encoding;
  const int64_t units = e.units_per_copy, missing = e.missing();
  attribute(layout::kUnits, H5T_STD_I64LE, &units);
  attribute(layout::kErrorBound, H5T_IEEE_F64LE, &e.error_bound);
  attribute(layout::kMissingValue, H5T_STD_I64LE, &missing);
  const double scale = 1.0 / static_cast<double>(units);
  if (!impl_->is_flags) attribute(layout::kScale, H5T_IEEE_F64LE, &scale);
  const auto text_attribute = [&](const char* name, std::string_view text) {
    const h5::Id type(H5Tcopy(H5T_C_S1), &H5Tclose);
    H5Tset_size(type.get(), text.size());
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    attribute(name, type.get(), text.data());
  };
  text_attribute(layout::kRowTable, layout::kVariants);
  text_attribute(layout::kColumnTable, layout::kSamples);
  text_attribute(
      layout::kDescription,
      impl_->is_flags
          ? "variants x samples; bits: 1 one allele copy, 2 phased, 4 ALT on the first haplotype"
          : fmt::format("variants x samples; copies of ALT in [0, 2] = value / {}; {} = missing",
                        units, missing));
}

}  // namespace kinflow
