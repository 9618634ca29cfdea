#include "pipeline/app/phenotypes.h"

#include <fmt/format.h>

#include <limits>
#include <set>

#include "pipeline/app/phenotype_ids.h"
#include "pipeline/base/file.h"
#include "stages/formats/id_roles.h"
#include "stages/formats/pregnancy_join.h"
#include "stages/qc/ledger.h"

namespace kinflow {
namespace {

/// People of the study by id: genotyped or named in the pedigree. A mother without genotypes may
/// still have an outcome, so phenotype ids are looked up among both.
SampleTablePtr EverybodyOf(const Cohort& cohort, const std::unordered_set<std::string>& withdrawn) {
  std::vector<std::string> fid = cohort.samples->fids(), iid = cohort.samples->iids();
  for (const Person& person : cohort.pedigree.people()) {
    if (cohort.samples->Find(person.iid) != SampleTable::kAbsent) continue;
    fid.push_back(person.fid);
    iid.push_back(person.iid);
  }
  // Theirs are found so that they can be left out, however the table writes them.
  for (const std::string& id : std::set<std::string>(withdrawn.begin(), withdrawn.end())) {
    fid.push_back(id);
    iid.push_back(id);
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
  LedgerRow all, known;
  all.step = known.step = "phenotypes " + BaseName(file);
  known.filter = "id_unknown";
  known.samples_out = static_cast<int64_t>(join.found + join.in_pedigree);
  all.samples_in = all.samples_out = known.samples_in =
      known.samples_out + static_cast<int64_t>(join.not_found);
  return LedgerTable({all, known});
}

void LogJoin(const std::string& file, const JoinReport& join, Log& log) {
  log.Info("{}: {}", file, join.summary);
  if (join.not_found == 0) return;
  log.Warn("{}: {} ids are neither in the genotypes nor in the pedigree; their rows are not used",
           file, join.not_found);
  if (!join.hint.empty()) log.Warn("{}: {}", file, join.hint);
}

/// Rows of people whose pregnancy the pedigree gives to others are of no child. Throws kMalformed
/// if most are: columns of ids that were shifted or exchanged.
void CheckWhosePregnancies(const PregnancyJoin& join, const PhenotypeOptions& options, Log& log) {
  if (join.of_others == 0) return;
  const std::string what = fmt::format(
      "{} of {} rows have {} and {} that do not belong together in the pedigree: the pregnancy is "
      "of other people there",
      join.of_others, join.found, options.id, options.pregnancy);
  if (2 * join.of_others > join.found) {
    throw Error(ErrorId::kMalformed, what)
        .InFile(options.file)
        .AtRecord(join.first_of_others)
        .Field("phenotypes[].pregnancy")
        .Value(options.pregnancy)
        .Remedy(fmt::format(
            "see whether {} or {} was shifted, sorted alone or is another study's; if the pedigree "
            "is wrong, correct the mothers and pregnancies of its children",
            options.id, options.pregnancy));
  }
  log.Warn("{}: {} (the first: row {}); they are not used: correct these ids, or the pedigree's",
           BaseName(options.file), what, join.first_of_others);
}

/// Rows of a pregnancy that the pedigree does not know are of no child. Throws kConfigReference if
/// all are, kMalformed if most people whose pregnancies it has stand with others alone: not just
/// their further ones, of children who take no part.
void CheckPregnancies(const PregnancyJoin& join, const PhenotypeOptions& options, Log& log) {
  CheckWhosePregnancies(join, options, log);
  if (join.found == join.rows) return;
  if (join.found == 0) {
    throw Error(ErrorId::kConfigReference,
                fmt::format("no pregnancy of {} rows is one of the pedigree", join.rows))
        .InFile(options.file)
        .Field("phenotypes[].pregnancy")
        .Value(options.pregnancy)
        .Remedy(
            "name the pedigree's column of pregnancies (pedigree.columns.pregnancy; a .fam has "
            "none), or leave phenotypes[].pregnancy out if a person has one row");
  }
  const std::string what =
      fmt::format("{} of {} rows are of a pregnancy that is not in the pedigree",
                  join.rows - join.found, join.rows);
  if (2 * join.unknown_only > join.people) {
    throw Error(
        ErrorId::kMalformed,
        fmt::format("{}; {} of {} people whose pregnancies the pedigree has stand here with "
                    "others alone",
                    what, join.unknown_only, join.people))
        .InFile(options.file)
        .Field("phenotypes[].pregnancy")
        .Value(options.pregnancy)
        .Remedy(fmt::format("write the pregnancies in {} as in the pedigree, or leave the rows out "
                            "that belong to another study",
                            options.pregnancy));
  }
  log.Warn("{}: {}; they are not used", BaseName(options.file), what);
}

/// True if a file has one of the components: it is the file's that are used then.
bool AnyHas(const std::vector<PhenotypeTable>& tables, const std::vector<std::string>& components,
            Log& log) {
  for (const PhenotypeTable& table : tables) {
    for (const std::string& name : components) {
      if (table.columns.Find(name) < 0) continue;
      log.Info(
          "{}: has {}; models use the components of the phenotype tables, not those of the run",
          BaseName(table.file), name);
      return true;
    }
  }
  return false;
}

/// The people and pregnancies of a table's rows; throws if it shares none with the cohort.
void JoinTable(PhenotypeTable& table, const PhenotypeOptions& options, const SampleTable& people,
               const Cohort& cohort, bool per_mother, std::vector<Table>& ledgers, Log& log) {
  const std::string file = BaseName(options.file);
  const JoinReport join = JoinPhenotypeIds(table, options, people, cohort);
  LogJoin(file, join, log);
  for (const auto& warning : table.warnings) log.Warn("{}: {}", file, warning);
  if (join.not_found > 0) ledgers.push_back(LedgerOf(options.file, join));
  UseCohortIds(join, people, table);
  CheckPregnancies(JoinPregnancies(cohort.pedigree, per_mother, table), options, log);
  if (const auto mixed = MixedMembers(table, options.id, cohort.pedigree); !mixed.empty()) {
    log.Warn(
        "{}: {}; an analysis uses the rows of the member whose outcome it is: correct the ids if "
        "they were exchanged",
        file, mixed);
  }
}

PhenotypeTable WithoutValues(const std::vector<std::string>& columns, const SampleTable& samples) {
  PhenotypeTable table;
  table.ids = samples.iids();
  for (const std::string& name : columns) {
    table.columns.Add(name,
                      Table::Doubles(table.ids.size(), std::numeric_limits<double>::quiet_NaN()));
  }
  return table;
}

}  // namespace

PhenotypeInput ReadPhenotypeFiles(const LoadedConfig& config, const Cohort& cohort,
                                  const std::unordered_set<std::string>& withdrawn,
                                  const std::vector<std::string>& components, DigestCache* digests,
                                  std::vector<Error>& faults, Log& log) {
  const SampleTablePtr people = EverybodyOf(cohort, withdrawn);
  const ConfigNode& pedigree = config.root.At("pedigree");
  const bool per_mother = !pedigree.is_null() && pedigree.Text("pregnancy_ids") == "per_mother";
  PhenotypeInput input;
  std::vector<PhenotypeTable> tables;
  for (const ConfigNode& item : config.root.At("phenotypes").items()) {
    PhenotypeOptions options = PhenotypeOptionsFrom(item);
    options.file = JoinPath(config.base, options.file);
    PhenotypeTable table = ReadPhenotypes(options);
    try {
      JoinTable(table, options, *people, cohort, per_mother, input.ledgers, log);
    } catch (const Error& fault) {
      faults.push_back(fault);
    }
    table = WithoutPeople(std::move(table), withdrawn);
    input.files["phenotypes " + std::to_string(tables.size() + 1) + " (" + BaseName(options.file) +
                ")"] = digests == nullptr ? Digest{} : digests->DigestOf(options.file);
    input.files["phenotype options " + std::to_string(tables.size() + 1)] =
        HashBytes(item.ToJson());
    input.persons.id_columns.insert(options.id);
    if (!options.wave.empty()) input.persons.wave_column = options.wave;
    for (size_t c = 0; !options.pregnancy.empty() && c < table.columns.columns(); ++c) {
      input.persons.by_pregnancy.insert(table.columns.name(c));
    }
    tables.push_back(std::move(table));
  }
  if (!components.empty() && !AnyHas(tables, components, log)) {
    tables.push_back(WithoutValues(components, *cohort.samples));
    input.components = components;
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
