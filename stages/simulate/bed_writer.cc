#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <unistd.h>

#include <cmath>

#include "pipeline/base/text_writer.h"
#include "stages/simulate/genotype_writer.h"
#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

// The low 32 bits of x to the even positions.
uint64_t Spread(uint64_t x) {
  x &= 0xFFFFFFFF;
  x = (x | (x << 16)) & 0x0000FFFF0000FFFFull;
  x = (x | (x << 8)) & 0x00FF00FF00FF00FFull;
  x = (x | (x << 4)) & 0x0F0F0F0F0F0F0F0Full;
  x = (x | (x << 2)) & 0x3333333333333333ull;
  return (x | (x << 1)) & 0x5555555555555555ull;
}

// Calls f(i) for each i < n chosen with probability `rate`, by geometric steps.
template <class F>
void ForSome(Philox rng, double rate, uint32_t n, const F& f) {
  if (rate <= 0) return;
  const double scale = 1 / std::log1p(-rate);
  for (double i = std::floor(std::log(rng.Uniform()) * scale); i < n;
       i += 1 + std::floor(std::log(rng.Uniform()) * scale)) {
    f(static_cast<uint32_t>(i));
  }
}

class BedWriter : public GenotypeWriter {
 public:
  BedWriter(const SimulateOptions& options, const People& people, const std::string& prefix)
      : options_(options),
        people_(people),
        path_(prefix + ".bed"),
        partial_(PartialName(path_)),
        bed_(FileHandle::CreateNew(partial_)),
        bim_path_(prefix + ".bim"),
        bim_(bim_path_) {
    bed_.Write({"\x6c\x1b\x01", 3});
  }
  ~BedWriter() override {
    if (!published_) ::unlink(partial_.c_str());
  }

  void Write(const VariantBlock& block, const BitPlanes& planes) override {
    const size_t stride = (people_.genotyped + 3) / 4;
    bytes_.assign(block.variants.size() * stride, 0);
    tbb::parallel_for(size_t{0}, block.variants.size(), [&](size_t v) {
      Encode(block.variants[v], planes, static_cast<uint32_t>(v), &bytes_[v * stride], stride);
    });
    bed_.Write({bytes_.data(), bytes_.size()});
    for (const SimVariant& v : block.variants) {
      bim_.Write(
          fmt::format("{}\t{}\t0\t{}\t{}\t{}\n", block.chromosome, v.id, v.position, v.alt, v.ref));
    }
  }

  std::vector<std::string> Finish() override {
    bed_.Sync();
    bed_.Close();
    bim_.Commit();
    PublishFile(partial_, path_);
    published_ = true;
    return {path_, bim_path_};
  }

 private:
  void Encode(const SimVariant& variant, const BitPlanes& planes, uint32_t row, char* out,
              size_t stride) const {
    const size_t words = (people_.genotyped + 63) / 64;
    std::vector<uint64_t> a(planes.allele(0, row), planes.allele(0, row) + words);
    std::vector<uint64_t> b(planes.allele(1, row), planes.allele(1, row) + words);
    std::vector<uint64_t> missing(words, 0);
    uint64_t side = variant.index;  // mother's and father's allele are misread in turn
    ForSome(Stream(options_.seed, Purpose::kCallErrors, variant.index), options_.error_rate,
            people_.genotyped,
            [&](uint32_t i) { (side++ % 2 == 0 ? a : b)[i / 64] ^= uint64_t{1} << (i % 64); });
    ForSome(Stream(options_.seed, Purpose::kCallMissing, variant.index), options_.missing_rate,
            people_.genotyped, [&](uint32_t i) { missing[i / 64] |= uint64_t{1} << (i % 64); });
    size_t at = 0;
    for (size_t w = 0; w < words; ++w) {
      uint64_t keep = ~uint64_t{0};
      if (people_.genotyped - w * 64 < 64) keep = (uint64_t{1} << (people_.genotyped - w * 64)) - 1;
      // ALT is the first allele: 00 ALT/ALT, 10 het, 11 REF/REF, 01 missing; 0 after the last
      // person.
      const uint64_t low = (~(a[w] | b[w]) | missing[w]) & keep;
      const uint64_t high = ~(a[w] & b[w]) & ~missing[w] & keep;
      for (int half = 0; half < 2; ++half) {
        const uint64_t code = Spread(low >> (32 * half)) | (Spread(high >> (32 * half)) << 1);
        for (int byte = 0; byte < 8 && at < stride; ++byte) {
          out[at++] = static_cast<char>(code >> (8 * byte));
        }
      }
    }
  }

  const SimulateOptions& options_;
  const People& people_;
  std::string path_, partial_;
  FileHandle bed_;
  std::string bim_path_;
  TextWriter bim_;
  std::string bytes_;
  bool published_ = false;
};

}  // namespace

std::unique_ptr<GenotypeWriter> MakeBedWriter(const SimulateOptions& options, const People& people,
                                              const std::string& prefix) {
  return std::make_unique<BedWriter>(options, people, prefix);
}

}  // namespace kinflow::simulate
