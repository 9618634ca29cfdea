#pragma once

#include <xxhash.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kinflow {

/// 128-bit XXH3 content digest: names artifacts and finds damage; not a defence against forgery.
struct Digest {
  uint64_t high = 0, low = 0;
  auto operator<=>(const Digest&) const = default;
  /// 32 lower-case hexadecimal digits.
  std::string Hex() const;
  static std::optional<Digest> FromHex(std::string_view hex);
};

/// Streaming hasher. Add() frames nothing: use AddField for values of varying length.
class Hasher {
 public:
  Hasher();
  void Add(const void* data, size_t size);
  void Add(std::string_view bytes) { Add(bytes.data(), bytes.size()); }
  /// Length first, so that ("ab", "c") and ("a", "bc") differ.
  void AddField(std::string_view bytes);
  void AddField(uint64_t value) { Add(&value, sizeof value); }
  Digest Finish() const;

 private:
  struct Free {
    void operator()(XXH3_state_t* s) const { XXH3_freeState(s); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

Digest HashBytes(std::string_view bytes);
/// Whole file. Throws kMissingFile, kUnreadableFile, kReadFailed.
Digest HashFile(const std::string& path);

}  // namespace kinflow
