#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "pipeline/data/variant_table.h"
#include "stages/formats/genotype_values.h"

namespace kinflow {

/// Writes a record's alleles as all formats are to give them, so that files of several writers and
/// score files meet: bases in upper case, and of a part of a multi-allelic record no bases at the
/// end that REF and ALT share (CAA > C,CA is CAA > C and CA > C). Bases shared at the start stay:
/// without them the position and with it the order of the file would change. Alleles that are not
/// bases alone (<DEL>, *, breakends, names) stay as they are. One thread.
class AlleleNormaliser {
 public:
  struct Pair {
    std::string_view ref, alt;  // valid until the next call, or as long as the arguments
    /// No variant at all: to be refused. Both missing is fine.
    bool same() const { return ref == alt && ref != "."; }
  };
  Pair operator()(std::string_view ref, std::string_view alt, bool from_multiallelic);

 private:
  std::string ref_, alt_;
};

/// kMalformed if REF and ALT are one and the same, or if a name holds a blank, a control character
/// or what is not UTF-8, which no table can. Without a place, callers add it.
std::optional<Error> NameFault(std::string_view id, const AlleleNormaliser::Pair& alleles);
/// Throws what NameFault gives.
void RequireNames(std::string_view id, const AlleleNormaliser::Pair& alleles,
                  const RecordPlace& place);

/// kMalformed if two of the rows from `first_row` on, the ALT alleles of one record, are the same.
/// Without a place, callers add it.
std::optional<Error> RepeatedAlt(const VariantTable& variants, size_t first_row);
/// Throws what RepeatedAlt gives.
void RequireDistinctAlts(const VariantTable& variants, size_t first_row, const RecordPlace& place);

}  // namespace kinflow
