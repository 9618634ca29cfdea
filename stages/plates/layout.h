#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "pipeline/data/sample_table.h"

namespace kinflow::plates {

/// Which plate, well and batch a sample was genotyped in.
struct PlateOptions {
  std::string file;                    // "": none given
  std::string id, plate, well, batch;  // columns; "" = by its usual name

  static PlateOptions FromConfig(const ConfigNode& plates);
};

/// The `plates` key of the config (null if not given).
SchemaNode PlatesSchema();

/// A grouping of the samples.
struct Factor {
  static constexpr uint32_t kNone = UINT32_MAX;
  std::string name;                 // "plate", "batch"
  std::vector<std::string> levels;  // in alphabetic order
  std::vector<uint32_t> of;         // by sample
};

struct Well {
  uint32_t row = 0, column = 0;  // from 0; "B07" is row 1, column 6
  bool known = false;
};

struct Layout {
  std::vector<Factor> factors;     // plate, batch: those that the table has
  std::vector<Well> wells;         // by sample
  uint32_t rows = 0, columns = 0;  // of a plate: 8 x 12, or 16 x 24
  bool OnEdge(const Well& well) const {
    return well.row == 0 || well.column == 0 || well.row + 1 == rows || well.column + 1 == columns;
  }
};

/// Samples that the table lacks are in no plate. Throws kColumnMissing (no id, or neither plate nor
/// batch), kMalformed (a well that is none, an id twice), kNoCommonSamples.
Layout ReadLayout(const PlateOptions& options, const SampleTable& samples);

}  // namespace kinflow::plates
