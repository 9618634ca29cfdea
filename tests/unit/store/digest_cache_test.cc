#include "pipeline/store/digest_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/base/error.h"
#include "tests/support/test_data.h"

namespace kinflow {
namespace {

// ctime cannot be set back: the file has to be older than the cache's settling time for real.
constexpr useconds_t kSettle = 2'200'000;

void SetModified(const std::string& path, int seconds_from_now) {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec += seconds_from_now;
  const timespec times[2] = {now, now};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(DigestCache, SecondRunDoesNotReadTheFileAgain) {
  const std::string work = test::TempFolder(), file = work + "/in";
  WriteFileAtomically(file, "content");
  SetModified(file, 3600);  // young as long as the test lasts
  {
    DigestCache fresh(work);
    EXPECT_EQ(fresh.DigestOf(file), HashBytes("content"));
  }
  EXPECT_FALSE(FileExists(work + "/digests.json"));  // too young to be trusted by its times
  SetModified(file, -3600);
  ::usleep(kSettle);
  {
    DigestCache first(work);
    EXPECT_EQ(first.DigestOf(file), HashBytes("content"));
    EXPECT_EQ(first.DigestOf(file), HashBytes("content"));
    EXPECT_EQ(first.files_read(), 1u);
  }
  DigestCache second(work);
  EXPECT_EQ(second.DigestOf(file), HashBytes("content"));
  EXPECT_EQ(second.files_read(), 0u);

  // Same size, modification time put back: ctime gives the change away.
  struct stat st;
  ASSERT_EQ(::stat(file.c_str(), &st), 0);
  {
    FILE* f = std::fopen(file.c_str(), "r+");
    std::fputs("CONTENT", f);
    std::fclose(f);
  }
  const timespec times[2] = {st.st_atim, st.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  EXPECT_EQ(second.DigestOf(file), HashBytes("CONTENT"));
}

TEST(DigestCache, WithoutSavingNothingIsWritten) {
  const std::string work = JoinPath(test::TempFolder(), "not-there");
  const std::string input = JoinPath(test::TempFolder(), "input");
  WriteFileAtomically(input, "text");
  ::usleep(kSettle);
  DigestCache reader(work, false);
  EXPECT_EQ(reader.DigestOf(input), HashBytes("text"));
  EXPECT_FALSE(IsFolder(work));
  DigestCache writer(work);
  writer.DigestOf(input);
  writer.Save();
  EXPECT_TRUE(IsFolder(work));
}

TEST(DigestCache, DamagedCacheIsIgnored) {
  const std::string work = test::TempFolder(), file = work + "/in";
  WriteFileAtomically(file, "content");
  ::usleep(kSettle);
  DigestCache(work).DigestOf(file);
  const std::string cache = work + "/digests.json";
  const std::string good = ReadFile(cache), right = HashBytes("content").Hex();
  for (size_t i = good.find(right); i < good.find(right) + 32; ++i) {
    std::string bad = good;
    bad[i] = bad[i] == '0' ? '1' : '0';
    RemoveFile(cache);
    WriteFileAtomically(cache, bad);
    DigestCache damaged(work);
    EXPECT_EQ(damaged.DigestOf(file), HashBytes("content"));
    EXPECT_EQ(damaged.files_read(), 1u);
  }
  for (const char* text : {"", "{", "[]", "null", "{\"files\": 3}"}) {
    WriteFileAtomically(cache, text);
    EXPECT_EQ(DigestCache(work).DigestOf(file), HashBytes("content"));
  }
}

TEST(DigestCache, MissingFileIsAnError) {
  DigestCache cache(test::TempFolder());
  EXPECT_THROW(cache.DigestOf("/nowhere/at/all"), Error);
}

}  // namespace
}  // namespace kinflow
