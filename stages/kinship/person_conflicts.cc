#include "stages/kinship/person_conflicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace kinflow::kinship {
namespace {

using State = Link::State;

const char* SexWord(Sex sex) {
  return sex == Sex::kMale ? "male" : sex == Sex::kFemale ? "female" : "unknown";
}

/// Declared first-degree relations of each sample that the genotypes confirm, and reject, and
/// undeclared relatives whom no conflict explains.
struct Support {
  std::vector<size_t> confirmed, rejected, unexpected;

  explicit Support(const PersonEvidence& e)
      : confirmed(e.facts.size(), 0), rejected(e.facts.size(), 0), unexpected(e.facts.size(), 0) {
    for (const Link& link : e.links) {
      const JudgedPair& pair = e.pairs[link.pair];
      const bool open = link.state == State::kUnexpected && link.alone && !link.explained;
      for (const uint32_t s : {pair.pair.samples.first, pair.pair.samples.second}) {
        unexpected[s] += open && pair.found >= Relation::kSecondDegree ? 1 : 0;
        if (!FirstDegree(pair.declared)) continue;
        confirmed[s] += link.state == State::kConfirmed ? 1 : 0;
        rejected[s] += link.state == State::kRejected ? 1 : 0;
      }
    }
  }
};

class PersonConflicts {
 public:
  PersonConflicts(const PersonEvidence& evidence, std::vector<Conflict>& conflicts)
      : e_(evidence), support_(evidence), conflicts_(conflicts) {}

  void Run() {
    const size_t of_pairs = conflicts_.size();
    for (uint32_t s = 0; s < e_.facts.size(); ++s) {
      if (!IsOfOtherSex(s)) continue;
      if (!ToldBy(of_pairs, s)) WrongSex(s);
    }
    for (uint32_t s = 0; s < e_.facts.size(); ++s) {
      if (e_.facts[s].call_rate < e_.min_call_rate) FewCalls(s);
    }
    for (const Person& child : e_.cohort.pedigree.people()) {
      Years(child.father, child.iid, std::numeric_limits<int>::max());
      Years(child.mother, child.iid, kMostYearsOfMother);
    }
  }

 private:
  static bool OtherSex(Sex declared, Sex inferred) {
    return declared != Sex::kUnknown && inferred != Sex::kUnknown && declared != inferred;
  }
  const std::string& Name(uint32_t sample) const { return e_.cohort.samples->iid(sample); }

  Conflict& Add(const char* kind, uint32_t sample, Action action, std::string value) {
    Conflict conflict;
    conflict.kind = kind;
    conflict.sample_1 = sample;
    conflict.decision = {action, Name(sample), std::move(value)};
    conflicts_.push_back(std::move(conflict));
    return conflicts_.back();
  }

  /// True if one of the first `n` conflicts says that the genotypes are not this person's.
  bool ToldBy(size_t n, uint32_t sample) {
    for (size_t c = 0; c < n; ++c) {
      Conflict& conflict = conflicts_[c];
      const bool exchanged = conflict.decision.action == Action::kExchange;
      if (conflict.decision.action == Action::kRemove && conflict.sample_1 == sample) {
        conflict.evidence += "; the sex is not the declared one either";
        return true;
      }
      if (!exchanged || (conflict.sample_1 != sample && conflict.sample_2 != sample)) continue;
      const uint32_t other = conflict.sample_1 == sample ? conflict.sample_2 : conflict.sample_1;
      if (OtherSex(e_.facts[other].declared, e_.facts[sample].inferred)) continue;
      conflict.evidence += fmt::format("; the sex of {} agrees then", Name(other));
      return true;
    }
    return false;
  }

  bool IsOfOtherSex(uint32_t s) const {
    return OtherSex(e_.facts[s].declared, e_.facts[s].inferred);
  }

  /// Whose genotypes these are if the proposed exchanges are made.
  uint32_t ExchangedWith(uint32_t sample) const {
    for (const Conflict& conflict : conflicts_) {
      if (conflict.decision.action != Action::kExchange) continue;
      if (conflict.sample_1 == sample) return conflict.sample_2;
      if (conflict.sample_2 == sample) return conflict.sample_1;
    }
    return sample;
  }

  /// True if somebody whom the pedigree relates has the sexes the other way round: the samples of
  /// the two may be exchanged.
  bool RelativeOfOppositeMismatch(uint32_t s) const {
    const auto turned = [&](uint32_t other) {
      return IsOfOtherSex(other) && e_.facts[other].declared != e_.facts[s].declared;
    };
    return std::any_of(e_.pairs.begin(), e_.pairs.end(), [&](const JudgedPair& pair) {
      const auto [a, b] = pair.pair.samples;
      if (pair.declared == Relation::kUnrelated || (a != s && b != s)) return false;
      return turned(a == s ? b : a);
    });
  }

  void WrongSex(uint32_t s) {
    const SampleFacts& facts = e_.facts[s];
    const bool parent = e_.cohort.roles[s] == Role::kMother || e_.cohort.roles[s] == Role::kFather;
    const bool turned = RelativeOfOppositeMismatch(s);
    const bool doubted = support_.rejected[s] + support_.unexpected[s] > 0 || turned;
    const bool fits = support_.confirmed[s] > 0 && !doubted && !parent;
    Conflict& conflict =
        Add("sex", s, fits ? Action::kSetSex : Action::kCheck, fits ? SexWord(facts.inferred) : "");
    conflict.confidence = fits ? "high" : doubted || parent ? "medium" : "low";
    conflict.evidence = fmt::format(
        "declared {}, X inbreeding coefficient {:.3f} is that of a {}; of the declared "
        "first-degree relations {} are confirmed, {} rejected",
        SexWord(facts.declared), facts.x_f, SexWord(facts.inferred), support_.confirmed[s],
        support_.rejected[s]);
    if (turned) conflict.evidence += "; a relative's sexes are the other way round";
    if (support_.unexpected[s] > 0) conflict.evidence += "; undeclared relatives are found";
    if (turned || support_.unexpected[s] > 0) conflict.evidence += ": samples may be exchanged";
  }

  void FewCalls(uint32_t s) {
    const SampleFacts& facts = e_.facts[s];
    Conflict& conflict = Add("low-call-rate", s, Action::kRemove, "");
    conflict.decision.person = Name(ExchangedWith(s));  // exchanges are applied first
    conflict.confidence = "high";
    conflict.evidence = fmt::format("called at {:.4f} of {} variants, the least is {:g}",
                                    facts.call_rate, facts.n, e_.min_call_rate);
  }

  /// A parent too young or a mother too old, one of the two genotyped or both: a wrong parent by
  /// genotypes is told as such, what is left is a matter of records.
  void Years(const std::string& parent, const std::string& child, int most) {
    const auto years = e_.years.Between(parent, child);
    if (!years || (*years >= kLeastYears && *years <= most)) return;
    const uint32_t p = e_.cohort.samples->Find(parent), c = e_.cohort.samples->Find(child);
    if (p == SampleTable::kAbsent && c == SampleTable::kAbsent) return;
    const std::optional<State> state = StateOf(p, c);
    if (state == State::kRejected) return;
    const bool both = p != SampleTable::kAbsent && c != SampleTable::kAbsent;
    Conflict& conflict =
        Add("generation", c != SampleTable::kAbsent ? c : p, Action::kCheck, parent);
    conflict.decision.person = child;
    if (both) conflict.sample_2 = p;
    if (!both) conflict.not_genotyped = c != SampleTable::kAbsent ? parent : child;
    conflict.confidence = *years < kLeastYears ? "high" : "medium";
    conflict.evidence = fmt::format(
        "{} years from the birth of the parent to that of the child; genotypes {}", *years,
        state == State::kConfirmed
            ? "confirm parent and child: a birth year is wrong, or who is whose parent"
            : "say nothing of the two");
  }

  /// What genotypes say of two people; nothing if they are not both genotyped.
  std::optional<State> StateOf(uint32_t a, uint32_t b) const {
    const auto [first, second] = std::minmax(a, b);
    const PairOfSamples pair = {first, second};
    for (const Link& link : e_.links) {
      if (e_.pairs[link.pair].pair.samples == pair) return link.state;
    }
    return std::nullopt;
  }

  const PersonEvidence& e_;
  Support support_;
  std::vector<Conflict>& conflicts_;
};

}  // namespace

void AddPersonConflicts(const PersonEvidence& evidence, std::vector<Conflict>& conflicts) {
  PersonConflicts(evidence, conflicts).Run();
}

}  // namespace kinflow::kinship
