#include "stages/simulate/imputed_writer.h"

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "stages/writers/vcf_header_text.h"

namespace kinflow::simulate {
namespace {

// Encoded records held at once, in bytes, at about 40 bytes a sample.
constexpr size_t kBatchBytes = 64u << 20;

}  // namespace

const char* FieldName(SimulateField field) {
  switch (field) {
    case SimulateField::kGt:
      return "GT";
    case SimulateField::kDs:
      return "DS";
    case SimulateField::kHds:
      return "HDS";
    case SimulateField::kGp:
      return "GP";
  }
  return "";
}

std::string VcfHeader(const People& people, const std::vector<unsigned>& chromosomes,
                      bool with_idx) {
  VcfHeaderText text(with_idx);
  text.Line("##source=kinflow simulate");
  text.Line("##phasing=full");
  for (const unsigned c : chromosomes) {
    text.Contig(fmt::format("{},length={},assembly=GRCh37", c, ChromosomeLength(c)));
  }
  text.Info("AF,Number=1,Type=Float,Description=\"Estimated Alternate Allele Frequency\"");
  text.Info("MAF,Number=1,Type=Float,Description=\"Estimated Minor Allele Frequency\"");
  text.Info("R2,Number=1,Type=Float,Description=\"Estimated Imputation Accuracy (R-square)\"");
  text.Info("IMPUTED,Number=0,Type=Flag,Description=\"Marker was imputed\"");
  text.Info("TYPED,Number=0,Type=Flag,Description=\"Marker was genotyped\"");
  text.Format("GT,Number=1,Type=String,Description=\"Genotype\"");
  text.Format(
      "DS,Number=1,Type=Float,Description=\"Estimated Alternate Allele Dosage : "
      "[P(0/1)+2*P(1/1)]\"");
  text.Format("HDS,Number=2,Type=Float,Description=\"Estimated Haploid Alternate Allele Dosage\"");
  text.Format(
      "GP,Number=3,Type=Float,Description=\"Estimated Posterior Probabilities for "
      "Genotypes 0/0, 0/1 and 1/1\"");
  text.Columns();
  for (uint32_t i = 0; i < people.genotyped; ++i) text.Sample(people.Iid(i));
  return text.Finish();
}

ImputedWriter::ImputedWriter(const SimulateOptions& options, const People& people,
                             const std::string& path, IndexKind index)
    : options_(options), people_(people), file_(path), path_(path), index_(index) {}

void ImputedWriter::Write(const VariantBlock& block, const BitPlanes& planes) {
  const size_t batch =
      std::clamp<size_t>(kBatchBytes / (40 * people_.persons.size()), 8, kBlockVariants);
  records_.resize(batch);
  tbb::enumerable_thread_specific<ImputedVariant> scratch;
  for (size_t first = 0; first < block.variants.size(); first += batch) {
    const size_t n = std::min(batch, block.variants.size() - first);
    tbb::parallel_for(size_t{0}, n, [&](size_t i) {
      const SimVariant& variant = block.variants[first + i];
      ImputedVariant& imputed = scratch.local();
      imputed.Impute(options_, people_, planes, variant, static_cast<uint32_t>(first + i));
      records_[i].clear();
      Encode(block, variant, imputed, records_[i]);
    });
    for (size_t i = 0; i < n; ++i) file_.Write(records_[i]);
  }
}

std::vector<std::string> ImputedWriter::Finish() { return PublishIndexed(file_, path_, index_); }

}  // namespace kinflow::simulate
