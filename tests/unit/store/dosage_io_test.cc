#include <gtest/gtest.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <fstream>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_file.h"
#include "pipeline/store/layout.h"
#include "tests/support/test_data.h"
#include "tests/unit/store/store_test_util.h"

namespace kinflow {
namespace {

using Layout = DosageEncoding::Layout;
using test::MakeTile;
using test::RandomDosages;
using test::TempFolder;

const DosageEncoding kHard{Layout::kU8, 1, 0}, kThree{Layout::kU16, 1000, 0},
    kTwoBit{Layout::kTwoBit, 1, 0}, kFine{Layout::kU16, 16384, 1.0 / 32768};

void WriteDosages(const std::string& path, const std::vector<uint32_t>& values, uint32_t samples,
                  const DosageEncoding& tile_encoding, size_t tile_rows,
                  Compressor compressor = Compressor::kRun) {
  const DosageEncoding stored = tile_encoding.layout == Layout::kTwoBit ? kHard : tile_encoding;
  H5Writer file(path);
  DosageWriter writer(file, layout::kDosage, samples, stored, compressor);
  const size_t rows = values.size() / samples;
  for (size_t r = 0; r < rows; r += tile_rows) {
    writer.Append(MakeTile(values, samples, tile_encoding, r, std::min(rows, r + tile_rows)));
  }
  writer.Finish();
  file.Close();
}

std::vector<uint32_t> ReadDosages(const std::string& path) {
  const H5Reader file(path);
  const DosageReader reader(file, layout::kDosage);
  const bool wide = reader.encoding().layout == Layout::kU16;
  const size_t stride = (reader.samples() * (wide ? 2 : 1) + 63) / 64 * 64;
  std::vector<uint32_t> values;
  std::vector<uint8_t> rows(stride * reader.rows_per_chunk());
  DosageReader::RawBand band;
  for (uint64_t r = 0; r < reader.rows(); r += reader.rows_per_chunk()) {
    reader.ReadBand(r / reader.rows_per_chunk(), band);
    reader.Expand(band, rows.data(), stride);
    const uint64_t n = std::min<uint64_t>(reader.rows_per_chunk(), reader.rows() - r);
    for (uint64_t k = 0; k < n; ++k) {
      for (uint32_t s = 0; s < reader.samples(); ++s) {
        const uint8_t* row = rows.data() + k * stride;
        values.push_back(wide ? reinterpret_cast<const uint16_t*>(row)[s] : row[s]);
      }
    }
  }
  return values;
}

void WriteRaw(const std::string& path, const std::vector<uint32_t>& values, size_t element) {
  std::ofstream out(path, std::ios::binary);
  for (const uint32_t v : values)
    out.write(reinterpret_cast<const char*>(&v), static_cast<long>(element));
}

struct Shape {
  size_t rows;
  uint32_t samples;
  DosageEncoding encoding;
};

class DosageIo : public testing::TestWithParam<Shape> {};

TEST_P(DosageIo, ComesBackAndBytesDoNotDependOnTiles) {
  const auto [rows, samples, encoding] = GetParam();
  const std::string folder = TempFolder();
  const auto values = RandomDosages(rows, samples, encoding, 1);
  std::string first;
  for (const size_t tile : {1, 7, 16, 256, 1000}) {
    const std::string path = folder + "/" + std::to_string(tile) + ".h5";
    WriteDosages(path, values, samples, encoding, tile);
    const std::string bytes = ReadFile(path);
    if (first.empty()) {
      first = bytes;
      auto expected = values;
      if (encoding.layout == Layout::kTwoBit) {
        for (auto& v : expected) v = v == 3 ? 255 : v;
      }
      EXPECT_EQ(ReadDosages(path), expected);
    }
    EXPECT_TRUE(bytes == first) << "tiles of " << tile;
  }
}

TEST_P(DosageIo, BytesDoNotDependOnThreads) {
  const auto& [rows, samples, encoding] = GetParam();
  const std::string folder = TempFolder();
  const auto values = RandomDosages(rows, samples, encoding, 2);
  std::string first;
  for (const int threads : {1, 2, 5}) {
    const std::string path = folder + "/" + std::to_string(threads) + ".h5";
    tbb::task_arena arena(threads);
    // clang 14 captures no structured bindings by reference.
    arena.execute([&, n = samples, as = encoding] { WriteDosages(path, values, n, as, 100); });
    if (first.empty()) first = ReadFile(path);
    EXPECT_TRUE(ReadFile(path) == first) << threads << " threads";
  }
}

TEST_P(DosageIo, H5pyReadsTheSameValues) {
  const auto [rows, samples, encoding] = GetParam();
  const std::string folder = TempFolder();
  auto values = RandomDosages(rows, samples, encoding, 3);
  WriteDosages(folder + "/a.h5", values, samples, encoding, 64);
  for (auto& v : values) v = encoding.layout == Layout::kTwoBit && v == 3 ? 255 : v;
  const bool wide = encoding.layout == Layout::kU16;
  WriteRaw(folder + "/raw", values, wide ? 2 : 1);
  std::string out;
  EXPECT_EQ(test::RunPython(
                "import h5py, numpy as np\n"
                "d = h5py.File('" +
                    folder +
                    "/a.h5')['dosage']\n"
                    "x = np.fromfile('" +
                    folder + "/raw', '" + (wide ? "<u2" : "u1") +
                    "').reshape(d.shape)\n"
                    "assert (d[:] == x).all() and d.dtype == x.dtype\n"
                    "assert d.fillvalue == d.attrs['missing_value'] == np.iinfo(d.dtype).max\n"
                    "assert d.shuffle == (d.dtype.itemsize == 2) and d.fletcher32 and "
                    "d.compression == 'gzip'\n"
                    "ok = d[:] != d.attrs['missing_value']\n"
                    "y = d[:][ok] / d.attrs['units_per_copy']\n"
                    "assert y.min() >= 0 and y.max() <= 2\n"
                    "assert 'ALT' in d.attrs['description'].decode()\n",
                &out),
            0)
      << out;
}

INSTANTIATE_TEST_SUITE_P(Shapes, DosageIo,
                         testing::Values(Shape{1000, 37, kHard}, Shape{1000, 37, kThree},
                                         Shape{600, 150, kTwoBit}, Shape{300, 9001, kThree},
                                         Shape{513, 5003, kTwoBit}, Shape{256, 4096, kHard},
                                         Shape{1, 1, kFine}, Shape{129, 4097, kFine}));

TEST(DosageFile, NoRowsAtAll) {
  const std::string path = TempFolder() + "/a.h5";
  WriteDosages(path, {}, 5, kThree, 10);
  const H5Reader file(path);
  const DosageReader reader(file, layout::kDosage);
  EXPECT_EQ(reader.rows(), 0u);
  EXPECT_EQ(reader.samples(), 5u);
  EXPECT_EQ(reader.encoding(), kThree);
}

TEST(DosageFile, EncodingComesBack) {
  const std::string path = TempFolder() + "/a.h5";
  WriteDosages(path, RandomDosages(3, 4, kFine, 1), 4, kFine, 10);
  const H5Reader file(path);
  EXPECT_EQ(DosageReader(file, layout::kDosage).encoding(), kFine);
}

TEST(DosageFile, LibdeflateGivesTheSameValues) {
  const std::string folder = TempFolder();
  const auto values = RandomDosages(500, 700, kThree, 9);
  WriteDosages(folder + "/a.h5", values, 700, kThree, 50, Compressor::kFast);
  EXPECT_EQ(ReadDosages(folder + "/a.h5"), values);
}

// All bytes 0xFF: the checksum's sums are multiples of 65535, where a wrong fold shows.
TEST(DosageFile, AllMissingChunkBothWays) {
  for (const auto& encoding : {kHard, kThree}) {
    const std::string folder = TempFolder();
    const std::vector<uint32_t> values(700 * 300, encoding.missing());
    for (const auto compressor : {Compressor::kRun, Compressor::kFast}) {
      const std::string path = folder + "/" + std::to_string(static_cast<int>(compressor));
      WriteDosages(path, values, 300, encoding, 100, compressor);
      EXPECT_EQ(ReadDosages(path), values);
      std::string out;
      EXPECT_EQ(test::RunPython("import h5py\nd = h5py.File('" + path +
                                    "')['dosage']\n"
                                    "assert d.shape == (700, 300)\n"
                                    "assert (d[:] == d.attrs['missing_value']).all()\n",
                                &out),
                0)
          << out;
    }
    // And the reverse: stock HDF5 compresses and sums, our reader checks.
    const std::string path = folder + "/stock.h5";
    std::string out;
    const std::string type = encoding.layout == Layout::kU16 ? "u2" : "u1";
    ASSERT_EQ(
        test::RunPython(
            "import h5py, numpy as np\n"
            "f = h5py.File('" +
                path +
                "', 'w', libver=('v110', 'v110'))\n"
                "m = np.iinfo('" +
                type +
                "').max\n"
                "d = f.create_dataset('dosage', data=np.full((700, 300), m, '<" +
                type +
                "'),\n"
                "  chunks=(128, 300), compression=1, fletcher32=True, shuffle=" +
                (type == "u2" ? "True" : "False") +
                ", fillvalue=m)\n"
                "d.attrs['units_per_copy'] = np.int64(1); d.attrs['missing_value'] = np.int64(m)\n"
                "d.attrs['error_bound'] = 0.0\n",
            &out),
        0)
        << out;
    EXPECT_EQ(ReadDosages(path), values);
  }
}

TEST(DosageFile, MissingChunkReadsAsMissing) {
  const std::string path = TempFolder() + "/a.h5";
  std::string out;
  ASSERT_EQ(test::RunPython("import h5py, numpy as np\n"
                            "f = h5py.File('" +
                                path +
                                "', 'w', libver=('v110', 'v110'))\n"
                                "d = f.create_dataset('dosage', (256, 3), '<u2', maxshape=(None, "
                                "3), chunks=(128, 3),\n"
                                "  compression=1, fletcher32=True, shuffle=True, fillvalue=65535)\n"
                                "d[128:] = 5\n"
                                "d.attrs['units_per_copy'] = np.int64(1000); "
                                "d.attrs['missing_value'] = np.int64(65535)\n"
                                "d.attrs['error_bound'] = 0.0\n",
                            &out),
            0)
      << out;
  const auto values = ReadDosages(path);
  EXPECT_EQ(values.at(0), 65535u);
  EXPECT_EQ(values.at(127 * 3 + 2), 65535u);
  EXPECT_EQ(values.at(128 * 3), 5u);
}

TEST(DosageFile, FlagsBesideDosages) {
  const std::string path = TempFolder() + "/a.h5";
  std::vector<uint8_t> flags(600 * 5000);
  for (size_t i = 0; i < flags.size(); ++i) flags[i] = static_cast<uint8_t>(i * 31 % 8);
  H5Writer file(path);
  DosageWriter writer(file, layout::kCalls, 5000, kHard);
  writer.AppendBytes(flags.data(), 599, 5000);
  writer.AppendBytes(nullptr, 1, 0);
  writer.Finish();
  file.Close();
  std::string out;
  EXPECT_EQ(
      test::RunPython("import h5py, numpy as np\n"
                      "d = h5py.File('" +
                          path +
                          "')['calls']\n"
                          "x = (np.arange(600 * 5000) * 31 % 8).reshape(600, 5000)\n"
                          "x[599] = 0\n"
                          "assert (d[:] == x).all() and b'phased' in d.attrs['description']\n",
                      &out),
      0)
      << out;
}

TEST(DosageFile, WrongUseIsAnErrorNotAFile) {
  const std::string path = TempFolder() + "/a.h5";
  const auto values = RandomDosages(4, 6, kThree, 1);
  {
    H5Writer file(path);
    DosageWriter writer(file, layout::kDosage, 6, kThree);
    EXPECT_THROW(writer.Append(MakeTile(values, 6, kFine, 0, 1)), Error);
    EXPECT_THROW(writer.Append(MakeTile(values, 3, kThree, 0, 1)), Error);
    EXPECT_THROW(writer.AppendBytes(nullptr, 1, 0), Error);
    EXPECT_THROW(DosageWriter(file, "/b", 0, kThree), Error);
    EXPECT_THROW(DosageWriter(file, "/b", 6, kTwoBit), Error);
    writer.Append(MakeTile(values, 6, kThree, 0, 4));
    EXPECT_THROW(file.Close(), Error);  // not finished
    writer.Finish();
    EXPECT_THROW(writer.Finish(), Error);
    EXPECT_THROW(writer.Append(MakeTile(values, 6, kThree, 0, 1)), Error);
  }
  EXPECT_FALSE(FileExists(path));
}

TEST(DosageFile, ExpandRunsInParallel) {
  const std::string path = TempFolder() + "/a.h5";
  const auto values = RandomDosages(2000, 5000, kThree, 4);
  WriteDosages(path, values, 5000, kThree, 333);
  const H5Reader file(path);
  const DosageReader reader(file, layout::kDosage);
  const size_t n = (reader.rows() + reader.rows_per_chunk() - 1) / reader.rows_per_chunk();
  std::vector<DosageReader::RawBand> bands(n);
  for (size_t b = 0; b < n; ++b) reader.ReadBand(b, bands[b]);
  std::vector<uint16_t> out(2000 * 5000);
  tbb::parallel_for(size_t{0}, n, [&](size_t b) {
    reader.Expand(bands[b],
                  reinterpret_cast<uint8_t*>(out.data() + b * reader.rows_per_chunk() * 5000),
                  10'000);
  });
  EXPECT_TRUE(std::equal(out.begin(), out.end(), values.begin()));
}

}  // namespace
}  // namespace kinflow
