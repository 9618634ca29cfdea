#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stages/kinship/conflict.h"
#include "stages/kinship/exchange.h"
#include "stages/kinship/link_graph.h"

namespace kinflow::kinship {

/// The search behind FindConflicts: what explains most links goes first, and what it explains is
/// not told again.
class Reconciler {
 public:
  Reconciler(const Cohort& cohort, const std::vector<JudgedPair>& pairs, std::vector<Link> links,
             const std::vector<SampleFacts>& facts, const BirthYears& years)
      : graph_(cohort, pairs, std::move(links)), facts_(facts), years_(years) {}

  std::vector<Conflict> Run();
  /// Behind Run() with what is explained.
  const std::vector<Link>& links() const { return graph_.links(); }

 private:
  /// What records say of two people with one genotype; `why` empty: nothing.
  struct TwinRecord {
    bool twins = false;
    std::string confidence, why;
    /// They may be twins for all that is known: a pedigree that relates nobody, or one family.
    bool open = false;
  };

  Conflict Make(std::string kind, size_t link, uint32_t sample_1, uint32_t sample_2) const;
  Decision Both(Action action, uint32_t a, uint32_t b) const;

  // One person under two names or more (duplicates.cc).
  void Duplicates();
  void TellCopies(const std::vector<size_t>& cluster);
  /// Of the link: sample `x` is to go, `y` stays.
  void TellCopy(size_t l, uint32_t x, uint32_t y);
  void ExplainStates(uint32_t sample, std::initializer_list<Link::State> states);

  // Or two twins (twins.cc).
  TwinRecord TwinsByRecord(size_t l) const;
  void Twins(size_t l, const TwinRecord& record);
  void ExplainTwinsRelatives(uint32_t twin, uint32_t other);

  // A sample with somebody else's DNA in it (contaminated.cc).
  void Contaminated();
  std::vector<size_t> UnexpectedRelatives(uint32_t sample) const;
  /// `strangers`: how many of the linked are not linked to each other.
  void TellContaminated(uint32_t sample, const std::vector<size_t>& links, size_t strangers);

  // Two samples exchanged (swaps.cc).
  bool Displaced(uint32_t sample) const;
  /// True of an undeclared link as which chance gives one or more among all pairs compared: where
  /// variants are few it is no evidence by itself.
  static bool ByChance(const Link& link) { return !(link.p < 1); }
  std::set<uint32_t> MayBe(uint32_t sample) const;
  std::set<std::pair<uint32_t, uint32_t>> ToExchange() const;
  std::vector<Exchange> Exchanges() const;
  std::optional<Exchange> BestExchange() const;
  void TellExchange(const Exchange& exchange);
  void TurnedRound();
  void TellTurned(size_t rejected, size_t found, uint32_t parent, uint32_t child);

  // By their sexes alone (exchanged_sexes.cc).
  bool OfOtherSex(uint32_t sample) const;
  void ExchangedBySex();
  void ExchangedBySex(uint32_t a, uint32_t b, const char* as, const char* confidence);

  // A sample of somebody else.
  void Misplaced();
  bool FoundWithMate(uint32_t s) const;
  void TellMisplaced(uint32_t s, size_t rejected);
  uint32_t OtherOf(size_t link, uint32_t sample) const;

  // A parent who is none (wrong_parents.cc).
  void WrongParents();
  void WrongParent(size_t l, uint32_t parent, uint32_t child);
  bool MayBeExchanged(uint32_t sample) const;
  int WithRealParent(const Link& found, uint32_t real, int confidence, std::string& evidence) const;
  std::optional<uint32_t> OtherParent(uint32_t child, Sex sex) const;
  void ExplainBetween(uint32_t child, uint32_t real);

  // Sibs with one parent in common (half_sibs.cc).
  void HalfSibs();
  bool IsParentOfBoth(const std::string& parent, uint32_t a, uint32_t b) const;
  void HalfSibsNotFull(size_t l);
  void FullSibsNotHalf(size_t l);
  void MayBeHalfSibs(Conflict& conflict) const;

  // What is left.
  void Remaining();
  void DoubtSamples(Conflict& conflict) const;
  void DecideOnParentage(Conflict& conflict) const;
  std::optional<size_t> FollowsFrom(size_t l) const;

  LinkGraph graph_;
  const std::vector<SampleFacts>& facts_;
  const BirthYears& years_;
  std::vector<Conflict> conflicts_;
  std::map<size_t, size_t> told_;       // link -> the conflict that tells it
  std::map<size_t, size_t> followers_;  // conflict -> pairs that follow from it
};

}  // namespace kinflow::kinship
