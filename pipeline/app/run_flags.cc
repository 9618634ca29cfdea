#include "pipeline/app/run_flags.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "stages/formats/region_set.h"

namespace kinflow {
namespace {

void Put(std::vector<std::string>& out, const char* key, const std::string& value) {
  // JSON quoting: YAML reads it back as exactly this text.
  if (!value.empty()) out.push_back(std::string(key) + "=" + nlohmann::json(value).dump());
}

}  // namespace

CLI::Validator KeyAndValue() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        const std::string key = "." + text.substr(0, text.find('=')) + ".";
        const bool fits = text.find('=') != text.npos && key.find("..") == key.npos;
        return fits ? "" : "'" + text + "' is not KEY=VALUE; write for example a.b=0.01";
      },
      "KEY=VALUE");
}

CLI::Validator RegionList() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        try {
          RegionSet::Parse(text);
          return "";
        } catch (const Error& error) {
          return fmt::format("'{}' is {}; {}", error.value(), error.message(), error.remedy());
        }
      },
      "");
}

void AddBgenFlags(CLI::App& command, std::string& sample_file, std::string& bgen_ref) {
  command.add_option("--sample-file", sample_file,
                     ".sample of BGEN files (default: FILE.sample or NAME.sample beside each)");
  command.add_option("--bgen-ref", bgen_ref, "allele of a BGEN variant that is REF: first or last")
      ->check(CLI::IsMember({"first", "last"}));
}

void RunFlags::AddTo(CLI::App& command) {
  command.add_option("--threads", threads,
                     "threads (default: what Slurm, cgroup and affinity allow)");
  command.add_option("--memory", memory,
                     "memory budget, for example 24G (default: 85 % of the limit)");
  command.add_option("--work", work, "work folder: artifacts that later runs reuse");
  command.add_option("--progress", progress, "auto, bar, plain, json or none")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "none"}));
  command.add_option("--log", log, "log file (default: OUT/kinflow.log)");
  command.add_option("--set", set, "override a config key: --set qc.variant.maf=0.01")
      ->expected(1)
      ->take_all()
      ->check(KeyAndValue());
  command.add_flag("--break-lock", break_lock, "take over the work folder of a run that is dead");
  command.add_flag("--quiet", quiet, "only warnings and errors on standard error");
}

std::vector<std::string> RunFlags::Overrides(const std::string& base) const {
  std::vector<std::string> out;
  const bool elsewhere = !base.empty() && base != "." && !work.empty();
  Put(out, "resources.threads", threads);
  Put(out, "resources.memory", memory);
  Put(out, "resources.work", elsewhere ? std::filesystem::absolute(work).string() : work);
  out.insert(out.end(), set.begin(), set.end());
  return out;
}

void GenotypeFlags::AddTo(CLI::App& command) {
  command
      .add_option("--geno", geno,
                  "genotypes: .bed, .pgen, .bgen, .vcf[.gz], .bcf, several, a pattern chr@.vcf.gz "
                  "or chr{1..22}.vcf.gz, or a dosage store folder")
      ->required()
      ->expected(1, -1);
  command.add_option("--out", out, "output folder; -: only the main table, to standard output")
      ->required();
  AddSelection(command);
}

void GenotypeFlags::AddSelection(CLI::App& command) {
  command.add_option("--field", field, "auto, GT, DS, GP or HDS")
      ->check(CLI::IsMember({"auto", "GT", "DS", "GP", "HDS"}));
  command.add_option("--build", build, "auto, GRCh37 or GRCh38")
      ->check(CLI::IsMember({"auto", "GRCh37", "GRCh38"}));
  command.add_option("--samples", samples,
                     "file with the samples to keep, IID or FID and IID a line");
  command.add_option("--variants", variants, "file with the variant ids to keep, one a line");
  command.add_option("--exclude", exclude,
                     "file with the variant ids to leave out, one a line, after --variants");
  command.add_option("--regions,--region", regions, "regions to keep: 1:1000-2000,X")
      ->check(RegionList());
  AddBgenFlags(command, sample_file, bgen_ref);
}

std::vector<std::string> GenotypeFlags::Overrides() const {
  std::vector<std::string> overrides;
  overrides.push_back("input.genotypes=" + nlohmann::json(geno).dump());
  Put(overrides, "input.field", field);
  Put(overrides, "input.build", build);
  Put(overrides, "input.sample_file", sample_file);
  Put(overrides, "input.bgen_ref", bgen_ref);
  Put(overrides, "input.samples", samples);
  Put(overrides, "input.variants", variants);
  Put(overrides, "input.exclude", exclude);
  Put(overrides, "input.regions", regions);
  Put(overrides, "output.folder", out);
  return overrides;
}

}  // namespace kinflow
