#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/formats/bgzf_reader.h"

namespace kinflow {

/// Chromosome, as written, and position of a record.
struct RecordSite {
  std::string chrom;
  int64_t pos = 0;
};

/// Looks at single records of a BGZF-packed VCF or BCF by their offsets.
class RecordPeek {
 public:
  /// `contigs`: those that the records of a BCF number; none for text.
  RecordPeek(const std::string& path, const std::vector<std::string>& contigs);
  /// Throws kRecordCount if no record begins there: the index that says so is of another file.
  RecordSite At(VirtualOffset place);

 private:
  std::optional<RecordSite> SiteOf(VirtualOffset place) const;
  std::optional<RecordSite> SiteOfText(VirtualOffset place) const;

  BgzfReader reader_;
  const std::vector<std::string>& contigs_;
  ByteBuffer bytes_;
};

/// kRecordCount: the index beside `path` is of another version of it.
Error StaleIndex(const std::string& path, VirtualOffset place, std::string_view what);

}  // namespace kinflow
