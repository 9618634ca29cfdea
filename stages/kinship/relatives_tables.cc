#include "stages/kinship/relatives_tables.h"

#include <cmath>
#include <limits>
#include <map>

#include "stages/kinship/ibd_shares.h"
#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

/// One value of each item.
template <class Item, class Value>
auto ColumnOf(const std::vector<Item>& items, Value value) {
  std::vector<std::decay_t<decltype(value(items.front()))>> column;
  column.reserve(items.size());
  for (const Item& item : items) column.push_back(value(item));
  return column;
}

std::string Found(const JudgedPair& p) {
  return std::isfinite(Kinship(p.pair.counts)) ? RelationName(p.found) : "NA";
}
std::string OrNa(const std::string& text) { return text.empty() ? "NA" : text; }
std::string Declared(const JudgedPair& p) { return RelationName(p.declared); }

/// What the test of each pair said. A first-degree relation confirms no other one, though it does
/// not speak against the two being close relatives.
Table::Strings States(const std::vector<JudgedPair>& pairs, const std::vector<Link>& links) {
  Table::Strings states(pairs.size(), "by chance");
  for (const Link& link : links) {
    const JudgedPair& pair = pairs[link.pair];
    const bool other = link.told() == Link::State::kConfirmed && pair.found != pair.declared;
    states[link.pair] = StateName(other ? Link::State::kUncertain : link.told());
  }
  return states;
}

}  // namespace

Table PairsTable(const std::vector<JudgedPair>& pairs, const std::vector<Link>& links,
                 const std::vector<double>& chances, const SampleTable& samples,
                 double unrelated_ibs0) {
  const auto column = [&pairs](auto value) { return ColumnOf(pairs, value); };
  const auto number = [&](double (*value)(const PairCounts&)) {
    return column([value](const JudgedPair& p) { return value(p.pair.counts); });
  };
  const auto count = [&](auto value) {
    return column([&](const JudgedPair& p) { return static_cast<int64_t>(value(p.pair.counts)); });
  };
  Table table;
  table.Add("IID1", column([&](const JudgedPair& p) { return samples.iid(p.pair.samples.first); }));
  table.Add("IID2",
            column([&](const JudgedPair& p) { return samples.iid(p.pair.samples.second); }));
  table.Add("N_SNP", count([](const PairCounts& c) { return c.n(); }));
  table.Add("HETHET", number(HetHetShare));
  table.Add("IBS0", number(Ibs0Share));
  table.Add("KINSHIP", number(Kinship));
  table.Add("CLASS", column(Found));
  table.Add("DECLARED", column(Declared));
  table.Add("KINSHIP_SE", number(KinshipError));
  table.Add("HETHET_CT", count([](const PairCounts& c) { return c.het_het; }));
  table.Add("IBS0_CT", count([](const PairCounts& c) { return c.ibs0; }));
  table.Add("HET1_HOM2_CT", count([](const PairCounts& c) { return c.het_hom; }));
  table.Add("HET2_HOM1_CT", count([](const PairCounts& c) { return c.hom_het; }));
  table.Add("CONCORDANCE", number(Concordance));
  const auto share = [&](double IbdShares::*member) {
    return column([member, unrelated_ibs0](const JudgedPair& p) {
      return IbdSharesOf(p.pair.counts, unrelated_ibs0).*member;
    });
  };
  table.Add("Z0", share(&IbdShares::z0));
  table.Add("Z1", share(&IbdShares::z1));
  table.Add("Z2", share(&IbdShares::z2));
  table.Add("PI_HAT", share(&IbdShares::pi_hat));
  table.Add("IN_WINDOW", column([unrelated_ibs0](const JudgedPair& p) {
              const double pi_hat = IbdSharesOf(p.pair.counts, unrelated_ibs0).pi_hat;
              return std::string(InWindow(pi_hat, p.declared));
            }));
  table.Add("STATE", States(pairs, links));
  table.Add("P", chances);
  return table;
}

Table RelatedPeople(const Table& pairs) {
  struct Of {
    int64_t pairs = 0, unexpected = 0;
    double kinship = 0;
  };
  std::map<std::string, Of> people;
  const auto& kinship = pairs.DoublesOf("KINSHIP");
  const auto& state = pairs.StringsOf("STATE");
  for (const char* column : {"IID1", "IID2"}) {
    const auto& ids = pairs.StringsOf(column);
    for (size_t r = 0; r < ids.size(); ++r) {
      Of& person = people[ids[r]];
      ++person.pairs;
      person.unexpected += state[r] == StateName(Link::State::kUnexpected) ? 1 : 0;
      if (std::isfinite(kinship[r])) person.kinship += kinship[r];
    }
  }
  const std::vector<std::pair<std::string, Of>> rows(people.begin(), people.end());
  Table table;
  table.Add("IID", ColumnOf(rows, [](const auto& row) { return row.first; }));
  table.Add("N_PAIRS", ColumnOf(rows, [](const auto& row) { return row.second.pairs; }));
  table.Add("SUM_KINSHIP", ColumnOf(rows, [](const auto& row) { return row.second.kinship; }));
  table.Add("N_UNEXPECTED", ColumnOf(rows, [](const auto& row) { return row.second.unexpected; }));
  return table;
}

Table DecisionsTable(const std::vector<Conflict>& conflicts, const std::vector<JudgedPair>& pairs,
                     const SampleTable& samples) {
  const auto column = [&conflicts](auto value) { return ColumnOf(conflicts, value); };
  const auto of_pair = [&](auto value, auto none) {
    return column(
        [&pairs, value, none](const Conflict& c) { return c.pair ? value(pairs[*c.pair]) : none; });
  };
  const auto number = [&](double (*value)(const PairCounts&)) {
    return of_pair([value](const JudgedPair& p) { return value(p.pair.counts); },
                   std::numeric_limits<double>::quiet_NaN());
  };
  const std::string na = "NA";
  Table table;
  table.Add("DECISION",
            column([](const Conflict& c) { return std::string(ActionName(c.decision.action)); }));
  table.Add("PERSON", column([](const Conflict& c) { return c.decision.person; }));
  table.Add("VALUE", column([](const Conflict& c) { return OrNa(c.decision.value); }));
  table.Add("PROPOSED", column([](const Conflict& c) { return Describe(c.decision); }));
  table.Add("KIND", column([](const Conflict& c) { return c.kind; }));
  table.Add("IID1", column([&](const Conflict& c) { return samples.iid(c.sample_1); }));
  table.Add("IID2", column([&](const Conflict& c) { return OrNa(OtherIid(c, samples)); }));
  table.Add("CONFIDENCE", column([](const Conflict& c) { return c.confidence; }));
  const auto pair_id = [&](uint32_t PairOfSamples::*member) {
    return of_pair(
        [&samples, member](const JudgedPair& p) { return samples.iid(p.pair.samples.*member); },
        na);
  };
  table.Add("PAIR_IID1", pair_id(&PairOfSamples::first));
  table.Add("PAIR_IID2", pair_id(&PairOfSamples::second));
  table.Add("DECLARED", of_pair(Declared, na));
  table.Add("CLASS", of_pair(Found, na));
  table.Add("N_SNP",
            of_pair([](const JudgedPair& p) { return static_cast<int64_t>(p.pair.counts.n()); },
                    Table::kMissingInt));
  table.Add("KINSHIP", number(Kinship));
  table.Add("KINSHIP_SE", number(KinshipError));
  table.Add("IBS0", number(Ibs0Share));
  table.Add("CONCORDANCE", number(Concordance));
  table.Add("P", column([](const Conflict& c) { return c.p; }));
  table.Add("EVIDENCE", column([](const Conflict& c) { return c.evidence; }));
  return table;
}

}  // namespace kinflow::kinship
