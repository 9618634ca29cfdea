#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace kinflow {

/// Counter-based random numbers, Philox 4x32-10 (Salmon et al. 2011): the value depends only on
/// (seed, stream, index), so results are the same for any order and thread count.
class Philox {
 public:
  Philox(uint64_t seed, uint64_t stream) : seed_(seed), stream_(stream) {}

  uint64_t Next64() {
    if (used_ == 2) Refill();
    const uint64_t value = (uint64_t{block_[2 * used_]} << 32) | block_[2 * used_ + 1];
    ++used_;
    return value;
  }
  /// Uniform in (0, 1), 53 bits.
  double Uniform() { return (static_cast<double>(Next64() >> 11) + 0.5) * 0x1p-53; }
  /// Uniform integer in [0, n); bias below n / 2^64.
  uint64_t Below(uint64_t n) {
    __extension__ using Uint128 = unsigned __int128;
    return static_cast<uint64_t>((static_cast<Uint128>(Next64()) * n) >> 64);
  }
  /// Standard normal by Box and Muller.
  double Normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(Uniform()));
    const double angle = 6.283185307179586476925 * Uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

 private:
  void Refill() {
    std::array<uint32_t, 4> c = {static_cast<uint32_t>(index_), static_cast<uint32_t>(index_ >> 32),
                                 static_cast<uint32_t>(stream_),
                                 static_cast<uint32_t>(stream_ >> 32)};
    auto k0 = static_cast<uint32_t>(seed_), k1 = static_cast<uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const uint64_t p0 = uint64_t{0xD2511F53u} * c[0], p1 = uint64_t{0xCD9E8D57u} * c[2];
      c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(p1),
           static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(p0)};
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    block_ = c;
    ++index_;
    used_ = 0;
  }

  uint64_t seed_, stream_, index_ = 0;
  std::array<uint32_t, 4> block_{};
  int used_ = 2;
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace kinflow
