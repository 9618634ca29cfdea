#include "pipeline/app/version.h"

#include <fmt/format.h>
#include <htslib/hts.h>
#include <hwy/targets.h>
#include <libdeflate.h>
#include <oneapi/tbb/version.h>
#include <zlib.h>

#include "build_info.h"
#include "pipeline/store/h5_version.h"

namespace kinflow {

std::string VersionLine() {
  return fmt::format("kinflow {} (commit {})", KINFLOW_VERSION, KINFLOW_COMMIT);
}

std::string VersionReport() {
  std::string targets;
  for (int64_t bits = hwy::SupportedTargets(); bits != 0; bits &= bits - 1) {
    targets += fmt::format("{}{}", targets.empty() ? "" : " ", hwy::TargetName(bits & -bits));
  }
  return VersionLine() +
         fmt::format(
             "\n  compiler    {} {}\n  htslib      {} (local VCF and BCF only; no network, no "
             "plugins, no CRAM)\n  HDF5        {} (no plugins, no external links)\n  oneTBB      "
             "{}\n  zlib        {}\n  libdeflate  {}\n  CPU targets {}\n  licence     MIT\n",
             KINFLOW_COMPILER, KINFLOW_BUILD_TYPE, hts_version(), Hdf5Version(),
             TBB_runtime_version(), zlibVersion(), LIBDEFLATE_VERSION_STRING, targets);
}

}  // namespace kinflow
