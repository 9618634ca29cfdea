#include "stages/scores/adjust/ancestry_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

constexpr size_t kNone = SIZE_MAX;

class PanelReader {
 public:
  PanelReader(const std::string& path, size_t pcs, const std::string& group,
              const std::vector<std::string>& scores, const std::string& key)
      : reader_(path), key_(key) {
    std::string_view line;
    if (!reader_.Next(line)) {
      throw Error(ErrorId::kMalformed, "the table of the reference panel is empty")
          .InFile(path)
          .Field(key_)
          .Remedy("name a table with a header: IID, PC1 ..., and a column a score");
    }
    if (line.starts_with('#')) line.remove_prefix(1);
    for (const auto field : Split(line, '\t')) names_.emplace_back(Trim(field));
    for (size_t k = 0; k < pcs; ++k) {
      pc_.push_back(
          Require(fmt::format("PC{}", k + 1), "add it, or ask for fewer principal components"));
    }
    if (!group.empty()) {
      const bool of_pca = key_.starts_with("pca.");
      group_ = Require(
          group, fmt::format("name the column of groups under {}",
                             of_pca ? "pca.reference.group" : "scores.adjust.ancestry.group"));
    }
    for (const auto& score : scores) {
      if (Find(score) == kNone) continue;  // told where the score is normalised
      panel_.scores.push_back(score);
      score_.push_back(Find(score));
    }
    iid_ = Find("IID");
    panel_.pcs.resize(pcs);
    panel_.values.resize(score_.size());
  }

  AncestryPanel Read() {
    std::string_view line;
    while (reader_.Next(line)) {
      if (Trim(line).empty()) continue;
      fields_ = Split(line, '\t');
      if (fields_.size() != names_.size()) {
        throw Error(ErrorId::kMalformed, "row has another number of fields than the header")
            .InFile(reader_.path())
            .AtLine(reader_.line_number())
            .Remedy("write the table anew, its fields parted by tabs");
      }
      AddRow();
    }
    if (panel_.pcs.front().empty()) {
      throw Error(ErrorId::kTooFewRows,
                  "nobody of the reference panel has all principal components")
          .InFile(reader_.path())
          .Field(key_)
          .Remedy("look at the columns of the table");
    }
    return std::move(panel_);
  }

 private:
  size_t Find(const std::string& name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    return at == names_.end() ? kNone : static_cast<size_t>(at - names_.begin());
  }
  size_t Require(const std::string& name, const std::string& remedy) const {
    if (const size_t at = Find(name); at != kNone) return at;
    const std::string near = NearestWord(name, names_);
    throw Error(ErrorId::kColumnMissing, "the reference panel lacks a column")
        .InFile(reader_.path())
        .Field(key_)
        .Value(name)
        .Remedy(near.empty() ? remedy : "did you mean " + near + "?");
  }
  double Number(size_t column) const {
    const auto text = Trim(fields_[column]);
    if (IsMissing(text)) return std::numeric_limits<double>::quiet_NaN();
    const auto value = ParseDouble(text);
    if (value) return *value;
    throw Error(ErrorId::kMalformed, "not a number")
        .InFile(reader_.path())
        .AtLine(reader_.line_number())
        .Field(names_[column])
        .Value(text)
        .Remedy("write NA for what is missing");
  }
  void AddRow() {
    std::vector<double> pcs;
    for (const size_t column : pc_) pcs.push_back(Number(column));
    const std::string_view label = group_ == kNone ? "-" : Trim(fields_[group_]);
    bool whole = !IsMissing(label);
    for (const double pc : pcs) whole = whole && pc == pc;
    if (!whole) return;
    panel_.iid.emplace_back(iid_ == kNone ? "" : Trim(fields_[iid_]));
    for (size_t k = 0; k < pcs.size(); ++k) panel_.pcs[k].push_back(pcs[k]);
    if (group_ != kNone) panel_.group.emplace_back(label);
    for (size_t s = 0; s < score_.size(); ++s) panel_.values[s].push_back(Number(score_[s]));
  }

  LineReader reader_;
  std::string key_;
  std::vector<std::string> names_;
  std::vector<size_t> pc_, score_;
  size_t group_ = kNone, iid_ = kNone;
  std::vector<std::string_view> fields_;
  AncestryPanel panel_;
};

}  // namespace

AncestryPanel ReadAncestryPanel(const std::string& path, size_t pcs, const std::string& group,
                                const std::vector<std::string>& scores, const std::string& key) {
  return PanelReader(path, pcs, group, scores, key).Read();
}

}  // namespace kinflow
