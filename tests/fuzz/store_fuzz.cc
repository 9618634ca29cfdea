// One HDF5 file, without the digest check that keeps damaged ones from the library.

#include <algorithm>
#include <optional>
#include <set>

#include "pipeline/base/file.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/verify.h"
#include "stages/formats/store_source.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

constexpr uint64_t kMostRows = 4096;  // read of one dataset by bands
constexpr int kMostDepth = 4;

// The first band of the last and the first person: what all of it, `wanted`, says of them.
void ReadChosen(const H5Reader& file, const std::string& path, const uint8_t* wanted,
                size_t stride) {
  DosageReader reader(file, path);
  const uint32_t last = reader.samples() - 1;
  reader.SelectSamples({last, 0});
  const size_t bytes = reader.encoding().RowBytes(1);
  std::vector<uint8_t> out(2 * bytes * reader.rows_per_chunk());
  DosageReader::RawBand band;
  reader.ReadBand(0, band);
  reader.Expand(band, out.data(), 2 * bytes);
  for (uint64_t row = 0; row < std::min<uint64_t>(reader.rows(), reader.rows_per_chunk()); ++row) {
    const uint8_t* all = wanted + row * stride;
    Require(std::equal(all + last * bytes, all + (last + 1) * bytes, &out[2 * row * bytes]) &&
                std::equal(all, all + bytes, &out[(2 * row + 1) * bytes]),
            "other dosages of chosen people");
  }
}

void ReadBands(const H5Reader& file, const std::string& path) {
  Accepts([&] {
    const DosageReader reader(file, path);
    const size_t stride = reader.encoding().RowBytes(reader.samples());
    if (stride * reader.rows_per_chunk() > (16u << 20)) return;
    std::vector<uint8_t> out(stride * reader.rows_per_chunk());
    DosageReader::RawBand band;
    for (uint64_t row = 0; row < std::min(reader.rows(), kMostRows);
         row += reader.rows_per_chunk()) {
      reader.ReadBand(row / reader.rows_per_chunk(), band);
      reader.Expand(band, out.data(), stride);
      if (row == 0 && reader.samples() > 1) ReadChosen(file, path, out.data(), stride);
    }
  });
}

// Every reading of every object: one that does not fit is refused.
void ReadObject(const H5Reader& file, const std::string& path) {
  size_t rows = 0, columns = 0;
  Accepts([&] { file.ReadU8(path); });
  Accepts([&] { file.ReadU16(path); });
  Accepts([&] { file.ReadU32(path); });
  Accepts([&] { file.ReadI64(path); });
  Accepts([&] { file.ReadU64(path); });
  Accepts([&] { file.ReadF32(path); });
  Accepts([&] { file.ReadF64(path); });
  Accepts([&] { file.ReadStrings(path); });
  Accepts([&] { file.ReadFactor(path); });
  Accepts([&] {
    Require(file.ReadMatrix(path, rows, columns).size() == rows * columns, "size of a matrix");
  });
  for (const char* name : {"units_per_copy", "rows", "format", "samples", "columns"}) {
    const bool read = Accepts([&] { file.AttributeInt(path, name); });
    Require(!read || file.HasAttribute(path, name), "an attribute that is read and not there");
    Accepts([&] { file.AttributeDouble(path, name); });
    Accepts([&] { file.AttributeText(path, name); });
  }
  ReadBands(file, path);
}

bool IsWritable(const Table& table) {
  std::set<std::string> names;
  size_t bytes = 0;
  for (size_t c = 0; c < table.columns(); ++c) {
    const std::string& name = table.name(c);
    bytes += name.size();
    if (name.find('\0') != std::string::npos || !names.insert(name).second) return false;
  }
  return table.columns() > 0 && table.columns() <= 64 && bytes <= 4096 && table.rows() <= kMostRows;
}

// A table as the store writes it, by columns and by records, is the same one when read.
void CheckWritten(InputFolder& folder, const Table& table) {
  if (!IsWritable(table)) return;
  const std::string path = folder.path() + "/again.h5";
  H5Writer writer(path);
  writer.WriteTable("/of/columns", table);
  writer.WriteRecords("/of/records", table);
  writer.Close();
  const H5Reader file(path);
  for (const char* name : {"/of/columns", "/of/records"}) {
    Require(file.IsTable(name), "a written table is none");
    const Table again = file.ReadTable(name);
    Require(again.columns() == table.columns() && again.rows() == table.rows(), "another table");
    for (size_t c = 0; c < table.columns(); ++c) {
      Require(again.name(c) == table.name(c), "another column");
      for (size_t r = 0; r < table.rows(); ++r) {
        Require(again.Cell(r, c) == table.Cell(r, c), "another cell of a written table");
      }
    }
  }
  RemoveFile(path);
}

void ReadAsTable(InputFolder& folder, const H5Reader& file, const std::string& path) {
  std::optional<Table> table;
  const bool is_table = file.IsTable(path);
  Accepts([&] { table = file.ReadTable(path); });
  Require(is_table || !table, "a table that is none");
  if (table) Require(Accepts([&] { CheckWritten(folder, *table); }), "a table is not written");
}

void Walk(InputFolder& folder, const H5Reader& file, const std::string& group, int depth) {
  std::vector<std::string> names;
  Accepts([&] { names = file.List(group); });
  ReadAsTable(folder, file, group);
  Accepts([&] { file.ReadVariants(group); });
  for (const auto& name : names) {
    const std::string path = JoinPath(group, name);
    bool is_group = false;
    Accepts([&] { is_group = file.IsGroup(path); });
    ReadObject(file, path);
    if (!is_group) ReadAsTable(folder, file, path);
    if (is_group && depth < kMostDepth) Walk(folder, file, path, depth + 1);
  }
}

// The file as the only shard of a dosage artifact whose manifest fits it.
void ReadAsArtifact(InputFolder& folder, std::string_view bytes) {
  ArtifactStore store(folder.path() + "/work");
  Manifest manifest;
  manifest.kind = "dosage";
  manifest.key = HashBytes("key");
  const std::string shard = store.FolderOf(manifest.kind, manifest.key) + "/shard-00000.h5";
  MakeFolders(FolderOf(shard));
  RemoveFile(shard);
  FileHandle file = FileHandle::CreateNew(shard);
  file.Write(bytes);
  file.Close();
  Accepts([&] {
    const H5Reader reader(shard);
    const DosageReader dosage(reader, "/dosage");
    if (dosage.samples() > 64 || dosage.rows() > kMostRows || dosage.rows() == 0) return;
    manifest.shards = {{"shard-00000.h5", HashFile(shard), bytes.size(), dosage.rows()}};
    std::vector<std::string> ids;
    for (uint32_t i = 0; i < dosage.samples(); ++i) ids.push_back("s" + std::to_string(i));
    StoreSource source(store, manifest, SampleTable::Build({}, ids, {}, shard));
    source.Shape({.tile_records = 3});
    const auto raw = source.NewRawBlock();
    DosageTile tile;
    uint64_t rows = 0;
    while (source.Read(*raw)) {
      source.Decode(*raw, tile);
      rows += tile.rows();
    }
    Require(rows == dosage.rows(), "rows of the store are missing");
  });
  RemoveTree(folder.path() + "/work");
}

}  // namespace

// HDF5 1.10 loses the header of a damaged object; LeakSanitizer asks this.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string path = folder.Write("x.h5", bytes);
  bool opens = false;
  Accepts([&] {
    const H5Reader file(path);
    opens = true;
    ReadObject(file, "/");
    Walk(folder, file, "/", 0);
  });
  const bool whole = Accepts([&] { VerifyH5File(path, VerifyDepth::kContents); });
  const bool checked = Accepts([&] { VerifyH5File(path, VerifyDepth::kChecksums); });
  Require(opens || !checked, "a file that does not open is verified");
  Require(checked || !whole, "contents without checksums");
  if (opens) ReadAsArtifact(folder, bytes);
  folder.RequireOnlyInputs();
  return 0;
}
