#include "pipeline/store/artifact_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"
#include "pipeline/store/verify.h"
#include "tests/support/test_data.h"
#include "tests/unit/store/store_test_util.h"

namespace kinflow {
namespace {

using test::TempFolder;

const Digest kKey = HashBytes("key");

ShardRecord AddShard(ArtifactStore& store, uint32_t index, double value = 1,
                     const char* kind = "qc") {
  auto shard = store.BeginShard(kind, kKey, index);
  shard->file().Write("/x", std::span<const double>(std::vector<double>(50, value + index)));
  return shard->Commit(50);
}

Manifest Seal(ArtifactStore& store, uint32_t shards) {
  Manifest m;
  m.stage = m.kind = "qc";
  m.key = kKey;
  for (uint32_t i = 0; i < shards; ++i) m.shards.push_back(AddShard(store, i));
  store.Seal(m);
  return m;
}

void FlipByte(const std::string& path, size_t at) {
  std::fstream f(path, std::ios::in | std::ios::out | std::ios::binary);
  f.seekg(static_cast<long>(at));
  const char c = static_cast<char>(f.get() ^ 0x10);
  f.seekp(static_cast<long>(at));
  f.put(c);
}

ErrorId IdOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    EXPECT_NE(e.remedy().find("rm -r '"), std::string::npos);
    EXPECT_FALSE(e.file().empty());
    return e.id();
  }
  ADD_FAILURE() << "no error";
  return ErrorId::kInternal;
}

TEST(ArtifactStore, SealedArtifactIsFoundAndReads) {
  ArtifactStore store(TempFolder() + "/w/k");
  EXPECT_FALSE(store.Find("qc", kKey));
  Seal(store, 3);
  const auto m = store.Find("qc", kKey);
  ASSERT_TRUE(m);
  ASSERT_EQ(m->shards.size(), 3u);
  EXPECT_EQ(m->shards[2].rows, 50u);
  EXPECT_EQ(store.Open(*m, 2).ReadF64("/x").at(49), 3.0);
  EXPECT_EQ(store.List().size(), 1u);
  EXPECT_FALSE(store.Find("qc", HashBytes("other")));
  EXPECT_FALSE(store.Find("dosage", kKey));
  EXPECT_TRUE(store.Begun().empty());
}

TEST(ArtifactStore, EverythingIsPrivate) {
  const mode_t old = ::umask(0);
  ArtifactStore store(TempFolder() + "/w");
  Seal(store, 1);
  ::umask(old);
  std::string out;
  test::RunCommand("find " + store.work_folder() + " -type d ! -perm 0700 -o -type f ! -perm 0600",
                   &out);
  EXPECT_EQ(out, "");
}

TEST(ArtifactStore, DroppedShardLeavesNothing) {
  ArtifactStore store(TempFolder());
  {
    auto shard = store.BeginShard("qc", kKey, 0);
    shard->file().Write("/x", std::span<const double>(std::vector<double>(5, 1.0)));
  }
  EXPECT_TRUE(ListFolder(store.FolderOf("qc", kKey)).empty());
}

TEST(ArtifactStore, CommittedShardsWithoutGap) {
  ArtifactStore store(TempFolder());
  EXPECT_TRUE(store.CommittedShards("qc", kKey).empty());
  AddShard(store, 0);
  AddShard(store, 1);
  AddShard(store, 3);
  EXPECT_EQ(store.CommittedShards("qc", kKey).size(), 2u);
  AddShard(store, 2);
  EXPECT_EQ(store.CommittedShards("qc", kKey).size(), 4u);
}

TEST(ArtifactStore, BegunShardsInAnyOrder) {
  ArtifactStore store(TempFolder());
  AddShard(store, 3);
  AddShard(store, 1);
  const std::vector<Manifest> begun = store.Begun();
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_EQ(begun[0].kind, "qc");
  EXPECT_EQ(begun[0].key, kKey);
  ASSERT_EQ(begun[0].shards.size(), 2u);
  EXPECT_EQ(begun[0].shards[0].name, "shard-00001.h5");
  EXPECT_EQ(begun[0].shards[1].name, "shard-00003.h5");
  RemoveFile(store.FolderOf("qc", kKey) + "/shard-00001.json");  // not committed
  EXPECT_EQ(store.Begun().at(0).shards.size(), 1u);
}

// What a kill leaves at each step of a commit is not taken for a shard, and is cleaned away.
TEST(ArtifactStore, HalfShardsAreRemoved) {
  ArtifactStore store(TempFolder());
  AddShard(store, 0);
  AddShard(store, 1);
  const std::string folder = store.FolderOf("qc", kKey);
  const std::string h5 = folder + "/shard-00001.h5", side = folder + "/shard-00001.json";
  const std::string good_h5 = ReadFile(h5), good_side = ReadFile(side);
  const auto expect_one_left = [&](const char* what) {
    EXPECT_EQ(store.CommittedShards("qc", kKey).size(), 1u) << what;
    for (const auto& name : ListFolder(folder)) {
      EXPECT_TRUE(name == "shard-00000.h5" || name == "shard-00000.json" ||
                  name == "shard-00001.json")
          << what << ": " << name;
    }
  };
  RemoveFile(side);  // renamed, but no record yet
  expect_one_left("no record");
  WriteFileAtomically(folder + "/shard-00001.h5.partial.1.1", good_h5);  // not renamed
  expect_one_left("partial");
  WriteFileAtomically(h5, good_h5);
  WriteFileAtomically(side, good_side.substr(0, good_side.size() / 2));
  expect_one_left("torn record");
  WriteFileAtomically(h5, good_h5.substr(0, good_h5.size() - 1));
  WriteFileAtomically(side, good_side);
  expect_one_left("short file");
  WriteFileAtomically(h5, good_h5);
  WriteFileAtomically(side, good_side);
  FlipByte(h5, good_h5.size() / 2);
  expect_one_left("damaged file");
  WriteFileAtomically(h5, good_h5);
  WriteFileAtomically(side, ReadFile(folder + "/shard-00000.json"));
  expect_one_left("record of another shard");
  AddShard(store, 1);
  EXPECT_EQ(ReadFile(h5), good_h5);
}

// A real kill at every moment of a commit, by an alarm in a child: the shard is there or it is not.
TEST(ArtifactStore, KillDuringCommitNeverLeavesAHalfShard) {
  const std::string work = TempFolder();
  ArtifactStore reference(work + "/ref");
  AddShard(reference, 1);
  const auto begin = std::chrono::steady_clock::now();
  AddShard(reference, 0);
  const auto usual = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::steady_clock::now() - begin)
                         .count();
  const std::string expected = ReadFile(reference.FolderOf("qc", kKey) + "/shard-00000.h5");
  int done = 0, killed = 0;
  // On a busy machine the usual time says little: on until one got through.
  for (int k = 0; k < 40 || (done == 0 && k < 1000); ++k) {
    const std::string folder = work + "/" + std::to_string(k);
    test::InChild([&] {
      // SIGALRM ends the process at 0 to 3 times the usual duration, or later.
      const auto wait = std::chrono::microseconds(1 + usual * k * 3 / 40);
      itimerval timer = {};
      timer.it_value.tv_sec = wait.count() / 1'000'000;
      timer.it_value.tv_usec = wait.count() % 1'000'000;
      if (::setitimer(ITIMER_REAL, &timer, nullptr) != 0) return 1;
      ArtifactStore store(folder);
      AddShard(store, 0);
      return 0;
    });
    ArtifactStore store(folder);
    const auto shards = store.CommittedShards("qc", kKey);
    if (!shards.empty()) {
      ++done;
      EXPECT_EQ(ReadFile(store.FolderOf("qc", kKey) + "/shard-00000.h5"), expected);
    } else {
      ++killed;
      EXPECT_EQ(AddShard(store, 0).digest, HashBytes(expected));
    }
  }
  EXPECT_GT(done, 0);
  EXPECT_GT(killed, 0);
}

TEST(ArtifactStore, CommittingAgainGivesTheSame) {
  ArtifactStore store(TempFolder());
  const auto first = AddShard(store, 0), again = AddShard(store, 0);
  EXPECT_EQ(first.digest, again.digest);
  const auto other = AddShard(store, 0, 5);
  EXPECT_NE(other.digest, first.digest);
  EXPECT_EQ(store.CommittedShards("qc", kKey).at(0).digest, other.digest);
}

TEST(ArtifactStore, CopiedShardIsOneOfItsOwn) {
  ArtifactStore store(TempFolder() + "/w");
  const Manifest from = Seal(store, 2);
  Manifest copy = from;
  copy.key = HashBytes("copy");
  for (size_t i = 0; i < 2; ++i) {
    copy.shards[i] = store.CopyShard(from, i, "qc", copy.key);
    EXPECT_EQ(copy.shards[i].digest, from.shards[i].digest);
  }
  store.Seal(copy);
  ASSERT_TRUE(store.Find("qc", copy.key));
  EXPECT_EQ(store.Open(copy, 1).ReadF64("/x").at(49), 2.0);

  FlipByte(store.FolderOf("qc", kKey) + "/shard-00001.h5", 700);
  EXPECT_EQ(IdOf([&] { store.CopyShard(from, 1, "qc", HashBytes("third")); }),
            ErrorId::kShardDamaged);
  EXPECT_EQ(store.Open(copy, 1).ReadF64("/x").at(49), 2.0);
}

TEST(ArtifactStore, DamageIsFoundBeforeUse) {
  for (const bool same_process : {true, false}) {
    const std::string work = TempFolder();
    ArtifactStore first(work);
    const Manifest m = Seal(first, 2);
    if (same_process) first.Open(m, 1);  // known to be right, until it changes
    const std::string path = first.FolderOf("qc", kKey) + "/shard-00001.h5";
    FlipByte(path, 700);
    ArtifactStore second(work);
    ArtifactStore& store = same_process ? first : second;
    EXPECT_EQ(store.Open(m, 0).ReadF64("/x").size(), 50u);
    EXPECT_EQ(IdOf([&] { store.Open(m, 1); }), ErrorId::kShardDamaged);
    ASSERT_EQ(::truncate(path.c_str(), 10), 0);
    EXPECT_EQ(IdOf([&] { store.Find("qc", kKey); }), ErrorId::kShardDamaged);
    RemoveFile(path);
    EXPECT_EQ(IdOf([&] { store.Find("qc", kKey); }), ErrorId::kShardMissing);
    EXPECT_EQ(IdOf([&] { store.Open(m, 1); }), ErrorId::kShardMissing);
  }
}

TEST(ArtifactStore, ManifestOfAnotherArtifactIsRefused) {
  ArtifactStore store(TempFolder());
  Seal(store, 1);
  const std::string other = store.FolderOf("qc", HashBytes("other"));
  MakeFolders(other);
  WriteFileAtomically(other + "/manifest.json",
                      ReadFile(store.FolderOf("qc", kKey) + "/manifest.json"));
  EXPECT_EQ(IdOf([&] { store.Find("qc", HashBytes("other")); }), ErrorId::kManifestDamaged);
  EXPECT_EQ(IdOf([&] { store.List(); }), ErrorId::kManifestDamaged);
}

TEST(ArtifactStore, SealRefusesWhatWasNotCommitted) {
  ArtifactStore store(TempFolder());
  Manifest m;
  m.kind = "qc";
  m.key = kKey;
  m.shards = {{"shard-00000.h5", HashBytes("x"), 3, 0}};
  EXPECT_THROW(store.Seal(m), Error);
  m.shards = {AddShard(store, 0)};
  m.shards[0].digest = HashBytes("y");
  EXPECT_THROW(store.Seal(m), Error);
  EXPECT_FALSE(store.Find("qc", kKey));
  EXPECT_THROW(store.FolderOf("../x", kKey), Error);
}

TEST(ArtifactStore, VerifyNamesWhatIsDamaged) {
  ArtifactStore store(TempFolder());
  Seal(store, 2);
  AddShard(store, 0, 1, "dosage");  // unfinished artifact
  std::vector<std::string> found;
  const auto report = [&](const std::string& path, const std::string&) { found.push_back(path); };
  EXPECT_EQ(store.Verify(report), 2u);
  EXPECT_TRUE(found.empty());
  const std::string qc = store.FolderOf("qc", kKey), dosage = store.FolderOf("dosage", kKey);
  FlipByte(qc + "/shard-00001.h5", 900);
  FlipByte(dosage + "/shard-00000.h5", 900);
  EXPECT_EQ(store.Verify(report), 2u);
  EXPECT_EQ(found, (std::vector<std::string>{dosage + "/shard-00000.h5", qc + "/shard-00001.h5"}));
  found.clear();
  FlipByte(qc + "/manifest.json", 30);
  store.Verify(report);
  EXPECT_EQ(found.back(), qc + "/manifest.json");
}

// The inner checks alone, without the outer digest: every byte of a small artifact, through our
// reader: an error or the same values, never others.
TEST(ArtifactStore, NoFlippedByteGivesWrongValues) {
  const std::string folder = TempFolder(), path = folder + "/a.h5";
  // Thousands of small files: in memory where there is such a file system.
  const std::string bad_path = (IsFolder("/dev/shm") ? "/dev/shm/kinflow-flip-" : folder + "/b-") +
                               std::to_string(::getpid()) + ".h5";
  const DosageEncoding encoding{DosageEncoding::Layout::kU16, 1000, 0};
  const auto values = test::RandomDosages(20, 9, encoding, 5);
  Table table;
  table.Add("a", Table::Ints{1, 2, 3});
  table.Add("b", Table::Strings{"x", "yy", ""});
  {
    H5Writer w(path);
    DosageWriter d(w, "/dosage", 9, encoding);
    d.Append(test::MakeTile(values, 9, encoding, 0, 20));
    d.Finish();
    w.WriteTable("/t", table);
    w.Attribute("/", "k", int64_t{5});
    w.Close();
  }
  const std::string good = ReadFile(path);
  size_t errors = 0, same = 0;
  const auto check = [&](const std::string& bytes, size_t at) {
    std::ofstream(bad_path, std::ios::binary) << bytes;
    try {
      const H5Reader r(bad_path);
      EXPECT_EQ(r.AttributeInt("/", "k"), 5) << at;
      const Table t = r.ReadTable("/t");
      EXPECT_TRUE(t.columns() == 2 && t.IntsOf("a") == table.IntsOf("a") &&
                  t.StringsOf("b") == table.StringsOf("b"))
          << at;
      const DosageReader d(r, "/dosage");
      EXPECT_EQ(d.encoding(), encoding) << at;
      ASSERT_EQ(d.rows(), 20u) << at;
      DosageReader::RawBand band;
      d.ReadBand(0, band);
      std::vector<uint16_t> out(20 * 9);
      d.Expand(band, reinterpret_cast<uint8_t*>(out.data()), 18);
      EXPECT_TRUE(std::equal(out.begin(), out.end(), values.begin())) << at;
      ++same;
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), ErrorId::kShardDamaged) << at;
      ++errors;
    }
  };
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    check(bad, i);
  }
  EXPECT_GT(errors, good.size() / 4);
  RecordProperty("flips_found", static_cast<int>(errors));
  RecordProperty("flips_without_effect", static_cast<int>(same));
  for (size_t cut = 0; cut < good.size(); cut += 64) check(good.substr(0, cut), cut);
  RemoveFile(bad_path);
}

TEST(Verify, EveryChunkMustBeThere) {
  const std::string path = TempFolder() + "/a.h5";
  std::string out;
  ASSERT_EQ(
      test::RunPython("import h5py\n"
                      "f = h5py.File('" +
                          path +
                          "', 'w', libver=('v110', 'v110'))\n"
                          "d = f.create_dataset('g/x', (20,), 'u1', chunks=(10,), compression=1,\n"
                          "  fletcher32=True, fillvalue=255)\n"
                          "d[:10] = 3\n",
                      &out),
      0)
      << out;
  EXPECT_THROW(VerifyH5File(path, VerifyDepth::kChecksums), Error);
  EXPECT_THROW(H5Reader(path).ReadU8("/g/x"), Error);
}

}  // namespace
}  // namespace kinflow
