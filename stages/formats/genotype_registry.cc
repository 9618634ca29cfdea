#include "stages/formats/genotype_registry.h"

#include <fmt/format.h>

#include <array>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/bcf_source.h"
#include "stages/formats/bed_source.h"
#include "stages/formats/bgen_source.h"
#include "stages/formats/bgzf_reader.h"
#include "stages/formats/genotype_probe.h"
#include "stages/formats/input_patterns.h"
#include "stages/formats/multi_file_source.h"
#include "stages/formats/pgen_source.h"
#include "stages/formats/vcf_source.h"

namespace kinflow {
namespace {

/// The first bytes as numbers, which is where binary formats are told.
std::string Magic(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes.substr(0, 3)) {
    out += fmt::format("{}{:02x}", out.empty() ? "bytes " : " ", static_cast<uint8_t>(byte));
  }
  return out;
}

bool HasPlinkMagic(std::string_view head) { return head.substr(0, 2) == "\x6c\x1b"; }
bool SniffPgen(std::string_view head) {
  return HasPlinkMagic(head) && head.size() > 2 && static_cast<uint8_t>(head[2]) > 1;
}
// A .pgen may hold a .bed: storage mode 1.
bool SniffBed(std::string_view head) { return HasPlinkMagic(head) && !SniffPgen(head); }
bool SniffVcf(std::string_view head) { return head.substr(0, 16) == "##fileformat=VCF"; }
bool SniffBcf(std::string_view head) { return head.substr(0, 4) == "BCF\2"; }
constexpr size_t kHeadBytes = 64;  // the whole header of a BGEN without its name

std::unique_ptr<FileSource> OpenBed(const std::string& path, const DosagePlan& plan,
                                    const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<BedSource>(path, plan.max_allele, choice, order);
}
std::unique_ptr<FileSource> OpenPgen(const std::string& path, const DosagePlan& plan,
                                     const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<PgenSource>(path, plan, choice, order);
}
std::unique_ptr<FileSource> OpenVcf(const std::string& path, const DosagePlan& plan,
                                    const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<VcfSource>(path, plan, choice, order);
}
std::unique_ptr<FileSource> OpenBcf(const std::string& path, const DosagePlan& plan,
                                    const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<BcfSource>(path, plan, choice, order);
}

std::unique_ptr<FileSource> OpenBgen(const std::string& path, const DosagePlan& plan,
                                     const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<BgenSource>(path, plan, choice, order);
}

const FormatEntry* FormatOf(std::string_view head) {
  for (const auto& format : GenotypeFormats()) {
    if (format.sniff(head)) return &format;
  }
  return nullptr;
}

/// The first bytes behind gzip and BGZF.
std::string UnpackedHead(const std::string& path) {
  BgzfReader reader(path);
  ByteBuffer head;
  while (head.size() < kHeadBytes && reader.Append(head, 256)) {
  }
  return {head.data(), std::min(head.size(), kHeadBytes)};
}

/// The first bytes as they lie in the file. A BGEN starts with a number that can look like gzip.
std::string RawHead(const std::string& path) {
  const FileHandle file = FileHandle::OpenRead(path);
  std::string head(kHeadBytes, '\0');
  size_t n = 0;
  while (n < head.size()) {
    const size_t more = file.Read(head.data() + n, head.size() - n);
    if (more == 0) break;
    n += more;
  }
  head.resize(n);
  return head;
}

size_t MissingIn(const SampleTable& table, const SampleTable& people) {
  return static_cast<size_t>(std::count_if(
      people.iids().begin(), people.iids().end(),
      [&](const std::string& iid) { return table.Find(iid) == SampleTable::kAbsent; }));
}

void CheckSamples(const std::vector<FileFacts>& files) {
  const SampleTable& first = *files.front().samples;
  for (const auto& file : files) {
    const SampleTable& other = *file.samples;
    if (first.iids() == other.iids()) continue;
    uint32_t row = 0;
    while (row < std::min(first.size(), other.size()) && first.iid(row) == other.iid(row)) ++row;
    const size_t lost = MissingIn(other, first), added = MissingIn(first, other);
    const std::string differs =
        lost == 0 && added == 0
            ? "the people of the first file in another order"
            : fmt::format(
                  "{} samples, the first file has {}: {} of that one are missing here, {} "
                  "are only here",
                  other.size(), first.size(), lost, added);
    throw Error(ErrorId::kSamplesDiffer,
                fmt::format("{}; sample {} is the first that differs", differs, row + 1))
        .InFile(file.path)
        .Remedy(
            "all files of an input need the same samples in the same order (bcftools view -S); "
            "files "
            "of other people are batches: input.batches of a config");
  }
}

/// What a choice of regions and ids spares of each file.
void PlanRanges(const GenotypeOptions& options, GenotypePlan& plan) {
  const auto wanted = [regions = options.choice.regions, ids = options.ids](const VariantTable& v,
                                                                            size_t row) {
    return (!regions || regions->Contains(v.chrom(row), v.pos(row))) &&
           (!ids || ids->contains(std::string(v.id(row))));
  };
  for (auto& file : plan.files) {
    const auto source = SniffGenotypes(file.path).open(file.path, plan.dosage, options.choice,
                                                       std::make_shared<VariantOrder>());
    source->SelectWhere(wanted);
    file.ranges = source->ranges();
    file.reads_all_because = file.ranges.empty() ? source->reads_all_because() : "";
  }
}

/// What is said about BGEN files needs one.
void CheckBgenOptions(const std::vector<FileFacts>& files, const BgenReading& bgen) {
  if (bgen.sample_file.empty() && !bgen.ref_last) return;
  const auto is_bgen = [](const FileFacts& f) { return f.format == GenotypeFormat::kBgen; };
  if (std::any_of(files.begin(), files.end(), is_bgen)) return;
  throw Error(ErrorId::kConfigRange, "this is for BGEN files, and none is given")
      .InFile(files.front().path)
      .Field(bgen.ref_last ? "input.bgen_ref" : "input.sample_file")
      .Value(bgen.ref_last ? "last" : bgen.sample_file)
      .Remedy("leave it out: the other formats name their samples and REF alleles themselves");
}

void CheckBuild(const std::vector<FileFacts>& files, const std::string& wanted) {
  std::string build = wanted;
  for (const auto& file : files) {
    if (file.build.empty()) continue;
    if (build.empty()) build = file.build;
    if (file.build == build) continue;
    throw Error(ErrorId::kBuildMismatch,
                fmt::format("the file is on {}, {} is {}", file.build,
                            wanted.empty() ? "the first file" : "input.build", build))
        .InFile(file.path)
        .Field("input.build")
        .Value(file.build_evidence)
        .Remedy("correct input.build, or give files of one genome build");
  }
}

}  // namespace

std::span<const FormatEntry> GenotypeFormats() {
  static const std::array<FormatEntry, 5> kFormats = {{
      {"bed", GenotypeFormat::kBed, {".bed"}, &SniffBed, &ProbeBed, &OpenBed},
      {"pgen", GenotypeFormat::kPgen, {".pgen"}, &SniffPgen, &ProbePgen, &OpenPgen},
      {"vcf",
       GenotypeFormat::kVcf,
       {".vcf", ".vcf.gz", ".vcf.bgz"},
       &SniffVcf,
       &ProbeVcf,
       &OpenVcf},
      {"bcf", GenotypeFormat::kBcf, {".bcf"}, &SniffBcf, &ProbeBcf, &OpenBcf},
      {"bgen", GenotypeFormat::kBgen, {".bgen"}, &LooksLikeBgen, &ProbeBgen, &OpenBgen},
  }};
  return kFormats;
}

const FormatEntry* FindGenotypeFormat(const std::string& path) {
  const FormatEntry* format = FormatOf(RawHead(Rereadable(path)));
  return format != nullptr ? format : FormatOf(UnpackedHead(path));
}

bool HasGenotypeName(const std::string& path) {
  for (const FormatEntry& format : GenotypeFormats()) {
    for (const std::string_view ending : format.extensions) {
      if (path.ends_with(ending)) return true;
    }
  }
  return false;
}

namespace {

/// What to give in place of a file that is none of genotypes.
std::string GenotypesInPlaceOf(const std::string& path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kCompanions = {
      {{".fam", ".bed"}, {".bim", ".bed"}, {".psam", ".pgen"}, {".pvar", ".pgen"}}};
  for (const auto& [companion, genotypes] : kCompanions) {
    if (!path.ends_with(companion)) continue;
    const std::string stem = path.substr(0, path.size() - companion.size());
    return "this goes with the genotypes: give " + BaseName(stem) + std::string(genotypes);
  }
  return kGiveGenotypes;
}

}  // namespace

const FormatEntry& SniffGenotypes(const std::string& path) {
  if (const FormatEntry* format = FindGenotypeFormat(path)) return *format;
  const std::string text = UnpackedHead(path);
  if (text.starts_with("\xEF\xBB\xBF##fileformat=VCF")) {
    throw Error(ErrorId::kFormatUnknown, "a byte order mark stands before the VCF")
        .InFile(path)
        .Remedy("no VCF has one: remove it (sed '1s/^\\xEF\\xBB\\xBF//')");
  }
  throw Error(ErrorId::kFormatUnknown, text.empty()
                                           ? "the file is empty"
                                           : "not a VCF, BCF, BGEN or PLINK .bed or .pgen file")
      .InFile(path)
      .Value(Magic(text))  // no text: it may be a person's row
      .Remedy(GenotypesInPlaceOf(path));
}

GenotypePlan ProbeGenotypes(const GenotypeOptions& options) {
  GenotypePlan plan;
  for (const auto& path : ExpandInputs(options.files)) {
    plan.files.push_back(SniffGenotypes(path).probe(path, options));
  }
  CheckSamples(plan.files);
  CheckBuild(plan.files, options.build);
  plan.dosage.keep_calls = options.keep_calls;
  plan.dosage.max_allele = options.max_allele;
  plan.dosage.bgen = options.bgen;
  CheckBgenOptions(plan.files, options.bgen);
  plan.dosage.field = ChooseField(plan.files, options.field);
  plan.dosage.by_auto = options.field == "auto";
  ChooseUnits(plan.files, options, plan.dosage);
  if (options.choice.regions || options.ids) PlanRanges(options, plan);
  return plan;
}

std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options,
                                              const GenotypePlan& plan) {
  const auto order = std::make_shared<VariantOrder>();
  std::vector<MultiFileSource::Part> parts;
  for (const auto& file : plan.files) {
    const FormatEntry& format = SniffGenotypes(file.path);
    parts.push_back({[open = format.open, path = file.path, dosage = plan.dosage,
                      choice = options.choice, order] { return open(path, dosage, choice, order); },
                     file.ranges.empty() ? file.bytes : BytesOf(file.ranges), file.variants});
  }
  if (parts.size() == 1) return parts.front().open();
  return std::make_unique<MultiFileSource>(std::move(parts));
}

std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options) {
  return OpenGenotypes(options, ProbeGenotypes(options));
}

}  // namespace kinflow
