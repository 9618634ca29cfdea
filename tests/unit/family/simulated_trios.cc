#include "tests/unit/family/simulated_trios.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <random>

namespace kinflow::family::test {
namespace {

// std::mt19937_64 is the same everywhere; std::normal_distribution is not.
class Normal {
 public:
  double operator()() {
    const double u = (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
    const double v = static_cast<double>(random_() >> 11) * 0x1p-53;
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  }

 private:
  std::mt19937_64 random_{20240229};
};

struct Made {
  std::vector<Person> people;
  std::vector<std::string> genotyped;
  std::map<std::string, double> score;
};

}  // namespace

CohortPtr MakeCohort(const std::vector<Person>& people, const std::vector<std::string>& genotyped) {
  return Cohort::Build(SampleTable::Build({}, genotyped, {}, "samples"),
                       Pedigree::Build(people, "pedigree"));
}

SimulatedTrios MakeTrios(uint32_t mothers, double m, double f, double c) {
  Normal normal;
  Made made;
  SimulatedTrios out;
  Table::Doubles scl, age, pc1, half;
  Table::Strings batch;
  const auto add_person = [&](const Person& person, double score, bool genotyped) {
    made.people.push_back(person);
    made.score[person.iid] = score;
    if (genotyped) made.genotyped.push_back(person.iid);
  };
  const auto add_row = [&](const std::string& iid, double y, double years) {
    out.persons.iid.push_back(iid);
    scl.push_back(y);
    age.push_back(years);
    pc1.push_back(normal());
    half.push_back(out.persons.iid.size() % 2 == 0 ? std::nan("") : normal());
    batch.push_back(out.persons.iid.size() % 3 == 0 ? "A" : "B");
  };
  uint32_t pregnancies = 0;
  for (uint32_t i = 0; i < mothers; ++i) {
    const std::string fid = fmt::format("F{}", i), mother = "M" + fid, father = "P" + fid;
    const double sm = normal(), sf = normal();
    add_person({fid, mother, "", "", Sex::kFemale, ""}, sm, true);
    add_person({fid, father, "", "", Sex::kMale, ""}, sf, i % 13 != 7);
    double child_sum = 0;
    const uint32_t count = 1 + i % 2;
    for (uint32_t p = 0; p < count; ++p) {
      const uint32_t children = ++pregnancies % 10 == 0 ? 2 : 1;
      for (uint32_t k = 0; k < children; ++k) {
        const double sc = (sm + sf) / 2 + normal() * std::sqrt(0.5);
        const std::string child = fmt::format("C{}_{}_{}", i, p, k);
        add_person({fid, child, father, mother, Sex::kUnknown, fmt::format("preg{}", p)}, sc,
                   i % 17 != 3);
        if (p == 0 && k == 0) child_sum = sc;
        add_row(child, normal(), p + 1.0);
      }
    }
    const double years = 25 + std::floor(5 * std::abs(normal()));
    add_row(mother, m * sm + f * sf + c * child_sum - 0.02 * years + normal(), years);
    if (i % 19 != 5) add_row(father, normal(), years + 2);
  }
  out.cohort = MakeCohort(made.people, made.genotyped);
  out.persons.columns.Add("scl", std::move(scl));
  out.persons.columns.Add("age", std::move(age));
  out.persons.columns.Add("PC1", std::move(pc1));
  out.persons.columns.Add("half", std::move(half));
  out.persons.columns.Add("batch", std::move(batch));
  out.scores.names = {"s1", "s2"};
  std::vector<double> first, second;
  for (const auto& iid : out.cohort->samples->iids()) {
    first.push_back(3 + 2 * made.score[iid]);
    second.push_back(normal());
  }
  out.scores.values = {first, second};
  return out;
}

}  // namespace kinflow::family::test
