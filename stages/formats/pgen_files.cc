#include "stages/formats/pgen_files.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "stages/formats/pgen_dosage.h"
#include "stages/formats/plink_files.h"
#include "stages/formats/psam.h"

namespace kinflow {
namespace {

void CheckCount(const std::string& path, const char* what, uint64_t stated, uint64_t found,
                const std::string& companion) {
  if (stated == found) return;
  throw Error(ErrorId::kFileSize, fmt::format("the .pgen has {} {}, {} has {}", stated, what,
                                              BaseName(companion), found))
      .InFile(path)
      .Field(what)
      .Value(companion)
      .Remedy("copy the three files again together: they do not belong together, or one was cut");
}

// What record types and the .pvar say of the number of alleles.
void CheckAlleles(const std::string& path, const PgenIndex& index, const PvarVariants& variants) {
  for (uint64_t record = 0; record < index.variants(); ++record) {
    const uint32_t alts = variants.Alts(record);
    const uint64_t row = variants.RowOf(record);
    const auto fail = [&](ErrorId id, std::string what, const char* remedy) {
      throw Error(id, std::move(what))
          .InFile(path)
          .AtRecord(record + 1)
          .AtPosition(variants.rows.chrom(row), variants.rows.pos(row))
          .Remedy(remedy);
    };
    if (!index.alts().empty() && index.alts()[record] != alts) {
      fail(ErrorId::kMalformed,
           fmt::format("the .pgen states {} ALT alleles, the .pvar {}", index.alts()[record], alts),
           "copy the three files again together");
    }
    if (alts > 1 && HasDosages(index.type(record))) {
      fail(ErrorId::kFormatUnknown,
           "dosages of a variant with several ALT alleles: their layout is not settled yet",
           "split such variants before the import: bcftools norm -m -any");
    }
  }
}

}  // namespace

PgenFiles PgenFiles::Open(const std::string& path, uint64_t max_allele, VariantOrder& order) {
  PgenFiles files;
  files.file = FileHandle::OpenRead(path);
  files.index = PgenIndex::Read(files.file);
  const PlinkFiles beside = PlinkFiles::Beside(path);
  files.samples = ReadPsamSamples(beside.samples);
  CheckCount(path, "samples", files.index.samples(), files.samples->size(), beside.samples);
  files.variants = ReadPvar(beside.variants, max_allele, order);
  CheckCount(path, "variants", files.index.variants(), files.variants.records(), beside.variants);
  CheckAlleles(path, files.index, files.variants);
  return files;
}

}  // namespace kinflow
