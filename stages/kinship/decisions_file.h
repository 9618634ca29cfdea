#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/base/error.h"
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
  bool needless = false;                     // says what is so without it
  std::map<std::string, std::string> cells;  // all columns, as read
};

/// A decisions file: a table with the columns DECISION, PERSON and VALUE; others, such as those of
/// the decisions.tsv of a run, are evidence. A row whose column PROPOSED still says what the row
/// does is a proposal that was accepted; any other is a person's.
struct DecisionsFile {
  std::string path;
  std::vector<DecidedRow> rows;
  std::vector<DecidedRow> absent;  // about people whom the run does not know any more
};

/// STATUS of decisions that were applied, and of those of which nothing was to be done.
inline constexpr const char* kStatusApplied = "applied";
inline constexpr const char* kStatusNeedless = "no longer needed";
inline constexpr const char* kStatusAbsent = "absent";

/// True if the decision is about this conflict of two people, in either order, or of one ("").
bool IsAbout(const About& about, const std::string& iid_1, const std::string& iid_2,
             const std::string& kind);

/// Which rows of a file are read.
enum class DecidedRows : uint8_t {
  kAll,
  kApplied,  // of a run's decisions.tsv: those that by its column STATUS hold
};

/// Throws kColumnMissing, kMalformed (unknown action or value, a missing person, rows that
/// contradict each other), each with its line, and what DelimitedReader throws.
DecisionsFile ReadDecisions(const std::string& path, DecidedRows rows = DecidedRows::kAll);
/// What ReadDecisions() would throw, of each row that is wrong.
std::vector<Error> FaultsOfDecisions(const std::string& path);

}  // namespace kinflow::kinship
