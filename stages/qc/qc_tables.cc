#include "stages/qc/qc_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/data/sites_table.h"

namespace kinflow {
namespace {

const char* SexName(Sex sex) {
  return sex == Sex::kMale ? "male" : sex == Sex::kFemale ? "female" : "unknown";
}

template <class Item, class Get>
Table::Doubles Doubles(const std::vector<Item>& items, Get get) {
  Table::Doubles column;
  for (const Item& item : items) column.push_back(get(item));
  return column;
}

template <class Item, class Get>
Table::Ints Ints(const std::vector<Item>& items, Get get) {
  Table::Ints column;
  for (const Item& item : items) column.push_back(static_cast<int64_t>(get(item)));
  return column;
}

/// STATUS, REASON, REASON_VALUE, REASON_THRESHOLD.
void AddVerdicts(const Verdicts& verdicts, Table& table) {
  Table::Strings status, reason;
  Table::Doubles threshold;
  for (const uint8_t code : verdicts.code) {
    status.emplace_back(code == 0 ? "pass" : "removed");
    reason.push_back(code == 0 ? "NA" : verdicts.filters[code - 1u]);
    threshold.push_back(code == 0 ? std::numeric_limits<double>::quiet_NaN()
                                  : verdicts.thresholds[code - 1u]);
  }
  table.Add("STATUS", std::move(status));
  table.Add("REASON", std::move(reason));
  table.Add("REASON_VALUE", verdicts.value);
  table.Add("REASON_THRESHOLD", std::move(threshold));
}

/// The filter that removed each variant, then the others whose thresholds it is beyond.
Table::Strings AllReasons(const Verdicts& verdicts, const Table::Ints& beyond) {
  Table::Strings reasons;
  for (size_t i = 0; i < verdicts.code.size(); ++i) {
    const uint8_t code = verdicts.code[i];
    std::string text = code == 0 ? "NA" : verdicts.filters[code - 1u];
    for (size_t f = 0; code != 0 && f < verdicts.filters.size(); ++f) {
      if (f + 1 != code && (beyond[i] >> f & 1) != 0) text += "," + verdicts.filters[f];
    }
    reasons.push_back(std::move(text));
  }
  return reasons;
}

/// What is left of a trio; a sample beyond the last is nobody.
const char* FamilyStatus(const std::vector<uint8_t>& kept, uint32_t child, uint32_t father,
                         uint32_t mother) {
  const auto stays = [&](uint32_t s) { return s >= kept.size() || kept[s] != 0; };
  if (!stays(child)) return "removed";
  return stays(father) && stays(mother) ? "pass" : "reduced";
}

H5Reader LastShard(const ArtifactStore& store, const Manifest& qc) {
  if (qc.shards.empty()) throw Error(ErrorId::kInternal, "the qc artifact is empty");
  return store.Open(qc, qc.shards.size() - 1);
}

}  // namespace

Table MakeSamplesTable(const Cohort& cohort, const std::vector<SampleFacts>& facts,
                       const Verdicts& verdicts) {
  Table table;
  table.Add("FID", cohort.FamilyIds());
  table.Add("IID", cohort.samples->iids());
  Table::Strings role, declared, inferred;
  for (size_t s = 0; s < facts.size(); ++s) {
    role.emplace_back(RoleName(cohort.roles[s]));
    declared.emplace_back(SexName(facts[s].declared));
    inferred.emplace_back(SexName(facts[s].inferred));
  }
  table.Add("ROLE", std::move(role));
  table.Add("SEX_DECLARED", std::move(declared));
  table.Add("SEX_INFERRED", std::move(inferred));
  table.Add("CALL_RATE", Doubles(facts, [](const auto& f) { return f.call_rate; }));
  table.Add("HET_F", Doubles(facts, [](const auto& f) { return f.het_f; }));
  table.Add("MENDEL_ERRORS", Ints(facts, [](const auto& f) { return f.mendel_errors; }));
  AddVerdicts(verdicts, table);
  table.Add("N_VARIANTS", Ints(facts, [](const auto& f) { return f.n; }));
  table.Add("N_MISSING", Ints(facts, [](const auto& f) { return f.n_missing; }));
  table.Add("HET_RATE", Doubles(facts, [](const auto& f) { return f.het_rate; }));
  table.Add("X_F", Doubles(facts, [](const auto& f) { return f.x_f; }));
  table.Add("Y_CALL_RATE", Doubles(facts, [](const auto& f) { return f.y_call_rate; }));
  return table;
}

Table MakeFamiliesTable(const Cohort& cohort, const MendelChecker& mendel,
                        const SampleCounts& counts, const std::vector<uint8_t>& kept) {
  Table::Strings fid, child, father, mother, status;
  Table::Ints n, errors;
  const std::vector<std::string> fids = cohort.FamilyIds();
  const auto name = [&](uint32_t s) {
    return s < cohort.samples->size() ? cohort.samples->iid(s) : std::string("NA");
  };
  for (size_t t = 0; t < mendel.trios().size(); ++t) {
    const MendelTrio& trio = mendel.trios()[t];
    fid.push_back(trio.child < fids.size() ? fids[trio.child] : std::string("NA"));
    child.push_back(name(trio.child));
    father.push_back(name(trio.father));
    mother.push_back(name(trio.mother));
    n.push_back(static_cast<int64_t>(counts.mendel_variants - counts.trio_unchecked[t]));
    errors.push_back(counts.trio_errors[t]);
    status.emplace_back(FamilyStatus(kept, trio.child, trio.father, trio.mother));
  }
  Table table;
  table.Add("FID", std::move(fid));
  table.Add("CHILD", std::move(child));
  table.Add("FATHER", std::move(father));
  table.Add("MOTHER", std::move(mother));
  table.Add("N_VARIANTS", std::move(n));
  table.Add("MENDEL_ERRORS", std::move(errors));
  table.Add("STATUS", std::move(status));
  return table;
}

Table WithEarlierFamilies(const Table& now, const Table& before) {
  std::map<std::string, size_t> row_of;
  for (size_t r = 0; r < now.rows(); ++r) row_of.emplace(now.StringsOf("CHILD")[r], r);
  Table table;
  for (size_t c = 0; c < before.columns(); ++c) {
    const std::string& name = before.name(c);
    if (name != "N_VARIANTS" && name != "MENDEL_ERRORS") {
      table.Add(name, before.column(c));
      continue;
    }
    Table::Ints counts = before.IntsOf(name);
    for (size_t r = 0; r < counts.size(); ++r) {
      const auto found = row_of.find(before.StringsOf("CHILD")[r]);
      if (found != row_of.end()) counts[r] = now.IntsOf(name)[found->second];
    }
    table.Add(name, std::move(counts));
  }
  return table;
}

Table FamiliesOf(const Table& families, const Cohort& cohort, const std::vector<uint8_t>& kept) {
  const auto member = [&](const char* column, size_t r) {
    return cohort.samples->Find(families.StringsOf(column)[r]);
  };
  Table::Strings status;
  for (size_t r = 0; r < families.rows(); ++r) {
    status.emplace_back(
        FamilyStatus(kept, member("CHILD", r), member("FATHER", r), member("MOTHER", r)));
  }
  Table table;
  for (size_t c = 0; c < families.columns(); ++c) {
    const bool is_status = families.name(c) == "STATUS";
    table.Add(families.name(c), is_status ? Table::Column(status) : families.column(c));
  }
  return table;
}

Table MakeFactsTable(const std::vector<VariantFacts>& facts) {
  Table table;
  table.Add("N", Ints(facts, [](const auto& f) { return f.n; }));
  table.Add("N_MISSING", Ints(facts, [](const auto& f) { return f.n_missing; }));
  table.Add("CALL_RATE", Doubles(facts, [](const auto& f) { return f.call_rate; }));
  table.Add("AF", Doubles(facts, [](const auto& f) { return f.alt_freq; }));
  table.Add("MAF", Doubles(facts, [](const auto& f) { return f.maf; }));
  table.Add("HWE_P", Doubles(facts, [](const auto& f) { return f.hwe_p; }));
  table.Add("INFO", Doubles(facts, [](const auto& f) { return f.info; }));
  table.Add("MENDEL_ERRORS", Ints(facts, [](const auto& f) { return f.mendel_errors; }));
  table.Add("INFO_COMPUTED", Doubles(facts, [](const auto& f) { return f.info_computed; }));
  table.Add("MENDEL_CHECKED", Ints(facts, [](const auto& f) { return f.mendel_checked; }));
  return table;
}

size_t VariantParts(const Manifest& qc) { return qc.shards.empty() ? 0 : qc.shards.size() - 1; }

Table VariantsTable(const ArtifactStore& store, const Manifest& qc, size_t part) {
  const H5Reader file = store.Open(qc, part);
  const VariantTable variants = file.ReadVariants("/variants");
  const Table facts = file.ReadTable("/facts");
  Table table = SitesTable(variants);
  constexpr size_t kBeforeStatus = 8;  // N ... MENDEL_ERRORS
  for (size_t c = 0; c < kBeforeStatus; ++c) table.Add(facts.name(c), facts.column(c));
  const Verdicts verdicts = Verdicts::Read(file, "/verdicts");
  AddVerdicts(verdicts, table);
  for (size_t c = kBeforeStatus; c < facts.columns(); ++c) {
    if (facts.name(c) == "BEYOND") {
      table.Add("REASONS", AllReasons(verdicts, facts.IntsOf("BEYOND")));
    } else {
      table.Add(facts.name(c), facts.column(c));
    }
  }
  return table;
}

void WriteVariantsTsv(const ArtifactStore& store, const Manifest& qc, const std::string& path) {
  TsvWriter out(path);
  for (size_t part = 0; part < VariantParts(qc); ++part) out.Append(VariantsTable(store, qc, part));
  out.Commit();
}

Table SamplesTable(const ArtifactStore& store, const Manifest& qc) {
  return LastShard(store, qc).ReadTable("/samples");
}

std::map<std::string, std::string> RemovedPeople(const ArtifactStore& store, const Manifest& qc) {
  const Table samples = SamplesTable(store, qc);
  std::map<std::string, std::string> removed;
  for (size_t s = 0; s < samples.rows(); ++s) {
    const std::string& reason = samples.StringsOf("REASON")[s];
    if (reason != "NA") removed.emplace(samples.StringsOf("IID")[s], reason);
  }
  return removed;
}

Table FamiliesTable(const ArtifactStore& store, const Manifest& qc) {
  return LastShard(store, qc).ReadTable("/families");
}
Table LedgerTable(const ArtifactStore& store, const Manifest& qc) {
  return LastShard(store, qc).ReadTable("/ledger");
}

void RequireSurvivors(const Table& ledger) {
  if (ledger.rows() == 0) return;
  const auto check = [&](const char* in_name, const char* out_name, ErrorId id, const char* what) {
    const auto& in = ledger.IntsOf(in_name);
    const auto& out = ledger.IntsOf(out_name);
    if (out.back() > 0) return;
    size_t worst = 0;
    for (size_t r = 0; r < in.size(); ++r) {
      if (in[r] - out[r] > in[worst] - out[worst]) worst = r;
    }
    throw Error(id, fmt::format("quality control removed all {} {}; most of them ({}) by filter {} "
                                "of step {}",
                                in.front(), what, in[worst] - out[worst],
                                ledger.StringsOf("FILTER")[worst], ledger.StringsOf("STEP")[worst]))
        .Field("qc")
        .Remedy("look at ledger.tsv and relax the thresholds under qc");
  };
  check("VARIANTS_IN", "VARIANTS_OUT", ErrorId::kNoVariantsLeft, "variants");
  check("SAMPLES_IN", "SAMPLES_OUT", ErrorId::kNoSamplesLeft, "people");
}

JudgedVariants ReadJudgedVariants(const ArtifactStore& store, const Manifest& qc, size_t part) {
  const H5Reader file = store.Open(qc, part);
  JudgedVariants judged{file.ReadVariants("/variants"),
                        Verdicts::Read(file, "/verdicts"),
                        {},
                        file.ReadTable("/facts").DoublesOf("AF")};
  const auto passing = file.ReadU64("/passing");
  judged.rows.assign(judged.variants.size(), UINT64_MAX);
  size_t next = 0;
  for (size_t i = 0; i < judged.rows.size(); ++i) {
    if (judged.verdicts.code[i] == 0) judged.rows[i] = passing.at(next++);
  }
  return judged;
}

uint64_t KeptFounders(const ArtifactStore& store, const Manifest& qc) {
  return static_cast<uint64_t>(LastShard(store, qc).AttributeInt("/kept", "founders"));
}

}  // namespace kinflow
