#pragma once

#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "pipeline/data/table.h"

namespace kinflow {

/// How a questionnaire scale is scored from its items.
struct ScaleRule {
  enum Form {
    kSum,      // of all items; else mean of the answered x number of items, rounded half to even
    kMean,     // mean of the answered items
    kZByWave,  // the sum, standardised within each wave
    kZPooled   // the sum, standardised over all rows
  };
  std::string name;
  std::vector<std::string> items;
  double min_answered = 0.5;  // share of items that must be answered, else the score is missing
  Form form = kSum;
};

/// Key `scales` of a phenotype table: scales by name.
SchemaNode ScalesSchema();
std::vector<ScaleRule> ScaleRulesFrom(const ConfigNode& scales);

/// Scores of the rows; NaN = missing. `waves`: of each row, or empty. The rule of the R package
/// phenotools: `min_answered` items answered, half-even rounding. Throws kConfigReference (no such
/// column), kMalformed (an item that is text; a standardised score without variance), naming the
/// scale; `file` is named in messages.
Table::Doubles ScoreScale(const ScaleRule& rule, const Table& columns,
                          const std::vector<std::string>& waves, const std::string& file);

}  // namespace kinflow
