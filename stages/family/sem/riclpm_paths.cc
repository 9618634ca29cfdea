#include "stages/family/sem/riclpm_paths.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

constexpr const char kSeries[] = "xyw";

/// The statements of one group; `suffix` ends its names.
class GroupStatements {
 public:
  GroupStatements(const RiclpmPaths& paths, std::string suffix, std::vector<std::string>& out)
      : p_(paths), suffix_(std::move(suffix)), out_(out) {}

  void Go() {
    if (p_.random_intercepts) AddIntercepts();
    for (size_t t = 0; t < p_.series.front().size(); ++t) {
      for (size_t s = 0; s < p_.series.size(); ++s) {
        out_.push_back(fmt::format("{} =~ 1*{}", Within(s, t), Column(s, t)));
      }
      AddCovariances([&](size_t s) { return Within(s, t); }, p_.equal_innovations && t > 0);
      if (t == 0) continue;
      for (size_t to = 0; to < p_.series.size(); ++to) AddLags(to, t);
    }
    if (p_.equal_means) AddMeans();
    AddPredictors();
  }

 private:
  std::string Column(size_t s, size_t t) const { return p_.series[s][t] + suffix_; }
  std::string Within(size_t s, size_t t) const {
    return fmt::format("w{}{}{}", kSeries[s], t + 1, suffix_);
  }
  // "x1 + x2 + x3", or "wx1 + wx2 + wx3".
  std::string AllWaves(size_t s, bool within) const {
    std::string text;
    for (size_t t = 0; t < p_.series[s].size(); ++t) {
      text += (t == 0 ? "" : " + ") + (within ? Within(s, t) : Column(s, t));
    }
    return text;
  }
  std::string Intercept(size_t s) const { return fmt::format("RI{}{}", kSeries[s], suffix_); }

  // Variances, then covariances. `equal`: labelled, the same at all waves.
  template <class Name>
  void AddCovariances(const Name& name, bool equal) {
    const auto label = [&](const std::string& ends) {
      return equal ? fmt::format("u{}{}*", ends, suffix_) : "";
    };
    for (size_t s = 0; s < p_.series.size(); ++s) {
      out_.push_back(fmt::format("{0} ~~ {1}{0}", name(s), label({kSeries[s]})));
    }
    for (size_t s = 0; s < p_.series.size(); ++s) {
      for (size_t other = s + 1; other < p_.series.size(); ++other) {
        out_.push_back(
            fmt::format("{} ~~ {}{}", name(s), label({kSeries[s], kSeries[other]}), name(other)));
      }
    }
  }

  void AddMeans() {
    for (size_t s = 0; s < p_.series.size(); ++s) {
      out_.push_back(fmt::format("{} ~ m{}{}*1", AllWaves(s, false), kSeries[s], suffix_));
    }
  }

  void AddIntercepts() {
    for (size_t s = 0; s < p_.series.size(); ++s) {
      std::string text = Intercept(s) + " =~ ";
      for (size_t t = 0; t < p_.series[s].size(); ++t) {
        text += (t == 0 ? "1*" : " + 1*") + Column(s, t);
      }
      out_.push_back(text);
    }
    AddCovariances([&](size_t s) { return Intercept(s); }, false);
  }

  // "" = a parameter of its own.
  std::string LagLabel(size_t to, size_t from, size_t t) const {
    if (!p_.equal_lags && !p_.equal_groups) return "";
    std::string label = p_.series.size() == 2 ? std::string(1, "abcd"[2 * to + from])
                                              : std::string{kSeries[to], kSeries[from]};
    if (!p_.equal_lags) label += std::to_string(t + 1);
    return label + (p_.equal_groups ? "" : suffix_) + "*";
  }

  void AddLags(size_t to, size_t t) {
    std::string text = Within(to, t) + " ~ ";
    for (size_t from = 0; from < p_.series.size(); ++from) {
      text += (from == 0 ? "" : " + ") + LagLabel(to, from, t) + Within(from, t - 1);
    }
    out_.push_back(text);
  }

  void AddPredictors() {
    for (const auto& z : p_.z) {
      for (size_t s = 0; s < p_.series.size(); ++s) {
        const std::string label =
            p_.equal_predictors ? fmt::format("s{}_{}{}*", kSeries[s], z, suffix_) : "";
        out_.push_back(fmt::format("{} ~ {}{}", AllWaves(s, p_.z_within), label, z));
      }
    }
  }

  const RiclpmPaths& p_;
  std::string suffix_;
  std::vector<std::string>& out_;
};

// Names of groups in statements are told apart.
void CheckGroupNames(const std::set<std::string>& levels) {
  std::map<std::string, std::string> level_of;
  for (const auto& level : levels) {
    const auto [at, added] = level_of.emplace(GroupName(level), level);
    if (added) continue;
    throw Error(ErrorId::kModelFailed,
                fmt::format("riclpm: two groups have the name {} in paths", at->first))
        .Field("group")
        .Value(at->second + ", " + level)
        .Remedy("tell them apart by letters or digits");
  }
}

// All columns are there, and all but the group's are numbers.
void CheckColumns(const ModelFrame& frame, const std::string& group, const RiclpmPaths& paths) {
  std::vector<std::string> names = paths.z;
  for (const auto& series : paths.series) names.insert(names.end(), series.begin(), series.end());
  SelectRows(frame, {group});
  for (const auto& name : names) {
    SelectRows(frame, {name});
    const auto& column = frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
    if (!std::holds_alternative<Table::Strings>(column)) continue;
    throw Error(ErrorId::kModelFailed, fmt::format("riclpm: column {} is text", name))
        .Field(name)
        .Remedy("path models need numbers; check the column's missing codes");
  }
}

}  // namespace

std::vector<std::string> RiclpmStatements(const RiclpmPaths& paths) {
  std::vector<std::string> out;
  if (paths.groups.empty()) GroupStatements(paths, "", out).Go();
  for (const auto& group : paths.groups) {
    GroupStatements(paths, "@" + GroupName(group), out).Go();
  }
  return out;
}

std::string GroupName(const std::string& level) {
  std::string out = level;
  for (char& c : out) {
    if (std::string_view(" \t+*~=();@").find(c) != std::string_view::npos) c = '_';
  }
  return out;
}

ModelFrame SplitByGroup(const ModelFrame& frame, const std::string& group, RiclpmPaths& paths) {
  ModelFrame out = frame;
  out.memo = nullptr;  // other rows lack a value, for other reasons
  std::vector<AbsenceReason> absences = frame.absences;
  CheckColumns(frame, group, paths);
  const auto at = static_cast<size_t>(frame.columns.Find(group));
  const auto codes = CodesOf(frame.columns.column(at));
  std::set<std::string> levels;
  std::vector<std::string> level;
  AbsenceReason without{"", group + " missing", {}};
  for (size_t r = 0; r < codes.size(); ++r) {
    level.push_back(codes[r] < 0 ? "" : frame.columns.Cell(r, at));
    if (codes[r] >= 0) levels.insert(level.back());
    without.rows.push_back(codes[r] < 0);
  }
  if (levels.size() < 2) {
    throw Error(ErrorId::kConstantOutcome,
                fmt::format("riclpm: column {} has {} groups", group, levels.size()))
        .Field("group")
        .Remedy("name a column with two groups or more, or leave group out");
  }
  CheckGroupNames(levels);
  const auto number = [&](const std::string& name, size_t r) {
    const auto& column = frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
    if (const auto* ints = std::get_if<Table::Ints>(&column)) {
      return (*ints)[r] == Table::kMissingInt ? std::nan("") : static_cast<double>((*ints)[r]);
    }
    return std::get<Table::Doubles>(column)[r];
  };
  Table columns;
  for (const auto& name : levels) {
    for (const auto& series : paths.series) {
      for (const auto& column : series) {
        Table::Doubles own;
        for (size_t r = 0; r < codes.size(); ++r) {
          own.push_back(level[r] == name && codes[r] >= 0 ? number(column, r) : std::nan(""));
        }
        const std::string in_group = column + "@" + GroupName(name);
        columns.Add(in_group, std::move(own));
        out.info[in_group] = frame.InfoOf(column);
      }
    }
  }
  for (const auto& z : paths.z) {
    Table::Doubles own;
    for (size_t r = 0; r < codes.size(); ++r) {
      own.push_back(codes[r] < 0 ? std::nan("") : number(z, r));
    }
    columns.Add(z, std::move(own));
    without.column = z;
    absences.insert(absences.begin(), without);
  }
  out.absences = std::move(absences);
  out.columns = std::move(columns);
  paths.groups.assign(levels.begin(), levels.end());
  return out;
}

}  // namespace kinflow::family
