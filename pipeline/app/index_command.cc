#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/bgen_index.h"
#include "stages/formats/bgen_reader.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/index_builder.h"
#include "stages/formats/variant_index.h"

namespace kinflow {
namespace {

/// True if the index beside `path` is of this very file, as far as can be told without reading all.
bool HasGoodIndex(const std::string& path, const std::string& index, GenotypeFormat format,
                  uint64_t max_allele) {
  if (!FileExists(index)) return false;
  try {
    if (format == GenotypeFormat::kBgen) {
      return CheckBgenIndex(path, BgenReader(path, max_allele).header()).has_value();
    }
    return FindVariantIndex(path) && StampOf(index).mtime_ns >= StampOf(path).mtime_ns;
  } catch (const Error& error) {
    // What the other commands refuse is what this one is for; a fault of the file itself comes back
    // when it is read.
    return false;
  }
}

[[noreturn]] void RefuseFormat(const std::string& path, const FormatEntry& format) {
  const bool bed = format.format == GenotypeFormat::kBed;
  throw Error(ErrorId::kFormatUnknown, fmt::format("a .{} needs no index", format.name))
      .InFile(path)
      .Remedy(fmt::format("its {}: give a .bgen, .vcf.gz or .bcf",
                          bed ? "rows are of one size and are found without"
                              : "header says where its records lie"));
}

ExitCode Index(const std::string& path, bool force) {
  const FormatEntry& format = SniffGenotypes(path);
  const uint64_t max_allele = GenotypeOptions{}.max_allele;
  if (IsPlink(format.format)) RefuseFormat(path, format);
  const bool bgen = format.format == GenotypeFormat::kBgen;
  const bool bcf = format.format == GenotypeFormat::kBcf;
  const std::string index = bgen ? path + ".bgi" : VariantIndexPath(path, bcf);
  if (!force && HasGoodIndex(path, index, format.format, max_allele)) {
    fmt::print("{}: fits its file, left as it is (--force builds it again)\n", index);
    return ExitCode::kOk;
  }
  if (bgen) {
    fmt::print("{}: {} variants\n", index, BuildBgenIndex(path, max_allele));
  } else {
    BuildVariantIndex(path, bcf);
    fmt::print("{}: {} records\n", index, FindVariantIndex(path).value().total());
  }
  return ExitCode::kOk;
}

}  // namespace

void AddIndexCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "index", "build the index of a genotype file: .bgen -> .bgi, .vcf.gz -> .tbi, .bcf -> .csi");
  command->group("Look and check");
  struct Options {
    std::string path;
    bool force = false;
  };
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->path, "genotype file")->required();
  command->add_flag("--force", options->force, "even if there is an index that fits");
  command->callback(
      [&action, options] { action = [options] { return Index(options->path, options->force); }; });
}

}  // namespace kinflow
