#include "stages/formats/bed_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/chrom_names.h"
#include "stages/formats/plink_files.h"
#include "stages/formats/psam.h"
#include "stages/formats/pvar.h"
#include "stages/formats/record_alleles.h"

namespace kinflow {
namespace {

Error BadLine(const LineReader& in, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(in.path())
      .AtLine(in.line_number())
      .Remedy("correct this line, or copy the .bed, .bim and .fam together again");
}

/// Bits behind the last sample that are mostly set and differ from variant to variant are
/// genotypes: the .fam lost people, and nobody else could tell. What a writer left there is the
/// same everywhere, or rare.
void CheckPadding(const FileHandle& file, uint32_t samples, uint64_t variants) {
  constexpr uint64_t kLooks = 256;
  if (samples % 4 == 0) return;
  const uint64_t row_bytes = BedRowBytes(samples), step = std::max<uint64_t>(1, variants / kLooks);
  uint64_t rows = 0, set = 0;
  bool differ = false;
  uint8_t first = 0;
  for (uint64_t row = 0; row < variants; row += step, ++rows) {
    uint8_t last = 0;
    file.ReadAt(&last, 1, 3 + (row + 1) * row_bytes - 1);
    const auto padding = static_cast<uint8_t>(last >> (2 * (samples % 4)));
    if (padding == 0) continue;
    if (set++ == 0) first = padding;
    differ = differ || padding != first;
  }
  if (!differ || 2 * set <= rows) return;
  throw Error(
      ErrorId::kFileSize,
      fmt::format("the .bed holds genotypes of more people than the {} of its .fam", samples))
      .InFile(file.path())
      .Remedy("copy the three files again together: the .fam was cut, or is of another .bed");
}

std::string_view Allele(std::string_view text) { return text == "0" ? "." : text; }

}  // namespace

SampleTablePtr ReadFamSamples(const std::string& path) {
  LineReader in(path);
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  std::string_view line;
  while (in.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.size() < 5) {
      throw BadLine(in, fmt::format("{} columns, a .fam has 6", fields.size()))
          .Remedy("columns of a .fam: FID IID father mother sex phenotype");
    }
    if (fields[1] == "0") throw BadLine(in, "the IID is 0, which means missing").Field("IID");
    // FID 0 means none (plink2); the IID stands in, as for VCF.
    fids.emplace_back(fields[0] == "0" ? fields[1] : fields[0]);
    iids.emplace_back(fields[1]);
    sexes.push_back(fields[4] == "1"   ? Sex::kMale
                    : fields[4] == "2" ? Sex::kFemale
                                       : Sex::kUnknown);
  }
  RequireLineEnd(in);
  if (iids.empty()) {
    throw Error(ErrorId::kMalformed, "the .fam has no samples")
        .InFile(path)
        .Remedy("copy the .bed, .bim and .fam together again");
  }
  return SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), path);
}

VariantTable ReadBim(const std::string& path, uint64_t max_allele, VariantOrder& order) {
  LineReader in(path);
  VariantTable variants;
  std::string_view line;
  ChromNames chroms;
  AlleleNormaliser normalise;
  while (in.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.size() != 5 && fields.size() != 6) {
      throw BadLine(in, fmt::format("{} columns, a .bim has 6", fields.size()))
          .Remedy("columns of a .bim: chromosome, variant id, cM, position, A1, A2");
    }
    const auto tail = fields.size() - 3;  // the cM column may be left out
    const auto pos = ParseInt(fields[tail]);
    if (!pos || *pos < 0 || *pos > INT32_MAX) {
      throw BadLine(in, "the position is no number from 0 to 2147483647")
          .Field("position")
          .Value(fields[tail]);
    }
    if (std::max(fields[tail + 1].size(), fields[tail + 2].size()) > max_allele) {
      throw Error(ErrorId::kLimitExceeded,
                  fmt::format("an allele is longer than {} bases", max_allele))
          .InFile(path)
          .AtLine(in.line_number());
    }
    if (auto fault = chroms.Take(fields[0])) {
      throw std::move(*fault).InFile(path).AtLine(in.line_number());
    }
    const std::string& chrom = chroms.chrom();
    order.Check(chrom, static_cast<uint32_t>(*pos), in.line_number(), path);
    const auto alleles = normalise(Allele(fields[tail + 2]), Allele(fields[tail + 1]), false);
    if (auto fault = NameFault(fields[1], alleles)) {
      throw std::move(*fault).InFile(path).AtLine(in.line_number());
    }
    variants.Append(chrom, static_cast<uint32_t>(*pos), fields[1], alleles.ref, alleles.alt);
  }
  RequireLineEnd(in);
  if (variants.size() == 0) {
    throw Error(ErrorId::kMalformed, "the .bim has no variants")
        .InFile(path)
        .Remedy("copy the .bed, .bim and .fam together again");
  }
  return variants;
}

void CheckBed(const std::string& path, uint64_t samples, uint64_t variants) {
  const FileHandle file = FileHandle::OpenRead(path);
  const uint64_t size = file.Size();
  std::array<uint8_t, 3> magic{};
  if (size >= 3) file.ReadAt(magic.data(), 3, 0);
  if (magic[0] != 0x6c || magic[1] != 0x1b) {
    throw Error(ErrorId::kFormatUnknown, "not a PLINK .bed file: wrong first bytes")
        .InFile(path)
        .Value(fmt::format("{:02x} {:02x} {:02x}", magic[0], magic[1], magic[2]))
        .Remedy("make it with plink2 --make-bed");
  }
  if (magic[2] != 1) {
    throw Error(ErrorId::kFormatUnknown, magic[2] == 0
                                             ? "the .bed is sample-major, an order long out of use"
                                             : "the .bed has an unknown mode byte")
        .InFile(path)
        .Value(fmt::format("{:02x}", magic[2]))
        .Remedy("convert it once: plink1.9 --bfile NAME --make-bed --out NEW");
  }
  const uint64_t expected = 3 + variants * BedRowBytes(static_cast<uint32_t>(samples));
  if (size != expected) {
    throw Error(ErrorId::kFileSize,
                fmt::format("the .bed has {} bytes; {} samples and {} variants need {}", size,
                            samples, variants, expected))
        .InFile(path)
        .Remedy("copy the three files again together: they do not belong together, or one was cut");
  }
  CheckPadding(file, static_cast<uint32_t>(samples), variants);
}

BedFiles BedFiles::Open(const std::string& path, uint64_t max_allele, VariantOrder& order) {
  const PlinkFiles beside = PlinkFiles::Beside(path);
  BedFiles files;
  files.samples = ReadPsamSamples(beside.samples);
  PvarVariants variants = ReadPvar(beside.variants, max_allele, order);
  for (uint64_t record = 0; record < variants.records(); ++record) {
    if (variants.Alts(record) == 1) continue;
    throw Error(ErrorId::kMalformed, "a variant with several ALT alleles, a .bed has none")
        .InFile(beside.variants)
        .AtRecord(record + 1)
        .Remedy("copy the three files again together");
  }
  files.variants = std::move(variants.rows);
  CheckBed(path, files.samples->size(), files.variants.size());
  return files;
}

}  // namespace kinflow
