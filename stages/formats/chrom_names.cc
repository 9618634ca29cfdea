#include "stages/formats/chrom_names.h"

#include <fmt/format.h>

#include <utility>

#include "pipeline/base/text.h"

namespace kinflow {

std::optional<Error> ChromNames::Take(std::string_view written) {
  if (written == written_ && !written_as_.empty()) return std::nullopt;
  if (std::string what = WordFault(written); !what.empty()) {
    return Error(ErrorId::kMalformed, std::move(what))
        .Field("CHROM")
        .Value(written)
        .Remedy(
            "give the chromosome another name in the file that this one was made from (bcftools "
            "annotate --rename-chrs)");
  }
  chrom_ = NormaliseChrom(written);
  written_ = written;
  const auto [it, added] = written_as_.try_emplace(chrom_, written);
  if (added || it->second == written || chrom_ == "XY") return std::nullopt;
  return Error(ErrorId::kMalformed,
               fmt::format("the chromosome is spelled {} here and {} before", written, it->second))
      .Field("CHROM")
      .Remedy(
          "give each chromosome one name (bcftools annotate --rename-chrs; plink2 --output-chr)");
}

}  // namespace kinflow
