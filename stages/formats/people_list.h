#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "stages/formats/sample_ids.h"

namespace kinflow {

/// People named in a file: one IID a line, or FID and IID as plink's --keep and --remove.
class PeopleList {
 public:
  /// Lines of `#` in front are skipped; of these `#FID IID` and `#IID` say what the columns are,
  /// and those behind them are not read. Without one all lines have one column, or all two. Throws
  /// kMissingFile, kMalformed with the line.
  static PeopleList Read(const std::string& path);

  /// Lines, repeated ones once.
  size_t size() const { return size_; }
  /// IIDs, whatever their FID.
  std::unordered_set<std::string> iids() const;
  /// The first line that names a person by the IID, whatever its FID, or by an id that `names`
  /// gives it; 0 = none.
  uint64_t LineOf(const std::string& iid, const SampleIds& names) const;
  /// Whether sample `i` is named, by its id or by the one that `names` gives it. An FID has to be
  /// that of the table, unless the table has none (FID = IID throughout).
  bool Holds(const SampleTable& table, uint32_t i, const SampleIds& names) const;
  /// Whether it has the IID of a line and not the FID.
  bool OfOtherFamily(const SampleTable& table, uint32_t i, const SampleIds& names) const;
  /// Lines that name nobody in any of the tables.
  size_t Unknown(const std::vector<const SampleTable*>& tables, const SampleIds& names) const;
  /// Throws kMalformed if no line of two columns names anybody, but the first column holds IIDs:
  /// those listed would be passed over.
  void RequireIidsBehind(const std::vector<const SampleTable*>& tables, const SampleIds& names,
                         const std::string& path) const;

 private:
  void Add(std::string_view fid, std::string_view iid, uint64_t line);
  std::vector<std::pair<std::string, std::string>> Matches(const SampleTable& table, uint32_t i,
                                                           const SampleIds& names) const;

  std::unordered_map<std::string, std::unordered_set<std::string>> fids_;  // by IID; "" = any
  std::unordered_map<std::string, uint64_t> lines_;                        // by IID: the first
  size_t size_ = 0;
};

}  // namespace kinflow
