#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow::family {

/// Whether and how the people of an analysis are described ("Table 1").
struct TableOneOptions {
  std::string sample = "none";       // none; used: rows of the full model; all: complete or not
  std::vector<std::string> by;       // columns whose values together are the strata
  std::vector<std::string> columns;  // described beside those of the formula
  bool asked_for() const { return sample != "none"; }
  /// Columns that the frame needs for it.
  std::vector<std::string> Columns() const;
  std::string ToJson() const;
};

/// The key `table1` of an analysis and of `kinflow fit`.
SchemaNode TableOneSchema();
TableOneOptions ReadTableOne(const ConfigNode& node);
/// A fault if rows of the model are asked for where each row has a likelihood of its own.
std::vector<Error> CheckTableOne(const TableOneOptions& options, bool path_model);

}  // namespace kinflow::family
