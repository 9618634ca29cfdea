#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/base/hash.h"
#include "pipeline/data/sample_table.h"

namespace kinflow {

/// What a person is to the study. A person who is both child and parent counts as parent.
enum class Role : uint8_t { kOther, kMother, kFather, kChild };
const char* RoleName(Role role);  // "mother", ...

struct Person {
  std::string fid, iid;
  std::string father, mother;  // IIDs; "" = unknown
  Sex sex = Sex::kUnknown;
  std::string pregnancy;  // "" = unknown; twins share it
};

/// One child with indices into the SampleTable; kAbsent where a member is unknown or not genotyped.
struct Trio {
  uint32_t child = SampleTable::kAbsent;
  uint32_t father = SampleTable::kAbsent;
  uint32_t mother = SampleTable::kAbsent;
  uint32_t person = 0;  // row of the child in Pedigree::people()
  bool complete() const {
    return child != SampleTable::kAbsent && father != SampleTable::kAbsent &&
           mother != SampleTable::kAbsent;
  }
};

/// Declared family relations. Immutable; validated when built: throws kDuplicateChild,
/// kPedigreeLoop, kParentSex, each with the row (never the id).
class Pedigree {
 public:
  static Pedigree Build(std::vector<Person> people, const std::string& file);

  const std::vector<Person>& people() const { return people_; }
  /// Row of an IID or -1.
  int64_t Find(const std::string& iid) const;
  Role role(size_t person) const { return roles_[person]; }
  Digest digest() const { return digest_; }

  /// Children (people with a declared parent) in pedigree order whose own genotype or at least one
  /// parent's is present.
  std::vector<Trio> Trios(const SampleTable& samples) const;
  /// PLINK's founders: samples without any declared parent, whether that parent is in the sample
  /// table or not (plink 1.9 and 2, without --make-founders). One byte a sample, 0 or 1.
  std::vector<uint8_t> Founders(const SampleTable& samples) const;
  /// Role of each sample (kOther if not in the pedigree), sex of each (pedigree's, else file's).
  std::vector<Role> SampleRoles(const SampleTable& samples) const;
  std::vector<Sex> SampleSexes(const SampleTable& samples) const;

 private:
  std::vector<Person> people_;
  std::unordered_map<std::string, size_t> index_;
  std::vector<Role> roles_;
  Digest digest_;
};

}  // namespace kinflow
