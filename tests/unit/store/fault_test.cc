#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/artifact_store.h"
#include "tests/support/test_data.h"
#include "tests/unit/store/store_test_util.h"

namespace kinflow {
namespace {

using test::TempFolder;

constexpr DosageEncoding kEncoding{DosageEncoding::Layout::kU16, 1000, 0};

// Commits one shard of about 400 KB with many small datasets besides.
void WriteShard(const std::string& work) {
  static const auto values = test::RandomDosages(1300, 400, kEncoding, 1);
  ArtifactStore store(work);
  auto shard = store.BeginShard("dosage", HashBytes("k"), 0);
  DosageWriter d(shard->file(), "/dosage", 400, kEncoding);
  for (size_t r = 0; r < 1300; r += 130)
    d.Append(test::MakeTile(values, 400, kEncoding, r, r + 130));
  d.Finish();
  for (int i = 0; i < 40; ++i) {
    const std::vector<double> v(200, i);
    shard->file().Write("/t/" + std::to_string(i), std::span<const double>(v));
  }
  shard->Commit(1300);
}

// What writing a shard ends with: 0 done, else the error id less 600; 98, 99 for a wrong error.
int WriteAndTell(const std::string& work) {
  try {
    WriteShard(work);
  } catch (const Error& e) {
    if (e.file().empty() || e.remedy().empty()) return 99;
    if (e.id() != ErrorId::kDiskFull && e.id() != ErrorId::kFileSizeLimit) return 98;
    return static_cast<int>(e.id()) - 600;
  }
  return 0;
}

// The same in a child with a file size limit (0 = none); minus the signal if it crashed.
int WriteInChild(const std::string& work, rlim_t size_limit) {
  const int status = test::InChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{size_limit, size_limit};
    if (size_limit > 0) ::setrlimit(RLIMIT_FSIZE, &limit);
    return WriteAndTell(work);
  });
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::vector<std::string> FilesBelow(const std::string& folder) {
  std::string out;
  test::RunCommand("find " + folder + " -type f", &out);
  std::vector<std::string> files;
  for (size_t at = 0; at < out.size();) {
    const size_t end = out.find('\n', at);
    files.push_back(out.substr(at, end - at));
    at = end + 1;
  }
  return files;
}

constexpr int kFull = static_cast<int>(ErrorId::kDiskFull) - 600;
constexpr int kLimit = static_cast<int>(ErrorId::kFileSizeLimit) - 600;

TEST(StoreFault, FileSizeLimit) {
  const std::string work = TempFolder();
  ASSERT_EQ(WriteInChild(work + "/all", 0), 0);
  const uint64_t size =
      StampOf(ArtifactStore(work + "/all").FolderOf("dosage", HashBytes("k")) + "/shard-00000.h5")
          .size;
  int failed = 0;
  for (uint64_t limit = 1; limit < size; limit += size / 32) {
    const std::string folder = work + "/" + std::to_string(limit);
    EXPECT_EQ(WriteInChild(folder, limit), kLimit) << "limit " << limit;
    EXPECT_TRUE(FilesBelow(folder).empty()) << "limit " << limit;
    ++failed;
    if (failed % 8 == 0) {
      EXPECT_EQ(WriteInChild(folder, 0), 0);  // goes on afterwards
    }
  }
  EXPECT_GT(failed, 30);
}

class Tmpfs {
 public:
  explicit Tmpfs(std::string folder) : folder_(std::move(folder)) {}
  ~Tmpfs() { ::umount2(folder_.c_str(), MNT_DETACH); }
  bool Resize(int kib, bool first) const {
    const std::string options = "size=" + std::to_string(kib) + "k";
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", first ? 0 : MS_REMOUNT, options.c_str()) == 0;
  }

 private:
  std::string folder_;
};

// A full disk at many points: a tmpfs that is larger by one page each time.
TEST(StoreFault, DiskFull) {
  const std::string mount = TempFolder();
  const Tmpfs disk(mount);
  if (::geteuid() != 0 || !disk.Resize(4, true)) {
    GTEST_SKIP() << "only root can mount the small tmpfs that this test fills";
  }
  int failed = 0, done = 0;
  for (int kib = 4; kib < 1200 && done == 0; kib += failed < 8 ? 4 : 24) {
    ASSERT_TRUE(disk.Resize(kib, false));
    const int code = WriteInChild(mount + "/w", 0);
    if (code == 0) {
      ++done;
    } else {
      EXPECT_EQ(code, kFull) << kib << " KiB";
      EXPECT_TRUE(FilesBelow(mount).empty()) << kib << " KiB";
      ++failed;
    }
  }
  EXPECT_GT(failed, 15);
  EXPECT_EQ(done, 1);  // the same folder, once there is room
}

// HDF5 1.10 crashes in its own shutdown after a failed write, when main returns.
TEST(StoreFault, ReturningFromMainDoesNotCrash) {
  std::string out;
  const std::string path = TempFolder() + "/a.h5";
  EXPECT_EQ(test::RunCommand(std::string(KINFLOW_WRITE_PROGRAM) + " " + path, &out), 12) << out;
  EXPECT_FALSE(FileExists(path));
}

TEST(StoreFault, FlagIsSetAndTheWriterStaysUnusable) {
  const std::string path = TempFolder() + "/a.h5";
  const int status = test::InChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    H5Writer w(path);
    if (HadWriteError()) return 1;
    std::vector<double> noise(20'000);
    for (size_t i = 0; i < noise.size(); ++i) noise[i] = 1.0 / static_cast<double>(i * i + 3);
    try {
      w.Write("/x", std::span<const double>(noise));
      return 2;
    } catch (const Error& e) {
      if (e.id() != ErrorId::kFileSizeLimit) return 3;
    }
    if (!HadWriteError() || FileExists(path)) return 4;
    try {
      w.Close();
      return 5;
    } catch (const Error&) {
    }
    return 0;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StoreFault, FolderThatCannotBeWritten) {
  ArtifactStore store("/proc/kinflow");
  EXPECT_TRUE(store.List().empty());
  EXPECT_THROW(store.BeginShard("test", Digest{}, 0), Error);
  try {
    store.BeginShard("test", Digest{}, 0);
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kFolderNotWritable);
  }
  EXPECT_THROW(H5Writer w("/nowhere/a.h5"), Error);
}

}  // namespace
}  // namespace kinflow
