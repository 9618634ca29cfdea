#include "stages/formats/genome_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/base/text.h"

namespace kinflow {
namespace {

struct Lengths {
  std::string_view name;
  uint64_t b37, b38;
};

// The last one, of the mitochondrion, is the same in both.
constexpr std::array<Lengths, 25> kLengths = {{
    {"1", 249250621, 248956422},  {"2", 243199373, 242193529},  {"3", 198022430, 198295559},
    {"4", 191154276, 190214555},  {"5", 180915260, 181538259},  {"6", 171115067, 170805979},
    {"7", 159138663, 159345973},  {"8", 146364022, 145138636},  {"9", 141213431, 138394717},
    {"10", 135534747, 133797422}, {"11", 135006516, 135086622}, {"12", 133851895, 133275309},
    {"13", 115169878, 114364328}, {"14", 107349540, 107043718}, {"15", 102531392, 101991189},
    {"16", 90354753, 90338345},   {"17", 81195210, 83257441},   {"18", 78077248, 80373285},
    {"19", 59128983, 58617616},   {"20", 63025520, 64444167},   {"21", 48129895, 46709983},
    {"22", 51304566, 50818468},   {"X", 155270560, 156040895},  {"Y", 59373566, 57227415},
    {"MT", 16569, 16569},
}};

const Lengths* Find(std::string_view chrom) {
  const auto* found = std::find_if(kLengths.begin(), kLengths.end(),
                                   [&](const Lengths& l) { return l.name == chrom; });
  return found == kLengths.end() ? nullptr : found;
}

}  // namespace

std::string BuildOfContigs(const std::vector<ContigLine>& contigs, std::string& evidence) {
  for (const auto& contig : contigs) {
    const Lengths* known = Find(NormaliseChrom(contig.name));
    if (known == nullptr || known->b37 == known->b38) continue;
    if (contig.length != known->b37 && contig.length != known->b38) continue;
    evidence = fmt::format("contig {} length {}", contig.name, contig.length);
    return contig.length == known->b37 ? "GRCh37" : "GRCh38";
  }
  return "";
}

uint64_t ChromLength(std::string_view build, std::string_view chrom) {
  const Lengths* known = Find(chrom);
  if (known == nullptr) return 0;
  return build == "GRCh37" ? known->b37 : build == "GRCh38" ? known->b38 : 0;
}

}  // namespace kinflow
