#include "stages/plates/left_by_qc.h"

#include "stages/qc/qc_artifacts.h"

namespace kinflow::plates {

LeftByQc::LeftByQc(const ArtifactStore& store, const StageKeys& keys, const std::string& variants,
                   const std::string& people) {
  if (people.empty()) {
    const Manifest qc = InputManifest(store, kQcKind, keys, variants);
    rows = PassingRows(store, qc);
    kept = KeptSamples(store, qc);
    return;
  }
  rows = PassingRows(store, InputManifest(store, kQcVariantsKind, keys, variants));
  kept = KeptSamples(store, InputManifest(store, kQcSamplesKind, keys, people));
}

}  // namespace kinflow::plates
