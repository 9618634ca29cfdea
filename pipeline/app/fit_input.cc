#include "pipeline/app/fit_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "pipeline/app/neighbours.h"
#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "stages/family/formula.h"
#include "stages/family/model.h"
#include "stages/family/relatives.h"
#include "stages/family/reshape.h"
#include "stages/formats/delimited.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {
namespace {

InputInfo Described(const std::string& table) {
  InputInfo info;
  info.path = table;
  info.format = "table";
  info.bytes = info.bytes_to_read = StampOf(table).size;
  info.digest = HashFile(table);
  info.completeness = "not verifiable";
  return info;
}

/// Pairs of people, ids as texts.
Table ReadRelatives(const std::string& path) {
  PhenotypeOptions read;
  read.file = path;
  const DelimitedReader header(path);
  for (const auto& name : header.columns()) {
    if (family::IsIdOfRelatives(name)) read.text.push_back(name);
  }
  return ReadPhenotypes(read).columns;
}

PhenotypeTable ReadTable(const std::string& path, const std::vector<std::string>& missing,
                         const std::string& person) {
  PhenotypeOptions read;
  read.file = path;
  read.missing = missing;
  read.commas_where_used = true;
  if (!person.empty() && DelimitedReader(path).Find(person)) read.text = {person};
  PhenotypeTable table = ReadPhenotypes(read);
  std::vector<std::string> names;
  for (size_t c = 0; c < table.columns.columns(); ++c) names.push_back(table.columns.name(c));
  if (LooksLikeData(names)) {
    throw Error(ErrorId::kMalformed, "the first line looks like data, not like column names")
        .InFile(path)
        .AtLine(1)
        .Remedy("put a line with the names of the columns on top of the table");
  }
  return table;
}

/// Texts among the numbers of columns that are used as numbers.
std::vector<Error> MixedFaults(const PhenotypeTable& table, const family::FitOptions& options) {
  std::vector<std::string> numbers = family::FormulaOf(options).NumericColumns();
  for (const auto& name : options.table_one.Columns()) numbers.push_back(name);
  numbers.push_back(options.model_options.case_weights);
  std::vector<Error> faults;
  for (const auto& [column, error] : table.mixed) {
    for (const auto& name : numbers) {
      const bool at_wave = options.data_format != "auto" &&
                           (family::IsAtWave(column, name) || family::IsAtWave(name, column));
      if (column != name && !at_wave) continue;
      faults.push_back(error);
      break;
    }
  }
  return faults;
}

/// Goes on behind each fault with what does not depend on it.
class FitReader {
 public:
  FitReader(const std::string& path, const std::vector<std::string>& missing,
            family::FitOptions& options)
      : path_(path), missing_(missing), options_(options) {}

  FitInput Go() {
    const bool has_model = Try([&] { family::MakeModel(options_.model); });
    Neighbours();
    const bool has_table = Try([&] {
      table_ = ReadTable(path_, missing_, options_.person);
      input_.files.push_back(Described(path_));
    });
    if (has_table) {
      input_.warnings = table_.warnings;
      input_.rows = table_.columns.rows();
      input_.columns = table_.columns.columns();
    }
    Relatives();
    if (has_model) CheckModel(has_table);
    return std::move(input_);
  }

 private:
  bool Try(const std::function<void()>& check) {  // false: it has thrown a fault
    try {
      check();
      return true;
    } catch (const Error& error) {
      input_.faults.push_back(error);
      return false;
    }
  }

  void Neighbours() {
    const std::string& file = options_.model_options.neighbours_file;
    if (file.empty()) return;
    options_.model_options.neighbours = std::make_shared<family::NeighbourList>();
    Try([&] {
      input_.files.push_back(Described(file));
      options_.model_options.neighbours = ReadNeighbours(file);
    });
  }

  void Relatives() {
    if (options_.relatives.empty()) return;
    has_relatives_ = Try([&] {
      relatives_ = ReadRelatives(options_.relatives);
      input_.files.push_back(Described(options_.relatives));
    });
  }

  bool HasFormula() const {
    try {
      family::FormulaOf(options_);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  void CheckModel(bool has_table) {
    const bool has_formula = HasFormula();
    if (has_table && has_formula) {
      Add(MixedFaults(table_, options_));
      const bool reshaped =
          Try([&] { table_.columns = family::Reshaped(std::move(table_.columns), options_); });
      if (!reshaped) return;
    }
    // Without a formula nothing tells what becomes of a table that is to be reshaped.
    if (!has_table || (!has_formula && options_.data_format != "auto")) {
      Try([&] { family::FormulaOf(options_); });
      return;
    }
    if (has_formula) WarnOfRowsAsPeople();
    family::FitOptions known = options_;
    if (!has_relatives_) known.relatives.clear();
    input_.fit = std::make_unique<family::TableFit>(table_.columns, known, relatives_);
    Add(input_.fit->Faults());
  }

  // Rows of several waves are of people who come again. Without their names each row counts as
  // somebody else, and numbers of few people are shared.
  void WarnOfRowsAsPeople() {
    if (!options_.person.empty() || !options_.cluster.empty() || options_.small_cell < 2) return;
    if (!family::FormulaOf(options_).random.empty()) return;
    const std::string& by_wave = options_.model_options.wave;
    const std::string wave = !options_.wave.empty() ? options_.wave
                             : !by_wave.empty()     ? by_wave
                                                    : "wave";
    const int64_t c = table_.columns.Find(wave);
    if (c < 0) return;
    const auto codes = family::CodesOf(table_.columns.column(static_cast<size_t>(c)));
    if (std::none_of(codes.begin(), codes.end(), [](int64_t code) { return code > 0; })) return;
    input_.warnings.push_back(
        fmt::format("rows are of several waves (column {}) and nothing names people: each row is "
                    "taken for somebody else in what share/ withholds; name their column: "
                    "--person COLUMN",
                    wave));
  }

  void Add(std::vector<Error> more) {
    std::move(more.begin(), more.end(), std::back_inserter(input_.faults));
  }

  const std::string& path_;
  const std::vector<std::string>& missing_;
  family::FitOptions& options_;
  PhenotypeTable table_;
  Table relatives_;
  bool has_relatives_ = true;
  FitInput input_;
};

}  // namespace

FitInput ReadFit(const std::string& table, const std::vector<std::string>& missing,
                 family::FitOptions& options) {
  return FitReader(table, missing, options).Go();
}

}  // namespace kinflow
