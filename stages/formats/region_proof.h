#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/formats/record_peek.h"
#include "stages/formats/variant_index.h"

namespace kinflow {

/// A part of a file that holds wanted records, and the first and the last position wanted of it.
struct WantedPart {
  VirtualSpan span;
  size_t first_contig = 0, last_contig = 0;  // numbers in the index
  uint32_t first = 0, last = 0;
};

/// Shows by records of the file that no wanted one lies outside a part, whatever the index says:
/// the file is sorted, so it is enough that the record at its begin lies before the first wanted
/// position, and the one behind it after the last. Throws kRecordCount where the file says
/// something else than the index.
class RegionProof {
 public:
  /// `names`: contigs by number in the index; `contigs`: of RecordPeek.
  RegionProof(const std::string& path, const VariantIndex& index,
              const std::vector<std::string>& names, const std::vector<std::string>& contigs);

  /// Of the part, or further ahead, if that is needed to see what lies before its first position.
  VirtualOffset Begin(const WantedPart& part);
  void CheckEnd(const WantedPart& part);

 private:
  /// A bin's first record.
  struct Start {
    VirtualOffset offset = 0;
    size_t contig = 0;
    uint64_t first = 0, last = 0;  // positions of the bin
  };
  RecordSite At(VirtualOffset offset);
  int Compare(VirtualOffset offset, size_t contig, uint32_t pos);
  std::vector<Start>::const_iterator StartAt(VirtualOffset offset) const;

  const std::string& path_;
  const std::vector<std::string>& names_;
  VirtualSpan data_;
  std::vector<VirtualSpan> contig_data_;
  std::vector<Start> starts_;  // ascending
  RecordPeek peek_;
};

}  // namespace kinflow
