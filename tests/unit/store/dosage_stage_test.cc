#include "stages/dosage/dosage_stage.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/config/config_loader.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "pipeline/store/layout.h"
#include "stages/dosage/options.h"
#include "stages/dosage/region.h"
#include "tests/support/test_data.h"
#include "tests/unit/store/store_test_util.h"

namespace kinflow {
namespace {

using Layout = DosageEncoding::Layout;
using test::MakeTile;
using test::RandomDosages;
using test::TempFolder;

constexpr uint32_t kSamples = 300;
constexpr size_t kShardRows[] = {7000, 700, 1};

SampleTablePtr Samples() {
  std::vector<std::string> iid;
  for (uint32_t i = 0; i < kSamples; ++i) iid.push_back("person" + std::to_string(i));
  return SampleTable::Build({}, iid, std::vector<Sex>(kSamples, Sex::kFemale), "x");
}

uint8_t FlagOf(size_t row, uint32_t sample) {
  return row >= 300 && row % 3 == 0 ? static_cast<uint8_t>((row + sample) % 7) : 0;
}

// A run of the stage over three shards in tiles of `tile_rows`.
struct StageRun {
  explicit StageRun(std::string work) : store(std::move(work)), log("", LogLevel::kError) {
    setup.samples = Samples();
    setup.files = {{"genotypes", HashBytes("file")}};
    keys.self = HashBytes("key");
  }

  void Shards(TileSink& sink, uint32_t first, uint32_t last, const DosageEncoding& encoding,
              size_t tile_rows) {
    for (uint32_t s = first; s < last; ++s) {
      const size_t rows = kShardRows[s];
      const auto values = RandomDosages(rows, kSamples, encoding, s);
      sink.BeginShard(s);
      for (size_t r = 0; r < rows; r += tile_rows) {
        const size_t end = std::min(rows, r + tile_rows);
        DosageTile tile = MakeTile(values, kSamples, encoding, r, end);
        if (flags) FillFlags(tile, r);
        sink.BeginTile(tile);
        sink.Consume(tile, {0, static_cast<uint32_t>(tile.rows())});
        sink.EndTile(tile);
      }
      sink.SealShard(s);
    }
  }

  // Flags only where there are any, as sources do: which tiles have them depends on their size.
  static void FillFlags(DosageTile& tile, size_t first) {
    bool any = false;
    for (size_t r = 0; r < tile.rows(); ++r) any |= first + r >= 300 && (first + r) % 3 == 0;
    if (!any) return;
    tile.calls.Resize(tile.rows() * kSamples);
    for (size_t r = 0; r < tile.rows(); ++r) {
      for (uint32_t s = 0; s < kSamples; ++s) {
        tile.calls.data()[r * kSamples + s] = FlagOf(first + r, s);
      }
    }
  }

  Manifest All(const DosageEncoding& encoding, size_t tile_rows) {
    const auto sink = Open();
    Shards(*sink, 0, 3, encoding, tile_rows);
    sink->Finish();
    return *store.Find("dosage", keys.self);
  }

  std::unique_ptr<TileSink> Open() {
    RunContext context{store, log, progress, stop};
    return DosageStage(setup).OpenSink(context, keys);
  }

  ArtifactStore store;
  Log log;
  Progress progress{Progress::Mode::kNone};
  StopSignal stop;
  DosageStage::Setup setup;
  StageKeys keys;
  bool flags = true;
};

const DosageEncoding kThree{Layout::kU16, 1000, 0}, kTwoBit{Layout::kTwoBit, 1, 0};

TEST(DosageStage, SameBytesForAnyTileSize) {
  for (const auto& encoding : {kThree, kTwoBit}) {
    std::string first;
    for (const size_t tile : {1, 16, 100, 1000, 4096, 7000}) {
      StageRun run(TempFolder());
      const Manifest m = run.All(encoding, tile);
      ASSERT_EQ(m.shards.size(), 3u);
      if (first.empty()) first = m.ContentDigest().Hex();
      EXPECT_EQ(m.ContentDigest().Hex(), first) << "tiles of " << tile;
    }
  }
}

TEST(DosageStage, ValuesFlagsVariantsAndSamplesComeBack) {
  StageRun run(TempFolder());
  const Manifest m = run.All(kThree, 333);
  for (size_t s = 0; s < 3; ++s) {
    const H5Reader file = run.store.Open(m, s);
    EXPECT_EQ(m.shards[s].rows, kShardRows[s]);
    EXPECT_EQ(file.Has("/samples"), s == 0);
    EXPECT_EQ(file.AttributeText("/", layout::kSamplesDigest), run.setup.samples->digest().Hex());
    EXPECT_EQ(file.AttributeInt("/", layout::kShardIndex), static_cast<int64_t>(s));
    EXPECT_EQ(file.ReadVariants(layout::kVariants).size(), kShardRows[s]);
    const auto values = RandomDosages(kShardRows[s], kSamples, kThree, s);
    const Table t = ReadRegion(file, 0, kShardRows[s], kSamples);
    ASSERT_EQ(t.rows(), kShardRows[s]);
    for (uint32_t k = 0; k < kSamples; k += 37) {
      const auto& column = t.DoublesOf("sample " + std::to_string(k + 1));
      for (size_t r = 0; r < t.rows(); ++r) {
        const uint32_t v = values[r * kSamples + k];
        if (v == 65535) {
          ASSERT_TRUE(std::isnan(column[r]));
        } else {
          ASSERT_EQ(column[r], v / 1000.0);
        }
      }
    }
    ASSERT_EQ(file.Has(layout::kCalls), kShardRows[s] > 300);
    if (!file.Has(layout::kCalls)) continue;
    const DosageReader flags(file, layout::kCalls);
    ASSERT_EQ(flags.rows(), kShardRows[s]);
    std::vector<uint8_t> out(flags.rows_per_chunk() * kSamples);
    DosageReader::RawBand band;
    for (size_t b = 0; b * flags.rows_per_chunk() < flags.rows(); ++b) {
      flags.ReadBand(b, band);
      flags.Expand(band, out.data(), kSamples);
      const size_t base = b * flags.rows_per_chunk();
      for (size_t r = base; r < std::min<size_t>(base + flags.rows_per_chunk(), flags.rows());
           ++r) {
        for (uint32_t k = 0; k < kSamples; ++k) {
          ASSERT_EQ(out[(r - base) * kSamples + k], FlagOf(r, k)) << r << " " << k;
        }
      }
    }
  }
  const H5Reader file = run.store.Open(m, 0);
  EXPECT_EQ(file.ReadStrings("/samples/iid")[7], "person7");
}

// Two shards, then a stop; the second run goes on with the third: the same artifact.
TEST(DosageStage, ResumesAfterCommittedShards) {
  StageRun whole(TempFolder());
  const Digest expected = whole.All(kThree, 256).ContentDigest();
  const std::string work = TempFolder();
  {
    StageRun first(work);
    const auto sink = first.Open();
    EXPECT_EQ(sink->CommittedShards(), 0u);
    first.Shards(*sink, 0, 2, kThree, 100);
    sink->BeginShard(2);  // and dies in the third
  }
  StageRun second(work);
  const auto sink = second.Open();
  EXPECT_EQ(sink->CommittedShards(), 2u);
  EXPECT_EQ(sink->CommittedVariants(2), kShardRows[0] + kShardRows[1]);
  second.Shards(*sink, 1, 3, kThree, 77);  // another sink may ask for shard 1 again
  sink->Finish();
  EXPECT_EQ(second.store.Find("dosage", second.keys.self)->ContentDigest(), expected);
  EXPECT_EQ(second.store.Verify([](const std::string& path, const std::string& problem) {
    ADD_FAILURE() << path << ": " << problem;
  }),
            1u);
}

TEST(DosageStage, WithoutFlags) {
  StageRun run(TempFolder());
  run.flags = false;
  const Manifest m = run.All(kTwoBit, 64);
  const H5Reader file = run.store.Open(m, 0);
  EXPECT_FALSE(file.Has(layout::kCalls));
  EXPECT_EQ(file.AttributeInt("/", layout::kHasFlags), 0);
}

TEST(DosageStage, H5pyReadsAShard) {
  StageRun run(TempFolder());
  const Manifest m = run.All(kThree, 64);
  const std::string path = run.store.Open(m, 0).path();
  std::string out;
  EXPECT_EQ(test::RunPython(
                "import h5py, numpy as np\n"
                "f = h5py.File('" +
                    path +
                    "')\n"
                    "d = f['dosage']; x = d[:].astype(float)\n"
                    "x[x == d.attrs['missing_value']] = np.nan\n"
                    "x /= d.attrs['units_per_copy']\n"
                    "assert x.shape == (7000, 300) and np.nanmax(x) <= 2 and np.nanmin(x) >= 0\n"
                    "assert f['calls'].shape == x.shape and f.attrs['has_call_flags'] == 1\n"
                    "assert f['samples/iid'][7] == b'person7' and f['samples/sex'][0] == 2\n"
                    "v = f['variants']\n"
                    "assert v['chrom_names'][v['chrom'][3]] == b'1' and v['pos'][3] == 4\n"
                    "assert f.attrs['format'] == b'kinflow-dosage' or f.attrs['format'] == "
                    "'kinflow-dosage'\n",
                &out),
            0)
      << out;
}

TEST(DosageStage, RegionIsCutToWhatIsThere) {
  StageRun run(TempFolder());
  const H5Reader file = run.store.Open(run.All(kThree, 64), 1);
  const Table t = ReadRegion(file, 698, 10, 3);
  EXPECT_EQ(t.rows(), 2u);
  EXPECT_EQ(t.columns(), 8u);
  EXPECT_EQ(t.IntsOf("POS")[0], 699);
  EXPECT_EQ(ReadRegion(file, 7000, 10, 0).rows(), 0u);
  EXPECT_EQ(VariantsAsTable(file.ReadVariants(layout::kVariants)).rows(), 700u);
}

TEST(DosageStage, SchemaHasDefaultsAndRefusesNonsense) {
  const SchemaNode schema = schema::Map("", "", {DosageSchema()});
  const auto result = LoadConfigText("dosage: {}\n", "x.yaml", schema, {});
  ASSERT_TRUE(result.errors.empty());
  EXPECT_EQ(result.root.Text("dosage.units"), "auto");
  EXPECT_EQ(result.root.Text("dosage.precision"), "lossless");
  EXPECT_EQ(result.root.Text("dosage.phase"), "keep");
  EXPECT_EQ(LoadConfigText("dosage: {precision: tiny}\n", "x.yaml", schema, {}).errors.size(), 1u);
}

}  // namespace
}  // namespace kinflow
