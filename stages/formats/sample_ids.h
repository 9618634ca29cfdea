#pragma once

#include <string>
#include <unordered_map>

#include "pipeline/data/sample_table.h"

namespace kinflow {

/// The people whom the ids of genotype files stand for: arrays and imputation servers have ids of
/// their own, and a person may have several.
class SampleIds {
 public:
  /// Nobody is renamed.
  SampleIds() = default;
  /// A table with the columns ID (in the genotype files) and IID (in pedigree, phenotypes and
  /// lists). Throws kColumnMissing, kMalformed (an empty cell, an ID with two IIDs; with the line),
  /// and what DelimitedReader throws.
  static SampleIds Read(const std::string& path);

  bool given() const { return !file_.empty(); }
  const std::string& file() const { return file_; }
  size_t size() const { return people_.size(); }
  bool Has(const std::string& id) const { return people_.contains(id); }
  /// The person's IID; ids that are not in the table stand for themselves.
  const std::string& Of(const std::string& id) const;

 private:
  std::string file_;
  std::unordered_map<std::string, std::string> people_;
};

}  // namespace kinflow
