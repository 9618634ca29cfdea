#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stages/kinship/decision.h"

namespace kinflow::kinship {

/// Where a decision comes from: as a run proposed it, or a person's own.
enum class Origin : uint8_t { kProposed, kPerson };
const char* OriginName(Origin origin);

/// What a conflict is about: columns IID1, IID2 (else person and value) and KIND, "" if there is
/// none; ids may be "".
struct About {
  std::string iid_1, iid_2, kind;
};

struct DecidedRow {
  Decision decision;
  Origin origin = Origin::kPerson;
  uint64_t line = 0;
  About about;
  std::map<std::string, std::string> cells;  // all columns, as read
};

/// A decisions file: a table with the columns DECISION, PERSON and VALUE; others, such as those of
/// the decisions.tsv of a run, are evidence. A row whose column PROPOSED still says what the row
/// does is a proposal that was accepted; any other is a person's.
struct DecisionsFile {
  std::string path;
  std::vector<DecidedRow> rows;
};

/// Which rows of a file are read.
enum class DecidedRows : uint8_t {
  kAll,
  kApplied,  // of a run's decisions.tsv: those that its column STATUS says it applied
};

/// Throws kColumnMissing, kMalformed (unknown action or value, a missing person, rows that
/// contradict each other), each with its line, and what DelimitedReader throws.
DecisionsFile ReadDecisions(const std::string& path, DecidedRows rows = DecidedRows::kAll);

}  // namespace kinflow::kinship
