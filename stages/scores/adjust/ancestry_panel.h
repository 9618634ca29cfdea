#pragma once

#include <string>
#include <vector>

namespace kinflow {

/// Scores and principal components of a reference panel, one row a person.
struct AncestryPanel {
  std::vector<std::string> iid;          // "" where the table has no such column
  std::vector<std::vector<double>> pcs;  // by component, by person
  std::vector<std::string> group;        // population label; empty = not asked for
  std::vector<std::string> scores;
  std::vector<std::vector<double>> values;  // by score, by person; NaN = missing
};

/// Reads a table with a header: PC1 ... PC`pcs`, the column `group` unless it is "", IID if it is
/// there, and a column a score; FID, other PCs and other columns of text are passed over. Rows that
/// lack a component or the label are left out. Throws kColumnMissing, kMalformed (line, column,
/// value), kTooFewRows (nobody is left); `key` of the config named the file.
AncestryPanel ReadAncestryPanel(const std::string& path, size_t pcs, const std::string& group,
                                const std::vector<std::string>& scores,
                                const std::string& key = "scores.adjust.ancestry.reference");

}  // namespace kinflow
