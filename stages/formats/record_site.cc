#include "stages/formats/record_site.h"

#include <fmt/format.h>

#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {

const std::string& SiteChecker::Chrom(std::string_view written) {
  if (count_ == nullptr || written != written_) {
    if (written.empty()) {
      throw Error(ErrorId::kMalformed, "the chromosome is empty")
          .InFile(file_)
          .AtRecord(Number(records_ + 1))
          .Field("CHROM")
          .Remedy("write the file anew with a chromosome (plink2 --oxford-single-chr)");
    }
    if (auto fault = names_.Take(written)) {
      throw std::move(*fault).InFile(file_).AtRecord(Number(records_ + 1));
    }
    written_ = written;
    length_ = header_ == nullptr ? 0 : header_->ContigLength(written);
    count_ = &by_contig_[written_];
  }
  return names_.chrom();
}

void SiteChecker::Take(int64_t pos) {
  ++records_;
  if (pos < 0 || pos > INT32_MAX || (length_ > 0 && static_cast<uint64_t>(pos) > length_)) {
    throw Error(ErrorId::kMalformed,
                length_ > 0 && pos > 0
                    ? fmt::format("the position is beyond the end of the contig ({})", length_)
                    : "the position is outside 0 to 2147483647")
        .InFile(file_)
        .AtRecord(Number(records_))
        .AtPosition(names_.chrom(), pos)
        .Field("POS")
        .Value(fmt::format("{}", pos))
        .Remedy("correct the record, or the contig length in the header");
  }
  order_->Check(names_.chrom(), static_cast<uint32_t>(pos), Number(records_), file_);
  ++*count_;
}

Error TooManyAlleles(uint32_t n_alt, const std::string& file, uint64_t record) {
  return Error(ErrorId::kLimitExceeded,
               fmt::format("the record has {} alternative alleles, more than {}", n_alt,
                           kMaxAlternatives))
      .InFile(file)
      .AtRecord(record)
      .Field("ALT")
      .Remedy("remove the record (bcftools view -e), or split it (bcftools norm -m -)");
}

float QualityOf(std::string_view info, const std::vector<std::string>& keys, uint32_t allele) {
  for (const auto& key : keys) {
    for (size_t at = 0; at < info.size();) {
      const size_t end = std::min(info.find(';', at), info.size());
      const std::string_view item = info.substr(at, end - at);
      at = end + 1;
      if (item.size() <= key.size() || item[key.size()] != '=' ||
          item.substr(0, key.size()) != key) {
        continue;
      }
      const auto values = Split(item.substr(key.size() + 1), ',');
      const auto& text = values.size() == 1        ? values[0]
                         : allele <= values.size() ? values[allele - 1]
                                                   : std::string_view();
      const auto value = ParseDouble(text);
      return value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return std::numeric_limits<float>::quiet_NaN();
}

}  // namespace kinflow
