#include "stages/formats/genotype_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/bcf_reader.h"
#include "stages/formats/bed_files.h"
#include "stages/formats/genome_build.h"
#include "stages/formats/indexed_read.h"
#include "stages/formats/pgen_dosage.h"
#include "stages/formats/pgen_files.h"
#include "stages/formats/plink_files.h"
#include "stages/formats/vcf_reader.h"

namespace kinflow {
namespace {

constexpr std::array<DosageField, 4> kPreference = {DosageField::kDs, DosageField::kHds,
                                                    DosageField::kGp, DosageField::kGt};

/// Counts in how many records each field stands, and in how many it or GT. `wanted` is the field
/// asked for by name, or auto.
class FieldCounter {
 public:
  explicit FieldCounter(std::string_view wanted) : wanted_(wanted) {}
  template <class Ids>
  void Record(const Ids& ids) {
    ++records_;
    const auto has = [&](DosageField field) {
      return std::find(ids.begin(), ids.end(), FieldName(field)) != ids.end();
    };
    const bool call = has(DosageField::kGt);
    for (size_t i = 0; i < kPreference.size(); ++i) {
      const bool here = has(kPreference[i]);
      counts_[i] += here;
      readable_[i] += here || call;
    }
  }
  /// Whether to look at another one behind the records so far.
  bool WantsMore(const VcfHeader& header, uint64_t bytes) const {
    if (records_ < kProbeRecords && bytes < kProbeBytes) return true;
    return records_ < kProbeDeclared * kProbeRecords && bytes < kProbeDeclared * kProbeBytes &&
           LacksDeclared(header);
  }
  /// `whole`: there is no record behind those counted.
  void Report(const VcfHeader& header, bool whole, FileFacts& facts) const {
    facts.probed_records = records_;
    std::vector<DosageField> beside_calls;
    for (size_t i = 0; i < kPreference.size(); ++i) {
      const DosageField field = kPreference[i];
      const bool here = records_ > 0 ? counts_[i] == records_ : header.HasFormat(FieldName(field));
      if (field == DosageField::kGt) {
        facts.fields.insert(facts.fields.end(), beside_calls.begin(), beside_calls.end());
      }
      if (here) facts.fields.push_back(field);
      if (here || field == DosageField::kGt) continue;
      if (counts_[i] == 0) {
        const bool later = !whole && readable_[i] == records_ && header.HasFormat(FieldName(field));
        if (later) facts.declared.push_back(field);
        continue;
      }
      (readable_[i] == records_ ? beside_calls : facts.some).push_back(field);
    }
  }

 private:
  /// True if a field is declared that would be preferred to all that records had, or is wanted and
  /// none had.
  bool LacksDeclared(const VcfHeader& header) const {
    for (size_t i = 0; i < kPreference.size() && kPreference[i] != DosageField::kGt; ++i) {
      if (wanted_ != "auto" && FieldName(kPreference[i]) != wanted_) continue;
      if (counts_[i] > 0) return false;
      if (header.HasFormat(FieldName(kPreference[i]))) return true;
    }
    return false;
  }

  std::string_view wanted_;
  uint64_t records_ = 0;
  std::array<uint64_t, kPreference.size()> counts_{}, readable_{};
};

void ReportBuild(const VcfHeader& header, FileFacts& facts) {
  facts.build = BuildOfContigs(header.contigs, facts.build_evidence);
  if (!facts.build.empty()) return;
  for (const auto& text : {header.build_text, header.reference}) {
    const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
    const bool b37 = has("GRCh37") || has("b37") || has("hg19") || has("hs37");
    const bool b38 = has("GRCh38") || has("b38") || has("hg38") || has("hs38");
    if (b37 == b38) continue;
    facts.build = b37 ? "GRCh37" : "GRCh38";
    facts.build_evidence = BaseName(text);
    return;
  }
}

void ReportHeader(const VcfHeader& header, const BgzfReader& reader, FileFacts& facts) {
  facts.container = reader.container();
  facts.bytes = reader.file_bytes();
  facts.samples = header.samples;
  facts.contigs = header.contigs;
  ReportBuild(header, facts);
}

bool FitsGrid(const FileFacts& file, const FormatEntry& format, const DosagePlan& plan) {
  const auto source = format.open(file.path, plan, {}, std::make_shared<VariantOrder>());
  ScanShape shape;
  shape.tile_records = 16;
  source->Shape(shape);
  const auto raw = source->NewRawBlock();
  DosageTile tile;
  try {
    uint64_t records = 0, values = 0;
    // About eight bytes of text a value.
    while (records < kProbeRecords && values < kProbeBytes / 8 && source->Read(*raw)) {
      source->Decode(*raw, tile);
      records += tile.rows();
      values += tile.rows() * file.samples->size();
    }
  } catch (const Error& error) {
    if (error.id() == ErrorId::kOffGrid) return false;
    throw;
  }
  return true;
}

bool Among(const std::vector<DosageField>& fields, DosageField field) {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

std::vector<uint32_t> GridsToTry(const std::vector<FileFacts>& files, DosageField field) {
  uint32_t finest = 0;
  bool all_seen = true;
  for (const auto& file : files) {
    finest = std::max(finest, file.units);
    all_seen &= !Among(file.declared, field);
  }
  if (finest > 0) return {finest};
  // Of values that are yet to come the decimals are not known: more of them fit the finer grid.
  return all_seen ? std::vector<uint32_t>{1000, 10'000, 255} : std::vector<uint32_t>{10'000, 255};
}

// The one grid that all files keep dosages on by themselves; 0 = theirs is found by reading.
uint32_t NativeUnits(const std::vector<FileFacts>& files) {
  for (const auto& file : files) {
    if (file.native_units == files.front().native_units) continue;
    throw Error(ErrorId::kFieldsDiffer, "dosages are kept in another way than in the first file")
        .InFile(file.path)
        .Field("input.genotypes")
        .Remedy("give files of one format (plink2 converts VCF, BGEN and .pgen)");
  }
  return files.front().native_units;
}

void CheckNativeUnits(uint32_t native, const GenotypeOptions& options) {
  const std::string units = fmt::format("{}", native);
  if ((options.units == "auto" || options.units == units) && !options.compact) return;
  throw Error(ErrorId::kConfigRange,
              fmt::format("the format keeps dosages with {} units per allele copy", units))
      .Field(options.compact ? "dosage.precision" : "dosage.units")
      .Value(options.compact ? "compact" : options.units)
      .Remedy("leave dosage.units and dosage.precision at their defaults for this input");
}

}  // namespace

FileFacts ProbeBed(const std::string& path, const GenotypeOptions& options) {
  FileFacts facts;
  facts.path = path;
  facts.format = GenotypeFormat::kBed;
  facts.bytes = StampOf(path).size;
  // Order across files is checked when they are opened.
  VariantOrder order;
  const BedFiles files = BedFiles::Open(path, options.max_allele, order);
  facts.samples = files.samples;
  facts.variants = facts.records = files.variants.size();
  facts.companions = PlinkFiles::Beside(path).tables();
  for (const auto& name : files.variants.chrom_names()) facts.contigs.push_back({name, 0});
  facts.fields = {DosageField::kHardCalls};
  return facts;
}

FileFacts ProbePgen(const std::string& path, const GenotypeOptions& options) {
  FileFacts facts;
  facts.path = path;
  facts.format = GenotypeFormat::kPgen;
  facts.bytes = StampOf(path).size;
  VariantOrder order;
  const PgenFiles files = PgenFiles::Open(path, options.max_allele, order);
  facts.samples = files.samples;
  facts.variants = facts.records = files.variants.rows.size();
  facts.companions = PlinkFiles::Beside(path).tables();
  if (!files.index.index_file().empty()) facts.companions.push_back(files.index.index_file());
  facts.native_units = kPgenUnits;
  for (const auto& name : files.variants.rows.chrom_names()) facts.contigs.push_back({name, 0});
  // The header has all record types: no record needs to be looked at.
  facts.fields = {DosageField::kHardCalls, DosageField::kDs};
  if (files.index.has_dosages()) std::swap(facts.fields[0], facts.fields[1]);
  ReportBuild(files.variants.header, facts);
  return facts;
}

namespace {

std::string FaultOfIndex(const std::string& path, const BgzfReader& file, uint64_t header_bytes,
                         const std::vector<std::string>& contigs) {
  const auto index = FindVariantIndex(path);
  const bool bgzf = file.container() == Container::kBgzf;
  return index ? IndexFault(*index, path, bgzf, header_bytes, contigs) : "";
}

}  // namespace

FileFacts ProbeVcf(const std::string& path, const GenotypeOptions& options) {
  FileFacts facts;
  facts.path = path;
  facts.format = GenotypeFormat::kVcf;
  VcfReader reader(path, options.max_allele);
  ReportHeader(reader.header(), reader.stream().reader(), facts);
  facts.index_fault = FaultOfIndex(path, reader.stream().reader(), reader.header_bytes(), {});
  FieldCounter counter(options.field);
  VcfLine line;
  std::string_view chrom;
  uint64_t bytes = 0;
  bool more = true;
  while (counter.WantsMore(reader.header(), bytes) && (more = reader.Peek(line, chrom))) {
    bytes += static_cast<uint64_t>(line.end - line.begin);
    // Columns 5 to 8 follow ALT: QUAL, FILTER, INFO, FORMAT.
    std::string_view rest(line.begin + line.qual,
                          static_cast<size_t>(line.end - line.begin) - line.qual - 1);
    for (int c = 0; c < 3; ++c) rest.remove_prefix(std::min(rest.size(), rest.find('\t') + 1));
    counter.Record(Split(rest.substr(0, rest.find('\t')), ':'));
    reader.Take(line);
  }
  counter.Report(reader.header(), !more, facts);
  return facts;
}

FileFacts ProbeBcf(const std::string& path, const GenotypeOptions& options) {
  FileFacts facts;
  facts.path = path;
  facts.format = GenotypeFormat::kBcf;
  BcfReader reader(path);
  const VcfHeader& header = reader.header();
  ReportHeader(header, reader.stream().reader(), facts);
  facts.index_fault =
      FaultOfIndex(path, reader.stream().reader(), reader.header_bytes(), header.ContigNames());
  FieldCounter counter(options.field);
  BcfRecord record;
  std::string_view chrom;
  uint64_t bytes = 0;
  bool more = true;
  while (counter.WantsMore(header, bytes) && (more = reader.Peek(record, chrom))) {
    bytes += record.individual_bytes;
    std::vector<std::string_view> ids;
    BcfCursor in(record.individual, record.individual_bytes);
    while (in.left() > 0) {
      const int32_t key = in.GetInt();
      const auto typed = in.GetTyped();
      in.Take(uint64_t{header.samples->size()} * typed.n * typed.width());
      if (in.bad() || key < 0 || static_cast<size_t>(key) >= header.dictionary.size()) break;
      ids.push_back(header.dictionary[static_cast<size_t>(key)]);
    }
    counter.Record(ids);
    reader.Take(record);
  }
  counter.Report(header, !more, facts);
  return facts;
}

namespace {

// Calls of a .bed or .pgen are its GT.
bool HasCalls(const FileFacts& file) { return Among(file.fields, DosageField::kHardCalls); }

/// What to do if `file` cannot be read from the field that was asked for, or that others have.
std::string OtherField(const std::vector<FileFacts>& files) {
  const auto all = [&](const auto& holds) {
    return std::all_of(files.begin(), files.end(), holds);
  };
  for (const DosageField field : kPreference) {
    if (!all([&](const FileFacts& file) {
          return Among(file.fields, field) || (field == DosageField::kGt && HasCalls(file));
        })) {
      continue;
    }
    if (files.size() == 1) return fmt::format("set input.field to {}, or auto", FieldName(field));
    return fmt::format("set input.field to {}, which all files have, or leave the file out",
                       FieldName(field));
  }
  return files.size() == 1 ? "give a file with GT, DS, GP or HDS"
                           : "leave the file out: there is no field that all files have";
}

}  // namespace

DosageField ChooseField(const std::vector<FileFacts>& files, const std::string& wanted) {
  const FileFacts& first = files.front();
  if (wanted == "GT" && std::all_of(files.begin(), files.end(), HasCalls)) {
    return DosageField::kHardCalls;
  }
  for (const auto& file : files) {
    if (wanted == "auto" || (wanted == "GT" && HasCalls(file))) continue;
    const auto* field = std::find_if(kPreference.begin(), kPreference.end(),
                                     [&](DosageField f) { return FieldName(f) == wanted; });
    if (field == kPreference.end()) {
      throw Error(ErrorId::kBadArgument, "not a dosage field")
          .Field("input.field")
          .Value(wanted)
          .Remedy("use auto, GT, DS, GP or HDS");
    }
    if (!Among(file.fields, *field) && !Among(file.declared, *field)) {
      throw Error(ErrorId::kFieldAbsent,
                  Among(file.some, *field)
                      ? fmt::format("some of the first records have neither {} nor GT", wanted)
                      : fmt::format("the file has no {}", wanted))
          .InFile(file.path)
          .Field(wanted)
          .Remedy(OtherField(files));
    }
    if (&file == &files.back()) return *field;
  }
  for (const auto& file : files) {
    if (file.fields.empty()) {
      throw Error(ErrorId::kFieldAbsent, "no field of GT, DS, GP, HDS stands in all first records")
          .InFile(file.path)
          .Field("FORMAT")
          .Remedy(
              file.some.empty()
                  ? "give a file with genotypes or dosages"
                  : "give a file whose records all have dosages, or at least GT where they do not");
    }
    if (file.fields[0] != first.fields[0]) {
      throw Error(ErrorId::kFieldsDiffer,
                  fmt::format("dosages would be read from {}, in the first file from {}",
                              FieldName(file.fields[0]), FieldName(first.fields[0])))
          .InFile(file.path)
          .Field("input.field")
          .Remedy(OtherField(files));
    }
  }
  return first.fields[0];
}

void ChooseUnits(const std::vector<FileFacts>& files, const GenotypeOptions& options,
                 DosagePlan& plan) {
  const auto rounded = [&](uint32_t units) {
    plan.units = units;
    plan.error_bound = 0.5 / units;
  };
  // Beyond the first records there may be GP of text that do not sum to 1: their parts lie on no
  // grid.
  const bool are_parts = plan.field == DosageField::kGp &&
                         std::all_of(files.begin(), files.end(),
                                     [](const FileFacts& file) { return file.units == 0; });
  plan.units = 1;
  plan.error_bound = 0;
  if (plan.field == DosageField::kGt || plan.field == DosageField::kHardCalls) return;
  if (const uint32_t native = NativeUnits(files); native > 0) {
    CheckNativeUnits(native, options);
    plan.units = native;
    return;
  }
  if (options.units != "auto") {
    const auto units = ParseUint(options.units);
    if (!units || *units < 1 || *units > 32'767) {
      throw Error(ErrorId::kConfigRange,
                  "units per allele copy are a number from 1 to 32767, or auto")
          .Field("dosage.units")
          .Value(options.units);
    }
    plan.units = static_cast<uint32_t>(*units);
    if (plan.units == kRoundedUnits || are_parts) rounded(plan.units);
    return;
  }
  if (options.compact) return rounded(127);
  for (const uint32_t units : GridsToTry(files, plan.field)) {
    if (units == kRoundedUnits) break;
    plan.units = units;
    if (std::all_of(files.begin(), files.end(), [&](const FileFacts& file) {
          return FitsGrid(file, SniffGenotypes(file.path), plan);
        })) {
      if (are_parts) rounded(units);
      return;
    }
  }
  rounded(kRoundedUnits);
}

}  // namespace kinflow
