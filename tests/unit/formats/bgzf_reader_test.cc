#include "stages/formats/bgzf_reader.h"

#include <cstring>

#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

std::string ReadAll(const std::string& path, size_t target = 1 << 20) {
  BgzfReader reader(path);
  ByteBuffer out;
  while (reader.Append(out, target)) {
  }
  EXPECT_EQ(reader.bytes_read(), reader.file_bytes());
  return {out.data(), out.size()};
}

// About 3 MB of text that deflate does not shrink to nothing.
std::string BigText() {
  std::string text;
  uint64_t x = 88172645463325252ull;
  while (text.size() < 3'000'000) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    text += std::to_string(x % 100'000) + ((x >> 40) % 11 == 0 ? "\n" : "\t");
  }
  return text;
}

std::string Compress(const std::string& path, const std::string& command, const std::string& out) {
  EXPECT_EQ(RunCommand(command + " -c " + path + " > " + out), 0);
  return out;
}

TEST(BgzfReader, ReadsWhatBgzipAndGzipWrote) {
  KINFLOW_REQUIRE_PROGRAM(bgzip, "bgzip");
  const std::string text = BigText(), plain = WriteText("x.txt", text);
  const auto bgzf = Compress(plain, bgzip, plain + ".bgz"),
             gzip = Compress(plain, "gzip", plain + ".gz");
  EXPECT_EQ(BgzfReader(plain).container(), Container::kPlain);
  EXPECT_EQ(BgzfReader(bgzf).container(), Container::kBgzf);
  EXPECT_EQ(BgzfReader(gzip).container(), Container::kGzip);
  for (const auto& path : {plain, bgzf, gzip}) {
    for (const size_t target : {size_t{1}, size_t{70'000}, size_t{1} << 24}) {
      EXPECT_TRUE(ReadAll(path, target) == text) << path << " " << target;
    }
  }
}

TEST(BgzfReader, InnerEndBlocksAndGzipMembersAreLegal) {
  KINFLOW_REQUIRE_PROGRAM(bgzip, "bgzip");
  const std::string text = BigText(), plain = WriteText("x.txt", text);
  for (const std::string& tool : {bgzip, std::string("gzip")}) {
    const std::string one = ReadFile(Compress(plain, tool, plain + ".one"));
    EXPECT_TRUE(ReadAll(WriteText("two.gz", one + one)) == text + text) << tool;
  }
}

TEST(BgzfReader, EveryTruncationIsFound) {
  KINFLOW_REQUIRE_PROGRAM(bgzip, "bgzip");
  const std::string plain = WriteText("x.txt", BigText().substr(0, 200'000));
  for (const std::string& tool : {bgzip, std::string("gzip")}) {
    const std::string whole = ReadFile(Compress(plain, tool, plain + ".whole"));
    for (size_t n = 20; n < whole.size(); n += n < 200 || n + 60 > whole.size() ? 1 : 4999) {
      const auto path = WriteText("cut.gz", whole.substr(0, n));
      EXPECT_EQ(ErrorOf([&] { ReadAll(path); }).id(), ErrorId::kTruncated) << tool << " " << n;
    }
  }
}

TEST(BgzfReader, CutFileWithANewEndBlockAndFlippedBitsAreFound) {
  KINFLOW_REQUIRE_PROGRAM(bgzip, "bgzip");
  const std::string plain = WriteText("x.txt", BigText().substr(0, 200'000));
  const std::string whole = ReadFile(Compress(plain, bgzip, plain + ".gz"));
  const std::string end = whole.substr(whole.size() - 28);
  const auto half = WriteText("half.gz", whole.substr(0, whole.size() / 2) + end);
  EXPECT_EQ(ErrorOf([&] { ReadAll(half); }).id(), ErrorId::kTruncated);
  // A flip may hit a header byte without meaning (time, system, name of the extra field's
  // neighbours) and then the data are the same; it must never pass with other data. The first four
  // bytes decide what kind of file it is; as another kind it fails its format's check.
  const std::string text = ReadAll(plain);
  for (size_t at = 4; at < whole.size() - 28; at += 331) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const auto path = WriteText("flip.gz", flipped);
    try {
      EXPECT_TRUE(ReadAll(path) == text) << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), ErrorId::kTruncated);
    }
  }
}

}  // namespace
}  // namespace kinflow
