#include "tests/unit/qc/support.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/genotype_registry.h"
#include "stages/qc/counts_stage.h"
#include "stages/qc/qc_samples_stage.h"
#include "stages/qc/qc_stage.h"
#include "stages/qc/qc_variants_stage.h"
#include "tests/support/test_data.h"

namespace kinflow::test {

PlinkTable PlinkTable::Read(const std::string& path) {
  PlinkTable table;
  LineReader reader(path);
  for (std::string_view line; reader.Next(line);) {
    const auto fields = SplitBlanks(line);
    std::vector<std::string> row(fields.begin(), fields.end());
    if (table.names.empty()) {
      if (row.front().front() == '#') row.front().erase(0, 1);
      table.names = std::move(row);
    } else {
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

const std::string& PlinkTable::At(size_t row, const std::string& column) const {
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c] == column) return rows.at(row).at(c);
  }
  throw std::runtime_error("no column " + column);
}

bool SameDigits(double ours, const std::string& theirs) {
  if (theirs == "NA" || theirs == "nan" || theirs == "-nan") return std::isnan(ours);
  const double other = ParseDouble(theirs).value_or(std::nan(""));
  // Half a step of the sixth digit, and a little for the printed side's own rounding.
  return std::abs(ours - other) <= 5.1e-6 * std::abs(other);
}

Pedigree PedigreeOfFam(const std::string& path) {
  std::vector<Person> people;
  LineReader reader(path);
  for (std::string_view line; reader.Next(line);) {
    const auto f = SplitBlanks(line);
    const auto parent = [](std::string_view id) { return id == "0" ? "" : std::string(id); };
    Person p;
    p.fid = f[0];
    p.iid = f[1];
    p.father = parent(f[2]);
    p.mother = parent(f[3]);
    p.sex = f[4] == "1" ? Sex::kMale : f[4] == "2" ? Sex::kFemale : Sex::kUnknown;
    people.push_back(std::move(p));
  }
  return Pedigree::Build(std::move(people), path);
}

QcRun::QcRun(std::vector<std::string> genotypes, const std::string& fam, std::string field)
    : genotypes_(std::move(genotypes)), field_(std::move(field)) {
  GenotypeOptions options;
  options.files = genotypes_;
  options.field = field_;
  cohort_ = Cohort::Build(OpenGenotypes(options)->samples(), PedigreeOfFam(fam));
  store_ = std::make_unique<ArtifactStore>(TempFolder());
}

void QcRun::AddFilterStages(const QcOptions& options, bool reuse_counts,
                            std::vector<std::unique_ptr<Stage>>& stages) const {
  const ScanRequest scan = {"input"};
  stages.push_back(std::make_unique<QcVariantsStage>(QcVariantsStage::Setup{"counts", options}));
  stages.push_back(std::make_unique<CountsStage>(CountsStage::Setup{"sample_counts",
                                                                    scan,
                                                                    {},
                                                                    "qc_variants",
                                                                    "",
                                                                    reuse_counts ? "counts" : "",
                                                                    cohort_,
                                                                    options,
                                                                    {}}));
  stages.push_back(
      std::make_unique<QcSamplesStage>(QcSamplesStage::Setup{"sample_counts", cohort_, options}));
  stages.push_back(
      std::make_unique<CountsStage>(CountsStage::Setup{"recount",
                                                       scan,
                                                       {},
                                                       "qc_variants",
                                                       "qc_samples",
                                                       reuse_counts ? "sample_counts" : "",
                                                       cohort_,
                                                       options,
                                                       {}}));
  QcStage::Setup setup;
  setup.cohort = cohort_;
  setup.options = options;
  stages.push_back(std::make_unique<QcStage>(setup));
}

void QcRun::Count(const QcOptions& options) {
  Settings settings;
  settings.counts_only = true;
  for (const auto& outcome : Run(options, settings)) {
    if (!outcome.error.empty()) throw std::runtime_error(outcome.error);
  }
}

std::vector<StageOutcome> QcRun::Run(const QcOptions& options, const Settings& settings) {
  std::vector<std::unique_ptr<Stage>> stages;
  const ScanRequest scan = {"input"};
  stages.push_back(std::make_unique<CountsStage>(
      CountsStage::Setup{"counts", scan, {}, "", "", "", cohort_, options, {}}));
  if (!settings.counts_only) AddFilterStages(options, settings.reuse_counts, stages);

  const Plan plan(std::move(stages), *store_, settings.shard_genotypes);
  Log log("", LogLevel::kError);
  Progress progress(Progress::Mode::kNone);
  StopSignal stop;
  RunContext run{{log, progress, stop}, *store_};
  run.threads = settings.threads;
  run.memory_bytes = 1ull << 30;
  run.tile_variants = settings.tile_variants;
  run.shard_genotypes = settings.shard_genotypes;
  const auto outcomes = Execute(plan, run, [&](const ScanRequest&) {
    GenotypeOptions input;
    input.files = genotypes_;
    input.field = field_;
    return OpenGenotypes(input);
  });
  artifacts_.clear();
  for (const PlannedStage& p : plan.stages()) {
    if (auto m = store_->Find(p.stage->kind(), p.keys.self)) {
      artifacts_.emplace(p.stage->id(), *std::move(m));
    }
  }
  return outcomes;
}

Manifest QcRun::Artifact(const std::string& stage) const { return artifacts_.at(stage); }

namespace {

void Append(const StratumCounts& from, StratumCounts& to) {
  to.calls.insert(to.calls.end(), from.calls.begin(), from.calls.end());
  to.dosages.insert(to.dosages.end(), from.dosages.begin(), from.dosages.end());
}

template <class T>
void Append(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

VariantCounts QcRun::Counts(VariantTable& variants) const {
  const Manifest m = Artifact("counts");
  variants.Clear();
  VariantCounts all;
  for (size_t shard = 0; shard < m.shards.size(); ++shard) {
    const H5Reader file = store_->Open(m, shard);
    variants.Append(file.ReadVariants("/variants"));
    VariantCounts part = VariantCounts::Read(file);
    all.units = part.units;
    all.has_dosages = part.has_dosages;
    for (uint32_t& row : part.sex_row) {
      if (row != VariantCounts::kNoSexRow) row += all.sex_rows;
    }
    all.sex_rows += part.sex_rows;
    Append(part.rows, all.rows);
    Append(part.sex_row, all.sex_row);
    Append(part.mendel_errors, all.mendel_errors);
    Append(part.mendel_checked, all.mendel_checked);
    Append(part.founders, all.founders);
    Append(part.others, all.others);
    Append(part.founder_males, all.founder_males);
    Append(part.founder_females, all.founder_females);
  }
  return all;
}

Table QcRun::Variants() const {
  const Manifest qc = Artifact("qc");
  Table first = VariantsTable(*store_, qc, 0);
  std::vector<Table::Column> columns;
  for (size_t c = 0; c < first.columns(); ++c) columns.push_back(first.column(c));
  for (size_t part = 1; part < VariantParts(qc); ++part) {
    const Table more = VariantsTable(*store_, qc, part);
    for (size_t c = 0; c < columns.size(); ++c) {
      std::visit(
          [&](auto& to) { Append(std::get<std::decay_t<decltype(to)>>(more.column(c)), to); },
          columns[c]);
    }
  }
  Table all;
  for (size_t c = 0; c < columns.size(); ++c) all.Add(first.name(c), std::move(columns[c]));
  return all;
}

SampleCounts QcRun::People() const { return ReadSampleCounts(*store_, Artifact("counts")); }

}  // namespace kinflow::test
