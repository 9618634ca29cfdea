#include "pipeline/app/kinship_flags.h"

#include <fmt/format.h>

namespace kinflow {

void KinshipFlags::AddTo(CLI::App& command) {
  command.add_option("--min-kinship", min_kinship,
                     "pairs below it are left out unless the pedigree relates them (0.0442)");
  command.add_option("--maf", maf, "smallest minor allele frequency in founders (0.01; 0 = off)")
      ->check(CLI::Range(0.0, 0.5));
  command.add_option("--call-rate", call_rate, "smallest share of people called (0.95; 0 = off)")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--prune", prune_r2,
                  "of two variants with a larger r2 in founders one is dropped (0.2; 0 = off)")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--prune-window", prune_window_kb, "distance of compared variants, kb (1000)")
      ->check(CLI::Range(1, 100000));
  command.add_flag("--keep-high-ld", keep_high_ld,
                   "use variants in regions of long-range linkage disequilibrium too");
}

std::vector<std::string> KinshipFlags::Overrides() const {
  std::vector<std::string> own = {"kinship.compute=true"};
  const auto add = [&own](const char* key, const auto& value) {
    if (value) own.push_back(fmt::format("kinship.{}={}", key, *value));
  };
  add("min_kinship", min_kinship);
  add("variants.maf", maf);
  add("variants.call_rate", call_rate);
  add("variants.prune_r2", prune_r2);
  add("variants.prune_window_kb", prune_window_kb);
  if (keep_high_ld) own.emplace_back("kinship.variants.high_ld=keep");
  return own;
}

}  // namespace kinflow
