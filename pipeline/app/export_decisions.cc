#include "pipeline/app/export_decisions.h"

#include <nlohmann/json.hpp>

#include "pipeline/app/run_record.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

/// True if the run was given a decisions file.
bool RunHadDecisions(const std::string& folder) {
  return ReadRunRecord(folder, "/config/kinship/decisions").is_string();
}

}  // namespace

kinship::DecisionsFile DecisionsOfExport(const std::vector<std::string>& paths,
                                         const std::string& given) {
  if (!given.empty()) return kinship::ReadDecisions(given);
  if (paths.size() != 1 || !IsFolder(paths.front()) || !RunHadDecisions(paths.front())) return {};
  const std::string table = JoinPath(paths.front(), "private/decisions.tsv");
  if (!FileExists(table)) {
    throw Error(ErrorId::kBadArgument,
                "this run was given decisions on samples, but its folder does not tell them")
        .InFile(paths.front())
        .Field("--decisions")
        .Remedy("name the file of decisions that the run was given");
  }
  return kinship::ReadDecisions(table, kinship::DecidedRows::kApplied);
}

bool RunSetMendelErrorsMissing(const std::vector<std::string>& paths) {
  return paths.size() == 1 && ReadRunRecord(paths.front(), "/resolved/qc/variant/mendel_errors") ==
                                  nlohmann::json("missing");
}

size_t KeepForExport(const SampleTable& samples, bool with_parents, kinship::DecisionsFile& file) {
  size_t parents = 0;
  std::erase_if(file.rows, [&](const kinship::DecidedRow& row) {
    switch (row.decision.action) {
      case kinship::Action::kExchange:
        return false;
      case kinship::Action::kSetSex:
        return !with_parents && samples.Find(row.decision.person) == SampleTable::kAbsent;
      case kinship::Action::kSetFather:
      case kinship::Action::kSetMother:
        parents += with_parents ? 0 : 1;
        return !with_parents;
      default:
        return true;
    }
  });
  return parents;
}

}  // namespace kinflow
