#include "stages/formats/checksum_file.h"

#include "tests/unit/formats/source_support.h"

namespace kinflow::test {
namespace {

TEST(Checksum, EqualsThoseOfTheTools) {
  const std::string path = WriteText("some file.bin", std::string(3 << 20, 'x') + "end");
  for (const ChecksumKind kind : {ChecksumKind::kSha256, ChecksumKind::kMd5}) {
    std::string text;
    ASSERT_EQ(RunCommand(std::string(ChecksumName(kind)) + "sum < '" + path + "'", &text), 0);
    EXPECT_EQ(ChecksumOfFile(path, kind), text.substr(0, text.find(' ')));
  }
}

// What the tools write, of one file and of a folder, is found and is the file's own.
TEST(Checksum, FilesThatTheToolsWrite) {
  const std::string folder = TempFolder() + "/sums";
  MakeFolders(folder);
  const std::string path = folder + "/a b.bed";
  WriteFileAtomically(path, "genotypes");
  WriteFileAtomically(folder + "/a", "others");
  for (const ChecksumKind kind : {ChecksumKind::kSha256, ChecksumKind::kMd5}) {
    const std::string name(ChecksumName(kind)), beside = path + "." + name;
    const std::string list = folder + (name == "md5" ? "/MD5SUMS" : "/SHA256SUMS");
    for (const auto& [file, arguments] :
         {std::pair{beside, "'a b.bed'"}, std::pair{beside, "--tag 'a b.bed'"},
          std::pair{beside, "-b a 'a b.bed'"}, std::pair{list, "a 'a b.bed'"},
          std::pair{list, "--tag a './a b.bed'"},
          std::pair{beside, "< 'a b.bed' | cut -d' ' -f1"}}) {
      ASSERT_EQ(
          RunCommand("cd '" + folder + "' && " + name + "sum " + arguments + " > '" + file + "'"),
          0);
      const auto stated = FindChecksum(path);
      ASSERT_TRUE(stated.has_value()) << arguments;
      EXPECT_EQ(stated->source, file);
      EXPECT_EQ(stated->kind, kind);
      EXPECT_EQ(stated->digest, ChecksumOfFile(path, kind)) << arguments;
      RemoveFile(file);
    }
  }
  WriteFileAtomically(folder + "/MD5SUMS", std::string(32, '0') + "  other\n");
  EXPECT_FALSE(FindChecksum(path).has_value());
}

TEST(Checksum, FileWithoutOneIsRefused) {
  for (const std::string ending : {".sha256", ".md5"}) {
    const std::string path = WriteText("x", "x");
    // Of the other kind, cut, a tag without a name.
    for (const std::string& text :
         {std::string("nothing"), std::string(31, 'a'), std::string(63, 'a'),
          "MD5 = " + std::string(32, 'a'), std::string("SHA256 () = ")}) {
      WriteFileAtomically(path + ending, text + "\n");
      const Error error = ErrorOf([&] { FindChecksum(path); });
      EXPECT_EQ(error.id(), ErrorId::kMalformed) << text;
      EXPECT_EQ(error.file(), path + ending);
    }
    RemoveFile(path + ending);
  }
}

}  // namespace
}  // namespace kinflow::test
