#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/app/genotype_set.h"
#include "pipeline/base/error.h"
#include "pipeline/config/config_loader.h"
#include "stages/formats/people_list.h"

namespace kinflow {

/// The lists `samples` and `remove` of the input or of a batch: who of its people is read.
class PeopleLists {
 public:
  /// `prefix`: where `node` stands in the config. Of a person with two ids the lists may hold
  /// either. `ids` outlives it. Throws as PeopleList::Read.
  PeopleLists(const ConfigNode& node, const std::string& base, const std::string& prefix,
              const SampleIds& ids)
      : keep_(node, base, prefix, "samples"), remove_(node, base, prefix, "remove"), ids_(ids) {}
  bool given() const { return keep_.given() || remove_.given(); }
  const std::string& file() const { return keep_.given() ? keep_.file : remove_.file; }
  bool Removes(const SampleTable& people, uint32_t i) const {
    return remove_.given() && remove_.list.Holds(people, i, ids_);
  }
  bool Keeps(const SampleTable& people, uint32_t i) const {
    return !keep_.given() || keep_.list.Holds(people, i, ids_);
  }
  /// IIDs of those to remove; without genotyped people whose FID is another one.
  std::unordered_set<std::string> Withdrawn(const std::vector<GenotypeSet*>& sets) const;
  /// Warns of ids that none of the genotyped people has. A list `remove` of which nobody has one is
  /// a fault (Field: its key): it is most likely of another kind of ids, and those who withdrew
  /// would stay. Throws kMalformed.
  void CheckAgainst(const std::vector<GenotypeSet*>& sets, std::vector<std::string>& warnings,
                    std::vector<Error>& faults) const;

 private:
  struct List {
    std::string key, file;  // no file: the list does not decide anything
    PeopleList list;

    List(const ConfigNode& node, const std::string& base, const std::string& prefix,
         const char* name);
    bool given() const { return !file.empty(); }
    void CheckAgainst(const std::vector<GenotypeSet*>& sets, const SampleIds& names,
                      std::vector<std::string>& warnings) const;
    /// kNoCommonSamples if it has lines, and none is of a genotyped person.
    std::optional<Error> NamesNobody(const std::vector<GenotypeSet*>& sets,
                                     const SampleIds& names) const;
  };
  List keep_, remove_;
  const SampleIds& ids_;
};

}  // namespace kinflow
