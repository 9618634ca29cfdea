#include "stages/export/export.h"

#include <array>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/export/export_sink.h"

namespace kinflow {
namespace {

/// One format: the seam for new ones.
struct ExportEntry {
  const char* name;
  std::array<const char*, 3> endings;  // of its files; null: no more
  std::unique_ptr<ExportSink> (*make)(const SampleTable&, const DosageEncoding&,
                                      const ExportOptions&);
};

constexpr std::array<ExportEntry, 3> kFormats = {{
    {"vcf", {".vcf.gz", ".vcf.gz.tbi", ".vcf.gz.csi"}, &MakeVcfSink},
    {"bcf", {".bcf", ".bcf.csi", nullptr}, &MakeBcfSink},
    {"bed", {".bed", ".bim", ".fam"}, &MakeBedSink},
}};

const ExportEntry& EntryOf(const std::string& name) {
  for (const auto& entry : kFormats) {
    if (name == entry.name) return entry;
  }
  throw Error(ErrorId::kBadArgument, "no such format to export to").Value(name);
}

}  // namespace

std::vector<std::string> ExportFormats() {
  std::vector<std::string> names;
  for (const auto& entry : kFormats) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> ExportFiles(const ExportOptions& options) {
  std::vector<std::string> files;
  for (const char* ending : EntryOf(options.format).endings) {
    if (ending != nullptr) files.push_back(options.prefix + ending);
  }
  return files;
}

ExportReport Export(GenotypeSource& source, const ExportOptions& options, const ScanContext& scan) {
  if (!(options.hard_call_threshold >= 0 && options.hard_call_threshold < 0.5)) {
    throw Error(ErrorId::kBadArgument, "the hard-call threshold lies from 0 to below 0.5 alleles")
        .Field("--hard-call-threshold");
  }
  MakeFolders(FolderOf(options.prefix));
  const auto sink = EntryOf(options.format).make(*source.samples(), source.encoding(), options);
  RunScan(source, {sink.get()}, scan);
  return sink->Report();
}

}  // namespace kinflow
