#include "pipeline/app/explain_counts.h"

#include <fmt/format.h>

#include "pipeline/app/run_record.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/number.h"
#include "pipeline/store/artifact_store.h"
#include "stages/qc/variant_counts.h"

namespace kinflow {
namespace {

struct Called {
  uint64_t people = 0, called = 0;
  double copies = 0;  // of ALT, among them
};

Called CalledOf(const VariantCounts& counts, const StratumCounts& stratum, size_t i) {
  const CallCounts& calls = stratum.calls[i];
  if (!counts.has_dosages) {
    return {calls.total(), calls.called(), static_cast<double>(calls.het + 2 * calls.hom_alt)};
  }
  const DosageSums& dosages = stratum.dosages[i];
  return {calls.total(), dosages.called, static_cast<double>(dosages.sum) / counts.units};
}

std::string TextOf(const VariantTable& variants, const VariantCounts& counts, size_t i) {
  const Called founders = CalledOf(counts, counts.founders, i);
  const Called others = CalledOf(counts, counts.others, i);
  const uint64_t people = founders.people + others.people;
  const uint64_t called = founders.called + others.called;
  std::string text =
      fmt::format("  genotypes as read, {} {} {}: {} of {} people, {} missing", variants.id(i),
                  variants.ref(i), variants.alt(i), called, people, people - called);
  const bool two_copies = counts.sex_row[i] == VariantCounts::kNoSexRow;
  if (two_copies && founders.called > 0) {
    text +=
        fmt::format("; frequency of ALT {} in {} {}",
                    FormatDouble(founders.copies / (2.0 * static_cast<double>(founders.called)), 6),
                    founders.called, others.people == 0 ? "people" : "founders");
  }
  return text + "\n";
}

}  // namespace

std::string CountsOf(const std::function<bool(const VariantTable&, size_t)>& wanted,
                     const std::string& output) {
  const auto keys = RecordedKeys(output);
  const auto key = keys.find("counts");
  const std::string work = FindWorkFolder(output);
  if (key == keys.end() || work.empty()) return "";
  const ArtifactStore store(work);
  const auto manifest = store.Find("counts", key->second);
  std::string text;
  for (size_t s = 0; manifest && s < manifest->shards.size(); ++s) {
    const H5Reader file = store.Open(*manifest, s);
    if (!file.Has("/variants")) continue;
    const VariantTable variants = file.ReadVariants("/variants");
    VariantCounts counts;
    for (size_t i = 0; i < variants.size(); ++i) {
      if (!wanted(variants, i)) continue;
      if (counts.size() == 0) counts = VariantCounts::Read(file);
      text += TextOf(variants, counts, i);
    }
  }
  return text;
}

}  // namespace kinflow
