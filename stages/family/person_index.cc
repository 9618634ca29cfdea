#include "stages/family/person_index.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"

namespace kinflow::family {

PersonIndex::PersonIndex(const PersonColumns& persons) : persons_(persons) {
  for (size_t r = 0; r < persons.iid.size(); ++r) {
    const std::string pregnancy = persons.pregnancy.empty() ? "" : persons.pregnancy[r];
    const std::string wave = persons.wave.empty() ? "" : persons.wave[r];
    if (!wave.empty()) waves_[Key(persons.iid[r], pregnancy, "")].push_back(wave);
    people_.insert(persons.iid[r]);
    const auto [found, added] = rows_.emplace(Key(persons.iid[r], pregnancy, wave), r);
    if (added) continue;
    throw Error(
        ErrorId::kDuplicateSamples,
        fmt::format("rows {} and {} of the phenotypes are of the same person{}{}",
                    found->second + 1, r + 1, persons.pregnancy.empty() ? "" : " and pregnancy",
                    wave.empty() ? "" : " and wave"))
        .AtRecord(r + 1)
        .Remedy("keep one row a person, or name the pregnancy column");
  }
}

int64_t PersonIndex::Find(const std::string& iid, const std::string& pregnancy,
                          const std::string& wave) const {
  if (iid.empty()) return -1;
  auto found = rows_.find(Key(iid, pregnancy, wave));
  if (found == rows_.end()) found = rows_.find(Key(iid, "", wave));
  return found == rows_.end() ? -1 : static_cast<int64_t>(found->second);
}

bool PersonIndex::Has(const std::string& iid, const std::string& pregnancy) const {
  for (const std::string& key : {Key(iid, pregnancy, ""), Key(iid, "", "")}) {
    if (rows_.contains(key) || waves_.contains(key)) return true;
  }
  return false;
}

std::vector<std::string> PersonIndex::Waves(const std::string& iid,
                                            const std::string& pregnancy) const {
  auto found = waves_.find(Key(iid, pregnancy, ""));
  if (found == waves_.end()) found = waves_.find(Key(iid, "", ""));
  return found == waves_.end() ? std::vector<std::string>{} : found->second;
}

std::string PersonIndex::Key(const std::string& iid, const std::string& pregnancy,
                             const std::string& wave) const {
  return iid + '\n' + (persons_.pregnancy.empty() ? "" : pregnancy) + '\n' + wave;
}

}  // namespace kinflow::family
