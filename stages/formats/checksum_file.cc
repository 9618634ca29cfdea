#include "stages/formats/checksum_file.h"

#include <htslib/hts.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

bool IsMd5(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "HEX", "HEX  name", "HEX *name" and BSD's "MD5 (name) = HEX". A line without a name counts only
// in FILE.md5 (`lone`).
std::string Md5In(const std::string& text, const std::string& name, bool lone) {
  for (const auto line : Split(text, '\n')) {
    const auto words = SplitBlanks(Trim(line));
    if (words.size() == 1 && lone && IsMd5(words[0])) return Lower(words[0]);
    if (words.size() == 2 && IsMd5(words[0])) {
      std::string listed(words[1].front() == '*' ? words[1].substr(1) : words[1]);
      if (BaseName(listed) == name || lone) return Lower(words[0]);
    }
    if (words.size() == 4 && words[0] == "MD5" && words[2] == "=" && IsMd5(words[3]) &&
        words[1] == "(" + name + ")") {
      return Lower(words[3]);
    }
  }
  return "";
}

}  // namespace

std::string Md5OfFile(const std::string& path) {
  const FileHandle file = FileHandle::OpenRead(path);
  const std::unique_ptr<hts_md5_context, decltype(&hts_md5_destroy)> md5(hts_md5_init(),
                                                                         &hts_md5_destroy);
  if (!md5) throw Error(ErrorId::kOutOfMemory, "cannot start a checksum").InFile(path);
  std::vector<char> buffer(1 << 20);
  while (const size_t n = file.Read(buffer.data(), buffer.size())) {
    hts_md5_update(md5.get(), buffer.data(), n);
  }
  std::array<unsigned char, 16> digest{};
  std::array<char, 33> hex{};
  hts_md5_final(digest.data(), md5.get());
  hts_md5_hex(hex.data(), digest.data());
  return hex.data();
}

std::optional<StatedChecksum> FindChecksum(const std::string& path) {
  constexpr uint64_t kMaxBytes = 16 << 20;
  const std::string beside = path + ".md5", name = BaseName(path);
  if (FileExists(beside)) {
    const std::string md5 = Md5In(ReadFile(beside, kMaxBytes), name, true);
    if (md5.empty()) {
      throw Error(ErrorId::kMalformed, "the checksum file holds no MD5")
          .InFile(beside)
          .AtLine(1)
          .Remedy("write it with md5sum FILE > FILE.md5, or remove it");
    }
    return StatedChecksum{beside, md5, "md5"};
  }
  for (const char* list : {"md5sums", "MD5SUMS", "md5sum.txt"}) {
    const std::string file = JoinPath(FolderOf(path), list);
    if (!FileExists(file)) continue;
    const std::string md5 = Md5In(ReadFile(file, kMaxBytes), name, false);
    if (!md5.empty()) return StatedChecksum{file, md5, "md5"};
  }
  if (FileExists(path + ".sha256")) return StatedChecksum{path + ".sha256", "", "sha256"};
  return std::nullopt;
}

}  // namespace kinflow
