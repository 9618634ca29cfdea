#include "stages/formats/plink_files.h"

#include <fmt/format.h>

#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

std::string Find(const std::string& genotypes, const std::string& base,
                 const std::vector<std::string>& endings) {
  for (const auto& ending : endings) {
    if (FileExists(base + ending)) return Rereadable(base + ending);
  }
  throw Error(ErrorId::kCompanionMissing, fmt::format("{} is missing", BaseName(base + endings[0])))
      .InFile(genotypes)
      .Value(base + endings[0])
      .Remedy(endings[0] == ".pvar" || endings[0] == ".psam"
                  ? "put the .pvar (or .pvar.zst, .bim) and .psam (or .fam) beside the .pgen, all "
                    "three under one name"
                  : "put the .bim and .fam beside the .bed, all three under one name");
}

}  // namespace

PlinkFiles PlinkFiles::Beside(const std::string& genotypes) {
  if (genotypes.ends_with(".pgen")) {
    const std::string base = genotypes.substr(0, genotypes.size() - 5);
    return {Find(genotypes, base, {".pvar", ".pvar.zst", ".bim", ".bim.zst"}),
            Find(genotypes, base, {".psam", ".fam"})};
  }
  const bool named = genotypes.size() > 4 && genotypes.ends_with(".bed");
  const std::string base = named ? genotypes.substr(0, genotypes.size() - 4) : genotypes;
  return {Find(genotypes, base, {".bim"}), Find(genotypes, base, {".fam"})};
}

std::string PlinkEnding(const std::string& path) {
  std::string name = BaseName(path);
  if (name.ends_with(".zst")) name.resize(name.size() - 4);
  const size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(dot + 1);
}

}  // namespace kinflow
