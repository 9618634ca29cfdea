#include "stages/formats/genotype_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/base/error.h"
#include "stages/formats/bcf_source.h"
#include "stages/formats/bed_source.h"
#include "stages/formats/bgzf_reader.h"
#include "stages/formats/genotype_probe.h"
#include "stages/formats/input_patterns.h"
#include "stages/formats/multi_file_source.h"
#include "stages/formats/vcf_source.h"

namespace kinflow {
namespace {

bool SniffBed(std::string_view head) { return head.substr(0, 2) == "\x6c\x1b"; }
bool SniffVcf(std::string_view head) { return head.substr(0, 16) == "##fileformat=VCF"; }
bool SniffBcf(std::string_view head) { return head.substr(0, 4) == "BCF\2"; }

std::unique_ptr<FileSource> OpenBed(const std::string& path, const DosagePlan& plan,
                                    const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<BedSource>(path, plan.max_allele, choice, order);
}
std::unique_ptr<FileSource> OpenVcf(const std::string& path, const DosagePlan& plan,
                                    const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<VcfSource>(path, plan, choice, order);
}
std::unique_ptr<FileSource> OpenBcf(const std::string& path, const DosagePlan& plan,
                                    const ReadChoice& choice, const VariantOrderPtr& order) {
  return std::make_unique<BcfSource>(path, plan, choice, order);
}

size_t MissingIn(const SampleTable& table, const SampleTable& people) {
  return static_cast<size_t>(std::count_if(
      people.iids().begin(), people.iids().end(),
      [&](const std::string& iid) { return table.Find(iid) == SampleTable::kAbsent; }));
}

/// Every file has the people of the first one; another order is noted, other people are refused.
void CheckSamples(std::vector<FileFacts>& files) {
  const SampleTable& first = *files.front().samples;
  for (auto& file : files) {
    const SampleTable& other = *file.samples;
    if (first.iids() == other.iids()) continue;
    const size_t lost = MissingIn(other, first), added = MissingIn(first, other);
    if (lost == 0 && added == 0) {
      file.reordered = true;
      continue;
    }
    uint32_t row = 0;
    while (row < std::min(first.size(), other.size()) && first.iid(row) == other.iid(row)) ++row;
    throw Error(
        ErrorId::kSamplesDiffer,
        fmt::format("{} samples, the first file has {}: {} of that one are missing here, {} "
                    "are only here; sample {} is the first that differs",
                    other.size(), first.size(), lost, added, row + 1))
        .InFile(file.path)
        .Remedy(
            "all files of an input need the same samples (bcftools view -S); sets of other people "
            "are joined as input.batches");
  }
}

/// What regions spare of each file.
void PlanRanges(const GenotypeOptions& options, GenotypePlan& plan) {
  for (auto& file : plan.files) {
    const auto source = SniffGenotypes(file.path).open(file.path, plan.dosage, options.choice,
                                                       std::make_shared<VariantOrder>());
    file.ranges = source->ranges();
    file.reads_all_because = source->reads_all_because();
  }
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
  static const std::array<FormatEntry, 3> kFormats = {{
      {"bed", GenotypeFormat::kBed, {".bed"}, &SniffBed, &ProbeBed, &OpenBed},
      {"vcf",
       GenotypeFormat::kVcf,
       {".vcf", ".vcf.gz", ".vcf.bgz"},
       &SniffVcf,
       &ProbeVcf,
       &OpenVcf},
      {"bcf", GenotypeFormat::kBcf, {".bcf"}, &SniffBcf, &ProbeBcf, &OpenBcf},
  }};
  return kFormats;
}

const FormatEntry& SniffGenotypes(const std::string& path) {
  BgzfReader reader(path);
  ByteBuffer head;
  while (head.size() < 16 && reader.Append(head, 256)) {
  }
  const std::string_view text(head.data(), std::min<size_t>(head.size(), 16));
  for (const auto& format : GenotypeFormats()) {
    if (format.sniff(text)) return format;
  }
  throw Error(ErrorId::kFormatUnknown,
              head.size() == 0 ? "the file is empty" : "not a VCF, BCF or PLINK .bed file")
      .InFile(path)
      .Value(text)
      .Remedy("formats are told by content: give a VCF (plain, gzip, BGZF), BCF or .bed");
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
  plan.dosage.field = ChooseField(plan.files, options.field);
  ChooseUnits(plan.files, options, plan.dosage);
  if (options.choice.regions) PlanRanges(options, plan);
  return plan;
}

std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options,
                                              const GenotypePlan& plan) {
  const auto order = std::make_shared<VariantOrder>();
  ReadChoice choice = options.choice;
  if (std::any_of(plan.files.begin(), plan.files.end(),
                  [](const FileFacts& file) { return file.reordered; })) {
    choice.order = plan.files.front().samples;
  }
  std::vector<MultiFileSource::Part> parts;
  for (const auto& file : plan.files) {
    const FormatEntry& format = SniffGenotypes(file.path);
    parts.push_back({[open = format.open, path = file.path, dosage = plan.dosage, choice, order] {
                       return open(path, dosage, choice, order);
                     },
                     file.bytes,
                     // With regions a file's rows are known only when it is open.
                     options.choice.regions ? std::nullopt : file.variants});
  }
  if (parts.size() == 1) return parts.front().open();
  return std::make_unique<MultiFileSource>(std::move(parts));
}

std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options) {
  return OpenGenotypes(options, ProbeGenotypes(options));
}

}  // namespace kinflow
