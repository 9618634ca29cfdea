#include "pipeline/base/hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <new>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {

std::string Digest::Hex() const { return fmt::format("{:016x}{:016x}", high, low); }

std::optional<Digest> Digest::FromHex(std::string_view hex) {
  if (hex.size() != 32) return std::nullopt;
  Digest d;
  const auto read = [](std::string_view part, uint64_t& out) {
    const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), out, 16);
    return ec == std::errc() && end == part.data() + part.size();
  };
  if (!read(hex.substr(0, 16), d.high) || !read(hex.substr(16), d.low)) return std::nullopt;
  return d;
}

Hasher::Hasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void Hasher::Add(const void* data, size_t size) { XXH3_128bits_update(state_.get(), data, size); }

void Hasher::AddField(std::string_view bytes) {
  AddField(uint64_t{bytes.size()});
  Add(bytes);
}

Digest Hasher::Finish() const {
  const XXH128_hash_t h = XXH3_128bits_digest(state_.get());
  return {h.high64, h.low64};
}

Digest HashBytes(std::string_view bytes) {
  Hasher hasher;
  hasher.Add(bytes);
  return hasher.Finish();
}

Digest HashFile(const std::string& path) {
  const FileHandle file = FileHandle::OpenRead(Rereadable(path));
  Hasher hasher;
  std::vector<char> buffer(256 << 10);  // stays in the cache
  while (const size_t n = file.Read(buffer.data(), buffer.size())) hasher.Add(buffer.data(), n);
  return hasher.Finish();
}

}  // namespace kinflow
