#include "stages/formats/record_alleles.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "pipeline/base/text.h"

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

std::optional<Error> NameFault(std::string_view id, const AlleleNormaliser::Pair& alleles) {
  if (alleles.same()) {
    return Error(ErrorId::kMalformed, "REF and ALT are the same allele")
        .Field("ALT")
        .Remedy("correct or remove the record in the file that this one was made from");
  }
  const std::pair<const char*, std::string_view> names[] = {
      {"ID", id}, {"REF", alleles.ref}, {"ALT", alleles.alt}};
  for (const auto& [field, text] : names) {
    if (std::string what = WordFault(text); !what.empty()) {
      return Error(ErrorId::kMalformed, std::move(what))
          .Field(field)
          .Value(text)
          .Remedy("correct it in the file that this one was made from (plink2 --set-all-var-ids)");
    }
  }
  return std::nullopt;
}

std::optional<Error> RepeatedAlt(const VariantTable& variants, size_t first_row) {
  if (variants.size() - first_row < 2) return std::nullopt;
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (size_t row = first_row; row < variants.size(); ++row) {
    // Symbolic alleles of one name may differ by what INFO says of each.
    if (variants.alt(row).find_first_of("<[]") != std::string_view::npos) continue;
    pairs.emplace_back(variants.ref(row), variants.alt(row));
  }
  std::sort(pairs.begin(), pairs.end());
  const auto twice = std::adjacent_find(pairs.begin(), pairs.end());
  if (twice == pairs.end()) return std::nullopt;
  return Error(ErrorId::kMalformed, "the record has the same ALT allele twice")
      .Field("ALT")
      .Value(twice->second)
      .Remedy("correct or remove the record (bcftools view -e) in the file that it comes from");
}

namespace {

void ThrowAt(std::optional<Error> fault, const RecordPlace& place) {
  if (!fault) return;
  throw std::move(*fault)
      .InFile(std::string(place.file))
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos);
}

}  // namespace

void RequireNames(std::string_view id, const AlleleNormaliser::Pair& alleles,
                  const RecordPlace& place) {
  ThrowAt(NameFault(id, alleles), place);
}

void RequireDistinctAlts(const VariantTable& variants, size_t first_row, const RecordPlace& place) {
  ThrowAt(RepeatedAlt(variants, first_row), place);
}

}  // namespace kinflow
