#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/run_flags.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/h5_file.h"
#include "stages/family/fit.h"
#include "stages/family/formula.h"
#include "stages/family/main_table.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {
namespace {

struct FitFlags {
  std::string table, out;
  family::FitOptions options;
};

void PrintEstimates(const Table& estimates) {
  fmt::print(stderr, "{:<28} {:>12} {:>11} {:>9} {:>10}  {}\n", "term", "estimate", "std.error",
             "t", "p", "se");
  const auto& terms = estimates.StringsOf("term");
  const auto& types = estimates.StringsOf("se_type");
  for (size_t r = 0; r < estimates.rows(); ++r) {
    fmt::print(stderr, "{:<28} {:>12.6g} {:>11.5g} {:>9.3f} {:>10.3g}  {}\n", terms[r],
               estimates.DoublesOf("estimate")[r], estimates.DoublesOf("std_error")[r],
               estimates.DoublesOf("statistic")[r], estimates.DoublesOf("p_value")[r], types[r]);
  }
}

ExitCode Fit(const FitFlags& flags) {
  PhenotypeOptions read;
  read.file = flags.table;
  const PhenotypeTable data = ReadPhenotypes(read);
  const auto formula = family::ParseFormula(flags.options.formula, ErrorId::kBadArgument);
  for (const auto& name : formula.NumericColumns()) {
    if (const auto mixed = data.mixed.find(name); mixed != data.mixed.end()) throw mixed->second;
  }
  const family::FitResult result = family::FitColumns(data.columns, flags.options);
  MakeFolders(JoinPath(flags.out, "share"));
  for (const auto& [name, table] : result.tables) {
    WriteTsv(table, JoinPath(flags.out, "share/" + name + ".tsv"));
    const std::string h5 = JoinPath(flags.out, "share/" + name + ".h5");
    const std::string partial = PartialName(h5);
    H5Writer file(partial);
    file.WriteTable("/" + name, table);
    file.Close();
    PublishFile(partial, h5);
  }
  for (const auto& warning : result.warnings) fmt::print(stderr, "W {}\n", warning);
  PrintEstimates(result.tables.at("estimates"));
  fmt::print(stderr, "results in {}\n", flags.out);
  if (!result.failures.empty()) throw result.failures.front();
  return ExitCode::kOk;
}

}  // namespace

void AddFitCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("fit", "one regression on any table");
  command->group("One step, without a config");
  auto flags = std::make_shared<FitFlags>();
  command->add_option("--table", flags->table, "TSV or CSV with a header, gzip allowed")
      ->required();
  command->add_option("--model", flags->options.model, "ols")->capture_default_str();
  command
      ->add_option("--formula", flags->options.formula, "for example \"y ~ a + b * c + factor(d)\"")
      ->required();
  command->add_option("--out", flags->out, "output folder")->required();
  command->add_option("--cluster", flags->options.cluster, "column whose values are the clusters");
  command
      ->add_option("--vcov", flags->options.vcov,
                   "covariances: const HC0 HC1 HC2 HC3 CR0 CR1 CR1S CR3")
      ->expected(1, -1);
  command->add_option("--outcome-of", flags->options.outcome_of,
                      "mother, father or child: labels effects");
  command->callback([&action, flags] { action = [flags] { return Fit(*flags); }; });
}

}  // namespace kinflow
