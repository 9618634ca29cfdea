#include "stages/kinship/identity.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

bool IsEarlier(const SampleTable& samples, uint32_t s) {
  return std::string_view(samples.iid(s)).ends_with(kEarlierSuffix);
}

std::string IdOf(const SampleTable& samples, uint32_t s) {
  std::string iid = samples.iid(s);
  if (IsEarlier(samples, s)) iid.resize(iid.size() - std::string_view(kEarlierSuffix).size());
  return iid;
}

/// What pairs of the two genotypings say of each sample.
struct Matches {
  std::vector<uint32_t> own, best;  // the other sample of the id; the nearest
  std::vector<PairCounts> own_counts, best_counts;

  Matches(const SampleTable& samples, const std::vector<Pair>& pairs)
      : own(samples.size(), SampleTable::kAbsent),
        best(samples.size(), SampleTable::kAbsent),
        own_counts(samples.size()),
        best_counts(samples.size()) {
    for (const auto& pair : pairs) {
      const uint32_t a = pair.samples.first, b = pair.samples.second;
      if (IsEarlier(samples, a) == IsEarlier(samples, b)) continue;
      if (IdOf(samples, a) == IdOf(samples, b)) {
        SetOwn(a, b, pair.counts);
        SetOwn(b, a, pair.counts);
      }
      if (!(Kinship(pair.counts) >= kLeastDuplicate)) continue;
      SetBest(a, b, pair.counts);
      SetBest(b, a, pair.counts);
    }
  }

 private:
  void SetOwn(uint32_t of, uint32_t is, const PairCounts& counts) {
    own[of] = is;
    own_counts[of] = counts;
  }
  void SetBest(uint32_t of, uint32_t is, const PairCounts& counts) {
    // Of equals (twins, samples typed twice) the one of the same id.
    if (best[of] != SampleTable::kAbsent) {
      const double gain = Concordance(counts) - Concordance(best_counts[of]);
      if (gain < 0 || (gain == 0 && own[of] != is)) return;
    }
    best[of] = is;
    best_counts[of] = counts;
  }
};

bool IsSame(const Matches& m, uint32_t s) { return Kinship(m.own_counts[s]) >= kLeastDuplicate; }

const char* StatusOf(const Matches& m, uint32_t s) {
  if (m.own[s] == SampleTable::kAbsent) {
    const uint32_t of = m.own[m.best[s]];  // whose the earlier sample is by its id
    return of != SampleTable::kAbsent && IsSame(m, of) ? "duplicate" : "renamed";
  }
  if (m.own_counts[s].n() == 0) return "unknown";
  if (IsSame(m, s)) return "same";
  if (m.best[s] == SampleTable::kAbsent) return "differs";
  // The person whose earlier sample this is: is their sample the earlier one of this person?
  const uint32_t other = m.own[m.best[s]];
  return other != SampleTable::kAbsent && m.best[other] == m.own[s] ? "exchanged" : "other";
}

// Where more of the people differ than not, it is the genotypings that do (alleles of the other
// strand, ids of other people): of a person nothing is known.
void DoubtIfMostDiffer(Table::Strings& status) {
  constexpr int64_t kLeastPeople = 10;
  const auto differ = std::count(status.begin(), status.end(), "differs");
  const auto same = std::count(status.begin(), status.end(), "same");
  if (differ < kLeastPeople || differ <= same) return;
  std::replace(status.begin(), status.end(), std::string("differs"), std::string("unknown"));
}

}  // namespace

std::vector<PairOfSamples> PairsById(const SampleTable& samples) {
  std::vector<PairOfSamples> pairs;
  for (uint32_t s = 0; s < samples.size(); ++s) {
    const uint32_t earlier = samples.Find(samples.iid(s) + kEarlierSuffix);
    if (earlier != SampleTable::kAbsent)
      pairs.push_back({std::min(s, earlier), std::max(s, earlier)});
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

Table IdentityTable(const SampleTable& samples, const std::vector<Pair>& pairs) {
  const Matches m(samples, pairs);
  Table::Strings iid, status, best_iid;
  Table::Ints n;
  Table::Doubles concordance, kinship, best_concordance, best_kinship;
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (uint32_t s = 0; s < samples.size(); ++s) {
    if (IsEarlier(samples, s) ||
        (m.own[s] == SampleTable::kAbsent && m.best[s] == SampleTable::kAbsent))
      continue;
    const bool in_both = m.own[s] != SampleTable::kAbsent,
               has_best = m.best[s] != SampleTable::kAbsent;
    iid.push_back(samples.iid(s));
    n.push_back(in_both ? int64_t{m.own_counts[s].n()} : Table::kMissingInt);
    concordance.push_back(in_both ? Concordance(m.own_counts[s]) : kNone);
    kinship.push_back(in_both ? Kinship(m.own_counts[s]) : kNone);
    status.emplace_back(StatusOf(m, s));
    best_iid.push_back(has_best ? IdOf(samples, m.best[s]) : "NA");
    best_concordance.push_back(has_best ? Concordance(m.best_counts[s]) : kNone);
    best_kinship.push_back(has_best ? Kinship(m.best_counts[s]) : kNone);
  }
  DoubtIfMostDiffer(status);
  Table table;
  table.Add("IID", std::move(iid));
  table.Add("N_SNP", std::move(n));
  table.Add("CONCORDANCE", std::move(concordance));
  table.Add("KINSHIP", std::move(kinship));
  table.Add("STATUS", std::move(status));
  table.Add("BEST_IID", std::move(best_iid));
  table.Add("BEST_CONCORDANCE", std::move(best_concordance));
  table.Add("BEST_KINSHIP", std::move(best_kinship));
  return table;
}

}  // namespace kinflow::kinship
