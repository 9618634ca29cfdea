#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Typed values of BCF 2.2 (VCF specification, section 6) appended to a string. Little-endian
// machines only, as all of kinflow.
namespace kinflow::bcf {

enum class Type : uint8_t { kInt8 = 1, kInt32 = 3, kFloat = 5, kText = 7 };

inline constexpr uint32_t kMissingFloat = 0x7F800001;
inline constexpr uint8_t kEndOfVector = 0x81;  // int8: fewer values than the others have

template <class T>
void Put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline void PutType(std::string& out, size_t count, Type type) {
  const auto code = static_cast<uint8_t>(type);
  if (count < 15) {
    Put<uint8_t>(out, static_cast<uint8_t>(count << 4 | code));
    return;
  }
  Put<uint8_t>(out, static_cast<uint8_t>(15 << 4 | code));
  if (count < 128) {
    Put<uint8_t>(out, 1 << 4 | static_cast<uint8_t>(Type::kInt8));
    Put<uint8_t>(out, static_cast<uint8_t>(count));
  } else {
    Put<uint8_t>(out, 1 << 4 | static_cast<uint8_t>(Type::kInt32));
    Put<uint32_t>(out, static_cast<uint32_t>(count));
  }
}

inline void PutText(std::string& out, std::string_view text) {
  PutType(out, text.size(), Type::kText);
  out += text;
}

/// Number of an id in the header's dictionary, as a typed integer.
inline void PutKey(std::string& out, uint8_t key) {
  PutType(out, 1, Type::kInt8);
  Put<uint8_t>(out, key);
}

/// Fixed part of a record.
struct Site {
  int32_t contig = 0;
  int32_t pos = 0;         // 0-based
  uint32_t ref_bases = 1;  // rlen
  uint32_t info_entries = 0, format_entries = 0, samples = 0;
};

/// Lengths (still zero) and fixed fields of a biallelic record without QUAL; ID, REF, ALT, FILTER,
/// INFO and FORMAT follow.
inline void PutSite(std::string& out, const Site& site) {
  Put<uint32_t>(out, 0);
  Put<uint32_t>(out, 0);
  Put(out, site.contig);
  Put(out, site.pos);
  Put(out, site.ref_bases);
  Put(out, kMissingFloat);
  Put<uint32_t>(out, 2u << 16 | site.info_entries);
  Put<uint32_t>(out, site.format_entries << 24 | site.samples);
}

/// Fills in the lengths of a record that begins at `out[0]`; `shared_end`: size of `out` where the
/// sample part begins.
inline void PutLengths(std::string& out, size_t shared_end) {
  const auto shared = static_cast<uint32_t>(shared_end - 8);
  const auto individual = static_cast<uint32_t>(out.size() - shared_end);
  std::memcpy(&out[0], &shared, 4);
  std::memcpy(&out[4], &individual, 4);
}

}  // namespace kinflow::bcf
