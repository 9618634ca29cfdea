#include "pipeline/data/sample_table.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/data/person_id.h"

namespace kinflow {

std::shared_ptr<const SampleTable> SampleTable::Build(std::vector<std::string> fid,
                                                      std::vector<std::string> iid,
                                                      std::vector<Sex> sex, std::string_view file) {
  auto table = std::make_shared<SampleTable>();
  table->iid_ = std::move(iid);
  table->fid_ = fid.empty() ? table->iid_ : std::move(fid);
  table->has_families_ = table->fid_ != table->iid_;
  table->sex_ = std::move(sex);
  table->sex_.resize(table->iid_.size(), Sex::kUnknown);
  table->index_.reserve(table->iid_.size());
  Hasher hasher;
  for (uint32_t i = 0; i < table->size(); ++i) {
    RequirePersonId(table->fid_[i], i + 1, file);
    RequirePersonId(table->iid_[i], i + 1, file);
    const auto [it, added] = table->index_.emplace(table->iid_[i], i);
    if (!added) {
      throw Error(ErrorId::kDuplicateSamples,
                  fmt::format("samples {} and {} have the same id", it->second + 1, i + 1))
          .InFile(file)
          .Remedy("give every sample a unique IID (the FID is not used to tell samples apart)");
    }
    hasher.AddField(table->fid_[i]);
    hasher.AddField(table->iid_[i]);
    hasher.AddField(static_cast<uint64_t>(table->sex_[i]));
  }
  table->digest_ = hasher.Finish();
  return table;
}

uint32_t SampleTable::Find(std::string_view iid) const {
  const auto it = index_.find(iid);
  return it == index_.end() ? kAbsent : it->second;
}

}  // namespace kinflow
