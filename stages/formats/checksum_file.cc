#include "stages/formats/checksum_file.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

struct Kind {
  ChecksumKind kind;
  std::string_view name, tag;
  size_t digits;
  const EVP_MD* (*method)();
  std::array<const char*, 3> lists;
};
constexpr std::array<Kind, 2> kKinds = {{
    {ChecksumKind::kSha256,
     "sha256",
     "SHA256",
     64,
     &EVP_sha256,
     {"SHA256SUMS", "sha256sums", "sha256sum.txt"}},
    {ChecksumKind::kMd5, "md5", "MD5", 32, &EVP_md5, {"md5sums", "MD5SUMS", "md5sum.txt"}},
}};

const Kind& Of(ChecksumKind kind) { return kKinds[kind == ChecksumKind::kMd5 ? 1 : 0]; }

bool IsDigest(const Kind& kind, std::string_view text) {
  return text.size() == kind.digits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

struct Line {
  std::string_view digest, name;  // no digest: not a line of a checksum file
};

// "HEX", "HEX  name", "HEX *name" and, with --tag, "MD5 (name) = HEX".
Line ParseLine(const Kind& kind, std::string_view line) {
  const std::string_view first = line.substr(0, line.find_first_of(" \t"));
  if (IsDigest(kind, first)) {
    std::string_view name = Trim(line.substr(first.size()));
    if (name.substr(0, 1) == "*") name.remove_prefix(1);
    return {first, name};
  }
  const size_t end = line.rfind(") = ");
  if (first != kind.tag || end == line.npos) return {};
  const size_t begin = first.size() + 2;
  const std::string_view digest = line.substr(end + 4);
  if (end < begin || line.substr(first.size(), 2) != " (" || !IsDigest(kind, digest)) return {};
  return {digest, line.substr(begin, end - begin)};
}

// The digest of `name`. In a file of its own (`lone`) the first line counts if none has the name.
std::string DigestIn(const std::string& text, const Kind& kind, const std::string& name,
                     bool lone) {
  std::string other;
  for (const auto raw : Split(text, '\n')) {
    const Line line = ParseLine(kind, Trim(raw));
    if (line.digest.empty()) continue;
    if (BaseName(std::string(line.name)) == name) return Lower(line.digest);
    if (other.empty()) other = Lower(line.digest);
  }
  return lone ? other : "";
}

}  // namespace

std::string_view ChecksumName(ChecksumKind kind) { return Of(kind).name; }

std::string ChecksumOfFile(const std::string& path, ChecksumKind kind) {
  const FileHandle file = FileHandle::OpenRead(path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), Of(kind).method(), nullptr) != 1) {
    throw Error(ErrorId::kEnvironment, "the system's OpenSSL does not compute this checksum")
        .InFile(path)
        .Value(Of(kind).name)
        .Remedy("remove the checksum file beside the input, or give one of another kind");
  }
  std::vector<char> buffer(1 << 20);
  while (const size_t n = file.Read(buffer.data(), buffer.size())) {
    EVP_DigestUpdate(context.get(), buffer.data(), n);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::optional<StatedChecksum> FindChecksum(const std::string& path) {
  constexpr uint64_t kMaxBytes = 16 << 20;
  const std::string name = BaseName(path);
  for (const Kind& kind : kKinds) {
    const std::string beside = fmt::format("{}.{}", path, kind.name);
    if (!FileExists(beside)) continue;
    std::string digest = DigestIn(ReadFile(beside, kMaxBytes), kind, name, true);
    if (digest.empty()) {
      throw Error(ErrorId::kMalformed, fmt::format("the checksum file holds no {}", kind.tag))
          .InFile(beside)
          .AtLine(1)
          .Remedy(fmt::format("write it with {0}sum FILE > FILE.{0}, or remove it", kind.name));
    }
    return StatedChecksum{beside, kind.kind, std::move(digest)};
  }
  for (const Kind& kind : kKinds) {
    for (const char* list : kind.lists) {
      const std::string file = JoinPath(FolderOf(path), list);
      if (!FileExists(file)) continue;
      std::string digest = DigestIn(ReadFile(file, kMaxBytes), kind, name, false);
      if (!digest.empty()) return StatedChecksum{file, kind.kind, std::move(digest)};
    }
  }
  return std::nullopt;
}

}  // namespace kinflow
