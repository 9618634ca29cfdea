#include "stages/dosage/dosage_stage.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/config/config_loader.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "pipeline/store/layout.h"
#include "stages/dosage/options.h"
#include "stages/dosage/variants_table.h"
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
    setup.field = "DS";
    setup.build = "GRCh37";
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
    RunContext context{{log, progress, stop}, store};
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

// All rows of a dataset, one after the other.
template <class T>
std::vector<T> AllRows(const DosageReader& reader) {
  std::vector<T> values(reader.rows() * kSamples);
  DosageReader::RawBand band;
  for (uint64_t b = 0; b * reader.rows_per_chunk() < reader.rows(); ++b) {
    reader.ReadBand(b, band);
    reader.Expand(band, reinterpret_cast<uint8_t*>(&values[b * reader.rows_per_chunk() * kSamples]),
                  kSamples * sizeof(T));
  }
  return values;
}

const DosageEncoding kThree{Layout::kU16, 1000, 0}, kTwoBit{Layout::kTwoBit, 1, 0};

TEST(DosageStage, SameBytesForAnyTileSize) {
  for (const auto& encoding : {kThree, kTwoBit}) {
    std::string first;
    for (const size_t tile : {1, 100, 1000, 7000}) {
      StageRun run(TempFolder());
      const Manifest m = run.All(encoding, tile);
      ASSERT_EQ(m.shards.size(), 3u);
      if (first.empty()) first = m.ContentDigest().Hex();
      EXPECT_EQ(m.ContentDigest().Hex(), first) << "tiles of " << tile;
    }
  }
}

TEST(DosageStage, StoreWithoutVariantsIsRefused) {
  StageRun run(TempFolder());
  const auto sink = run.Open();
  sink->UseEncoding(kThree);
  sink->BeginShard(0);  // as VCF does, whose records are looked at later
  sink->SealShard(0);
  try {
    sink->Finish();
    FAIL() << "an empty store was sealed";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kNoVariantsLeft);
  }
  EXPECT_FALSE(run.store.Find("dosage", run.keys.self));
}

TEST(DosageStage, ValuesFlagsVariantsAndSamplesComeBack) {
  StageRun run(TempFolder());
  const Manifest m = run.All(kThree, 333);
  for (size_t s = 0; s < 3; ++s) {
    const H5Reader file = run.store.Open(m, s);
    EXPECT_EQ(m.shards[s].rows, kShardRows[s]);
    EXPECT_EQ(file.ReadStrings("/samples/iid")[7], "person7");
    EXPECT_EQ(file.AttributeText("/", layout::kSamplesDigest), run.setup.samples->digest().Hex());
    EXPECT_EQ(file.AttributeInt("/", layout::kShardIndex), static_cast<int64_t>(s));
    EXPECT_EQ(file.ReadVariants(layout::kVariants).size(), kShardRows[s]);
    const auto values = RandomDosages(kShardRows[s], kSamples, kThree, s);
    const auto stored = AllRows<uint16_t>(DosageReader(file, layout::kDosage));
    ASSERT_TRUE(std::equal(stored.begin(), stored.end(), values.begin(), values.end()));
    ASSERT_EQ(file.Has(layout::kCalls), kShardRows[s] > 300);
    if (!file.Has(layout::kCalls)) continue;
    const DosageReader flags(file, layout::kCalls);
    const auto set = AllRows<uint8_t>(flags);
    ASSERT_EQ(set.size(), kShardRows[s] * kSamples);
    for (size_t i = 0; i < set.size(); ++i) {
      ASSERT_EQ(set[i], FlagOf(i / kSamples, i % kSamples)) << i;
    }
  }
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
  EXPECT_EQ(
      test::RunPython(
          "import h5py, numpy as np\n"
          "f = h5py.File('" +
              path +
              "')\n"
              "d = f['dosage']; x = d[:].astype(float)\n"
              "x[x == d.attrs['missing_value']] = np.nan\n"
              "assert d.attrs['scale_factor'] == 1 / d.attrs['units_per_copy']\n"
              "assert d.attrs['error_bound'] == 0 and d.fillvalue == 65535\n"
              "text = lambda v: v.decode() if isinstance(v, bytes) else v\n"
              "assert text(d.attrs['field']) == 'DS'\n"
              "assert text(f.attrs['genome_build']) == 'GRCh37'\n"
              "assert f[d.attrs['row_table']]['pos'].shape == x.shape[:1]\n"
              "assert f[d.attrs['column_table']]['iid'].shape == x.shape[1:]\n"
              "x *= d.attrs['scale_factor']\n"
              "assert x.shape == (7000, 300) and np.nanmax(x) <= 2 and np.nanmin(x) >= 0\n"
              "assert f['calls'].shape == x.shape and f.attrs['has_call_flags'] == 1\n"
              "assert f['calls'].attrs['flag_bits'] == np.bitwise_or.reduce(f['calls'][:], None)\n"
              "assert f['samples/iid'][7] == b'person7' and f['samples/sex'][0] == 2\n"
              "v = f['variants']\n"
              "assert v['chrom_names'][v['chrom'][3]] == b'1' and v['pos'][3] == 4\n"
              "assert f.attrs['format'] == b'kinflow-dosage' or f.attrs['format'] == "
              "'kinflow-dosage'\n",
          &out),
      0)
      << out;
}

TEST(DosageStage, ChosenSamplesInAnyOrder) {
  StageRun run(TempFolder());
  const H5Reader file = run.store.Open(run.All(kThree, 64), 1);
  const auto all = AllRows<uint16_t>(DosageReader(file, layout::kDosage));
  const std::vector<uint32_t> chosen = {299, 0, 7, 150};
  DosageReader reader(file, layout::kDosage);
  reader.SelectSamples(chosen);
  std::vector<uint16_t> rows(reader.rows_per_chunk() * chosen.size());
  DosageReader::RawBand band;
  reader.ReadBand(1, band);
  reader.Expand(band, reinterpret_cast<uint8_t*>(rows.data()), chosen.size() * 2);
  for (size_t r = 0; r < reader.rows_per_chunk(); ++r) {
    for (size_t k = 0; k < chosen.size(); ++k) {
      const size_t row = reader.rows_per_chunk() + r;
      ASSERT_EQ(rows[r * chosen.size() + k], all[row * kSamples + chosen[k]]) << r << " " << k;
    }
  }
  EXPECT_THROW(reader.SelectSamples({300}), Error);
}

TEST(DosageStage, VariantsAsATable) {
  StageRun run(TempFolder());
  const H5Reader file = run.store.Open(run.All(kThree, 64), 1);
  const Table t = VariantsAsTable(file.ReadVariants(layout::kVariants));
  EXPECT_EQ(t.rows(), 700u);
  EXPECT_EQ(t.IntsOf("POS")[699], 700);
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
