#include "stages/formats/index_builder.h"

#include <fcntl.h>
#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>

#include <filesystem>
#include <memory>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/bgzf_reader.h"

namespace kinflow {
namespace {

constexpr int kMinShift = 14, kLevels = 6;  // CSI bins of 2^14 to 2^32 bases

struct Close {
  void operator()(BGZF* p) const { bgzf_close(p); }
  void operator()(htsFile* p) const { hts_close(p); }
  void operator()(bcf_hdr_t* p) const { bcf_hdr_destroy(p); }
  void operator()(bcf1_t* p) const { bcf_destroy(p); }
  void operator()(hts_idx_t* p) const { hts_idx_destroy(p); }
  void operator()(tbx_t* p) const { tbx_destroy(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Close>;

Error CannotIndex(const std::string& path) {
  return Error(ErrorId::kMalformed, "the file cannot be indexed")
      .InFile(path)
      .Remedy("it is not sorted, or damaged: bcftools sort, or copy it again from its source");
}

/// The file as htslib reads it, if it is what it should be.
hFILE* Open(const FileHandle& file, htsExactFormat wanted) {
  const int fd = ::fcntl(file.fd(), F_DUPFD_CLOEXEC, 0);
  hFILE* stream = fd < 0 ? nullptr : hdopen(fd, "r");
  if (stream == nullptr) throw SystemError(errno, ErrorId::kUnreadableFile, "read", file.path());
  htsFormat format;
  if (hts_detect_format2(stream, nullptr, &format) != 0 || format.format != wanted) {
    hclose_abruptly(stream);
    throw CannotIndex(file.path());
  }
  return stream;
}

Owned<tbx_t> IndexVcf(const FileHandle& file) {
  hFILE* stream = Open(file, ::vcf);
  const Owned<BGZF> bgzf(bgzf_hopen(stream, "r"));
  if (!bgzf) {
    hclose_abruptly(stream);
    throw CannotIndex(file.path());
  }
  Owned<tbx_t> index(tbx_index(bgzf.get(), 0, &tbx_conf_vcf));
  if (!index) throw CannotIndex(file.path());
  return index;
}

Owned<hts_idx_t> IndexBcf(const FileHandle& file) {
  hFILE* stream = Open(file, ::bcf);
  const Owned<htsFile> in(hts_hopen(stream, file.path().c_str(), "r"));
  if (!in) {
    hclose_abruptly(stream);
    throw CannotIndex(file.path());
  }
  const Owned<bcf_hdr_t> header(bcf_hdr_read(in.get()));
  const Owned<bcf1_t> record(bcf_init());
  if (!header || !record) throw CannotIndex(file.path());
  BGZF* bgzf = in->fp.bgzf;
  Owned<hts_idx_t> index(hts_idx_init(header->n[BCF_DT_CTG], HTS_FMT_CSI,
                                      static_cast<uint64_t>(bgzf_tell(bgzf)), kMinShift, kLevels));
  if (!index) throw CannotIndex(file.path());
  int rc = 0;
  while ((rc = bcf_read(in.get(), header.get(), record.get())) >= 0) {
    if (hts_idx_push(index.get(), record->rid, record->pos, record->pos + record->rlen,
                     static_cast<uint64_t>(bgzf_tell(bgzf)), 1) < 0) {
      throw CannotIndex(file.path());
    }
  }
  if (rc != -1 || hts_idx_finish(index.get(), static_cast<uint64_t>(bgzf_tell(bgzf))) != 0) {
    throw CannotIndex(file.path());
  }
  return index;
}

void Save(const hts_idx_t* index, const std::string& path, const std::string& final_name, int fmt) {
  const std::string partial = PartialName(final_name);
  try {
    FileHandle::CreateNew(partial).Close();  // private from the first byte
    if (hts_idx_save_as(index, path.c_str(), partial.c_str(), fmt) != 0) {
      throw Error(ErrorId::kWriteFailed, "the index could not be written").InFile(final_name);
    }
    SyncFile(partial);
    PublishFile(partial, final_name);
  } catch (...) {
    RemoveFile(partial);
    throw;
  }
}

}  // namespace

std::string VariantIndexPath(const std::string& path, bool bcf) {
  return path + (bcf ? ".csi" : ".tbi");
}

void BuildVariantIndex(const std::string& path, bool bcf) {
  if (BgzfReader(path).container() != Container::kBgzf) {
    throw Error(ErrorId::kFormatUnknown, "only files compressed with bgzip can be indexed")
        .InFile(path)
        .Remedy(
            "a VCF: compress it first (bgzip FILE, or bcftools view -Oz); a .bed or .pgen needs no "
            "index");
  }
  const FileHandle file = FileHandle::OpenRead(path);
  // An absolute name cannot be taken for an address.
  const std::string whole = std::filesystem::absolute(path).string();
  hts_set_log_level(HTS_LOG_OFF);
  if (bcf) {
    Save(IndexBcf(file).get(), whole, VariantIndexPath(whole, true), HTS_FMT_CSI);
  } else {
    Save(IndexVcf(file)->idx, whole, VariantIndexPath(whole, false), HTS_FMT_TBI);
  }
}

}  // namespace kinflow
