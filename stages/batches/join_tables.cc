#include "stages/batches/join_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/base/error.h"
#include "stages/qc/ledger.h"

namespace kinflow {
namespace {

constexpr double kFewCommon = 0.5;  // of the variants of the smallest batch

std::string UpperName(LeftOut reason) {
  std::string name = "N_";
  for (const char c : LeftOutName(reason)) {
    name += c == '_' ? c : static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::string OrNa(std::string text) { return text.empty() ? "NA" : text; }

/// People of unknown sex tell only if some of them have one copy.
std::string MalesOnX(const PloidyCounts& ploidy) {
  const std::string males = PloidyName(ploidy.males_on_x);
  return males.empty() && ploidy.others_on_x.haploid > 0 ? "haploid" : males;
}

struct PloidyColumn {
  const char* name;
  const char* people;
};
constexpr std::array<PloidyColumn, 3> kPloidyColumns = {
    {{"X_MALES", "males on X"}, {"Y", "genotypes on Y"}, {"MT", "genotypes on MT"}}};

void RequireOnePloidy(const Table& batches) {
  const auto& names = batches.StringsOf("BATCH");
  for (const PloidyColumn& column : kPloidyColumns) {
    const auto& written = batches.StringsOf(column.name);
    size_t first = 0;
    while (first < written.size() && written[first] == "NA") ++first;
    for (size_t b = first; b < written.size(); ++b) {
      if (written[b] == "NA" || written[b] == written[first]) continue;
      throw Error(ErrorId::kFieldsDiffer,
                  fmt::format("{} are written {} in batch {} and {} in batch {}", column.people,
                              written[first], names[first], written[b], names[b]))
          .Field("input.batches")
          .Remedy(
              "write them in one way (bcftools +fixploidy), or leave the chromosome out by "
              "input.regions");
    }
  }
}

std::string LargestReason(const Table& batches, size_t row) {
  std::string largest;
  int64_t most = 0;
  for (size_t r = 0; r < kLeftOutReasons; ++r) {
    const auto reason = static_cast<LeftOut>(r);
    const int64_t n = batches.IntsOf(UpperName(reason))[row];
    if (n > most) largest = LeftOutName(reason);
    most = std::max(most, n);
  }
  return largest;
}

/// The batch with the fewest variants.
size_t Smallest(const Table& batches) {
  const auto& variants = batches.IntsOf("N_VARIANTS");
  return static_cast<size_t>(std::min_element(variants.begin(), variants.end()) - variants.begin());
}

}  // namespace

Table MakeBatchesTable(const std::vector<BatchFacts>& batches,
                       const std::vector<BatchTotals>& totals) {
  Table table;
  const auto add = [&](const std::string& name, auto value) {
    Table::Ints column;
    for (size_t b = 0; b < batches.size(); ++b) column.push_back(static_cast<int64_t>(value(b)));
    table.Add(name, std::move(column));
  };
  const auto text = [&](const char* name, auto value) {
    Table::Strings column;
    for (const BatchFacts& batch : batches) column.push_back(value(batch));
    table.Add(name, std::move(column));
  };
  text("BATCH", [](const BatchFacts& b) { return b.name; });
  add("N_SAMPLES", [&](size_t b) { return batches[b].samples; });
  add("N_VARIANTS", [&](size_t b) { return totals[b].variants; });
  add("N_COMMON", [&](size_t b) { return totals[b].common; });
  add("N_SWAPPED", [&](size_t b) { return totals[b].swapped; });
  add("N_SWAPPED_PALINDROMIC", [&](size_t b) { return totals[b].swapped_palindromes; });
  for (size_t r = 0; r < kLeftOutReasons; ++r) {
    add(UpperName(static_cast<LeftOut>(r)), [&](size_t b) { return totals[b].left_out[r]; });
  }
  add("N_AF_DIFFERS", [&](size_t b) { return totals[b].frequency_differs; });
  add("UNITS", [&](size_t b) { return batches[b].units; });
  text("X_MALES", [](const BatchFacts& b) { return OrNa(MalesOnX(b.ploidy)); });
  text("Y", [](const BatchFacts& b) { return OrNa(PloidyName(b.ploidy.on_y)); });
  text("MT", [](const BatchFacts& b) { return OrNa(PloidyName(b.ploidy.on_mt)); });
  return table;
}

void RequireJoinable(const Table& batches) {
  if (batches.IntsOf("N_COMMON").front() > 0) return RequireOnePloidy(batches);
  std::string counts;
  for (size_t b = 0; b < batches.rows(); ++b) {
    counts += fmt::format("{}{}: {} variants, mostly {}", b == 0 ? "" : "; ",
                          batches.StringsOf("BATCH")[b], batches.IntsOf("N_VARIANTS")[b],
                          LargestReason(batches, b));
  }
  throw Error(ErrorId::kNoVariantsLeft,
              fmt::format("no variant is common to all {} batches ({})", batches.rows(), counts))
      .Field("input.batches")
      .Remedy(
          "compare genome builds and chromosome names of the batches; batches_log.tsv.gz says of "
          "each variant why it was left out");
}

JoinRemarks RemarksOn(const Table& batches) {
  JoinRemarks remarks;
  const auto count = [&](const char* name, size_t b) { return batches.IntsOf(name)[b]; };
  for (size_t b = 0; b < batches.rows(); ++b) {
    const std::string& name = batches.StringsOf("BATCH")[b];
    std::string line = fmt::format(
        "batch {}: {} of {} variants are common to all batches, {} of "
        "them with REF and ALT turned",
        name, count("N_COMMON", b), count("N_VARIANTS", b), count("N_SWAPPED", b));
    for (size_t r = 0; r < kLeftOutReasons; ++r) {
      const auto reason = static_cast<LeftOut>(r);
      const int64_t n = batches.IntsOf(UpperName(reason))[b];
      if (n > 0) line += fmt::format(", {} {}", LeftOutName(reason), n);
    }
    remarks.lines.push_back(std::move(line));
    if (const int64_t n = count("N_AF_DIFFERS", b); n > 0) {
      remarks.warnings.push_back(fmt::format(
          "batch {}: at {} variant{} the ALT frequency is more than {} away from that of the other "
          "batches (batch_frequencies.tsv.gz): another strand of A/T or C/G variants, or a batch "
          "effect",
          name, n, n == 1 ? "" : "s", kLargeFrequencyGap));
    }
    if (const int64_t n = count("N_OTHER_STRAND", b); n > 0) {
      remarks.warnings.push_back(fmt::format(
          "batch {}: {} variants would fit another batch on the other strand; strands are not "
          "guessed: align the batches to one reference (bcftools +fixref) to keep them",
          name, n));
    }
  }
  const size_t smallest = Smallest(batches);
  const auto common = static_cast<double>(count("N_COMMON", smallest));
  const auto all = static_cast<double>(count("N_VARIANTS", smallest));
  if (common < kFewCommon * all) {
    remarks.warnings.push_back(fmt::format(
        "only {:.1f} % of the variants of batch {} are common to all batches, mostly {}: compare "
        "genome builds, chromosome names and panels of the batches (batches_log.tsv.gz)",
        100 * common / all, batches.StringsOf("BATCH")[smallest],
        LargestReason(batches, smallest)));
  }
  return remarks;
}

Table SuppressBatches(const Table& batches, int64_t small) {
  const auto& people = batches.IntsOf("N_SAMPLES");
  const bool hide =
      std::any_of(people.begin(), people.end(), [small](int64_t n) { return n > 0 && n < small; });
  if (!hide) return batches;
  Table table;
  for (size_t c = 0; c < batches.columns(); ++c) {
    Table::Column column = batches.column(c);
    if (batches.name(c) == "N_SAMPLES") column = Table::Ints(batches.rows(), Table::kMissingInt);
    table.Add(batches.name(c), std::move(column));
  }
  return table;
}

std::vector<Table> BatchesLedger(const Table& batches) {
  std::vector<Table> rows;
  for (size_t b = 0; b < batches.rows(); ++b) {
    LedgerRow row;
    row.step = "batch " + batches.StringsOf("BATCH")[b];
    row.filter = "common_to_batches";
    row.variants_in = batches.IntsOf("N_VARIANTS")[b];
    row.variants_out = batches.IntsOf("N_COMMON")[b];
    row.samples_in = row.samples_out = batches.IntsOf("N_SAMPLES")[b];
    rows.push_back(LedgerTable({row}));
  }
  return rows;
}

}  // namespace kinflow
