#include "pipeline/app/phenotypes.h"

#include <limits>

#include "pipeline/base/file.h"
#include "stages/formats/id_join.h"

namespace kinflow {
namespace {

/// People of the study by id: genotyped or named in the pedigree. A mother without genotypes may
/// still have an outcome, so phenotype ids are looked up among both.
SampleTablePtr EverybodyOf(const Cohort& cohort) {
  std::vector<std::string> fid = cohort.samples->fids(), iid = cohort.samples->iids();
  for (const Person& person : cohort.pedigree.people()) {
    if (cohort.samples->Find(person.iid) != SampleTable::kAbsent) continue;
    fid.push_back(person.fid);
    iid.push_back(person.iid);
  }
  return SampleTable::Build(std::move(fid), std::move(iid), {}, "");
}

/// Table ids as the cohort writes them; ids without a person stay as they are.
void UseCohortIds(const JoinReport& join, const SampleTable& people, PhenotypeTable& table) {
  for (size_t row = 0; row < table.ids.size(); ++row) {
    if (join.samples[row] != SampleTable::kAbsent) table.ids[row] = people.iid(join.samples[row]);
  }
}

/// Two rows: the people of the file, and those whose ids are known.
Table LedgerOf(const std::string& file, const JoinReport& join) {
  const auto known = static_cast<int64_t>(join.found + join.in_pedigree);
  const int64_t all = known + static_cast<int64_t>(join.not_found);
  Table table;
  table.Add("STEP", Table::Strings(2, "phenotypes " + BaseName(file)));
  table.Add("FILTER", Table::Strings{"NA", "id_unknown"});
  table.Add("THRESHOLD", Table::Doubles(2, std::numeric_limits<double>::quiet_NaN()));
  for (const char* name : {"VARIANTS_IN", "VARIANTS_OUT"}) {
    table.Add(name, Table::Ints(2, Table::kMissingInt));
  }
  table.Add("SAMPLES_IN", Table::Ints{all, all});
  table.Add("SAMPLES_OUT", Table::Ints{all, known});
  for (const char* name : {"MOTHERS", "FATHERS", "CHILDREN", "TRIOS", "DUOS"}) {
    table.Add(name, Table::Ints(2, Table::kMissingInt));
  }
  return table;
}

void LogJoin(const std::string& file, const JoinReport& join, Log& log) {
  log.Info("{}: {}", file, join.summary);
  if (join.not_found == 0) return;
  log.Warn("{}: {} ids are neither in the genotypes nor in the pedigree; their rows are not used",
           file, join.not_found);
  if (!join.hint.empty()) log.Warn("{}: {}", file, join.hint);
}

}  // namespace

PhenotypeInput ReadPhenotypeFiles(const LoadedConfig& config, const Cohort& cohort,
                                  DigestCache* digests, Log& log) {
  const SampleTablePtr people = EverybodyOf(cohort);
  PhenotypeInput input;
  std::vector<PhenotypeTable> tables;
  for (const ConfigNode& item : config.root.At("phenotypes").items()) {
    PhenotypeOptions options = PhenotypeOptionsFrom(item);
    options.file = JoinPath(config.base, options.file);
    PhenotypeTable table = ReadPhenotypes(options);
    const JoinReport join =
        JoinIds(table.ids, *people, options.file, options.id_form, cohort.samples->size());
    LogJoin(BaseName(options.file), join, log);
    for (const auto& warning : table.warnings) log.Warn("{}: {}", BaseName(options.file), warning);
    if (join.not_found > 0) input.ledgers.push_back(LedgerOf(options.file, join));
    UseCohortIds(join, *people, table);
    input.files["phenotypes " + std::to_string(tables.size() + 1) + " (" + BaseName(options.file) +
                ")"] = digests == nullptr ? Digest{} : digests->DigestOf(options.file);
    input.files["phenotype options " + std::to_string(tables.size() + 1)] =
        HashBytes(item.ToJson());
    input.persons.id_columns.insert(options.id);
    tables.push_back(std::move(table));
  }
  PhenotypeTable merged = MergePhenotypes(std::move(tables));
  auto& persons = input.persons;
  persons.iid = std::move(merged.ids);
  persons.pregnancy = std::move(merged.pregnancies);
  persons.columns = std::move(merged.columns);
  persons.mixed = std::move(merged.mixed);
  persons.wave = std::move(merged.waves);
  persons.by_wave = {merged.by_wave.begin(), merged.by_wave.end()};
  return input;
}

}  // namespace kinflow
