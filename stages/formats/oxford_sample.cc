#include "stages/formats/oxford_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "stages/formats/sex_code.h"

namespace kinflow {
namespace {

constexpr size_t kNoColumn = SIZE_MAX;

Error BadLine(const LineReader& in, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(in.path())
      .AtLine(in.line_number())
      .Remedy(
          "a .sample starts with 'ID_1 ID_2 missing sex' and '0 0 0 D'; then one line a sample");
}

struct Columns {
  size_t count = 0;
  bool two_ids = false;
  size_t sex = kNoColumn;
};

Columns ReadHeader(LineReader& in) {
  Columns columns;
  std::string_view line;
  if (!in.Next(line)) throw BadLine(in, "the .sample is empty");
  const auto names = SplitBlanks(line);
  columns.count = names.size();
  if (names.empty() || (names[0] != "ID_1" && names[0] != "ID")) {
    throw BadLine(in, "the first column is not ID_1");
  }
  columns.two_ids = names.size() > 1 && names[1] == "ID_2";
  for (size_t c = 1; c < names.size(); ++c) {
    if (names[c] == "sex" || names[c] == "SEX" || names[c] == "Sex") columns.sex = c;
  }
  if (!in.Next(line)) throw BadLine(in, "the line of column types is missing");
  const auto types = SplitBlanks(line);
  if (types.size() != columns.count || types[0] != "0") {
    throw BadLine(in, "the second line has no type for each column, 0 for the ids");
  }
  return columns;
}

/// The id inside a genotype file stands for a person by IID, FID, or both (plink2, qctool).
bool SamePerson(std::string_view id, const SampleTable& samples, uint32_t row) {
  const std::string &fid = samples.fid(row), &iid = samples.iid(row);
  return id == iid || id == fid || id == fmt::format("{}_{}", fid, iid);
}

/// The first of the file's ids that the .sample has, none of them in its own row; 0 = it has none.
uint32_t FirstOnAnotherRow(const std::vector<std::string>& file_ids, const SampleTable& samples) {
  std::unordered_set<std::string> names;
  for (uint32_t row = 0; row < samples.size(); ++row) {
    names.insert(samples.iid(row));
    names.insert(fmt::format("{}_{}", samples.fid(row), samples.iid(row)));
  }
  for (uint32_t row = 0; row < file_ids.size(); ++row) {
    if (names.contains(file_ids[row])) return row + 1;
  }
  return 0;
}

}  // namespace

std::string FindOxfordSample(const std::string& genotypes) {
  if (FileExists(genotypes + ".sample")) return genotypes + ".sample";
  const size_t dot = BaseName(genotypes).find_last_of('.');
  if (dot == std::string::npos) return "";
  const size_t ending = BaseName(genotypes).size() - dot;
  const std::string path = genotypes.substr(0, genotypes.size() - ending) + ".sample";
  return FileExists(path) ? path : "";
}

SampleTablePtr ReadOxfordSample(const std::string& path) {
  LineReader in(Rereadable(path));
  const Columns columns = ReadHeader(in);
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  std::string_view line;
  while (in.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.size() != columns.count) {
      throw BadLine(
          in, fmt::format("{} columns, the first line names {}", fields.size(), columns.count));
    }
    const auto iid = fields[columns.two_ids ? 1 : 0];
    if (iid == "0") throw BadLine(in, "the sample's id is 0, which means missing");
    // FID 0 means none, as in a .fam.
    fids.emplace_back(fields[0] == "0" ? iid : fields[0]);
    iids.emplace_back(iid);
    sexes.push_back(columns.sex == kNoColumn ? Sex::kUnknown : SexOf(fields[columns.sex]));
  }
  if (iids.empty()) throw BadLine(in, "the .sample has no samples");
  return SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), path);
}

SampleTablePtr JoinOxfordSamples(const std::string& genotypes, uint32_t file_samples,
                                 std::vector<std::string> file_ids, const std::string& path) {
  if (path.empty() && file_ids.empty()) {
    throw Error(ErrorId::kCompanionMissing, "the file holds no sample ids, and no .sample is there")
        .InFile(genotypes)
        .Value(genotypes + ".sample")
        .Remedy(
            "put the .sample beside it, as FILE.sample or NAME.sample, or name it: "
            "input.sample_file (--sample-file)");
  }
  if (path.empty()) {
    std::vector<Sex> sexes(file_ids.size(), Sex::kUnknown);
    return SampleTable::Build({}, std::move(file_ids), std::move(sexes), genotypes);
  }
  SampleTablePtr samples = ReadOxfordSample(path);
  if (samples->size() != file_samples) {
    throw Error(ErrorId::kSamplesDiffer, fmt::format("{} samples, {} has {}", samples->size(),
                                                     BaseName(genotypes), file_samples))
        .InFile(path)
        .Remedy("give the .sample that was written with the genotypes");
  }
  uint32_t agree = 0, differs = 0;
  for (uint32_t row = 0; row < file_ids.size(); ++row) {
    if (SamePerson(file_ids[row], *samples, row)) {
      ++agree;
    } else if (differs == 0) {
      differs = row + 1;
    }
  }
  if (agree == 0 && differs > 0) differs = FirstOnAnotherRow(file_ids, *samples);
  if (differs > 0) {
    throw Error(ErrorId::kSamplesDiffer, fmt::format("sample {} is another one than inside {}",
                                                     differs, BaseName(genotypes)))
        .InFile(path)
        .Remedy("give the .sample that was written with the genotypes: same people, same order");
  }
  return samples;
}

}  // namespace kinflow
