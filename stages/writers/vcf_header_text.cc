#include "stages/writers/vcf_header_text.h"

#include <fmt/format.h>

namespace kinflow {

VcfHeaderText::VcfHeaderText(bool for_bcf) : for_bcf_(for_bcf), text_("##fileformat=VCFv4.2\n") {
  Entry("FILTER", "PASS,Description=\"All filters passed\"", ids_);
}

void VcfHeaderText::Entry(std::string_view kind, std::string_view fields, uint32_t& number) {
  text_ +=
      fmt::format("##{}=<ID={}{}>\n", kind, fields, for_bcf_ ? fmt::format(",IDX={}", number) : "");
  ++number;
}

void VcfHeaderText::Line(std::string_view line) { text_.append(line) += '\n'; }
void VcfHeaderText::Contig(std::string_view fields) { Entry("contig", fields, contigs_); }
void VcfHeaderText::Info(std::string_view fields) { Entry("INFO", fields, ids_); }
void VcfHeaderText::Format(std::string_view fields) { Entry("FORMAT", fields, ids_); }
void VcfHeaderText::Columns() { text_ += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"; }
void VcfHeaderText::Sample(std::string_view name) { (text_ += '\t').append(name); }
std::string VcfHeaderText::Finish() { return std::move(text_ += '\n'); }

}  // namespace kinflow
