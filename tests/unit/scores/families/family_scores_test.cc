// Families at one variant, which families there are, and the sums over a scan. Values against
// enumerations and known haplotypes: tests/cli/family_scores_test.py.
#include <gtest/gtest.h>

#include <cmath>

#include "stages/scores/families/family_score_stage.h"
#include "stages/scores/families/family_sink.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::ScanShapeForTest;

constexpr uint32_t kAbsent = SampleTable::kAbsent;

ParentAt Parent(double dosage) { return {ChancesOf(dosage), dosage, true, false}; }

FamilyAt Trio(double mother, double father, double child) {
  FamilyAt at;
  at.mother = Parent(mother);
  at.father = Parent(father);
  at.children.resize(1);
  at.children[0].dosage = child;
  at.children[0].known = true;
  return at;
}

TEST(Inheritance, HardCallsOfTrios) {
  for (int m = 0; m <= 2; ++m) {
    for (int f = 0; f <= 2; ++f) {
      for (int c = 0; c <= 2; ++c) {
        FamilyAt at = Trio(m, f, c);
        SolveFamily(at);
        const ChildAt& child = at.children[0];
        // Alleles that the parents can pass on: c must be a sum of one each.
        bool possible = false;
        for (const int a : {0, 1}) {
          for (const int b : {0, 1}) {
            possible = possible || (a + b == c && (m == 1 || m == 2 * a) && (f == 1 || f == 2 * b));
          }
        }
        EXPECT_EQ(child.impossible, !possible) << m << f << c;
        EXPECT_EQ(child.from_mother + child.from_father, c);
        EXPECT_EQ(at.of_mother, m);
        if (possible && m != 1) {
          EXPECT_EQ(child.from_mother, m / 2);
        }
        if (possible && f != 1) {
          EXPECT_EQ(child.from_father, f / 2);
        }
      }
    }
  }
  FamilyAt open = Trio(1, 1, 1);
  SolveFamily(open);
  EXPECT_EQ(open.children[0].from_mother, 0.5);
  open.children[0].origin = AltOrigin::kFather;
  SolveFamily(open);
  EXPECT_EQ(open.children[0].from_mother, 0);
  EXPECT_EQ(open.children[0].from_father, 1);
}

TEST(Inheritance, DosagesKeepTheChildsSum) {
  for (const double c : {0.0, 0.013, 0.97, 1.0, 1.4, 2.0}) {
    FamilyAt at = Trio(0.31, 1.87, c);
    SolveFamily(at);
    const ChildAt& child = at.children[0];
    EXPECT_NEAR(child.from_mother + child.from_father, c, 1e-15);
    EXPECT_GE(child.from_mother, 0);
    EXPECT_LE(child.from_mother, 1);
    EXPECT_FALSE(child.impossible);
  }
}

TEST(Inheritance, AFatherWithoutGenotypeHasTheAllelePassedOnAndOneOfThePopulation) {
  for (const double f : {0.1, 0.5, 0.83}) {
    FamilyAt at = Trio(0, 0, 1);
    at.father = {HardyWeinberg(f), 0, false, false};
    SolveFamily(at);
    EXPECT_NEAR(at.of_father, 1 + f, 1e-15);
    EXPECT_NEAR(at.left_father, f * (1 - f), 1e-14);
    EXPECT_EQ(at.left_mother, 0);
    at = Trio(1, 0, 1);  // either allele may be the father's
    at.father = {HardyWeinberg(f), 0, false, false};
    SolveFamily(at);
    EXPECT_NEAR(at.of_father, 2 * f, 1e-15);
    EXPECT_NEAR(at.left_father, 2 * f * (1 - f), 1e-14);
    EXPECT_NEAR(at.children[0].from_father, f, 1e-15);
  }
}

Person PersonOf(const char* iid, const char* father, const char* mother,
                const char* pregnancy = "") {
  Person person;
  person.fid = "f";
  person.iid = iid;
  person.father = father;
  person.mother = mother;
  person.pregnancy = pregnancy;
  return person;
}

/// m, f with c1, c2 (twins) and c3; m with h by somebody else; s1, s2 of parents not genotyped; an
/// only child o of such parents.
CohortPtr SomeFamilies() {
  Pedigree pedigree =
      Pedigree::Build({PersonOf("c1", "f", "m", "p1"), PersonOf("c2", "f", "m", "p1"),
                       PersonOf("c3", "f", "m", "p2"), PersonOf("h", "f2", "m"),
                       PersonOf("s1", "x", "y"), PersonOf("s2", "x", "y"), PersonOf("o", "u", "v")},
                      "test");
  std::vector<std::string> iids = {"m", "f", "c1", "c2", "c3", "h", "s1", "s2", "o"};
  return Cohort::Build(SampleTable::Build({}, std::move(iids), {}, "test"), std::move(pedigree));
}

TEST(FamilyUnits, KindsAndWitnesses) {
  const CohortPtr cohort = SomeFamilies();
  std::vector<uint8_t> kept(9, 1);
  const auto trios = ScoreFamilies(*cohort, kept, false);
  ASSERT_EQ(trios.size(), 1u);
  EXPECT_EQ(trios[0].children, (std::vector<uint32_t>{2, 3, 4}));
  EXPECT_EQ(trios[0].informs, (std::vector<uint8_t>{1, 0, 1}));
  const auto all = ScoreFamilies(*cohort, kept, true);
  ASSERT_EQ(all.size(), 3u);  // not the only child
  EXPECT_EQ(all[1].kind, FamilyKind::kMotherChild);
  EXPECT_EQ(all[1].mother, 0u);
  EXPECT_EQ(all[1].father, kAbsent);
  EXPECT_EQ(all[2].kind, FamilyKind::kSiblings);
  EXPECT_EQ(all[2].first_child, 4u);
  kept[1] = 0;  // QC removed the father
  const auto without = ScoreFamilies(*cohort, kept, true);
  EXPECT_EQ(without[0].kind, FamilyKind::kMotherChild);
  EXPECT_TRUE(ScoreFamilies(*cohort, kept, false).empty());
}

/// Pseudo-random phased genotypes of 30 trios and 10 mothers with children; samples m, f, c.
struct Scene {
  Genotypes g;
  std::vector<ScoreFamily> families;
  MatchedScores scores;

  Scene() {
    uint64_t state = 88172645463325252ull;
    const auto dice = [&](uint32_t n) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      return static_cast<uint32_t>((state >> 33) % n);
    };
    g.n_samples = 120;
    for (size_t v = 0; v < 200; ++v) {
      g.variants.Append(v < 120 ? "1" : "2", static_cast<uint32_t>(100 + v),
                        "v" + std::to_string(v), "A", "C");
      for (uint32_t s = 0; s < g.n_samples; ++s) {
        const uint32_t a = dice(2), b = dice(2);
        g.values.push_back(dice(30) == 0 ? -1 : static_cast<int32_t>(a + b));
        g.calls.push_back(static_cast<uint8_t>(kCallPhased | (a > b ? kCallAltFirst : 0)));
      }
    }
    for (uint32_t k = 0; k < 40; ++k) {
      ScoreFamily family;
      family.mother = 3 * k;
      family.father = k < 30 ? 3 * k + 1 : kAbsent;
      family.kind = k < 30 ? FamilyKind::kTrio : FamilyKind::kMotherChild;
      family.children = {3 * k + 2};
      family.informs = {1};
      family.first_child = k;
      families.push_back(std::move(family));
    }
    scores.names = {"a", "b"};
    scores.weights.resize(2);
    for (uint32_t s = 0; s < 2; ++s) {
      for (uint64_t v = s; v < g.variants.size(); v += s + 1) {
        MatchedWeight w;
        w.row = v;
        w.weight = (static_cast<double>(dice(2000)) - 1000) / 977;
        w.alt_freq = 0.4;
        w.effect_is_ref = dice(2) == 1;
        scores.weights[s].push_back(w);
      }
    }
  }

  FamilySink Sink(test::TestRun& run, bool phase = true) const {
    Manifest manifest;
    manifest.stage = manifest.kind = "family_scores";
    manifest.version = 1;
    manifest.key = HashBytes("test");
    manifest.options_json = "{}";
    FamilySink::Setup setup;
    setup.families = families;
    setup.scores = scores;
    setup.male.assign(g.n_samples, 0);
    setup.use_phase = phase;
    return FamilySink(run.store, run.log, std::move(manifest), std::move(setup));
  }
  static FamilyScores Read(test::TestRun& run) {
    return ReadFamilyScores(run.store, *run.store.Find("family_scores", HashBytes("test")));
  }
  FamilyScores Scores(const ScanShapeForTest& shape, bool phase = true) const {
    test::TestRun run;
    FamilySink sink = Sink(run, phase);
    test::Scan(sink, g, shape);
    return Read(run);
  }
};

void ExpectSameBits(const FamilyScores& a, const FamilyScores& b) {
  EXPECT_EQ(a.sums.t_mother, b.sums.t_mother);
  EXPECT_EQ(a.sums.t_father, b.sums.t_father);
  EXPECT_EQ(a.sums.mother, b.sums.mother);
  EXPECT_EQ(a.sums.father, b.sums.father);
  EXPECT_EQ(a.sums.left_mother, b.sums.left_mother);
  EXPECT_EQ(a.sums.left_father, b.sums.left_father);
  EXPECT_EQ(a.sums.all_mother, b.sums.all_mother);
  EXPECT_EQ(a.sums.all_father, b.sums.all_father);
  EXPECT_EQ(a.sums.het, b.sums.het);
  EXPECT_EQ(a.sums.unresolved, b.sums.unresolved);
  EXPECT_EQ(a.sums.impossible, b.sums.impossible);
}

TEST(FamilySink, SameBitsForAnyTileAndPart) {
  const Scene scene;
  const FamilyScores whole = scene.Scores({});
  for (const size_t tile : {1u, 7u, 64u, 500u}) {
    ExpectSameBits(whole, scene.Scores({.tile_variants = tile, .part_samples = 11}));
  }
  ExpectSameBits(whole, scene.Scores({.layout = DosageEncoding::Layout::kTwoBit}));
}

TEST(FamilySink, PhaseResolvesMostOfWhatIsOpen) {
  const Scene scene;
  const auto open = [](const FamilyScores& s) {
    uint64_t n = 0;
    for (const uint32_t u : s.sums.unresolved) n += u;
    return n;
  };
  const FamilyScores phased = scene.Scores({}), unphased = scene.Scores({}, false);
  EXPECT_GT(open(unphased), 10 * open(phased));
  // Shards begin without knowing the phase; sums of what is not open stay.
  const FamilyScores cut = scene.Scores({.shard_variants = 50});
  EXPECT_GE(open(cut), open(phased));
  EXPECT_LT(open(cut), open(unphased));
  const FamilyScores cut_unphased = scene.Scores({.shard_variants = 50}, false);
  for (size_t i = 0; i < unphased.sums.t_mother.size(); ++i) {
    EXPECT_NEAR(unphased.sums.t_mother[i], cut_unphased.sums.t_mother[i], 1e-12);
  }
}

TEST(FamilySink, ResumesBehindCommittedShards) {
  const Scene scene;
  const ScanShapeForTest shape{.tile_variants = 20, .shard_variants = 60};
  const FamilyScores at_once = scene.Scores(shape);
  Genotypes first;  // the input ends early: two shards are committed, then the run fails
  first.n_samples = scene.g.n_samples;
  const size_t cells = size_t{120} * first.n_samples;
  for (size_t v = 0; v < 120; ++v) first.variants.Append(scene.g.variants, v);
  first.values.assign(scene.g.values.begin(), scene.g.values.begin() + cells);
  first.calls.assign(scene.g.calls.begin(), scene.g.calls.begin() + cells);
  test::TestRun run;
  {
    FamilySink sink = scene.Sink(run);
    EXPECT_EQ(test::Thrown([&] { test::Scan(sink, first, shape); }).id(), ErrorId::kInternal);
  }
  FamilySink sink = scene.Sink(run);
  EXPECT_EQ(sink.CommittedShards(), 2u);
  EXPECT_EQ(sink.CommittedVariants(2), 120u);
  test::Scan(sink, scene.g, shape);
  ExpectSameBits(at_once, Scene::Read(run));
}

TEST(FamilyScores, ScoresThatAreNotAdditiveAreTold) {
  Scene scene;
  scene.scores.weights[0][3].effect = EffectType::kRecessive;
  scene.scores.weights[1][0].alt_freq = std::nan("");
  std::vector<std::string> warnings;
  const MatchedScores left = ForFamilies(scene.scores, warnings);
  EXPECT_EQ(left.names, std::vector<std::string>{"b"});
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("not additive"), std::string::npos);
  EXPECT_NE(warnings[1].find("1 weights"), std::string::npos);
}

}  // namespace
}  // namespace kinflow
