#include "stages/formats/bgen_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/text.h"
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

/// Tells of pieces in any order whether they lie one behind the other from one byte to another:
/// then each end but the last is a beginning. Both are compared as sums of hashes.
class Tiling {
 public:
  void Add(uint64_t begin, uint64_t end) { sum_ += HashOf(begin) - HashOf(end); }
  bool Fills(uint64_t begin, uint64_t end) const { return sum_ == HashOf(begin) - HashOf(end); }

 private:
  static uint64_t HashOf(uint64_t byte) {
    return HashBytes({reinterpret_cast<const char*>(&byte), sizeof byte}).low;
  }
  uint64_t sum_ = 0;
};

// Columns of kSelect.
enum IndexColumn { kAlleles, kOffset, kBytes, kPosition, kChromosome, kRsid, kAllele1, kAllele2 };
constexpr const char* kSelect =
    "SELECT number_of_alleles, file_start_position, size_in_bytes, position, chromosome, rsid, "
    "allele1, allele2 FROM Variant";

/// Of a variant with several ALTs bgenix keeps no more than two alleles: `second` is left out
/// there.
uint32_t HashOfNames(uint16_t n_alt, std::string_view rsid, std::string_view first,
                     std::string_view second) {
  const std::string_view other = n_alt == 1 ? second : std::string_view();
  return static_cast<uint32_t>(HashBytes(fmt::format("{}\n{}\n{}", rsid, first, other)).low);
}

BgenIndexEntry EntryOf(const SqliteStatement& row, const std::string& bgen, uint64_t number) {
  const int64_t alleles = row.Integer(kAlleles), offset = row.Integer(kOffset),
                bytes = row.Integer(kBytes), pos = row.Integer(kPosition);
  if (alleles < 2 || alleles > UINT16_MAX || offset < 0 || bytes < 1 || bytes > UINT32_MAX ||
      pos < 0 || pos > UINT32_MAX) {
    throw Impossible(bgen, number);
  }
  BgenIndexEntry entry;
  entry.offset = static_cast<uint64_t>(offset);
  entry.bytes = static_cast<uint32_t>(bytes);
  entry.pos = static_cast<uint32_t>(pos);
  entry.n_alt = static_cast<uint16_t>(alleles - 1);
  entry.names =
      HashOfNames(entry.n_alt, row.Bytes(kRsid), row.Bytes(kAllele1), row.Bytes(kAllele2));
  return entry;
}

/// What a right index would say of a variant of the file.
BgenIndexEntry EntryOf(const BgenVariant& variant, uint64_t offset) {
  BgenIndexEntry entry;
  entry.offset = offset;
  entry.bytes = static_cast<uint32_t>(variant.bytes());
  entry.pos = variant.pos;
  entry.n_alt = static_cast<uint16_t>(variant.n_alt());
  entry.names = HashOfNames(entry.n_alt, variant.rsid, variant.alleles[0], variant.alleles[1]);
  return entry;
}

void CheckPlaces(const std::string& bgen, const BgenHeader& header, uint64_t bytes, uint64_t end,
                 const Tiling& tiling) {
  if (header.variants == 0) return;
  if (end != bytes) {
    throw Stale(bgen,
                fmt::format("the last variant of the index ends at byte {} of {}", end, bytes));
  }
  if (!tiling.Fills(header.first_variant, bytes)) {
    throw Stale(bgen, "the variants of the index overlap, or leave parts of the file out");
  }
}

/// Gives `take` each entry with its row, in no order, and checks them against the file; returns how
/// many rows of tiles they are.
template <class Take>
uint64_t WalkIndex(const std::string& bgen, const BgenHeader& header, Take take) {
  SqliteFile file = OpenIndex(bgen);
  const uint64_t bytes = StampOf(bgen).size;
  CheckMetadata(file, bgen, bytes);
  uint64_t variants = 0, rows = 0, end = 0;
  Tiling tiling;
  auto row = file.Prepare(kSelect);
  // Counted here and not in SQL: the pages of a damaged file may go round in circles.
  while (row.Step()) {
    if (++variants > header.variants) break;
    const BgenIndexEntry entry = EntryOf(row, bgen, variants);
    rows += entry.n_alt;
    end = std::max(end, entry.offset + entry.bytes);
    tiling.Add(entry.offset, entry.offset + entry.bytes);
    take(entry, row);
  }
  if (variants != header.variants) {
    throw Stale(bgen, fmt::format("the index has {} variants, the header of the file counts {}",
                                  variants > header.variants ? "more" : fmt::to_string(variants),
                                  header.variants));
  }
  CheckPlaces(bgen, header, bytes, end, tiling);
  return rows;
}

}  // namespace

std::string BgenIndexPath(const std::string& bgen) { return bgen + ".bgi"; }

std::optional<BgenIndexSummary> CheckBgenIndex(const std::string& bgen, const BgenHeader& header) {
  if (!FileExists(BgenIndexPath(bgen))) return std::nullopt;
  BgenIndexSummary summary{BgenIndexPath(bgen), 0, {}};
  summary.rows = WalkIndex(bgen, header, [&](const auto& entry, const SqliteStatement& row) {
    summary.sum.Add(entry, row.Bytes(kChromosome));
  });
  return summary;
}

BgenIndex ReadBgenIndex(const std::string& bgen, const BgenHeader& header, bool with_ids) {
  BgenIndex index;
  std::unordered_map<std::string, uint16_t> codes;
  index.rows = WalkIndex(bgen, header, [&](BgenIndexEntry entry, const SqliteStatement& row) {
    const auto [it, added] =
        codes.try_emplace(std::string(row.Bytes(kChromosome)), static_cast<uint16_t>(codes.size()));
    if (added) index.chroms.push_back(it->first);
    if (codes.size() > UINT16_MAX) throw Impossible(bgen, index.entries.size() + 1);
    entry.chrom = it->second;
    entry.id = static_cast<uint32_t>(index.entries.size());
    index.entries.push_back(entry);
    if (with_ids) index.ids.emplace_back(row.Bytes(kRsid));
  });
  std::sort(index.entries.begin(), index.entries.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });
  return index;
}

bool BgenIndex::Describes(const BgenIndexEntry& entry, const BgenVariant& variant) const {
  return variant.bytes() == entry.bytes && variant.n_alt() == entry.n_alt &&
         variant.pos == entry.pos && variant.chrom == chroms[entry.chrom] &&
         entry.names == EntryOf(variant, entry.offset).names;
}

void BgenVariantSum::Add(const BgenIndexEntry& entry, std::string_view chrom) {
  const std::array<uint64_t, 4> fields = {entry.offset, uint64_t{entry.bytes} << 32 | entry.pos,
                                          uint64_t{entry.names} << 16 | entry.n_alt,
                                          HashBytes(chrom).low};
  sum_ += HashBytes({reinterpret_cast<const char*>(fields.data()), sizeof fields}).low;
}

void BgenVariantSum::Add(const BgenVariant& variant, uint64_t offset) {
  Add(EntryOf(variant, offset), variant.chrom);
}

std::vector<size_t> EntriesAround(const BgenIndex& index, const RegionSet& regions) {
  const auto& entries = index.entries;
  std::vector<size_t> around;
  for (size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    const uint16_t chrom = entries[begin].chrom;
    while (end < entries.size() && entries[end].chrom == chrom) ++end;
    around.push_back(begin);
    around.push_back(end - 1);
    const auto behind = [&](uint64_t pos) {  // the first entry of the chromosome behind it
      const auto it =
          std::partition_point(entries.begin() + static_cast<std::ptrdiff_t>(begin),
                               entries.begin() + static_cast<std::ptrdiff_t>(end),
                               [pos](const BgenIndexEntry& entry) { return entry.pos <= pos; });
      return static_cast<size_t>(it - entries.begin());
    };
    for (const Interval& wanted : regions.Of(NormaliseChrom(index.chroms[chrom]))) {
      const size_t first = wanted.begin == 0 ? begin : behind(wanted.begin - 1);
      if (first > begin) around.push_back(first - 1);
      if (const size_t next = behind(wanted.end); next < end) around.push_back(next);
    }
  }
  std::sort(around.begin(), around.end());
  around.erase(std::unique(around.begin(), around.end()), around.end());
  return around;
}

Error WrongBgenEntry(const std::string& bgen, uint64_t entry) {
  return Error(ErrorId::kRecordCount, "the index points to something else than this variant")
      .InFile(BgenIndexPath(bgen))
      .AtRecord(entry)
      .Remedy(RemedyFor(bgen));
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
