#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/simulate/simulate.h"

namespace kinflow::simulate {

enum class PersonRole : uint8_t { kMother, kFather, kChild };

/// One simulated person. Parents are rows of People::persons.
struct SimPerson {
  static constexpr uint32_t kNone = UINT32_MAX;
  PersonRole role = PersonRole::kMother;
  uint8_t sex = 2;  // PLINK: 1 male, 2 female
  bool genotyped = true;
  uint32_t family = 0;
  uint32_t mother = kNone, father = kNone;
  uint32_t pregnancy = kNone;  // children only
  uint32_t twin = 0;           // 0 = first child of the pregnancy, 1 = second
  uint32_t meiosis = 0;        // key of a child's meioses; monozygotic twins share it
};

struct SimPregnancy {
  uint32_t family = 0, mother = 0, father = 0, child = 0;  // persons; child = first of twins
  uint32_t parity = 0;
};

/// Who exists, in the order of the genotype files: genotyped people family by family, then fathers
/// without genotypes.
struct People {
  std::vector<SimPerson> persons;
  std::vector<SimPregnancy> pregnancies;
  std::vector<uint32_t> founders;  // rows, ascending
  std::vector<uint32_t> children;  // rows, ascending
  uint32_t genotyped = 0;
  uint32_t families = 0;

  std::string Fid(uint32_t person) const;
  std::string Iid(uint32_t person) const;
  std::string PregnancyId(uint32_t pregnancy) const;
};

People MakePeople(const SimulateOptions& options);

}  // namespace kinflow::simulate
