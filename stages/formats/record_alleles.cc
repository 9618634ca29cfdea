#include "stages/formats/record_alleles.h"

#include <algorithm>

namespace kinflow {
namespace {

constexpr std::string_view kBases = "ACGTNacgtn";

bool IsBases(std::string_view allele) {
  return allele.find_first_not_of(kBases) == std::string_view::npos;
}

std::string_view UpperCase(std::string_view allele, std::string& buffer) {
  const bool lower = std::any_of(allele.begin(), allele.end(), [](char c) { return c >= 'a'; });
  if (!lower || !IsBases(allele)) return allele;
  buffer.assign(allele);
  for (char& c : buffer) c = static_cast<char>(c & ~0x20);
  return buffer;
}

}  // namespace

AlleleNormaliser::Pair AlleleNormaliser::operator()(std::string_view ref, std::string_view alt,
                                                    bool from_multiallelic) {
  Pair pair{UpperCase(ref, ref_), UpperCase(alt, alt_)};
  if (!from_multiallelic || !IsBases(pair.ref) || !IsBases(pair.alt)) return pair;
  while (std::min(pair.ref.size(), pair.alt.size()) > 1 && pair.ref.back() == pair.alt.back()) {
    pair.ref.remove_suffix(1);
    pair.alt.remove_suffix(1);
  }
  return pair;
}

Error SameAlleles() {
  return Error(ErrorId::kMalformed, "REF and ALT are the same allele")
      .Field("ALT")
      .Remedy("correct or remove the record in the file that this one was made from");
}

Error SameAlleles(const RecordPlace& place) {
  return SameAlleles()
      .InFile(std::string(place.file))
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos);
}

}  // namespace kinflow
