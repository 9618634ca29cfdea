#include "stages/writers/indexed_file.h"

#include <htslib/tbx.h>
#include <htslib/vcf.h>
#include <unistd.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {

std::vector<std::string> PublishIndexed(BgzfWriter& file, const std::string& path, IndexKind kind) {
  const bool tabix = kind == IndexKind::kTabix;
  const std::string index_path = path + (tabix ? ".tbi" : ".csi");
  file.Close();
  const std::string index = PartialName(index_path);
  // Made here so that it is private from the first byte; htslib then opens and fills it.
  FileHandle::CreateNew(index).Close();
  const char* data = file.partial().c_str();
  const int failed = tabix ? tbx_index_build3(data, index.c_str(), 0, 0, &tbx_conf_vcf)
                           : bcf_index_build3(data, index.c_str(), 14, 0);
  try {
    if (failed != 0) {
      throw Error(ErrorId::kWriteFailed, "the index could not be built").InFile(index_path);
    }
    SyncFile(index);
    file.Publish();
    RemoveFile(path + (tabix ? ".csi" : ".tbi"));
    PublishFile(index, index_path);
  } catch (...) {
    ::unlink(index.c_str());
    throw;
  }
  return {path, index_path};
}

}  // namespace kinflow
