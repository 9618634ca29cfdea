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
  std::string file;                             // "": none given
  std::string id, plate, well, batch, control;  // columns; "" = by its usual name

  static PlateOptions FromConfig(const ConfigNode& plates);
  /// The choice of columns: what factors and wells depend on besides the bytes of the file.
  std::string ColumnsJson() const;
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
  bool on_edge = false;  // of its plate
};

struct Layout {
  std::vector<Factor> factors;    // plate, batch: those that the table has
  std::vector<Well> wells;        // by sample
  std::vector<uint8_t> controls;  // by sample, 1 = a control sample
  uint64_t matched = 0;           // rows of the table whose sample is genotyped
  uint64_t unmatched = 0;         // other rows
};

/// `samples` as the genotypes name them: a well holds a DNA, whoever is decided to have given it. A
/// plate has 16 x 24 wells if one of its own needs it, else 8 x 12. Samples that the table lacks
/// are in no plate. Throws kColumnMissing (no id, or neither plate nor batch nor control),
/// kMalformed (a well that is none, an id twice, a control that is neither yes nor no),
/// kNoCommonSamples.
Layout ReadLayout(const PlateOptions& options, const SampleTable& samples);

}  // namespace kinflow::plates
