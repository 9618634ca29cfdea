#include "stages/formats/bgen_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/number.h"
#include "stages/formats/little_endian.h"

namespace kinflow {
namespace {

constexpr uint64_t kMaxUnpacked = 256ull << 20;
constexpr uint64_t kMaxHeader = 64ull << 20;
constexpr uint64_t kMaxVariantText = 64ull << 20;
constexpr uint32_t kMinHeader = 20;

Error BadHeader(const std::string& file, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(file)
      .Field("header")
      .Remedy("the file is damaged or no BGEN: copy it again, or write it anew (plink2 --export)");
}

Error BadVariant(const RecordPlace& place, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(place.file)
      .AtRecord(place.record)
      .Remedy("the file is damaged: copy it again from its source");
}

/// Walks bytes of which more may be needed: needed() grows past the end instead of failing.
class Walker {
 public:
  explicit Walker(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool Has(uint64_t n) {
    needed_ = at_ + n;
    return needed_ <= bytes_.size();
  }
  uint32_t Take16() { return Load16(Advance(2)); }
  uint32_t Take32() { return Load32(Advance(4)); }
  std::string_view TakeText(size_t n) { return {reinterpret_cast<const char*>(Advance(n)), n}; }
  uint64_t at() const { return at_; }
  uint64_t needed() const { return needed_; }

 private:
  const uint8_t* Advance(size_t n) {
    const uint8_t* p = bytes_.data() + at_;
    at_ += n;
    return p;
  }
  std::span<const uint8_t> bytes_;
  uint64_t at_ = 0, needed_ = 0;
};

bool TakeText16(Walker& in, std::string_view& text) {
  if (!in.Has(2)) return false;
  const uint32_t n = in.Take16();
  if (!in.Has(n)) return false;
  text = in.TakeText(n);
  return true;
}

/// Most bytes that genotypes of ploidy 1 and 2 at 32 bits a probability can take.
uint64_t MostUnpacked(const BgenHeader& header, uint64_t alleles) {
  if (header.layout == 1) return 6ull * header.samples;
  const uint64_t values = std::max(2 * (alleles - 1), alleles * (alleles + 1) / 2 - 1);
  return 10 + uint64_t{header.samples} * (1 + 4 * values);
}

void CheckUnpacked(const BgenHeader& header, const RecordPlace& place, const BgenVariant& v) {
  const uint64_t most = MostUnpacked(header, v.alleles.size());
  const bool exact = header.layout == 1;
  if (exact ? v.unpacked_bytes != most : v.unpacked_bytes > most) {
    throw BadVariant(
        place,
        fmt::format("genotypes of {} bytes; {} samples and {} alleles take {} {}", v.unpacked_bytes,
                    header.samples, v.alleles.size(), exact ? "exactly" : "at most", most))
        .AtPosition(v.chrom, v.pos)
        .Remedy("the file is damaged, or it holds a ploidy above 2, which is not read");
  }
  // Many alleles make the bound above meaningless.
  if (v.unpacked_bytes > std::max<uint64_t>(kMaxUnpacked, 64ull * header.samples)) {
    throw Error(ErrorId::kLimitExceeded, fmt::format("the genotypes of one variant unpack to {}",
                                                     FormatBytes(v.unpacked_bytes)))
        .InFile(place.file)
        .AtRecord(place.record)
        .AtPosition(v.chrom, v.pos)
        .Remedy("leave out variants of so many alleles, or split them (bcftools norm -m-)");
  }
}

bool TakeAlleles(Walker& in, uint32_t n, uint64_t max_allele, const RecordPlace& place,
                 BgenVariant& variant) {
  variant.alleles.clear();
  for (uint32_t a = 0; a < n; ++a) {
    if (!in.Has(4)) return false;
    const uint32_t bases = in.Take32();
    if (bases == 0) throw BadVariant(place, fmt::format("allele {} is empty", a + 1));
    if (bases > max_allele || in.at() > kMaxVariantText) {
      throw Error(ErrorId::kLimitExceeded,
                  bases > max_allele ? fmt::format("an allele is longer than {} bases", max_allele)
                                     : fmt::format("the alleles of one variant are longer than {}",
                                                   FormatBytes(kMaxVariantText)))
          .InFile(place.file)
          .AtRecord(place.record)
          .Value(fmt::format("{} bases", bases));
    }
    if (!in.Has(bases)) return false;
    variant.alleles.push_back(in.TakeText(bases));
  }
  return true;
}

/// Lengths of the genotype data; false = more bytes are needed.
bool TakeLengths(Walker& in, const BgenHeader& header, const RecordPlace& place,
                 BgenVariant& variant) {
  const bool packed = header.compression != BgenHeader::Compression::kNone;
  if (header.layout == 1) {
    variant.unpacked_bytes = variant.stored_bytes = 6ull * header.samples;
    if (packed) {
      if (!in.Has(4)) return false;
      variant.stored_bytes = in.Take32();
    }
  } else {
    if (!in.Has(packed ? 8 : 4)) return false;
    variant.unpacked_bytes = variant.stored_bytes = in.Take32();
    if (packed) {
      if (variant.stored_bytes < 4) throw BadVariant(place, "impossible length of the genotypes");
      variant.stored_bytes -= 4;
      variant.unpacked_bytes = in.Take32();
    }
  }
  return true;
}

/// The format allows four zero bytes instead of its name.
bool HasZeroMagic(std::string_view head) {
  return head.size() >= kMinHeader && head.substr(16, 4) == std::string_view("\0\0\0\0", 4);
}

/// Such a file is told by what the rest of its header says.
bool IsUnsignedBgen(std::string_view head) {
  if (!HasZeroMagic(head)) return false;
  const auto* p = reinterpret_cast<const uint8_t*>(head.data());
  const uint32_t offset = Load32(p), bytes = Load32(p + 4);
  if (bytes < kMinHeader || bytes > offset || head.size() < uint64_t{bytes} + 4) return false;
  const uint32_t flags = Load32(p + bytes);
  return (flags & 0x7fffffc0u) == 0 && (flags >> 2 & 15) >= 1 && (flags >> 2 & 15) <= 2;
}

void CheckMagic(std::span<const uint8_t> bytes, uint64_t file_bytes, const std::string& file) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (file_bytes < kMinHeader) {
    throw Error(ErrorId::kTruncated, "the file ends inside its header")
        .InFile(file)
        .Remedy("copy the file again from its source");
  }
  if (text.size() < kMinHeader || text.substr(16, 4) == "bgen" || HasZeroMagic(text)) {
    return;
  }
  const bool gzip = text.substr(0, 2) == "\x1f\x8b";
  throw Error(ErrorId::kFormatUnknown,
              gzip ? "the BGEN is compressed as a whole" : "not a BGEN file: no 'bgen' at byte 16")
      .InFile(file)
      .Remedy(gzip ? "unpack it with gunzip: a BGEN is compressed inside"
                   : "write it with plink2 --export bgen-1.2 or bgen-1.3");
}

void ParseFlags(uint32_t flags, const std::string& file, BgenHeader& header) {
  const uint32_t compression = flags & 3, layout = (flags >> 2) & 15;
  // Zstandard (2) came with layout 2.
  if (layout < 1 || layout > 2 || compression > layout || (flags & 0x7fffffc0u) != 0) {
    throw BadHeader(file,
                    fmt::format("layout {} with compression {} is not known", layout, compression))
        .Value(fmt::format("flags {:#010x}", flags))
        .Remedy("layouts 1 and 2 are read (BGEN 1.1, 1.2, 1.3): convert it with qctool or plink2");
  }
  header.has_ids = (flags >> 31) != 0;
  header.layout = static_cast<uint8_t>(layout);
  header.compression = static_cast<BgenHeader::Compression>(compression);
}

}  // namespace

std::string_view BgenHeader::version() const {
  return layout == 1 ? "1.1" : compression == Compression::kZstd ? "1.3" : "1.2";
}

std::string_view BgenHeader::compression_name() const {
  return compression == Compression::kNone   ? "not compressed"
         : compression == Compression::kZlib ? "zlib"
                                             : "zstd";
}

bool LooksLikeBgen(std::string_view head) {
  if (IsUnsignedBgen(head)) return true;
  if (head.size() < kMinHeader || head.substr(16, 4) != "bgen") return false;
  // Tells a gzip file whose name happens to stand there from a BGEN.
  const auto* p = reinterpret_cast<const uint8_t*>(head.data());
  return Load32(p + 4) <= Load32(p);
}

uint64_t ParseBgenHeader(std::span<const uint8_t> bytes, uint64_t file_bytes,
                         const std::string& file, BgenHeader& header) {
  CheckMagic(bytes, file_bytes, file);
  if (bytes.size() < kMinHeader) return kMinHeader;
  const uint32_t offset = Load32(bytes.data());
  header.first_variant = 4 + uint64_t{offset};
  header.header_bytes = Load32(bytes.data() + 4);
  header.variants = Load32(bytes.data() + 8);
  header.samples = Load32(bytes.data() + 12);
  if (header.header_bytes < kMinHeader || header.header_bytes > offset) {
    throw BadHeader(file, fmt::format("a header of {} bytes before variants at byte {}",
                                      header.header_bytes, header.first_variant));
  }
  if (header.first_variant > file_bytes) {
    throw Error(ErrorId::kTruncated, "the file ends before its first variant")
        .InFile(file)
        .Remedy("copy the file again from its source");
  }
  if (offset > kMaxHeader) {
    throw Error(ErrorId::kLimitExceeded,
                fmt::format("the header is longer than {}", FormatBytes(kMaxHeader)))
        .InFile(file);
  }
  if (header.samples == 0) throw BadHeader(file, "the header counts no samples");
  if (header.variants == 0) throw BadHeader(file, "the header counts no variants");
  if (bytes.size() >= header.first_variant) {
    ParseFlags(Load32(bytes.data() + header.header_bytes), file, header);
  }
  return header.first_variant;
}

std::vector<std::string> ParseBgenIds(std::span<const uint8_t> bytes, const BgenHeader& header,
                                      const std::string& file) {
  bytes = bytes.first(header.first_variant).subspan(4 + uint64_t{header.header_bytes});
  Walker in(bytes);
  if (!in.Has(8)) throw BadHeader(file, "the sample ids do not fit before the first variant");
  const uint32_t length = in.Take32(), count = in.Take32();
  if (length > bytes.size()) {
    throw BadHeader(file, "the sample ids do not fit before the first variant");
  }
  if (count != header.samples) {
    throw Error(
        ErrorId::kSamplesDiffer,
        fmt::format("the header counts {} samples, the block of ids {}", header.samples, count))
        .InFile(file)
        .Remedy("the file is damaged: copy it again from its source");
  }
  std::vector<std::string> ids;
  ids.reserve(std::min<uint64_t>(count, bytes.size() / 2));
  std::string_view id;
  for (uint32_t row = 1; row <= count; ++row) {
    if (!TakeText16(in, id) || in.at() > length) {
      throw BadHeader(file, fmt::format("the block of ids ends inside sample {}", row));
    }
    if (id.empty()) throw BadHeader(file, fmt::format("the id of sample {} is empty", row));
    ids.emplace_back(id);
  }
  if (in.at() != length) {
    throw BadHeader(file, fmt::format("{} bytes follow the last sample id", length - in.at()));
  }
  return ids;
}

uint64_t ParseBgenVariant(std::span<const uint8_t> bytes, const BgenHeader& header,
                          uint64_t max_allele, const RecordPlace& place, BgenVariant& variant) {
  Walker in(bytes);
  if (header.layout == 1) {
    if (!in.Has(4)) return in.needed();
    const uint32_t samples = in.Take32();
    if (samples != header.samples) {
      throw BadVariant(place, fmt::format("the variant has {} samples, the header counts {}",
                                          samples, header.samples));
    }
  }
  for (std::string_view* text : {&variant.id, &variant.rsid, &variant.chrom}) {
    if (!TakeText16(in, *text)) return in.needed();
  }
  if (!in.Has(header.layout == 1 ? 4 : 6)) return in.needed();
  variant.pos = in.Take32();
  const uint32_t alleles = header.layout == 1 ? 2 : in.Take16();
  if (alleles < 2) {
    throw BadVariant(place, fmt::format("a variant of {} alleles; REF and ALT are needed", alleles))
        .AtPosition(variant.chrom, variant.pos)
        .Remedy("leave the variant out: nothing can be counted at it");
  }
  if (!TakeAlleles(in, alleles, max_allele, place, variant) ||
      !TakeLengths(in, header, place, variant)) {
    return in.needed();
  }
  CheckUnpacked(header, place, variant);
  return variant.header_bytes = in.at();
}

}  // namespace kinflow
