#include "stages/formats/psam.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "stages/formats/bed_files.h"
#include "stages/formats/sex_code.h"
#include "stages/formats/tab_fields.h"

namespace kinflow {
namespace {

Error BadLine(const LineReader& in, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(in.path())
      .AtLine(in.line_number())
      .Remedy("the columns of a .psam are those of its #FID or #IID line");
}

// Which column holds what.
struct Columns {
  std::optional<size_t> fid, sex;
  size_t iid = 0, count = 0;
  bool tabs = false;  // between the columns
};

bool IsHeader(std::string_view line) {
  return line.starts_with("#FID") || line.starts_with("#IID");
}

Columns ReadHeader(const LineReader& in, std::string_view line) {
  const auto names = SplitBlanks(line.substr(1));
  const auto find = [&](std::string_view name) -> std::optional<size_t> {
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) return std::nullopt;
    if (std::find(it + 1, names.end(), name) != names.end()) {
      throw BadLine(in, fmt::format("two columns {}", name));
    }
    return static_cast<size_t>(it - names.begin());
  };
  const auto iid = find("IID");
  if (!iid) throw BadLine(in, "the header has no IID column");
  return {find("FID"), find("SEX"), *iid, names.size(), line.find('\t') != std::string_view::npos};
}

}  // namespace

SampleTablePtr ReadPsamSamples(const std::string& path) {
  LineReader in(path);
  std::string_view line;
  bool more = in.Next(line);
  if (!more || !line.starts_with('#')) return ReadFamSamples(path);
  while (more && line.starts_with('#') && !IsHeader(line)) more = in.Next(line);
  if (!more || !IsHeader(line)) throw BadLine(in, "the header has no line #FID or #IID");
  const Columns columns = ReadHeader(in, line);
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  while (in.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.empty()) continue;
    const size_t wide = columns.tabs ? TabFields(line) : fields.size();
    if (fields.size() < columns.count || wide > columns.count) {
      throw BadLine(in, fmt::format("{} columns, the header has {}", fields.size(), columns.count));
    }
    const std::string_view iid = fields[columns.iid];
    if (iid == "0") throw BadLine(in, "the IID is 0, which means missing").Field("IID");
    // FID 0 means none (plink2); the IID stands in, as for VCF.
    const std::string_view fid = columns.fid ? fields[*columns.fid] : "0";
    fids.emplace_back(fid == "0" ? iid : fid);
    iids.emplace_back(iid);
    sexes.push_back(columns.sex ? SexOf(fields[*columns.sex]) : Sex::kUnknown);
  }
  RequireLineEnd(in);
  if (iids.empty()) throw BadLine(in, "the .psam has no samples");
  return SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), path);
}

bool PsamHasParents(const std::string& path) {
  LineReader in(path);
  std::string_view line;
  if (!in.Next(line)) return false;
  const auto fields = SplitBlanks(line);
  if (!line.starts_with('#')) return fields.size() == 6;
  const auto has = [&](std::string_view name) {
    return std::find(fields.begin(), fields.end(), name) != fields.end();
  };
  return IsHeader(line) && has("PAT") && has("MAT");
}

}  // namespace kinflow
