#pragma once

#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "stages/formats/genotype_options.h"
#include "stages/formats/genotype_values.h"

namespace kinflow {

/// Places of the fields in a FORMAT column; kept while the text stays the same.
struct FormatColumns {
  std::string text;
  int field = -1, gt = -1;  // index, -1 = absent
  int ds = -1;              // the same; looked for if HDS is wanted
  bool unread = false;      // dosages stand in other fields alone
  std::string repeated;     // a key that comes twice, which no key may
  void Update(std::string_view format, DosageField wanted);
};

/// kMalformed: which of the values of the key is meant is not known.
Error RepeatedKey(std::string_view key, const RecordPlace& place);

}  // namespace kinflow
