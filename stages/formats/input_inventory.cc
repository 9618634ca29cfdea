#include "stages/formats/input_inventory.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <limits>
#include <span>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/checksum_file.h"
#include "stages/formats/plink_files.h"
#include "stages/formats/variant_index.h"

namespace kinflow {
namespace {

std::string FormatText(const FileFacts& file) {
  std::string text(FormatName(file.format));
  if (!file.detail.empty()) text += " " + file.detail;
  if (file.container == Container::kGzip) text += " (gzip)";
  if (file.container == Container::kBgzf) text += " (BGZF)";
  return text;
}

void VerifyChecksum(InputInfo& info, const ChecksumKnown& known) {
  const auto stated = FindChecksum(info.path);
  if (!stated) return;
  const std::string_view kind = ChecksumName(stated->kind);
  if (info.bytes_to_read < info.bytes) {
    info.checksum = fmt::format("{} not verified", kind);
    return;
  }
  if (!known || !known(info.path, stated->digest)) {
    const std::string found = ChecksumOfFile(info.path, stated->kind);
    if (found != stated->digest) {
      throw Error(ErrorId::kChecksumMismatch,
                  fmt::format("the {} of the file is {}, another one is stated", kind, found))
          .InFile(info.path)
          .Field(BaseName(stated->source))
          .Value(stated->digest)
          .Remedy("copy the file again from its source; if the checksum file is old, remove it");
    }
  }
  info.checksum = fmt::format("verified {}", kind);
  info.completeness = "checksum";
}

InputInfo Basics(const std::string& path, const DigestOf& digest_of,
                 const std::vector<ByteRange>& ranges = {}) {
  InputInfo info;
  info.path = path;
  info.bytes = StampOf(path).size;
  info.bytes_to_read = ranges.empty() ? info.bytes : BytesOf(ranges);
  info.digest = !ranges.empty() ? HashRanges(path, ranges)
                : digest_of     ? digest_of(path)
                                : HashFile(path);
  info.completeness = "not verifiable";
  return info;
}

void WarnOfAge(InputInfo& info) {
  if (info.index.empty() || !OlderThanItsFile(info.index, info.path)) return;
  info.warnings.push_back(fmt::format("index {} is older than its file", BaseName(info.index)));
}

/// An index that cannot be the file's own (`fault`) tells nothing of its records.
void LookAtIndex(InputInfo& info, const std::string& fault) {
  const auto index = FindVariantIndex(info.path);
  if (!index) return;
  info.index = index->path;
  if (!fault.empty()) {
    info.warnings.push_back(
        fmt::format("the index is of another version of the file and is not used ({}): build it "
                    "again (bcftools index -f)",
                    fault));
    return;
  }
  if (index->counts_known) {
    info.index_records = index->total();
    info.completeness =
        info.bytes_to_read < info.bytes ? "index, of chromosomes read whole" : "index";
  }
  WarnOfAge(info);
}

}  // namespace

Digest HashRanges(const std::string& path, const std::vector<ByteRange>& ranges) {
  constexpr uint64_t kPartBytes = 16 << 20;  // hashed by one thread
  const FileHandle file = FileHandle::OpenRead(path);
  std::vector<ByteRange> cut;
  for (ByteRange range : ranges) {
    for (; range.end - range.begin > kPartBytes; range.begin += kPartBytes) {
      cut.push_back({range.begin, range.begin + kPartBytes});
    }
    cut.push_back(range);
  }
  std::vector<std::span<const ByteRange>> parts;
  for (size_t begin = 0, end = 0; begin < cut.size(); begin = end) {
    for (uint64_t bytes = 0; end < cut.size() && bytes < kPartBytes; ++end) {
      bytes += cut[end].end - cut[end].begin;
    }
    parts.push_back(std::span(cut).subspan(begin, end - begin));
  }
  std::vector<Digest> digests(parts.size());
  oneapi::tbb::parallel_for(size_t{0}, parts.size(), [&](size_t i) {
    Hasher hasher;
    std::vector<char> buffer(128 << 10);
    for (const ByteRange& range : parts[i]) {
      hasher.AddField(range.begin);
      hasher.AddField(range.end);
      for (uint64_t at = range.begin; at < range.end;) {
        const size_t n = std::min<uint64_t>(buffer.size(), range.end - at);
        file.ReadAt(buffer.data(), n, at);
        hasher.Add(buffer.data(), n);
        at += n;
      }
    }
    digests[i] = hasher.Finish();
  });
  Hasher all;
  for (const Digest& digest : digests) all.Add(&digest, sizeof digest);
  return all.Finish();
}

std::vector<InputInfo> TakeInventory(const GenotypePlan& plan, const DigestOf& digest_of,
                                     const ChecksumKnown& checksum_known) {
  std::vector<InputInfo> inputs;
  for (const auto& file : plan.files) {
    InputInfo info = Basics(file.path, digest_of, file.ranges);
    info.reads_all_because = file.reads_all_because;
    info.format = FormatText(file);
    info.field = FieldName(plan.dosage.field);
    info.units = plan.dosage.units;
    info.error_bound = plan.dosage.error_bound;
    info.build = file.build;
    info.build_evidence = file.build_evidence;
    if (file.records) {
      info.completeness = file.format == GenotypeFormat::kBed    ? "size"
                          : file.format == GenotypeFormat::kPgen ? "index"
                                                                 : "header";
      info.index_records = file.records;
      info.index = file.index;
      WarnOfAge(info);
    } else {
      LookAtIndex(info, file.index_fault);
    }
    const std::string counted = info.completeness;
    VerifyChecksum(info, checksum_known);
    if (info.completeness == "not verifiable") {
      info.warnings.push_back(
          fmt::format("completeness not verifiable: no index{}, no checksum file",
                      info.index.empty() ? "" : " that counts its records"));
    }
    inputs.push_back(std::move(info));
    for (const std::string& path : file.companions) {
      const auto same = [&](const InputInfo& other) { return other.path == path; };
      if (std::any_of(inputs.begin(), inputs.end(), same)) continue;  // one .sample of many files
      InputInfo companion = Basics(path, digest_of);
      companion.format = PlinkEnding(path);
      companion.completeness = counted;  // its lines are compared with the genotypes
      VerifyChecksum(companion, checksum_known);
      inputs.push_back(std::move(companion));
    }
  }
  return inputs;
}

InputInfo DescribeTable(const std::string& path, const std::string& format,
                        const DigestOf& digest_of, const ChecksumKnown& checksum_known) {
  InputInfo info = Basics(path, digest_of);
  info.format = format;
  VerifyChecksum(info, checksum_known);
  return info;
}

void CheckStatedChecksum(const std::string& path) {
  InputInfo info;
  info.path = path;
  VerifyChecksum(info, {});
}

Table InventoryTable(const std::vector<InputInfo>& inputs) {
  Table::Strings path, format, digest, field, index, checksum, completeness, build, evidence, batch;
  Table::Ints bytes, to_read, units, records;
  Table::Doubles bound;
  const auto or_na = [](const std::string& text) { return text.empty() ? "NA" : text; };
  for (const auto& info : inputs) {
    path.push_back(info.path);
    format.push_back(info.format);
    bytes.push_back(static_cast<int64_t>(info.bytes));
    to_read.push_back(static_cast<int64_t>(info.bytes_to_read));
    digest.push_back(info.digest.Hex());
    field.push_back(or_na(info.field));
    units.push_back(info.field.empty() ? Table::kMissingInt : info.units);
    bound.push_back(info.field.empty() ? std::numeric_limits<double>::quiet_NaN()
                                       : info.error_bound);
    index.push_back(or_na(info.index));
    records.push_back(info.index_records ? static_cast<int64_t>(*info.index_records)
                                         : Table::kMissingInt);
    checksum.push_back(or_na(info.checksum));
    completeness.push_back(info.completeness);
    build.push_back(or_na(info.build));
    evidence.push_back(or_na(info.build_evidence));
    batch.push_back(or_na(info.batch));
  }
  Table table;
  table.Add("FILE", path);
  table.Add("FORMAT", format);
  table.Add("BYTES", bytes);
  table.Add("BYTES_TO_READ", to_read);
  table.Add("DIGEST", digest);
  table.Add("FIELD", field);
  table.Add("UNITS", units);
  table.Add("ERROR_BOUND", bound);
  table.Add("INDEX", index);
  table.Add("RECORDS", records);
  table.Add("CHECKSUM", checksum);
  table.Add("COMPLETENESS", completeness);
  table.Add("BUILD", build);
  table.Add("BUILD_EVIDENCE", evidence);
  table.Add("BATCH", batch);
  return table;
}

}  // namespace kinflow
