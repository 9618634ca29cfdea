#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "pipeline/data/variant_table.h"

namespace kinflow {

/// How the values of a tile or store are kept. dosage = value / units_per_copy.
struct DosageEncoding {
  enum class Layout : uint8_t {
    kTwoBit,  // four calls a byte, lowest bits first: 0, 1, 2 copies of ALT, 3 = missing
    kU8,      // missing = 255
    kU16,     // missing = 65535
  };
  Layout layout = Layout::kU8;
  uint32_t units_per_copy = 1;  // 1 for hard calls; 1 for kTwoBit always
  double error_bound = 0;       // largest rounding error, in alleles; 0 = lossless

  bool operator==(const DosageEncoding&) const = default;
  uint32_t missing() const {
    return layout == Layout::kU16 ? 65535u : layout == Layout::kU8 ? 255u : 3u;
  }
  /// Bytes of `n` values (kTwoBit: rounded up).
  size_t RowBytes(size_t n) const {
    return layout == Layout::kU16 ? 2 * n : layout == Layout::kU8 ? n : (n + 3) / 4;
  }
  /// The same with what fills up to 64 bytes: of a row of a tile.
  size_t StrideBytes(size_t n) const { return (RowBytes(n) + 63) / 64 * 64; }
  /// u8 if 2 x units stays below its missing value, else u16.
  static DosageEncoding ForUnits(uint32_t units, double error_bound = 0) {
    return {2 * units < 255 ? Layout::kU8 : Layout::kU16, units, error_bound};
  }
};

/// 64-byte aligned bytes with 64 bytes of readable slack behind the end; grows, never shrinks.
class AlignedBuffer {
 public:
  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Content is undefined after a growth.
  void Resize(size_t size) {
    if (size + 64 > capacity_) {
      capacity_ = (size + 64 + 63) / 64 * 64;
      data_.reset(static_cast<uint8_t*>(std::aligned_alloc(64, capacity_)));
      if (!data_) throw std::bad_alloc();
    }
    size_ = size;
  }

 private:
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> data_;
  size_t size_ = 0, capacity_ = 0;
};

/// Flags of single genotypes beside the dosage, one byte each (DosageTile::calls).
enum CallFlag : uint8_t {
  kCallHaploid = 1,   // one allele copy: dosage in [0, 1]
  kCallPhased = 2,    // GT has '|'; alleles of haplotypes differ (BGEN); not of a doubtful "0|0"
  kCallAltFirst = 4,  // phased heterozygote with ALT on the first haplotype ("1|0")
};

inline bool UsesPhase(uint8_t flags) { return (flags & (kCallPhased | kCallAltFirst)) != 0; }

/// A block of consecutive variants x all samples, variant-major: the unit of all flow. Filled by
/// GenotypeSource::Decode, read-only afterwards; shared by all sinks of a scan.
struct DosageTile {
  uint64_t block = 0;          // order within the scan
  uint32_t shard = 0;          // unit of loss and resume; a tile never crosses a shard
  uint64_t first_variant = 0;  // row 0 in plan order; set by the executor, in order
  uint32_t n_samples = 0;
  DosageEncoding encoding;
  size_t stride_bytes = 0;  // between rows of `values`; a multiple of 64
  VariantTable variants;    // one row a variant
  AlignedBuffer values;
  AlignedBuffer calls;  // CallFlag bytes, rows of n_samples; empty if no genotype has a flag

  size_t rows() const { return variants.size(); }
  void Shape(uint32_t samples, const DosageEncoding& enc, size_t n_rows) {
    n_samples = samples;
    encoding = enc;
    stride_bytes = enc.StrideBytes(samples);
    values.Resize(stride_bytes * n_rows);
  }
  uint8_t* Row(size_t r) { return values.data() + r * stride_bytes; }
  const uint8_t* Row(size_t r) const { return values.data() + r * stride_bytes; }
  uint16_t* RowU16(size_t r) { return reinterpret_cast<uint16_t*>(Row(r)); }
  const uint16_t* RowU16(size_t r) const { return reinterpret_cast<const uint16_t*>(Row(r)); }
  const uint8_t* CallRow(size_t r) const {
    return calls.empty() ? nullptr : calls.data() + r * n_samples;
  }
  /// Value of one genotype, whatever the layout: for tests and rare paths, not for loops.
  uint32_t At(size_t r, uint32_t sample) const;
  /// All values of a row, one an element.
  void Unpack(size_t r, std::vector<uint32_t>& out) const;
};

/// Half-open range of samples or variants within a tile.
struct Range {
  uint32_t begin = 0, end = 0;
  uint32_t size() const { return end - begin; }
};

}  // namespace kinflow
