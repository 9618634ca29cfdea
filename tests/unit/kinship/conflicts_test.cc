#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "stages/kinship/conflict.h"

namespace kinflow::kinship {
namespace {

using State = Link::State;
constexpr Relation kNone = Relation::kUnrelated, kParent = Relation::kParentChild,
                   kSib = Relation::kFullSib, kSecond = Relation::kSecondDegree,
                   kSame = Relation::kDuplicate;

/// What the pedigree of a study says: who is whose parent, the same of the first family and of the
/// others their FID alone, or nothing.
enum class Declared { kParents, kFamilies, kNothing };

/// Families of mother Mk, father Fk and child Ck, and what their genotypes show.
class Study {
 public:
  explicit Study(int families, std::map<std::string, int> years = {},
                 Declared declared = Declared::kParents)
      : years_{std::move(years)} {
    std::vector<Person> people;
    for (int k = 1; k <= families; ++k) {
      const std::string n = std::to_string(k);
      for (const char* role : {"M", "F", "C", "D"}) {
        Person p;
        p.iid = role + n;
        if (declared == Declared::kFamilies) p.fid = n;
        const bool parents =
            declared == Declared::kParents || (declared == Declared::kFamilies && k == 1);
        if (parents && (*role == 'C' || *role == 'D')) {
          p.father = "F" + n;
          p.mother = "M" + n;
        }
        p.sex = *role == 'F' ? Sex::kMale : Sex::kFemale;
        names_.push_back(p.iid);
        sexes_.push_back(p.sex);
        people.push_back(std::move(p));
      }
    }
    cohort_ = Cohort::Build(SampleTable::Build(names_, names_, sexes_, ""),
                            Pedigree::Build(std::move(people), ""));
  }

  void Add(const std::string& a, const std::string& b, Relation declared, Relation found,
           State state) {
    JudgedPair pair;
    pair.pair.samples = {Of(a), Of(b)};
    if (pair.pair.samples.first > pair.pair.samples.second) {
      std::swap(pair.pair.samples.first, pair.pair.samples.second);
    }
    const uint32_t shared = found == kSame     ? 400
                            : found == kNone   ? 0
                            : found == kSecond ? 100
                                               : 200;
    pair.pair.counts = {shared, 0, 1000, 400 - shared, 400 - shared};
    pair.declared = declared;
    pair.found = found;
    pairs_.push_back(pair);
    Link link;
    link.pair = links_.size();
    link.state = state;
    link.p = 1e-9;
    link.alone = state == State::kUnexpected;
    links_.push_back(link);
  }
  void Confirmed(const std::string& a, const std::string& b) {
    Add(a, b, kParent, kParent, State::kConfirmed);
  }
  void Rejected(const std::string& a, const std::string& b, Relation found = kNone) {
    Add(a, b, kParent, found, State::kRejected);
  }
  void Unexpected(const std::string& a, const std::string& b, Relation found) {
    Add(a, b, kNone, found, State::kUnexpected);
  }
  /// Unexpected by its own error, but no more than chance gives where variants are few.
  void FoundByChance(const std::string& a, const std::string& b, Relation found) {
    Unexpected(a, b, found);
    links_.back().p = 1;
    links_.back().alone = false;
  }

  /// "kind: decision" of each conflict.
  std::vector<std::string> Decisions() const {
    std::vector<std::string> told;
    for (const Conflict& c : Conflicts()) {
      told.push_back(c.kind + ": " + Describe(c.decision) + " (" + c.confidence + ")");
    }
    return told;
  }
  std::vector<Conflict> Conflicts() const {
    const std::vector<SampleFacts> facts(names_.size());  // of no sex by genotype
    std::vector<Link> links = links_;
    return FindConflicts(*cohort_, pairs_, links, facts, years_);
  }

 private:
  uint32_t Of(const std::string& name) const { return cohort_->samples->Find(name); }

  std::vector<std::string> names_;
  std::vector<Sex> sexes_;
  BirthYears years_;
  CohortPtr cohort_;
  std::vector<JudgedPair> pairs_;
  std::vector<Link> links_;
};

using Texts = std::vector<std::string>;

TEST(FindConflicts, NothingWhereAllIsConfirmedOrUncertain) {
  Study study(1);
  study.Confirmed("M1", "C1");
  study.Add("C1", "D1", kSib, kSecond, State::kUncertain);
  EXPECT_EQ(study.Decisions(), Texts{});
}

TEST(FindConflicts, ExchangedChildrenAreOneSwapNotFourWrongParents) {
  Study study(2);
  for (const char* parent : {"M", "F"}) {
    const std::string p = parent;
    study.Rejected(p + "1", "C1");
    study.Rejected(p + "2", "C2");
    study.Unexpected(p + "1", "C2", kParent);
    study.Unexpected(p + "2", "C1", kParent);
  }
  EXPECT_EQ(study.Decisions(), Texts{"swap: exchange C1 and C2 (high)"});
}

TEST(FindConflicts, AnotherFather) {
  Study study(2);
  study.Confirmed("M1", "C1");
  study.Rejected("F1", "C1");
  study.Confirmed("F2", "C2");
  study.Confirmed("M2", "C2");
  study.Unexpected("F2", "C1", kParent);
  study.Unexpected("C1", "C2", kSecond);
  EXPECT_EQ(study.Decisions(), Texts{"non-paternity: set the father of C1 to F2 (high)"});
}

TEST(FindConflicts, ConfidenceFallsWhereChanceFindsParents) {
  // The same with few variants: the father is wrong, but who the real one is may be chance.
  for (const bool father_fits : {true, false}) {
    Study study(2);
    study.Confirmed("M1", "C1");
    study.Rejected("F1", "C1");
    if (father_fits) study.Confirmed("F1", "D1");
    study.Confirmed("F2", "C2");
    study.FoundByChance("F2", "C1", kParent);
    EXPECT_EQ(study.Decisions(),
              Texts{father_fits ? "non-paternity: set the father of C1 to F2 (medium)"
                                : "non-paternity: set the father of C1 to F2 (low)"});
    EXPECT_NE(study.Conflicts().at(0).evidence.find("chance"), std::string::npos);
  }
  Study misplaced(2);
  misplaced.Rejected("M1", "C1");
  misplaced.Rejected("F1", "C1");
  misplaced.FoundByChance("F2", "C1", kParent);
  EXPECT_EQ(misplaced.Decisions(), Texts{"misplaced: remove C1 (medium)"});
}

TEST(FindConflicts, ARealFatherWhoFitsNowhereMayBeAnExchangedSample) {
  // The samples of F1 and F2 are exchanged, but of C2 and F1 nothing is found.
  Study study(2);
  study.Confirmed("M1", "C1");
  study.Confirmed("M2", "C2");
  study.Rejected("F1", "C1");
  study.Rejected("F2", "C2");
  study.Unexpected("F2", "C1", kParent);
  EXPECT_EQ(study.Decisions(), (Texts{"non-paternity: set the father of C1 to F2 (medium)",
                                      "non-paternity: set the father of C2 to unknown (medium)"}));
  EXPECT_NE(study.Conflicts().at(0).evidence.find("exchanged"), std::string::npos);
}

TEST(FindConflicts, AnUnknownMotherAndSibsWhoAreHalfSibs) {
  Study study(1);
  study.Confirmed("F1", "C1");
  study.Confirmed("F1", "D1");
  study.Confirmed("M1", "D1");
  study.Rejected("M1", "C1");
  study.Add("C1", "D1", kSib, kSecond, State::kRejected);
  EXPECT_EQ(study.Decisions(), Texts{"non-maternity: set the mother of C1 to unknown (high)"});
}

TEST(FindConflicts, ASampleOfNobodyInTheFamily) {
  Study study(1);
  study.Rejected("M1", "C1");
  study.Rejected("F1", "C1");
  EXPECT_EQ(study.Decisions(), Texts{"misplaced: remove C1 (medium)"});
}

TEST(FindConflicts, ACopyUnderAnotherName) {
  Study study(2);
  study.Unexpected("M1", "M2", kSame);
  study.Rejected("M1", "C1");
  study.Confirmed("F1", "C1");
  study.Confirmed("M2", "C2");
  study.Confirmed("F2", "C2");
  study.Unexpected("M1", "C2", kParent);  // of M2
  EXPECT_EQ(study.Decisions(), Texts{"duplicate: remove M1 (high)"});
}

TEST(FindConflicts, TwinsAreNotExcludedWhereNothingIsDeclared) {
  Study study(2, {}, Declared::kNothing);
  study.Unexpected("C1", "D1", kSame);
  EXPECT_EQ(study.Decisions(), Texts{"duplicate: remove D1 (medium)"});
  // Other sexes, or years, are no twins'.
  Study sexes(2, {}, Declared::kNothing);
  sexes.Unexpected("F1", "M2", kSame);
  EXPECT_EQ(sexes.Decisions(), Texts{"duplicate: remove M2 (high)"});
  Study years(2, {{"C1", 1990}, {"D1", 1994}}, Declared::kNothing);
  years.Unexpected("C1", "D1", kSame);
  EXPECT_EQ(years.Decisions(), Texts{"duplicate: remove D1 (high)"});
  // A family without parents, as a proposed pedigree has it.
  Study family(2, {}, Declared::kFamilies);
  family.Unexpected("C2", "D2", kSame);
  EXPECT_EQ(family.Decisions(), Texts{"duplicate: remove D2 (medium)"});
}

TEST(FindConflicts, RelativesOfOneFamilyAreExpected) {
  // As a proposed pedigree has those of whom it is open who is the parent.
  Study study(3, {}, Declared::kFamilies);
  study.Unexpected("M2", "C2", kParent);
  study.Unexpected("F2", "C3", kParent);
  EXPECT_EQ(study.Decisions(),
            (Texts{"cryptic: keep M2 and C2 (medium)", "cryptic: keep F2 and C3 (high)"}));
  // Birth years tell the parent.
  Study dated(2, {{"M2", 1950}, {"C2", 1975}}, Declared::kFamilies);
  dated.Unexpected("M2", "C2", kParent);
  EXPECT_EQ(dated.Decisions(), Texts{"missing-parent: set the mother of C2 to M2 (high)"});
}

TEST(FindConflicts, EachOfManyCopiesOnceAgainstTheOneThatStays) {
  Study study(6);
  study.Confirmed("M3", "C3");  // of whom it is known whose sample it is
  for (int j = 1; j <= 6; ++j) {
    for (int k = j + 1; k <= 6; ++k) {
      study.Unexpected("M" + std::to_string(j), "M" + std::to_string(k), kSame);
    }
  }
  study.Unexpected("M1", "C3", kParent);  // of M3
  study.Unexpected("M5", "C3", kParent);
  EXPECT_EQ(study.Decisions(), (Texts{"duplicate: remove M1 (high)", "duplicate: remove M2 (high)",
                                      "duplicate: remove M4 (high)", "duplicate: remove M5 (high)",
                                      "duplicate: remove M6 (high)"}));
  const uint32_t m3 = 8;  // four people a family, the mother first
  for (const Conflict& conflict : study.Conflicts()) EXPECT_EQ(conflict.sample_2, m3);
}

TEST(FindConflicts, CopiesThatAreFoundOnlyOfOneAnother) {
  // M1 and M3 are so poor that they are not found alike; two pairs of copies stay apart.
  Study study(5);
  study.Unexpected("M1", "M2", kSame);
  study.Unexpected("M2", "M3", kSame);
  study.Unexpected("M4", "M5", kSame);
  EXPECT_EQ(study.Decisions(), (Texts{"duplicate: remove M2 (high)", "duplicate: remove M3 (high)",
                                      "duplicate: remove M5 (high)"}));
}

TEST(FindConflicts, MotherAndChildExchanged) {
  // Under M1 lie the genotypes of her child, under C1 hers; but for the sexes, those of F1 may be.
  Study study(1);
  study.Confirmed("M1", "C1");
  study.Rejected("F1", "C1");
  study.Unexpected("F1", "M1", kParent);
  EXPECT_EQ(study.Decisions(), Texts{"swap: exchange M1 and C1 (medium)"});
}

TEST(FindConflicts, AMatesChildOrMotherUnderTheMothersNameIsNoExchange) {
  // Under M1 lie the genotypes of another child of F1, of F1's mother, or of a sib of F1.
  for (const auto& [with_mate, with_child] :
       {std::pair(kParent, kSib), std::pair(kParent, kSecond), std::pair(kSib, kSecond),
        std::pair(kParent, Relation::kThirdDegree)}) {
    Study study(1);
    study.Confirmed("F1", "C1");
    study.Rejected("M1", "C1", with_child);
    study.Unexpected("M1", "F1", with_mate);
    EXPECT_EQ(study.Decisions(), Texts{"misplaced: remove M1 (high)"});
  }
  // The same with both children genotyped, one of them exchanged with the mother.
  Study study(1);
  study.Confirmed("M1", "D1");
  study.Rejected("F1", "D1");
  study.Unexpected("M1", "F1", kParent);
  study.Confirmed("F1", "C1");
  study.Rejected("M1", "C1", kSib);
  study.Add("C1", "D1", kSib, kParent, State::kRejected);
  EXPECT_EQ(study.Decisions(), Texts{"swap: exchange M1 and D1 (medium)"});
}

TEST(FindConflicts, BirthYearsTellWhoIsTheParent) {
  for (const bool known : {false, true}) {
    Study study(2, known ? std::map<std::string, int>{{"F1", 1950}, {"M2", 1975}}
                         : std::map<std::string, int>{});
    study.Unexpected("F1", "M2", kParent);
    EXPECT_EQ(study.Decisions(), Texts{known ? "missing-parent: set the father of M2 to F1 (high)"
                                             : "cryptic: keep F1 and M2 (high)"});
  }
  // Eleven years are too few; and C2 has a father already.
  Study young(2, {{"F1", 1964}, {"M2", 1975}});
  young.Unexpected("F1", "M2", kParent);
  EXPECT_EQ(young.Decisions(), Texts{"cryptic: keep F1 and M2 (high)"});
  Study taken(2, {{"F1", 1950}, {"C2", 1975}});
  taken.Unexpected("F1", "C2", kParent);
  EXPECT_EQ(taken.Decisions(), Texts{"cryptic: keep F1 and C2 (high)"});
}

TEST(FindConflicts, TheRealFatherIsNotAsYoungAsTheChild) {
  Study study(3, {{"C1", 2000}, {"F2", 1999}, {"F3", 1970}});
  study.Confirmed("M1", "C1");
  study.Rejected("F1", "C1");
  study.Unexpected("F2", "C1", kSib);
  study.Unexpected("F3", "C1", kParent);
  const Texts decisions = study.Decisions();
  ASSERT_FALSE(decisions.empty());
  EXPECT_EQ(decisions.front(), "non-paternity: set the father of C1 to F3 (high)");
}

TEST(FindConflicts, Twins) {
  Study study(1);
  study.Add("C1", "D1", kSib, kSame, State::kRejected);
  EXPECT_EQ(study.Decisions(), Texts{"twins: keep C1 and D1 (medium)"});
  for (const int born : {2000, 2001}) {
    Study dated(1, {{"C1", 2000}, {"D1", born}});
    dated.Add("C1", "D1", kSib, kSame, State::kRejected);
    EXPECT_EQ(dated.Decisions(), Texts{born == 2000 ? "twins: keep C1 and D1 (high)"
                                                    : "duplicate: remove D1 (medium)"});
  }
}

TEST(FindConflicts, SibsWithOneParentInCommon) {
  // The mother is confirmed as that of both; whose father it is cannot be told.
  Study study(1);
  study.Confirmed("M1", "C1");
  study.Confirmed("M1", "D1");
  study.Add("C1", "D1", kSib, kSecond, State::kRejected);
  EXPECT_EQ(study.Decisions(), Texts{"half-sibs: check C1 and D1 (high)"});
  Study unknown(1);
  unknown.Add("C1", "D1", kSib, kSecond, State::kRejected);
  EXPECT_EQ(unknown.Decisions(), Texts{"half-sibs: check C1 and D1 (medium)"});
}

TEST(FindConflicts, WhoIsRelatedToEverybodyIsContaminated) {
  const auto related_to = [](int people, bool to_each_other) {
    Study study(people + 1);
    study.Rejected("M1", "C1");
    for (int k = 2; k <= people + 1; ++k) {
      study.Unexpected("C1", "F" + std::to_string(k), kSecond);
      if (to_each_other && k % 2 == 0) {
        study.Unexpected("F" + std::to_string(k), "F" + std::to_string(k + 1), kSib);
      }
    }
    if (people == 20) {
      EXPECT_EQ(study.Conflicts().at(0).evidence,
                "related to 20 people whom the pedigree does not relate; 17 of them have no "
                "kinship found among themselves, more than relatives of one person would");
    }
    return study.Decisions();
  };
  EXPECT_EQ(related_to(17, false), Texts{"contaminated: remove C1 (medium)"});
  EXPECT_EQ(related_to(20, false), Texts{"contaminated: remove C1 (medium)"});
  for (const Texts& decisions : {related_to(16, false), related_to(18, true)}) {
    for (const std::string& decision : decisions) EXPECT_FALSE(decision.starts_with("contam"));
    EXPECT_GT(decisions.size(), 8u);
  }
}

TEST(FindConflicts, DistantPairsFollowFromACloseOne) {
  Study study(2);
  study.Confirmed("M1", "C1");
  study.Confirmed("M2", "C2");
  study.Unexpected("M1", "M2", kSib);
  study.Unexpected("M1", "C2", kSecond);
  study.Unexpected("M2", "C1", kSecond);
  study.Unexpected("F1", "F2", kSecond);
  EXPECT_EQ(study.Decisions(),
            (Texts{"cryptic: keep M1 and M2 (high)", "cryptic: keep F1 and F2 (medium)"}));
}

}  // namespace
}  // namespace kinflow::kinship
