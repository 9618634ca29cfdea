#include "pipeline/app/work_folder.h"

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"

namespace kinflow {

void RequireWorkFolder(const std::string& folder) {
  constexpr const char* kRemedy =
      "give the folder named by resources.work (default: work); one-shot commands have OUT/work";
  if (!IsFolder(folder)) {
    throw Error(ErrorId::kMissingFile, "no such work folder").InFile(folder).Remedy(kRemedy);
  }
  if (!IsFolder(JoinPath(folder, layout::kArtifacts))) {
    throw Error(ErrorId::kNotAStore, "not a kinflow work folder: it has no artifacts/")
        .InFile(folder)
        .Remedy(kRemedy);
  }
}

}  // namespace kinflow
