#pragma once

#include <map>
#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "pipeline/data/pedigree.h"

namespace kinflow {

/// Where family relations come from. Column names: "" = recognised by their usual names.
struct PedigreeOptions {
  std::string file;
  std::string family, id, father, mother, sex, pregnancy, twin, birth_year;
  /// Pregnancy ids number the pregnancies of one mother (1, 2, ...) instead of all of the study.
  bool pregnancy_per_mother = false;
};

/// Key `pedigree` of the config (null if not given).
SchemaNode PedigreeSchema();
/// From the value of that key, which must not be null. The file name is taken as written.
PedigreeOptions PedigreeOptionsFrom(const ConfigNode& node);

/// Reads a .fam (six columns, no header) or a table with a header; told by the first line. Fields
/// "0", "NA", "-9", "." and "" are unknown. Sex is 1/M/male, 2/F/female, or unknown; anything else
/// is an error. Twins share a pregnancy: children of one mother with the same code in the twin
/// column get one pregnancy where none is given. Throws kMalformed, kColumnMissing, kParentSex
/// (also for a person named both as father and as mother), and what Pedigree::Build throws.
Pedigree ReadPedigree(const PedigreeOptions& options);

/// Years of birth by id, if the table has such a column. Throws kMalformed for what is no year.
std::map<std::string, int> ReadBirthYears(const PedigreeOptions& options);

}  // namespace kinflow
