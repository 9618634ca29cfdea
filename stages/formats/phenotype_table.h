#pragma once

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "pipeline/data/table.h"
#include "stages/formats/scale_score.h"

namespace kinflow {

/// How the ids of a table are made comparable with the IIDs of the genotypes.
enum class IdForm {
  kIid,     // as they stand
  kFidIid,  // the table's ids are FID and IID joined by '_'; the genotypes have them apart
};

/// One table of phenotypes or covariates: a row a person, or a person and pregnancy; a long table
/// has a row for each of these and wave.
struct PhenotypeOptions {
  std::string file;
  std::string id;         // column of the person's id; "" = rows have no id (kinflow fit)
  std::string family;     // "" = none; else ids become FAMILY_ID (genotypes named FID_IID)
  std::string pregnancy;  // "" = one row a person
  std::string wave;       // of a long table; "" = a wide one
  IdForm id_form = IdForm::kIid;
  char delimiter = '\0';             // '\0' = told from the header
  std::vector<std::string> missing;  // codes of missing values beside NA, NaN, '.' and ""
  std::vector<std::string> columns;  // to read; empty = all
  std::vector<std::string> text;     // columns that are texts even if they look like numbers
  std::vector<ScaleRule> scales;     // columns computed from items
  /// Decimal commas are a fault of the columns that are used as numbers alone: an entry of `mixed`.
  bool commas_where_used = false;
};

struct PhenotypeTable {
  std::string file;
  std::vector<std::string> ids;
  std::vector<std::string> pregnancies;  // empty: a row holds for all pregnancies of the person
  std::vector<std::string> waves;        // of a long table; "" = a row that holds for all waves
  std::vector<std::string> by_wave;      // names of a long table's columns, the wave's among them
  Table columns;                         // numbers (missing NaN) or texts (missing "NA")
  /// Texts of which most are numbers: to be thrown where such a column is used as numbers.
  std::map<std::string, Error> mixed;
  /// Columns whose values look like undeclared codes of missing ones (-9, -999), in sentences.
  std::vector<std::string> warnings;
};

/// Key `phenotypes` of the config: a list of tables.
SchemaNode PhenotypesSchema();
/// One item of that list. The file name is taken as written.
PhenotypeOptions PhenotypeOptionsFrom(const ConfigNode& item);

/// A column is numeric if all values that are not missing are decimal numbers with a point; else
/// text. A column of numbers with decimal commas is refused: it would become a text unnoticed. One
/// in which more than half of the values are numbers is text too, but an entry of `mixed`.
/// Throws kColumnMissing, kMalformed, kDuplicateSamples (an id, or id, pregnancy and wave, twice).
PhenotypeTable ReadPhenotypes(const PhenotypeOptions& options);

/// Without the rows of these people.
PhenotypeTable WithoutPeople(PhenotypeTable table, const std::unordered_set<std::string>& ids);

/// One table over all: a row for every id (and pregnancy) of any table, in order of appearance. A
/// table without pregnancies holds for all pregnancies of its people. Rows of a long table follow
/// behind those of the wide ones. Throws kConfigReference for a column name that two tables have,
/// and for two long tables.
PhenotypeTable MergePhenotypes(std::vector<PhenotypeTable> tables);

}  // namespace kinflow
