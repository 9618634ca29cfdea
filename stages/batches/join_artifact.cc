#include "stages/batches/join_artifact.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/data/sites_table.h"

namespace kinflow {
namespace {

std::string Of(const char* group, size_t batch) { return fmt::format("/{}/{}", group, batch); }

Error Damaged(const H5Reader& file) {
  return Error(ErrorId::kShardDamaged, "the columns of a join differ in length")
      .InFile(file.path())
      .Remedy("run `kinflow verify` on the work folder");
}

}  // namespace

void WriteJoinPiece(const JoinPiece& piece, H5Writer& file) {
  file.Attribute("/", "chrom", piece.chrom);
  file.WriteVariants("/variants", piece.variants);
  for (size_t b = 0; b < piece.rows.size(); ++b) {
    file.Write(Of("rows", b), std::span<const uint64_t>(piece.rows[b]));
    file.Write(Of("swapped", b), std::span<const uint8_t>(piece.swapped[b]));
    file.Write(Of("alt_freq", b), std::span<const double>(piece.alt_freq[b]));
  }
  file.WriteVariants("/left_out/variants", piece.left_out);
  file.Write("/left_out/batch", std::span<const uint32_t>(piece.left_out_of));
  file.Write("/left_out/reason", std::span<const uint8_t>(piece.reason));
  file.Write("/left_out/other", std::span<const uint32_t>(piece.other));
}

JoinPiece ReadJoinPiece(const H5Reader& file, size_t batches, bool with_report) {
  JoinPiece piece;
  piece.chrom = file.AttributeText("/", "chrom");
  piece.variants = file.ReadVariants("/variants");
  const size_t n = piece.variants.size();
  for (size_t b = 0; b < batches; ++b) {
    piece.rows.push_back(file.ReadU64(Of("rows", b)));
    piece.swapped.push_back(file.ReadU8(Of("swapped", b)));
    if (piece.rows[b].size() != n || piece.swapped[b].size() != n) throw Damaged(file);
    if (!with_report) continue;
    piece.alt_freq.push_back(file.ReadF64(Of("alt_freq", b)));
    if (piece.alt_freq[b].size() != n) throw Damaged(file);
  }
  if (!with_report) return piece;
  piece.left_out = file.ReadVariants("/left_out/variants");
  piece.left_out_of = file.ReadU32("/left_out/batch");
  piece.reason = file.ReadU8("/left_out/reason");
  piece.other = file.ReadU32("/left_out/other");
  const size_t lost = piece.left_out.size();
  const auto in_range = [](const auto& codes, size_t end) {
    return std::all_of(codes.begin(), codes.end(), [end](auto code) { return code < end; });
  };
  if (piece.left_out_of.size() != lost || piece.reason.size() != lost ||
      piece.other.size() != lost || !in_range(piece.left_out_of, batches) ||
      !in_range(piece.other, batches) || !in_range(piece.reason, kLeftOutReasons)) {
    throw Damaged(file);
  }
  return piece;
}

size_t JoinPieces(const Manifest& join) {
  if (join.shards.empty()) throw Error(ErrorId::kInternal, "a join without its summary");
  return join.shards.size() - 1;
}

Table ReadBatchesTable(const ArtifactStore& store, const Manifest& join) {
  return store.Open(join, JoinPieces(join)).ReadTable("/batches");
}

void WriteBatchesLog(const ArtifactStore& store, const Manifest& join, const std::string& path) {
  const Table batches = ReadBatchesTable(store, join);
  const Table::Strings& names = batches.StringsOf("BATCH");
  TsvWriter out(path);
  for (size_t i = 0; i < JoinPieces(join); ++i) {
    const JoinPiece piece = ReadJoinPiece(store.Open(join, i), names.size(), true);
    Table table = SitesTable(piece.left_out);
    Table::Strings batch, reason, other;
    for (size_t r = 0; r < piece.reason.size(); ++r) {
      batch.push_back(names[piece.left_out_of[r]]);
      reason.emplace_back(LeftOutName(static_cast<LeftOut>(piece.reason[r])));
      other.push_back(names[piece.other[r]]);
    }
    table.Add("BATCH", std::move(batch));
    table.Add("REASON", std::move(reason));
    table.Add("OTHER_BATCH", std::move(other));
    out.Append(table);
  }
  out.Commit();
}

void WriteBatchFrequencies(const ArtifactStore& store, const Manifest& join,
                           const std::string& path) {
  const Table batches = ReadBatchesTable(store, join);
  const Table::Strings& names = batches.StringsOf("BATCH");
  TsvWriter out(path);
  for (size_t i = 0; i < JoinPieces(join); ++i) {
    JoinPiece piece = ReadJoinPiece(store.Open(join, i), names.size(), true);
    Table table = SitesTable(piece.variants);
    Table::Doubles gap;
    for (size_t r = 0; r < piece.variants.size(); ++r) {
      double least = std::numeric_limits<double>::quiet_NaN(), most = least;
      for (const auto& freq : piece.alt_freq) {
        least = std::fmin(least, freq[r]);
        most = std::fmax(most, freq[r]);
      }
      gap.push_back(most - least);
    }
    for (size_t b = 0; b < names.size(); ++b) {
      table.Add("AF_" + names[b], std::move(piece.alt_freq[b]));
    }
    table.Add("MAX_AF_DIFF", std::move(gap));
    out.Append(table);
  }
  out.Commit();
}

}  // namespace kinflow
