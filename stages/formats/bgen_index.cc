#include "stages/formats/bgen_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/bgen_reader.h"
#include "stages/formats/sqlite_file.h"

namespace kinflow {
namespace {

constexpr size_t kFirstBytes = 1000;

std::string RemedyFor(const std::string& bgen) {
  return fmt::format("build it again: kinflow index {}", bgen);
}

std::string FirstBytes(const std::string& path) {
  const FileHandle file = FileHandle::OpenRead(path);
  std::string bytes(std::min<uint64_t>(kFirstBytes, file.Size()), '\0');
  file.ReadAt(bytes.data(), bytes.size(), 0);
  return bytes;
}

Error Stale(const std::string& bgen, std::string what) {
  return Error(ErrorId::kRecordCount, std::move(what))
      .InFile(BgenIndexPath(bgen))
      .Field(BaseName(bgen))
      .Remedy(fmt::format("the index is of another version of the file, or the file was cut: "
                          "compare with the original; if the file is right, {}",
                          RemedyFor(bgen)));
}

Error Impossible(const std::string& bgen, uint64_t entry) {
  return Error(ErrorId::kMalformed, "impossible entry in the index")
      .InFile(BgenIndexPath(bgen))
      .AtRecord(entry)
      .Remedy(RemedyFor(bgen));
}

SqliteFile OpenIndex(const std::string& bgen) {
  SqliteFile file = SqliteFile::OpenRead(BgenIndexPath(bgen), RemedyFor(bgen));
  if (!file.HasTable("Variant")) {
    throw Error(ErrorId::kMalformed, "the index has no table Variant")
        .InFile(BgenIndexPath(bgen))
        .Remedy(RemedyFor(bgen));
  }
  return file;
}

/// Indexes of early bgenix have no Metadata; their variants are compared with the file all the
/// same.
void CheckMetadata(SqliteFile& file, const std::string& bgen, uint64_t bytes) {
  if (!file.HasTable("Metadata")) return;
  auto row = file.Prepare("SELECT file_size, first_1000_bytes FROM Metadata");
  if (!row.Step()) return;
  if (const auto stated = static_cast<uint64_t>(row.Integer(0)); stated != bytes) {
    throw Stale(bgen,
                fmt::format("the index is of a file of {} bytes, this one has {}", stated, bytes));
  }
  if (row.Bytes(1) != FirstBytes(bgen)) {
    throw Stale(bgen, "the index is of a file with other first bytes");
  }
}

}  // namespace

std::string BgenIndexPath(const std::string& bgen) { return bgen + ".bgi"; }

std::optional<BgenIndexSummary> CheckBgenIndex(const std::string& bgen, uint64_t variants) {
  if (!FileExists(BgenIndexPath(bgen))) return std::nullopt;
  SqliteFile file = OpenIndex(bgen);
  const uint64_t bytes = StampOf(bgen).size;
  CheckMetadata(file, bgen, bytes);
  BgenIndexSummary summary{BgenIndexPath(bgen), 0, 0};
  uint64_t end = 0;
  auto row =
      file.Prepare("SELECT number_of_alleles, file_start_position, size_in_bytes FROM Variant");
  // Counted here and not in SQL: the pages of a damaged file may go round in circles.
  while (summary.variants <= variants && row.Step()) {
    ++summary.variants;
    const int64_t alleles = row.Integer(0);
    if (alleles < 2 || alleles > UINT16_MAX) throw Impossible(bgen, summary.variants);
    summary.rows += static_cast<uint64_t>(alleles) - 1;
    end = std::max(end,
                   static_cast<uint64_t>(row.Integer(1)) + static_cast<uint64_t>(row.Integer(2)));
  }
  if (summary.variants != variants) {
    throw Stale(bgen,
                fmt::format("the index has {} variants, the header of the file counts {}",
                            summary.variants > variants ? "more" : fmt::to_string(summary.variants),
                            variants));
  }
  if (variants > 0 && end != bytes) {
    throw Stale(bgen,
                fmt::format("the last variant of the index ends at byte {} of {}", end, bytes));
  }
  return summary;
}

BgenIndex ReadBgenIndex(const std::string& bgen, uint64_t variants, bool with_ids) {
  SqliteFile file = OpenIndex(bgen);
  BgenIndex index;
  std::unordered_map<std::string, uint16_t> codes;
  auto row = file.Prepare(
      "SELECT chromosome, number_of_alleles, file_start_position, size_in_bytes, position, rsid "
      "FROM Variant");
  while (row.Step()) {
    const int64_t alleles = row.Integer(1), offset = row.Integer(2), bytes = row.Integer(3),
                  pos = row.Integer(4);
    const auto [it, added] =
        codes.try_emplace(std::string(row.Bytes(0)), static_cast<uint16_t>(codes.size()));
    if (added) index.chroms.push_back(it->first);
    if (alleles < 2 || alleles > UINT16_MAX || offset < 0 || bytes < 1 || bytes > UINT32_MAX ||
        pos < 0 || pos > UINT32_MAX || codes.size() > UINT16_MAX ||
        index.entries.size() == variants) {
      throw Impossible(bgen, index.entries.size() + 1);
    }
    index.entries.push_back({static_cast<uint64_t>(offset), static_cast<uint32_t>(bytes),
                             it->second, static_cast<uint16_t>(alleles - 1),
                             static_cast<uint32_t>(pos),
                             static_cast<uint32_t>(index.entries.size())});
    if (with_ids) index.ids.emplace_back(row.Bytes(5));
  }
  std::sort(index.entries.begin(), index.entries.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });
  return index;
}

namespace {

void WriteMetadata(SqliteFile& file, const std::string& bgen) {
  const FileStamp stamp = StampOf(bgen);
  const std::string first = FirstBytes(bgen), name = BaseName(bgen);
  file.Run(
      "CREATE TABLE Metadata (filename TEXT NOT NULL, file_size INT NOT NULL, "
      "last_write_time INT NOT NULL, first_1000_bytes BLOB NOT NULL, "
      "index_creation_time INT NOT NULL)");
  auto insert = file.Prepare("INSERT INTO Metadata VALUES (?, ?, ?, ?, ?)");
  insert.BindText(0, name);
  insert.Bind(1, static_cast<int64_t>(stamp.size));
  insert.Bind(2, stamp.mtime_ns / 1'000'000'000);
  insert.BindBlob(3, first);
  insert.Bind(4, std::time(nullptr));
  insert.Step();
}

uint64_t WriteVariants(SqliteFile& file, const std::string& bgen, uint64_t max_allele) {
  file.Run(
      "CREATE TABLE Variant (chromosome TEXT NOT NULL, position INT NOT NULL, "
      "rsid TEXT NOT NULL, number_of_alleles INT NOT NULL, allele1 TEXT NOT NULL, "
      "allele2 TEXT NULL, file_start_position INT NOT NULL, size_in_bytes INT NOT NULL, "
      "PRIMARY KEY (chromosome, position, rsid, allele1, allele2, file_start_position)) "
      "WITHOUT ROWID");
  BgenReader reader(bgen, max_allele);
  BgenVariant variant;
  auto insert = file.Prepare("INSERT INTO Variant VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  while (reader.Peek(variant)) {
    insert.BindText(0, variant.chrom);
    insert.Bind(1, variant.pos);
    insert.BindText(2, variant.rsid);
    insert.Bind(3, static_cast<int64_t>(variant.alleles.size()));
    insert.BindText(4, variant.alleles[0]);
    insert.BindText(5, variant.alleles[1]);
    insert.Bind(6, static_cast<int64_t>(reader.offset()));
    insert.Bind(7, static_cast<int64_t>(variant.bytes()));
    insert.Step();
    insert.Reset();
    reader.Skip(variant);
  }
  return reader.record();
}

}  // namespace

uint64_t BuildBgenIndex(const std::string& bgen, uint64_t max_allele) {
  const std::string partial = PartialName(BgenIndexPath(bgen));
  try {
    SqliteFile file = SqliteFile::CreateNew(partial);
    file.Run("BEGIN");
    WriteMetadata(file, bgen);
    const uint64_t variants = WriteVariants(file, bgen, max_allele);
    file.Run("COMMIT");
    file.Close();
    SyncFile(partial);
    PublishFile(partial, BgenIndexPath(bgen));
    return variants;
  } catch (...) {
    RemoveFile(partial);
    throw;
  }
}

}  // namespace kinflow
