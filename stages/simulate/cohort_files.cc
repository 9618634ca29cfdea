#include "stages/simulate/cohort_files.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/base/number.h"
#include "pipeline/base/text_writer.h"
#include "stages/simulate/areas.h"
#include "stages/simulate/bonding.h"
#include "stages/simulate/interaction.h"
#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

std::string FixedOrNa(double value) {
  return std::isnan(value) ? "NA" : fmt::format("{:.4f}", value);
}

std::string WriteFam(const SimulateOptions& options, const People& people) {
  const std::string path = options.out + ".fam";
  TextWriter file(path);
  const auto parent = [&](uint32_t p) {
    return p == SimPerson::kNone || !people.persons[p].genotyped ? "0" : people.Iid(p);
  };
  for (uint32_t i = 0; i < people.genotyped; ++i) {
    const SimPerson& p = people.persons[i];
    file.Write(fmt::format("{}\t{}\t{}\t{}\t{}\t-9\n", people.Fid(i), people.Iid(i),
                           parent(p.father), parent(p.mother), p.sex));
  }
  file.Commit();
  return path;
}

std::string WritePedigree(const SimulateOptions& options, const People& people) {
  const std::string path = options.out + ".pedigree.tsv";
  TextWriter file(path);
  file.Write("FID\tIID\tPAT\tMAT\tSEX\tPREGNANCY\tROLE\tGENOTYPED\n");
  static constexpr const char* kRoles[] = {"mother", "father", "child"};
  const auto parent = [&](uint32_t p) { return p == SimPerson::kNone ? "0" : people.Iid(p); };
  for (uint32_t i = 0; i < people.persons.size(); ++i) {
    const SimPerson& p = people.persons[i];
    file.Write(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", people.Fid(i), people.Iid(i),
                           parent(p.father), parent(p.mother), p.sex,
                           p.pregnancy == SimPerson::kNone ? "NA" : people.PregnancyId(p.pregnancy),
                           kRoles[static_cast<int>(p.role)], p.genotyped ? 1 : 0));
  }
  file.Commit();
  return path;
}

std::string WritePheno(const SimulateOptions& options, const People& people,
                       const Outcome& outcome) {
  const std::string path = options.out + ".pheno.tsv";
  TextWriter file(path);
  std::string header = "preg_id\tm_id\tf_id\tc_id\tm_age\tc_sex\tparity";
  for (const Wave& w : kWaveList) header += fmt::format("\tscl_{}", w.name);
  file.Write(header + '\n');
  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    const SimPregnancy& p = people.pregnancies[i];
    std::string line = fmt::format("{}\t{}\t{}\t{}\t{:.1f}\t{}\t{}", people.PregnancyId(i),
                                   people.Iid(p.mother), people.Iid(p.father), people.Iid(p.child),
                                   outcome.mother_age[i], people.persons[p.child].sex, p.parity);
    for (const double v : outcome.value[i]) line += '\t' + FixedOrNa(v);
    file.Write(line + '\n');
  }
  file.Commit();
  return path;
}

std::string WriteWaves(const SimulateOptions& options, const People& people,
                       const Outcome& outcome) {
  const std::string path = options.out + ".waves.tsv";
  TextWriter file(path);
  file.Write("preg_id\tm_id\twave\ttime\tscl\n");
  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    const std::string ids = people.PregnancyId(i) + '\t' + people.Iid(people.pregnancies[i].mother);
    for (unsigned w = 0; w < kWaves; ++w) {
      if (std::isnan(outcome.value[i][w])) continue;
      file.Write(fmt::format("{}\t{}\t{}\t{:.4f}\n", ids, kWaveList[w].name,
                             FormatDouble(kWaveList[w].years), outcome.value[i][w]));
    }
  }
  file.Commit();
  return path;
}

std::string WriteCovar(const SimulateOptions& options, const People& people,
                       const Outcome& outcome) {
  std::vector<double> mother_age(people.families, 0);  // at the first birth
  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    const SimPregnancy& p = people.pregnancies[i];
    if (p.parity == 0) mother_age[p.family] = outcome.mother_age[i];
  }
  const std::string path = options.out + ".covar.tsv";
  TextWriter file(path);
  file.Write("FID\tIID\tsex\tage\tbatch\tPC1\tPC2\n");
  for (uint32_t i = 0; i < people.genotyped; ++i) {
    const SimPerson& p = people.persons[i];
    Philox rng = Stream(options.seed, Purpose::kCovariates, i);
    const uint64_t batch =
        1 + Stream(options.seed, Purpose::kCovariates, 1ull << 40 | p.family).Below(4);
    const double pc1 = rng.Normal(), pc2 = rng.Normal();
    const double older = 2 + 3 * rng.Normal(), child_age = 8 + rng.Uniform();
    const double age = p.role == PersonRole::kChild ? child_age
                       : p.role == PersonRole::kMother
                           ? mother_age[p.family]
                           : std::max(17.0, mother_age[p.family] + older);
    file.Write(fmt::format("{}\t{}\t{}\t{:.1f}\tb{}\t{:.5f}\t{:.5f}\n", people.Fid(i),
                           people.Iid(i), p.sex, age, batch, pc1, pc2));
  }
  file.Commit();
  return path;
}

std::string WriteTrueScores(const SimulateOptions& options, const People& people,
                            const TrueScores& scores) {
  const std::string path = options.out + ".pgs_true.tsv";
  TextWriter file(path);
  file.Write("FID\tIID");
  for (unsigned s = 0; s < scores.scores(); ++s) file.Write("\t" + ScoreName(s));
  file.Write("\n");
  for (uint32_t i = 0; i < people.persons.size(); ++i) {
    file.Write(fmt::format("{}\t{}", people.Fid(i), people.Iid(i)));
    for (size_t s = 0; s < scores.scores(); ++s) {
      file.Write(fmt::format("\t{:.6f}", scores.score(s, i)));
    }
    file.Write("\n");
  }
  file.Commit();
  return path;
}

std::string WriteTruth(const SimulateOptions& o, const People& people, const Outcome& outcome) {
  using Json = nlohmann::ordered_json;
  const auto effects = [&](double scale) {
    return Json{{"mother", o.effect_mother * scale},
                {"father", o.effect_father * scale},
                {"child", o.effect_child * scale}};
  };
  Json waves = Json::array();
  for (unsigned w = 0; w < kWaves; ++w) {
    waves.push_back({{"name", kWaveList[w].name},
                     {"years", kWaveList[w].years},
                     {"intercept", kWaveSlope * w}});
  }
  Json truth = {{"seed", o.seed},
                {"pregnancies", people.pregnancies.size()},
                {"families", people.families},
                {"samples", people.genotyped},
                {"children", people.children.size()},
                {"variants", o.variants},
                {"imputation_r2", o.r2},
                {"outcome", "scl"},
                {"score", ScoreName(0)},
                {"null_score", ScoreName(1)},
                {"score_mean_founders", outcome.score_mean},
                {"score_sd_founders", outcome.score_sd},
                {"effects_per_sd", effects(1)},
                {"effects_per_unit", effects(outcome.score_sd > 0 ? 1 / outcome.score_sd : 0)},
                {"age_effect_per_5_years", kAgeEffect},
                {"mother_variance", kMotherVariance},
                {"residual_variance", kResidualVariance},
                {"areas",
                 {{"deprivation", kDeprivationEffect},
                  {"deprivation_by_score", kDeprivationSlope},
                  {"sd_of_slopes", kAreaSlopeSd},
                  {"sd_of_field", kAreaFieldSd}}},
                {"waves", waves},
                {"bonding_carry_over", kCarryOver},
                {"bonding_anger_to_dep", kAngerToDep}};
  Json indicators = Json::array();
  for (unsigned s = kUsualScores; s < o.scores; ++s) indicators.push_back(ScoreName(s));
  if (!indicators.empty()) {
    truth["indicators"] = indicators;
    truth["indicator_correlation"] = kIndicatorCorrelation;
  }
  const std::string path = o.out + ".truth.json";
  WriteFileAtomically(path, truth.dump(2) + "\n");
  return path;
}

}  // namespace

std::vector<std::string> WriteCohortFiles(const SimulateOptions& options, const People& people,
                                          const TrueScores& scores, const Outcome& outcome) {
  std::vector<std::string> paths{WriteFam(options, people),
                                 WritePedigree(options, people),
                                 WritePheno(options, people, outcome),
                                 WriteWaves(options, people, outcome),
                                 WriteBonding(options, people, MakeBonding(options, people)),
                                 WriteCovar(options, people, outcome),
                                 WriteTrueScores(options, people, scores),
                                 WriteTruth(options, people, outcome)};
  for (auto& path : WriteAreas(options, people, scores, outcome)) paths.push_back(std::move(path));
  for (auto& path : WriteInteraction(options, people)) paths.push_back(std::move(path));
  return paths;
}

}  // namespace kinflow::simulate
