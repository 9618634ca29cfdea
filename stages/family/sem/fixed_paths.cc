#include "stages/family/sem/fixed_paths.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace kinflow::family {
namespace {

using Eigen::Index;

/// Variables that have parameters in common, and all of these.
struct Block {
  std::vector<size_t> variables, parameters;
};

/// Paths from exogenous variables as designs: a row for each row of the data and variable.
class ExogenousPaths {
 public:
  ExogenousPaths(const SemData& data, const PathModel& model)
      : data_(data), model_(model), reached_(Reached()) {
    for (const Path& path : model.paths) {
      if (IsOwn(path)) paths_.push_back(&path);
    }
  }

  FixedByOne Fixed() const {
    FixedByOne out{0, std::vector<uint8_t>(model_.parameters(), 0)};
    for (const Block& block : Blocks()) Add(block, out);
    return out;
  }

 private:
  // Its parameter is of no other kind of path, whose part of the likelihood other rows tell of.
  bool IsOwn(const Path& path) const {
    return path.parameter >= 0 &&
           std::all_of(model_.paths.begin(), model_.paths.end(), [&](const Path& other) {
             return other.parameter != path.parameter || other.kind == Path::kExogenous;
           });
  }

  // By variable: the observed ones on which it acts, itself included.
  std::vector<std::vector<uint8_t>> Reached() const {
    const size_t observed = model_.observed.size();
    std::vector<std::vector<uint8_t>> out(model_.variables(), std::vector<uint8_t>(observed, 0));
    for (size_t v = 0; v < observed; ++v) out[v][v] = 1;
    for (bool more = true; more;) {
      more = false;
      for (const Path& path : model_.paths) {
        const bool none = path.parameter < 0 && path.value == 0;
        if (path.kind != Path::kDirected || none) continue;
        for (size_t v = 0; v < observed; ++v) {
          if (out[path.to][v] == 0 || out[path.from][v] != 0) continue;
          out[path.from][v] = 1;
          more = true;
        }
      }
    }
    return out;
  }

  std::vector<Block> Blocks() const {
    std::vector<Block> out;
    std::vector<uint8_t> taken(model_.variables(), 0);
    for (const Path* first : paths_) {
      if (taken[first->to] != 0) continue;
      Block block{{first->to}, {}};
      taken[first->to] = 1;
      for (size_t i = 0; i < block.variables.size(); ++i) Join(block.variables[i], taken, block);
      out.push_back(std::move(block));
    }
    return out;
  }

  // The parameters of a variable, and the variables that have them too.
  void Join(size_t variable, std::vector<uint8_t>& taken, Block& block) const {
    for (const Path* path : paths_) {
      const auto parameter = static_cast<size_t>(path->parameter);
      auto& known = block.parameters;
      const bool is_new = std::find(known.begin(), known.end(), parameter) == known.end();
      if (path->to != variable || !is_new) continue;
      known.push_back(parameter);
      for (const Path* other : paths_) {
        if (other->parameter != path->parameter || taken[other->to] != 0) continue;
        taken[other->to] = 1;
        block.variables.push_back(other->to);
      }
    }
  }

  std::vector<std::pair<Index, size_t>> RowsOf(const Block& block) const {
    std::vector<std::pair<Index, size_t>> out;
    for (const PatternData& pattern : data_.patterns) {
      for (const size_t variable : block.variables) {
        const bool tells = std::any_of(
            pattern.variables.begin(), pattern.variables.end(),
            [&](Index observed) { return reached_[variable][static_cast<size_t>(observed)] != 0; });
        if (!tells) continue;
        for (const Index row : pattern.rows) out.emplace_back(row, variable);
      }
    }
    return out;
  }

  void Add(const Block& block, FixedByOne& out) const {
    const auto rows = RowsOf(block);
    std::vector<double> x(rows.size() * block.parameters.size(), 0.0);
    for (const Path* path : paths_) {
      const auto column = std::find(block.parameters.begin(), block.parameters.end(),
                                    static_cast<size_t>(path->parameter)) -
                          block.parameters.begin();
      if (column == static_cast<std::ptrdiff_t>(block.parameters.size())) continue;
      double* const values = x.data() + static_cast<size_t>(column) * rows.size();
      for (size_t i = 0; i < rows.size(); ++i) {
        const auto& [row, variable] = rows[i];
        if (variable == path->to) values[i] += data_.w(row, static_cast<Index>(path->from));
      }
    }
    std::vector<uint32_t> codes;
    for (const auto& entry : rows) codes.push_back(CodeOf(entry.first));
    const PivotedQr qr = FactorQr(x, rows.size(), block.parameters.size());
    const FixedByOne own = FixedByOneCluster(qr, codes, Codes());
    out.combinations += own.combinations;
    for (size_t i = 0; i < qr.used.size(); ++i) {
      if (own.columns[i] != 0) out.columns[block.parameters[qr.used[i]]] = 1;
    }
  }

  uint32_t CodeOf(Index row) const {
    return static_cast<uint32_t>(
        data_.cluster.empty() ? row : static_cast<Index>(data_.cluster[static_cast<size_t>(row)]));
  }
  size_t Codes() const {
    if (data_.cluster.empty()) return static_cast<size_t>(data_.rows());
    return static_cast<size_t>(*std::max_element(data_.cluster.begin(), data_.cluster.end())) + 1;
  }

  const SemData& data_;
  const PathModel& model_;
  std::vector<std::vector<uint8_t>> reached_;
  std::vector<const Path*> paths_;
};

}  // namespace

FixedByOne FixedPaths(const SemData& data, const PathModel& model) {
  return ExogenousPaths(data, model).Fixed();
}

}  // namespace kinflow::family
