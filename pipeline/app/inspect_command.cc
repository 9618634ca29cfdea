#include <fmt/format.h>

#include <algorithm>

#include "pipeline/app/command.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/store/artifact_store.h"
#include "stages/dosage/region.h"

namespace kinflow {
namespace {

struct InspectOptions {
  std::string path, what;
  uint64_t first = 0, rows = 20;
  uint32_t samples = 8;
};

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
  for (uint64_t n = 0; reader.Next(line) && n <= o.first + o.rows; ++n) {
    if (n == 0 || n > o.first) fmt::print("{}\n", line);
  }
}

/// Everything in an HDF5 file that can be shown, one line each.
void ListContents(const H5Reader& file, const std::string& group, int depth) {
  for (const auto& name : file.List(group)) {
    const std::string path = group == "/" ? "/" + name : group + "/" + name;
    fmt::print("{}{}\n", std::string(static_cast<size_t>(2 * depth), ' '), path);
    if (depth < 3 && file.IsGroup(path)) ListContents(file, path, depth + 1);
  }
}

ExitCode InspectH5(const std::string& path, const InspectOptions& o) {
  const H5Reader file(path);
  if (o.what.empty()) {
    ListContents(file, "/", 0);
    if (file.Has("/dosage")) PrintTable(ReadRegion(file, o.first, o.rows, o.samples), 0, o.rows);
    return ExitCode::kOk;
  }
  const std::string item = o.what.front() == '/' ? o.what : "/" + o.what;
  if (!file.Has(item)) {
    throw Error(ErrorId::kBadArgument, "no such table in this file")
        .InFile(path)
        .Value(o.what)
        .Remedy("`kinflow inspect` without --table lists what there is");
  }
  if (item == "/dosage") {
    PrintTable(ReadRegion(file, o.first, o.rows, o.samples), 0, o.rows);
  } else if (item == "/variants") {
    PrintTable(VariantsAsTable(file.ReadVariants(item)), o.first, o.rows);
  } else {
    PrintTable(file.ReadTable(item), o.first, o.rows);
  }
  return ExitCode::kOk;
}

ExitCode Inspect(const InspectOptions& o) {
  if (IsFolder(o.path)) {
    const std::string manifest_path = JoinPath(o.path, "manifest.json");
    if (!FileExists(manifest_path)) {
      throw Error(ErrorId::kNotAStore, "not a sealed artifact: it has no manifest.json")
          .InFile(o.path);
    }
    const Manifest m = Manifest::FromJson(ReadFile(manifest_path), manifest_path);
    fmt::print("stage {}, kind {}, version {}, key {}\n{} shards\n", m.stage, m.kind, m.version,
               m.key.Hex(), m.shards.size());
    if (m.shards.empty()) return ExitCode::kOk;
    return InspectH5(JoinPath(o.path, m.shards.front().name), o);
  }
  const FileHandle file = FileHandle::OpenRead(o.path);
  char magic[4] = {};
  if (file.Read(magic, 4) == 4 && std::string_view(magic, 4) == "\x89HDF")
    return InspectH5(o.path, o);
  PrintText(o);
  return ExitCode::kOk;
}

}  // namespace

void AddInspectCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("inspect", "print any artifact or result as a table");
  command->group("Look and check");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("PATH", options->path, "artifact folder, .h5 file or table")->required();
  command->add_option("--table", options->what, "which table: /dosage, /variants, /estimates ...");
  command->add_option("--first", options->first, "first row, from 0")->capture_default_str();
  command->add_option("--rows", options->rows, "rows")->capture_default_str();
  command->add_option("--samples", options->samples, "columns of a dosage region")
      ->capture_default_str();
  command->callback([&action, options] { action = [options] { return Inspect(*options); }; });
}

}  // namespace kinflow
