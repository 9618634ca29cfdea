#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "pipeline/base/nan.h"
#include "stages/scores/families/family_artifact.h"

namespace kinflow {
namespace {

constexpr const char* kParents[] = {"mother", "father"};

const Person& PersonOf(const Cohort& cohort, uint32_t sample) {
  const int64_t row = cohort.pedigree.Find(cohort.samples->iid(sample));
  return cohort.pedigree.people()[static_cast<size_t>(row)];
}

bool IsObserved(FamilyKind kind, bool mother) {
  return kind == FamilyKind::kTrio ||
         kind == (mother ? FamilyKind::kMotherChild : FamilyKind::kFatherChild);
}

struct Member {
  const char* name;
  bool mother;
  enum Part { kAll, kPassedOn, kKept } part;
};
constexpr Member kMembers[] = {
    {"mother", true, Member::kAll},         {"father", false, Member::kAll},
    {"t_mother", true, Member::kPassedOn},  {"nt_mother", true, Member::kKept},
    {"t_father", false, Member::kPassedOn}, {"nt_father", false, Member::kKept},
};

double ValueOf(const FamilyScores& scores, const Member& member, size_t s, size_t c) {
  const FamilySums& sums = scores.sums;
  const double all = scores.At(member.mother ? sums.mother : sums.father, s, c);
  if (member.part == Member::kAll) return all;
  if (scores.kind[c] == FamilyKind::kSiblings) return kNan;  // nothing tells mother from father
  const double passed_on = scores.At(member.mother ? sums.t_mother : sums.t_father, s, c);
  return member.part == Member::kPassedOn ? passed_on : all - passed_on;
}

std::string Upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

/// Variance (n - 1); NaN of fewer than two.
double Variance(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / n;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return values.size() < 2 ? kNan : squares / (n - 1);
}

/// What the summary says of one kind of family.
struct KindAccount {
  std::vector<size_t> first_children;  // one a family: parents count once
  uint64_t het = 0, unresolved = 0, impossible = 0;
};

std::map<FamilyKind, KindAccount> Accounts(const FamilyScores& scores, const Cohort& cohort) {
  std::map<FamilyKind, KindAccount> accounts;
  std::set<std::string> seen;
  for (size_t c = 0; c < scores.child.size(); ++c) {
    const Person& child = PersonOf(cohort, scores.child[c]);
    KindAccount& account = accounts[scores.kind[c]];
    account.het += scores.sums.het[c];
    account.unresolved += scores.sums.unresolved[c];
    account.impossible += scores.sums.impossible[c];
    const bool both = !child.mother.empty() && !child.father.empty();
    if (!both || seen.insert(child.mother + '\n' + child.father).second) {
      account.first_children.push_back(c);
    }
  }
  return accounts;
}

std::vector<double> ParentValues(const FamilyScores& scores, const KindAccount& account,
                                 bool mother, size_t s) {
  std::vector<double> values;
  for (const size_t c : account.first_children) {
    values.push_back(scores.At(mother ? scores.sums.mother : scores.sums.father, s, c));
  }
  return values;
}

/// Share of the variance of imputed parents that is lost.
double VarianceLoss(const FamilyScores& scores, const KindAccount& account, bool mother, size_t s) {
  const FamilySums& sums = scores.sums;
  double left = 0;
  for (const size_t c : account.first_children) {
    left += scores.At(mother ? sums.left_mother : sums.left_father, s, c);
  }
  const double all = (mother ? sums.all_mother : sums.all_father)[s];
  return left / (all * static_cast<double>(account.first_children.size()));
}

}  // namespace

Table FamilyScoresTable(const FamilyScores& scores, const Cohort& cohort) {
  Table::Strings fid, iid, mother, father, kind, status[2];
  Table::Ints het, unresolved, impossible;
  const auto fids = cohort.FamilyIds();
  for (size_t c = 0; c < scores.child.size(); ++c) {
    const Person& child = PersonOf(cohort, scores.child[c]);
    fid.push_back(fids[scores.child[c]]);
    iid.push_back(child.iid);
    mother.push_back(child.mother.empty() ? "NA" : child.mother);
    father.push_back(child.father.empty() ? "NA" : child.father);
    kind.emplace_back(FamilyKindName(scores.kind[c]));
    for (int p = 0; p < 2; ++p) {
      status[p].emplace_back(IsObserved(scores.kind[c], p == 0) ? "observed" : "imputed");
    }
    het.push_back(scores.sums.het[c]);
    unresolved.push_back(scores.sums.unresolved[c]);
    impossible.push_back(scores.sums.impossible[c]);
  }
  Table table;
  table.Add("FID", std::move(fid));
  table.Add("IID", std::move(iid));
  table.Add("MOTHER", std::move(mother));
  table.Add("FATHER", std::move(father));
  table.Add("KIND", std::move(kind));
  table.Add("MOTHER_STATUS", std::move(status[0]));
  table.Add("FATHER_STATUS", std::move(status[1]));
  table.Add("N_HET", std::move(het));
  table.Add("N_UNRESOLVED", std::move(unresolved));
  table.Add("N_IMPOSSIBLE", std::move(impossible));
  for (size_t s = 0; s < scores.names.size(); ++s) {
    for (const Member& member : kMembers) {
      Table::Doubles column;
      for (size_t c = 0; c < scores.child.size(); ++c) {
        column.push_back(ValueOf(scores, member, s, c));
      }
      table.Add(scores.names[s] + "_" + Upper(member.name), std::move(column));
    }
  }
  return table;
}

Table FamilyScoreSummary(const FamilyScores& scores, const Cohort& cohort) {
  Table::Strings score, kinds, parent, status;
  Table::Ints n, impossible;
  Table::Doubles variance, observed, loss, unresolved;
  const auto accounts = Accounts(scores, cohort);
  const auto trios = accounts.find(FamilyKind::kTrio);
  for (size_t s = 0; s < scores.names.size(); ++s) {
    for (const auto& [kind, account] : accounts) {
      for (const char* name : kParents) {
        const bool mother = name == kParents[0];
        const bool is_observed = IsObserved(kind, mother);
        const auto values = ParentValues(scores, account, mother, s);
        score.push_back(scores.names[s]);
        kinds.emplace_back(FamilyKindName(kind));
        parent.emplace_back(name);
        status.emplace_back(is_observed ? "observed" : "imputed");
        n.push_back(static_cast<int64_t>(values.size()));
        variance.push_back(Variance(values));
        observed.push_back(trios == accounts.end()
                               ? kNan
                               : Variance(ParentValues(scores, trios->second, mother, s)));
        loss.push_back(is_observed ? 0 : VarianceLoss(scores, account, mother, s));
        unresolved.push_back(account.het == 0 || kind == FamilyKind::kSiblings
                                 ? kNan
                                 : static_cast<double>(account.unresolved) /
                                       static_cast<double>(account.het));
        impossible.push_back(static_cast<int64_t>(account.impossible));
      }
    }
  }
  Table table;
  table.Add("SCORE", std::move(score));
  table.Add("KIND", std::move(kinds));
  table.Add("PARENT", std::move(parent));
  table.Add("STATUS", std::move(status));
  table.Add("N", std::move(n));
  table.Add("VAR", std::move(variance));
  table.Add("VAR_OBSERVED", std::move(observed));
  table.Add("VAR_LOSS", std::move(loss));
  table.Add("UNRESOLVED", std::move(unresolved));
  table.Add("IMPOSSIBLE", std::move(impossible));
  return table;
}

void AddFamilyScores(const FamilyScores& scores, const FamilyScoreOptions& options, size_t samples,
                     family::ScoreColumns& columns) {
  for (size_t s = 0; s < scores.names.size(); ++s) {
    for (const Member& member : kMembers) {
      const bool parent = member.part == Member::kAll;
      if (parent ? !options.impute_parents : !options.transmitted) continue;
      std::vector<double> values(samples, kNan);
      for (size_t c = 0; c < scores.child.size(); ++c) {
        // Observed parents keep the score that they have as people.
        if (parent && IsObserved(scores.kind[c], member.mother)) continue;
        values[scores.child[c]] = ValueOf(scores, member, s, c);
      }
      columns.by_child[scores.names[s]][member.name] = std::move(values);
    }
  }
}

}  // namespace kinflow
