#include "pipeline/store/verify.h"

#include <vector>

#include "pipeline/base/file.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_dataset.h"
#include "pipeline/store/h5_file.h"
#include "pipeline/store/h5_reader_impl.h"

namespace kinflow {
namespace {

void VerifyDataset(hid_t file, const std::string& file_name, const std::string& path,
                   VerifyDepth depth) {
  const h5::Opened data = h5::OpenDataset(file, file_name, path);
  const h5::Grid& g = data.grid;
  std::vector<uint8_t> stored, raw(depth == VerifyDepth::kContents ? g.chunk_bytes() : 0);
  for (uint64_t row = 0; row < g.rows; row += g.chunk_rows) {
    for (uint64_t column = 0; column < g.columns; column += g.chunk_columns) {
      h5::ReadStoredChunk(data, row, column, stored);
      if (stored.empty()) throw h5::ReadError("a chunk is missing", file_name, path);
      const bool fits = depth == VerifyDepth::kContents
                            ? DecodeChunk(stored, g.shuffle_bytes(), raw.data(), raw.size())
                            : ChunkChecksumFits(stored);
      if (!fits) throw h5::ReadError("a chunk does not fit its checksum", file_name, path);
    }
  }
}

// Deeper than any group that is written: links that lead back to a group end here.
constexpr int kMostLevels = 16;

void VerifyGroup(const H5Reader& reader, hid_t file, const std::string& group, VerifyDepth depth,
                 int levels = kMostLevels) {
  if (levels == 0) throw h5::ReadError("groups are nested too deep", reader.path(), group);
  for (const std::string& name : reader.List(group)) {
    const std::string path = JoinPath(group, name);
    if (reader.IsGroup(path)) {
      VerifyGroup(reader, file, path, depth, levels - 1);
    } else {
      VerifyDataset(file, reader.path(), path, depth);
    }
  }
}

}  // namespace

void VerifyH5File(const std::string& path, VerifyDepth depth) {
  const H5Reader reader(path);
  VerifyGroup(reader, reader.Handle().file.get(), "/", depth);
}

}  // namespace kinflow
