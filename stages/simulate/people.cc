#include "stages/simulate/people.h"

#include <fmt/format.h>

#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

struct Family {
  bool father_genotyped = true;
  struct Birth {
    bool twins = false, identical = false;
    uint8_t sex[2] = {1, 1};
  };
  std::vector<Birth> births;
};

Family DrawFamily(const SimulateOptions& o, uint32_t family, uint64_t pregnancies_left) {
  Philox rng = Stream(o.seed, Purpose::kFamily, family);
  Family f;
  f.father_genotyped = rng.Uniform() >= o.missing_fathers;
  const bool second = rng.Uniform() < o.second_pregnancies;
  f.births.resize(second && pregnancies_left > 1 ? 2 : 1);
  for (auto& birth : f.births) {
    birth.twins = rng.Uniform() < o.twins;
    birth.identical = rng.Uniform() < 0.5;
    birth.sex[0] = rng.Uniform() < 0.513 ? 1 : 2;
    birth.sex[1] = rng.Uniform() < 0.513 ? 1 : 2;
    if (birth.identical) birth.sex[1] = birth.sex[0];
  }
  return f;
}

}  // namespace

std::string People::Fid(uint32_t person) const {
  return fmt::format("T{:06}", persons[person].family + 1);
}

std::string People::Iid(uint32_t person) const {
  const SimPerson& p = persons[person];
  if (p.role == PersonRole::kMother) return fmt::format("M{:06}", p.family + 1);
  if (p.role == PersonRole::kFather) return fmt::format("F{:06}", p.family + 1);
  return fmt::format("C{:06}{}{}", p.family + 1, pregnancies[p.pregnancy].parity == 0 ? 'A' : 'B',
                     p.twin == 0 ? "" : "2");
}

std::string People::PregnancyId(uint32_t pregnancy) const {
  const SimPregnancy& p = pregnancies[pregnancy];
  return fmt::format("P{:06}{}", p.family + 1, p.parity == 0 ? 'A' : 'B');
}

People MakePeople(const SimulateOptions& options) {
  People people;
  std::vector<uint32_t> late_fathers;  // families whose father comes last
  while (people.pregnancies.size() < options.trios) {
    const uint32_t family = people.families++;
    const Family drawn = DrawFamily(options, family, options.trios - people.pregnancies.size());
    const auto mother = static_cast<uint32_t>(people.persons.size());
    people.persons.push_back({.role = PersonRole::kMother, .sex = 2, .family = family});
    uint32_t father = SimPerson::kNone;
    if (drawn.father_genotyped) {
      father = mother + 1;
      people.persons.push_back({.role = PersonRole::kFather, .sex = 1, .family = family});
    } else {
      late_fathers.push_back(family);
    }
    for (uint32_t parity = 0; parity < drawn.births.size(); ++parity) {
      const auto& birth = drawn.births[parity];
      const auto pregnancy = static_cast<uint32_t>(people.pregnancies.size());
      const auto child = static_cast<uint32_t>(people.persons.size());
      people.pregnancies.push_back({family, mother, father, child, parity});
      for (uint32_t twin = 0; twin < (birth.twins ? 2u : 1u); ++twin) {
        people.persons.push_back({.role = PersonRole::kChild,
                                  .sex = birth.sex[twin],
                                  .family = family,
                                  .mother = mother,
                                  .father = father,
                                  .pregnancy = pregnancy,
                                  .twin = twin,
                                  .meiosis = 2 * pregnancy + (birth.identical ? 0 : twin)});
      }
    }
  }
  people.genotyped = static_cast<uint32_t>(people.persons.size());
  std::vector<uint32_t> father_of(people.families, SimPerson::kNone);
  for (const uint32_t family : late_fathers) {
    father_of[family] = static_cast<uint32_t>(people.persons.size());
    people.persons.push_back(
        {.role = PersonRole::kFather, .sex = 1, .genotyped = false, .family = family});
  }
  for (auto& p : people.persons) {
    if (p.role == PersonRole::kChild && p.father == SimPerson::kNone)
      p.father = father_of[p.family];
  }
  for (auto& p : people.pregnancies) {
    if (p.father == SimPerson::kNone) p.father = father_of[p.family];
  }
  for (uint32_t i = 0; i < people.persons.size(); ++i) {
    (people.persons[i].role == PersonRole::kChild ? people.children : people.founders).push_back(i);
  }
  return people;
}

}  // namespace kinflow::simulate
