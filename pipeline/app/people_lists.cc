#include "pipeline/app/people_lists.h"

#include <fmt/format.h>

#include "pipeline/base/file.h"
#include "stages/formats/id_join.h"

namespace kinflow {

PeopleLists::List::List(const ConfigNode& node, const std::string& base, const std::string& prefix,
                        const char* name)
    : key(prefix + "." + name) {
  if (!node.Has(name)) return;
  file = JoinPath(base, node.Text(name));
  list = PeopleList::Read(file);
}

void PeopleLists::List::CheckAgainst(const std::vector<GenotypeSet*>& sets, const SampleIds& names,
                                     std::vector<std::string>& warnings) const {
  if (!given()) return;
  size_t people = 0, other_family = 0;
  std::vector<const SampleTable*> tables;
  for (const GenotypeSet* set : sets) {
    const SampleTable& table = set->everybody();
    people += table.size();
    tables.push_back(&table);
    for (uint32_t i = 0; i < table.size(); ++i) {
      other_family += list.OfOtherFamily(table, i, names) ? 1 : 0;
    }
  }
  list.RequireIidsBehind(tables, names, file);
  const size_t unknown = list.Unknown(tables, names);
  if (unknown == 0) return;
  std::string text = fmt::format("{} ({}): {} of {} ids are not among the {} genotyped people", key,
                                 BaseName(file), unknown, list.size(), people);
  if (other_family > 0) {
    text += fmt::format("; {} have the IID of a line, but another FID: not taken for that one",
                        other_family);
  }
  warnings.push_back(std::move(text));
}

std::optional<Error> PeopleLists::List::NamesNobody(const std::vector<GenotypeSet*>& sets,
                                                    const SampleIds& names) const {
  std::vector<const SampleTable*> tables;
  size_t people = 0;
  for (const GenotypeSet* set : sets) {
    tables.push_back(&set->everybody());
    people += tables.back()->size();
  }
  if (list.size() == 0 || list.Unknown(tables, names) < list.size()) return std::nullopt;
  const std::unordered_set<std::string> iids = list.iids();
  std::string hint;
  for (const SampleTable* table : tables) {
    if (hint.empty()) hint = HintOnIds({iids.begin(), iids.end()}, *table);
  }
  return Error(ErrorId::kNoCommonSamples,
               fmt::format("none of the {} ids to remove is one of the {} genotyped people, so "
                           "nobody would be left out",
                           list.size(), people))
      .InFile(file)
      .Field(key)
      .Remedy(fmt::format("write the IIDs of the genotypes (or of input.ids), one a line, or FID "
                          "and IID{}; if none of these people is genotyped, say so: accept: "
                          "[{{what: {}, reason: ...}}]",
                          hint.empty() ? "" : "; " + hint, key));
}

void PeopleLists::CheckAgainst(const std::vector<GenotypeSet*>& sets,
                               std::vector<std::string>& warnings,
                               std::vector<Error>& faults) const {
  for (const List* list : {&keep_, &remove_}) list->CheckAgainst(sets, ids_, warnings);
  if (auto fault = remove_.NamesNobody(sets, ids_)) faults.push_back(*std::move(fault));
}

std::unordered_set<std::string> PeopleLists::Withdrawn(
    const std::vector<GenotypeSet*>& sets) const {
  std::unordered_set<std::string> iids = remove_.list.iids();
  for (const std::string& id : remove_.list.iids()) iids.insert(ids_.Of(id));
  for (const GenotypeSet* set : sets) {
    const SampleTable& people = set->everybody();
    for (uint32_t i = 0; i < people.size(); ++i) {
      if (!remove_.list.OfOtherFamily(people, i, ids_)) continue;
      iids.erase(people.iid(i));
      iids.erase(ids_.Of(people.iid(i)));
    }
  }
  return iids;
}

}  // namespace kinflow
