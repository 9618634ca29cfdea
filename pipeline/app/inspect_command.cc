#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "pipeline/app/command.h"
#include "pipeline/app/inspect_folder.h"
#include "pipeline/app/inspect_genotypes.h"
#include "pipeline/app/run_flags.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/layout.h"
#include "stages/dosage/variants_table.h"
#include "stages/formats/genotype_registry.h"

namespace kinflow {
namespace {

constexpr uint64_t kRows = 20;

void PrintTable(const Table& table, uint64_t first, uint64_t rows) {
  std::string line;
  for (size_t c = 0; c < table.columns(); ++c) line += (c == 0 ? "" : "\t") + table.name(c);
  fmt::print("{}\n", line);
  const uint64_t end = std::min<uint64_t>(table.rows(), first + rows);
  for (uint64_t r = first; r < end; ++r) {
    line.clear();
    for (size_t c = 0; c < table.columns(); ++c) line += (c == 0 ? "" : "\t") + table.Cell(r, c);
    fmt::print("{}\n", line);
  }
}

void PrintText(const InspectOptions& o) {
  LineReader reader(o.path);
  std::string_view line;
  for (uint64_t n = 0; reader.Next(line) && n <= o.first + o.rows.value_or(kRows); ++n) {
    if (n == 0 || n > o.first) fmt::print("{}\n", line);
  }
}

/// Everything in an HDF5 file that can be shown, one line each.
void ListContents(const H5Reader& file, const std::string& group, int depth) {
  for (const auto& name : file.List(group)) {
    const std::string path = group == "/" ? "/" + name : group + "/" + name;
    fmt::print("{}{}\n", std::string(static_cast<size_t>(2 * depth), ' '), path);
    if (file.IsGroup(path)) {
      if (depth < 3) ListContents(file, path, depth + 1);
    } else if (file.IsTable(path)) {  // of records: its columns are no objects of the file
      const Table table = file.ReadTable(path);
      for (size_t c = 0; c < table.columns(); ++c) {
        fmt::print("{}{}/{}\n", std::string(static_cast<size_t>(2 * depth + 2), ' '), path,
                   table.name(c));
      }
    }
  }
}

/// Names of the tables of a file.
std::vector<std::string> TablesOf(const H5Reader& file) {
  std::vector<std::string> tables;
  for (const auto& name : file.List("/")) {
    if (file.IsTable("/" + name)) tables.push_back(name);
  }
  return tables;
}

/// The table that sums up a result; "" = none does.
std::string SummaryOf(const std::vector<std::string>& tables) {
  for (const char* name : {"estimates", "scores", "ledger", "samples"}) {
    if (std::find(tables.begin(), tables.end(), name) != tables.end()) return name;
  }
  return "";
}

void InspectH5(const std::string& path, InspectOptions o) {
  const H5Reader file(path);
  if (o.table.empty() && !o.list) {
    auto tables = TablesOf(file);
    o.table = tables.size() == 1 ? tables.front() : SummaryOf(tables);
    std::erase(tables, o.table);
    if (!o.table.empty() && !tables.empty()) {
      const auto others = fmt::format("table {}; others: --table {}; everything: --list\n", o.table,
                                      fmt::join(tables, ", "));
      std::fputs(others.c_str(), stderr);
    }
  }
  if (o.table.empty()) return ListContents(file, "/", 0);
  const std::string item = "/" + o.table;
  if (!file.Has(item)) {
    const auto tables = TablesOf(file);
    throw Error(ErrorId::kBadArgument, "no such table in this file")
        .InFile(path)
        .Value(o.table)
        .Remedy(
            fmt::format("{}`kinflow inspect --list` lists what there is",
                        tables.empty() ? "" : fmt::format("it has {}; ", fmt::join(tables, ", "))));
  }
  const uint64_t rows = o.rows.value_or(kRows);
  if (item == "/variants") {
    PrintTable(VariantsAsTable(file.ReadVariants(item)), o.first, rows);
  } else {
    PrintTable(file.ReadTable(item), o.first, rows);
  }
}

/// Tables of a dosage store that are read through all its shards.
bool ShowsGenotypes(const InspectOptions& o) {
  return o.table.empty() || o.table == "dosage" || o.table == "variants";
}

/// A result table by its name in the output folder.
void InspectResult(const std::string& path, InspectOptions o) {
  o.path = path;
  o.table.clear();
  if (path.ends_with(".h5")) return InspectH5(path, o);
  PrintText(o);
}

/// The shard that a table is looked for in: the last one may sum up the others.
size_t ShardToShow(const InspectOptions& o, const std::vector<ShardRecord>& shards) {
  if (o.shard != 0 || o.list) return o.shard;
  const H5Reader first(JoinPath(o.path, shards.front().name));
  const H5Reader last(JoinPath(o.path, shards.back().name));
  const bool in_last = o.table.empty() ? !SummaryOf(TablesOf(last)).empty()
                                       : !first.Has("/" + o.table) && last.Has("/" + o.table);
  return in_last ? shards.size() - 1 : 0;
}

void InspectArtifact(const InspectOptions& o, const std::string& path) {
  const Manifest m = Manifest::FromJson(ReadFile(path), path);
  if (o.table.empty() && !o.selects()) {
    fmt::print("stage {}, kind {}, version {}, key {}\n{} shards\n", m.stage, m.kind, m.version,
               m.key.Hex(), m.shards.size());
  }
  if (m.kind == "dosage" && ShowsGenotypes(o)) return PrintGenotypes(o);
  if (m.shards.empty()) return;
  if (o.shard >= m.shards.size()) {
    throw Error(ErrorId::kBadArgument, fmt::format("the artifact has {} shards", m.shards.size()))
        .Field("--shard")
        .Value(std::to_string(o.shard));
  }
  InspectH5(JoinPath(o.path, m.shards[ShardToShow(o, m.shards)].name), o);
}

void InspectFolder(InspectOptions o) {
  const std::string manifest = JoinPath(o.path, layout::kManifestFile);
  if (FileExists(manifest)) return InspectArtifact(o, manifest);
  // Variants as quality control left them, before those of the store.
  if (!o.table.empty() && !o.chooses()) {
    if (const std::string table = ResultTable(o.path, o.table); !table.empty()) {
      return InspectResult(table, o);
    }
  }
  if (ShowsGenotypes(o)) {
    const bool lists = o.table.empty() && !o.selects();
    if (!lists || !ListResults(o.path)) PrintGenotypes(o);
    return;
  }
  const std::string artifact = ArtifactNamed(o.path, o.table);
  if (artifact.empty()) {
    const std::string names = NamesIn(o.path);
    throw Error(ErrorId::kBadArgument, "no such table in this folder")
        .InFile(o.path)
        .Value(o.table)
        .Remedy(names.empty() ? "give the output or the work folder of a run"
                              : "there are " + names);
  }
  o.path = artifact;
  o.table.clear();
  o.ids = false;
  InspectFolder(std::move(o));
}

void InspectFile(const InspectOptions& o) {
  const FileHandle file = FileHandle::OpenRead(o.path);
  char head[4] = {};
  const std::string_view magic(head, file.Read(head, sizeof head));
  if (magic == "\x89HDF") {
    if (!H5Reader(o.path).Has(layout::kDosage)) return InspectH5(o.path, o);
    if (o.table.empty() && !o.selects()) ListContents(H5Reader(o.path), "/", 0);
    return ShowsGenotypes(o) ? PrintGenotypes(o) : InspectH5(o.path, o);
  }
  // A name of genotypes promises some: no text would be a table of them.
  const bool genotypes = HasGenotypeName(o.path) || FindGenotypeFormat(o.path) != nullptr;
  if (genotypes) SniffGenotypes(o.path);
  if (!ShowsGenotypes(o)) {
    throw Error(ErrorId::kBadArgument, "no such table in this file")
        .InFile(o.path)
        .Value(o.table)
        .Remedy(genotypes ? "genotypes have the tables dosage and variants"
                          : "a text file is one table: leave out --table");
  }
  if (genotypes || o.selects() || !o.table.empty()) return PrintGenotypes(o);
  PrintText(o);
}

/// Choices that a table would not follow are refused.
void RequireGenotypesToChoose(const InspectOptions& o) {
  if (!o.chooses() || ShowsGenotypes(o)) return;
  throw Error(ErrorId::kBadArgument,
              "--regions, --variants, --exclude and --samples choose genotypes, and this table has "
              "none")
      .Field("--table")
      .Value(o.table)
      .Remedy("leave them out (--first and --rows choose rows), or ask for dosage or variants");
}

ExitCode Inspect(InspectOptions o) {
  if (!o.table.empty() && o.table.front() == '/') o.table.erase(0, 1);
  RequireGenotypesToChoose(o);
  if (IsFolder(o.path)) {
    InspectFolder(o);
  } else {
    InspectFile(o);
  }
  return ExitCode::kOk;
}

}  // namespace

void AddInspectCommand(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("inspect", "print any artifact, result or genotypes as a table");
  command->group("Look and check");
  auto o = std::make_shared<InspectOptions>();
  command
      ->add_option("PATH", o->path,
                   "output or work folder, artifact folder, .h5 file, genotype file or table")
      ->required();
  command->add_option(
      "--table", o->table,
      "which table: dosage, variants, estimates ...; of a run's folder also an artifact by its "
      "stage: counts, family:joint ...");
  command->add_flag("--list", o->list, "every group and dataset of an HDF5 file or artifact");
  command->add_option("--regions,--region", o->regions, "genotypes of 20:1000-200000,X")
      ->check(RegionList());
  command->add_option("--variants", o->variants,
                      "genotypes of these ids: separated by commas, or a file with one a line");
  command->add_option("--exclude", o->exclude, "not those of these ids, given as for --variants");
  command->add_option("--samples", o->samples,
                      "columns of genotypes: a number of people (8), their rows (5-9), or a file "
                      "with one id a line");
  command->add_option("--field", o->field, "auto, GT, DS, GP or HDS")
      ->check(CLI::IsMember({"auto", "GT", "DS", "GP", "HDS"}));
  command->add_option("--build", o->build, "GRCh37 or GRCh38, if the file does not say")
      ->check(CLI::IsMember({"GRCh37", "GRCh38"}));
  AddBgenFlags(*command, o->sample_file, o->bgen_ref);
  command->add_flag("--ids", o->ids, "people by id instead of row number");
  command->add_option("--first", o->first, "first row, from 0")->capture_default_str();
  command->add_option("--rows", o->rows, "rows (20; of a selection all)");
  command->add_option("--shard", o->shard, "which shard of an artifact without dosages")
      ->capture_default_str();
  command->callback([&action, o] { action = [o] { return Inspect(*o); }; });
}

}  // namespace kinflow
