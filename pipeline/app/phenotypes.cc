#include "pipeline/app/phenotypes.h"

#include <set>

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
    const JoinReport join = JoinIds(table.ids, *people, options.file, options.id_form);
    log.Info("{}: {}", BaseName(options.file), join.summary);
    if (!join.hint.empty()) log.Warn("{}: {}", BaseName(options.file), join.hint);
    UseCohortIds(join, *people, table);
    input.files["phenotypes " + std::to_string(tables.size() + 1) + " (" + BaseName(options.file) +
                ")"] = digests == nullptr ? Digest{} : digests->DigestOf(options.file);
    input.files["phenotype options " + std::to_string(tables.size() + 1)] =
        HashBytes(item.ToJson());
    tables.push_back(std::move(table));
  }
  PhenotypeTable merged = MergePhenotypes(std::move(tables));
  input.persons = {std::move(merged.ids), std::move(merged.pregnancies), std::move(merged.columns),
                   std::move(merged.mixed)};
  return input;
}

}  // namespace kinflow
