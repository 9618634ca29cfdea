#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/file_source.h"
#include "stages/formats/genotype_values.h"
#include "stages/formats/text_dosage.h"

namespace kinflow {

/// Where the numbers (DS, HDS, GP) of the samples of one record go: the same for VCF text and BCF.
struct NumberRows {
  const RecordPlace& place;
  const CallRows rows;
  const DosageGrid& grid;
  DecodeCounts& counts;

  /// Writes the copies of each ALT allele that the numbers of one sample give; the largest T =
  /// missing: `partly` (some of the numbers are), or probabilities that are all 0. Numbers of one
  /// copy are flagged as haploid: returns true then. `text()` is what stands in the file.
  template <class T, class Text>
  bool Write(uint32_t sample, const SampleNumbers& s, bool partly, const Text& text, T* out,
             uint8_t* flags) const {
    const bool one = flags != nullptr && (*flags & kCallHaploid) != 0;
    bool haploid = false, none = false;
    for (uint32_t k = 1; k <= rows.n_alt; ++k) {
      T& value = out[(k - 1) * rows.stride];
      value = std::numeric_limits<T>::max();
      if (partly) continue;
      double copies = 0;
      const int shown = ExpectedCopies(place.field, s, k, copies);
      if (shown <= 0) throw NoCopies(sample, s, shown, text());
      haploid |= shown == 1;
      none |= std::isnan(copies);
      if (none) continue;
      const uint32_t limit = one ? 1 : static_cast<uint32_t>(shown);
      uint32_t units = 0;
      const auto result = grid.ToUnits(copies, limit, units);
      if (result != DosageGrid::Result::kOk) {
        throw BadGrid(result, place, sample, grid, limit, text());
      }
      value = static_cast<T>(units);
    }
    counts.half_calls += partly;
    counts.no_probabilities += none;
    if (!partly && !CopiesFit(place.field, s, one ? 1 : 2)) {
      throw TooManyCopies(place, sample, text());
    }
    for (uint32_t k = 0; haploid && flags != nullptr && k < rows.n_alt; ++k) {
      flags[k * rows.samples] |= kCallHaploid;
    }
    return haploid && flags != nullptr;
  }

 private:
  Error NoCopies(uint32_t sample, const SampleNumbers& s, int shown, std::string_view text) const {
    return BadDosage(place, sample,
                     shown < 0
                         ? std::string("the genotype probabilities do not sum to 1")
                         : fmt::format("{} values do not fit {} alternative alleles", s.n, s.n_alt),
                     text);
  }
};

}  // namespace kinflow
