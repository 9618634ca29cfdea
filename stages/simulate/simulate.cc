#include "stages/simulate/simulate.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text_writer.h"
#include "stages/simulate/bit_planes.h"
#include "stages/simulate/cohort_files.h"
#include "stages/simulate/genotype_writer.h"
#include "stages/simulate/haplotypes.h"
#include "stages/simulate/outcome.h"
#include "stages/simulate/people.h"
#include "stages/simulate/scores.h"
#include "stages/simulate/variant_block.h"

namespace kinflow {
namespace simulate {
namespace {

std::unique_ptr<GenotypeWriter> OpenWriter(const SimulateOptions& options, const People& people,
                                           const std::string& prefix,
                                           const std::vector<unsigned>& chromosomes) {
  switch (options.format) {
    case SimulateFormat::kBed:
      return MakeBedWriter(options, people, prefix);
    case SimulateFormat::kVcf:
      return MakeVcfWriter(options, people, prefix, chromosomes);
    case SimulateFormat::kBcf:
      return MakeBcfWriter(options, people, prefix, chromosomes);
  }
  throw Error(ErrorId::kInternal, "no writer for this format");
}

void WriteTruth(const VariantBlock& block, uint64_t scores, TextWriter& file) {
  for (const SimVariant& v : block.variants) {
    file.Write(fmt::format("{}\t{}\t{}\t{}\t{}\t{:.6g}\t{:.4f}\t{}", block.chromosome, v.position,
                           v.id, v.ref, v.alt, v.frequency, v.r2, v.typed ? 1 : 0));
    for (unsigned s = 0; s < scores; ++s) {
      file.Write(fmt::format("\t{:.6f}", v.effect_is_alt[s] ? v.weight[s] : -v.weight[s]));
    }
    file.Write("\n");
  }
}

// The pass over the genome.
class Generator {
 public:
  Generator(const SimulateOptions& options, const People& people)
      : options_(options),
        people_(people),
        variants_(options, 2 * people.founders.size()),
        haplotypes_(options, people, variants_),
        planes_(people),
        scores_(options, people),
        score_files_(options),
        truth_path_(options.out + ".variants.tsv.gz"),
        truth_(truth_path_) {
    truth_.Write("CHROM\tPOS\tID\tREF\tALT\tAF_EXPECTED\tR2_TARGET\tTYPED");
    for (unsigned s = 0; s < options.scores; ++s) truth_.Write("\tALT_WEIGHT_" + ScoreName(s));
    truth_.Write("\n");
  }

  void Run(SimulateReport& report, Log& log, const StopSignal& stop) {
    VariantBlock block;
    while (variants_.Next(block)) {
      stop.Check();
      if (block.starts_chromosome && !writer_) Open(block.chromosome);
      haplotypes_.Next(block);
      scores_.Add(block, haplotypes_);
      score_files_.Add(block);
      WriteTruth(block, options_.scores, truth_);
      planes_.Load(haplotypes_);
      writer_->Write(block, planes_);
      report.variants += block.variants.size();
      if (!block.ends_chromosome) continue;
      log.Info("simulate: chromosome {} done, {} of {} variants", block.chromosome, report.variants,
               options_.variants);
      if (options_.per_chromosome) Close(report);
    }
    if (writer_) Close(report);
    truth_.Commit();
    report.files.push_back(truth_path_);
    for (auto& path : score_files_.Finish()) report.files.push_back(std::move(path));
  }

  const TrueScores& scores() const { return scores_; }

 private:
  void Open(unsigned chromosome) {
    std::vector<unsigned> chromosomes = {chromosome};
    std::string prefix = options_.out;
    if (options_.per_chromosome) {
      prefix += fmt::format(".chr{}", chromosome);
    } else {
      chromosomes.resize(options_.chromosomes);
      std::iota(chromosomes.begin(), chromosomes.end(), 1u);
    }
    writer_ = OpenWriter(options_, people_, prefix, chromosomes);
  }
  void Close(SimulateReport& report) {
    for (auto& path : writer_->Finish()) report.files.push_back(std::move(path));
    writer_.reset();
  }

  const SimulateOptions& options_;
  const People& people_;
  VariantStream variants_;
  Haplotypes haplotypes_;
  BitPlanes planes_;
  TrueScores scores_;
  ScoreFiles score_files_;
  std::string truth_path_;
  TextWriter truth_;
  std::unique_ptr<GenotypeWriter> writer_;
};

}  // namespace
}  // namespace simulate

void CheckOptions(const SimulateOptions& o) {
  const auto check = [](bool ok, std::string_view option, std::string_view rule) {
    if (!ok) {
      throw Error(ErrorId::kBadArgument, fmt::format("{} must be {}", option, rule)).Field(option);
    }
  };
  const auto fraction = [](double x) { return x >= 0 && x <= 1; };
  check(!o.out.empty() && o.out.back() != '/', "--out", "a prefix of file names");
  check(o.trios >= 1 && o.trios <= 999999, "--trios", "from 1 to 999,999");
  check(o.chromosomes >= 1 && o.chromosomes <= 22, "--chromosomes", "from 1 to 22");
  // 20 base pairs a variant on the shortest chromosome in use.
  check(o.variants >= 1 && o.variants <= uint64_t{o.chromosomes} * 2000000, "--variants",
        "from 1 to 2,000,000 a chromosome");
  check(o.scores >= simulate::kUsualScores && o.scores <= simulate::kMostScores, "--scores",
        "from 2 to 32");
  check(!o.fields.empty(), "--fields", "one or more of GT, DS, HDS, GP");
  for (size_t i = 0; i < o.fields.size(); ++i) {
    const bool again =
        std::find(o.fields.begin(), o.fields.begin() + static_cast<std::ptrdiff_t>(i),
                  o.fields[i]) != o.fields.begin() + static_cast<std::ptrdiff_t>(i);
    check(!again, "--fields", "a list without repeats");
    // VCF 4.2: GT comes first where present; plink2 and bcftools refuse other orders.
    check(i == 0 || o.fields[i] != SimulateField::kGt, "--fields",
          "a list with GT first, if at all");
  }
  check(o.r2 > 0 && o.r2 <= 1, "--r2", "above 0 and at most 1");
  check(o.r2_spread >= 0, "--r2-spread", "at least 0");
  check(fraction(o.typed_fraction), "--typed", "from 0 to 1");
  check(fraction(o.shared_errors), "--shared-errors", "from 0 to 1");
  check(o.missing_rate >= 0 && o.missing_rate < 1, "--missing-rate", "from 0 to below 1");
  check(o.error_rate >= 0 && o.error_rate < 1, "--error-rate", "from 0 to below 1");
  check(fraction(o.second_pregnancies), "--second-pregnancies", "from 0 to 1");
  check(fraction(o.twins), "--twins", "from 0 to 1");
  check(fraction(o.missing_fathers), "--missing-fathers", "from 0 to 1");
  check(fraction(o.attrition), "--attrition", "from 0 to 1");
  check(fraction(o.causal_fraction), "--causal-fraction", "from 0 to 1");
  check(o.threads >= 1, "--threads", "at least 1");
}

SimulateReport Simulate(const SimulateOptions& options, Log& log, const StopSignal& stop) {
  CheckOptions(options);
  MakeFolders(FolderOf(options.out));
  const simulate::People people = simulate::MakePeople(options);
  SimulateReport report;
  report.samples = people.genotyped;
  report.families = people.families;
  report.pregnancies = people.pregnancies.size();
  report.children = people.children.size();
  log.Info("simulate: {} families, {} children, {} genotyped people, {} variants, seed {}",
           report.families, report.children, report.samples, options.variants, options.seed);

  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, options.threads);
  tbb::task_arena arena(static_cast<int>(options.threads));
  arena.execute([&] {
    simulate::Generator generator(options, people);
    generator.Run(report, log, stop);
    const simulate::Outcome outcome = simulate::MakeOutcome(options, people, generator.scores());
    report.score_mean = outcome.score_mean;
    report.score_sd = outcome.score_sd;
    for (auto& path : simulate::WriteCohortFiles(options, people, generator.scores(), outcome)) {
      report.files.push_back(std::move(path));
    }
  });
  return report;
}

}  // namespace kinflow
