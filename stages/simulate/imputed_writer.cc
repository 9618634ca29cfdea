#include "stages/simulate/imputed_writer.h"

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>

#include "pipeline/base/error.h"

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
  std::string text = "##fileformat=VCFv4.2\n";
  int idx = 0;
  const auto line = [&](std::string_view kind, std::string_view body) {
    text += fmt::format("##{}=<{}{}>\n", kind, body, with_idx ? fmt::format(",IDX={}", idx++) : "");
  };
  line("FILTER", "ID=PASS,Description=\"All filters passed\"");
  text += "##source=kinflow simulate\n##phasing=full\n";
  idx = 0;
  for (const unsigned c : chromosomes) {
    line("contig", fmt::format("ID={},length={},assembly=GRCh37", c, ChromosomeLength(c)));
  }
  idx = 1;
  line("INFO", "ID=AF,Number=1,Type=Float,Description=\"Estimated Alternate Allele Frequency\"");
  line("INFO", "ID=MAF,Number=1,Type=Float,Description=\"Estimated Minor Allele Frequency\"");
  line("INFO",
       "ID=R2,Number=1,Type=Float,Description=\"Estimated Imputation Accuracy (R-square)\"");
  line("INFO", "ID=IMPUTED,Number=0,Type=Flag,Description=\"Marker was imputed\"");
  line("INFO", "ID=TYPED,Number=0,Type=Flag,Description=\"Marker was genotyped\"");
  line("FORMAT", "ID=GT,Number=1,Type=String,Description=\"Genotype\"");
  line("FORMAT",
       "ID=DS,Number=1,Type=Float,Description=\"Estimated Alternate Allele Dosage : "
       "[P(0/1)+2*P(1/1)]\"");
  line("FORMAT",
       "ID=HDS,Number=2,Type=Float,Description=\"Estimated Haploid Alternate Allele "
       "Dosage\"");
  line("FORMAT",
       "ID=GP,Number=3,Type=Float,Description=\"Estimated Posterior Probabilities for "
       "Genotypes 0/0, 0/1 and 1/1\"");
  text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
  for (uint32_t i = 0; i < people.genotyped; ++i) text += '\t' + people.Iid(i);
  return text + '\n';
}

ImputedWriter::ImputedWriter(const SimulateOptions& options, const People& people,
                             const std::string& path, const std::string& index_ending)
    : options_(options),
      people_(people),
      file_(path),
      path_(path),
      index_path_(path + index_ending) {}

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

std::vector<std::string> ImputedWriter::Finish() {
  file_.Close();
  const std::string index = PartialName(index_path_);
  // Made here so that it is private from the first byte; htslib then opens and fills it.
  FileHandle::CreateNew(index).Close();
  if (BuildIndex(file_.partial(), index) != 0) {
    ::unlink(index.c_str());
    throw Error(ErrorId::kWriteFailed, "the index could not be built").InFile(index_path_);
  }
  SyncFile(index);
  file_.Publish();
  PublishFile(index, index_path_);
  return {path_, index_path_};
}

}  // namespace kinflow::simulate
