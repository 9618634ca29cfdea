#include "stages/formats/pgen_cursor.h"

#include <fmt/format.h>

namespace kinflow {

void PgenCursor::Fail(std::string_view why, std::string_view what) const {
  throw Error(ErrorId::kMalformed, fmt::format("{} {}", why, what))
      .InFile(place_.file)
      .AtRecord(place_.record)
      .AtPosition(place_.chrom, place_.pos)
      .Remedy(
          "the .pgen is damaged, or its .pvar or .psam belongs to another file: copy them again");
}

void PgenCursor::ExpectEnd() const {
  if (left() > 0) {
    Fail(fmt::format("{} bytes are left behind", left()), "the last track of the record");
  }
}

}  // namespace kinflow
