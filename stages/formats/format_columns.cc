#include "stages/formats/format_columns.h"

#include <algorithm>
#include <vector>

namespace kinflow {

void FormatColumns::Update(std::string_view format, DosageField wanted) {
  if (format == text && !text.empty()) return;
  text = format;
  field = gt = ds = -1;
  unread = false;
  int index = 0;
  std::vector<std::string_view> keys;
  for (size_t at = 0; at <= format.size(); ++index) {
    const size_t end = std::min(format.find(':', at), format.size());
    const std::string_view id = format.substr(at, end - at);
    if (id == FieldName(wanted)) field = index;
    if (id == "GT") gt = index;
    if (id == "DS" && wanted == DosageField::kHds) ds = index;
    unread |= IsDosageField(id);
    keys.push_back(id);
    at = end + 1;
  }
  unread &= wanted == DosageField::kGt || (field < 0 && ds < 0);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  repeated = twice == keys.end() ? "" : *twice;
}

Error RepeatedKey(std::string_view key, const RecordPlace& place) {
  return Error(ErrorId::kMalformed, "the record has a FORMAT key twice")
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field("FORMAT")
      .Value(key)
      .Remedy("write the file anew without it (bcftools annotate -x), or remove the record");
}

}  // namespace kinflow
