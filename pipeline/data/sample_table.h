#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/base/hash.h"

namespace kinflow {

enum class Sex : uint8_t { kUnknown = 0, kMale = 1, kFemale = 2 };  // PLINK coding

/// The samples of a genotype input in column order. Immutable once built; shared by
/// shared_ptr<const>. IIDs are unique (the builder throws kDuplicateSamples with both row numbers).
class SampleTable {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  /// `fid` may be empty: FID = IID then. `file` is named in errors.
  static std::shared_ptr<const SampleTable> Build(std::vector<std::string> fid,
                                                  std::vector<std::string> iid,
                                                  std::vector<Sex> sex, std::string_view file);

  uint32_t size() const { return static_cast<uint32_t>(iid_.size()); }
  const std::string& fid(uint32_t i) const { return fid_[i]; }
  const std::string& iid(uint32_t i) const { return iid_[i]; }
  Sex sex(uint32_t i) const { return sex_[i]; }
  const std::vector<std::string>& iids() const { return iid_; }
  const std::vector<std::string>& fids() const { return fid_; }
  const std::vector<Sex>& sexes() const { return sex_; }
  /// False if FID = IID throughout, as of files that know no families.
  bool has_families() const { return has_families_; }
  /// Index of an IID, or kAbsent.
  uint32_t Find(std::string_view iid) const;
  /// Over FIDs, IIDs and sexes in order.
  Digest digest() const { return digest_; }

 private:
  std::vector<std::string> fid_, iid_;
  std::vector<Sex> sex_;
  std::unordered_map<std::string_view, uint32_t> index_;
  Digest digest_;
  bool has_families_ = false;
};

using SampleTablePtr = std::shared_ptr<const SampleTable>;

}  // namespace kinflow
