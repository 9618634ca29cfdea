#include "stages/family/sem/sem_people.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace kinflow::family {
namespace {

using Eigen::Index;
using Column = std::function<double(Index)>;  // values by row, NaN where missing

class PathPeople {
 public:
  PathPeople(const PathModel& model, const SemData& data, const People& people)
      : model_(model), data_(data), people_(people) {}

  int64_t Of(const Path& path) const {
    std::vector<Column> columns;
    AddVariable(path.to, columns);
    if (path.kind != Path::kExogenous) {
      if (path.from != path.to) AddVariable(path.from, columns);
    } else if (path.from != 0) {
      const auto c = static_cast<Index>(path.from);
      columns.push_back([this, c](Index r) { return data_.w(r, c); });
    }
    if (columns.empty()) return people_.count();
    std::vector<uint32_t> cell;
    for (Index r = 0; r < data_.rows(); ++r) {
      const bool complete = std::none_of(columns.begin(), columns.end(),
                                         [r](const Column& x) { return std::isnan(x(r)); });
      cell.push_back(complete ? 0 : People::kNoCell);
    }
    std::vector<int64_t> counts = people_.ByCell(cell, 1);
    for (const Column& x : columns) AddSides(x, cell, counts);
    return FewestOf(counts);
  }

 private:
  /// Nothing for a latent variable without an observed indicator.
  void AddVariable(size_t variable, std::vector<Column>& columns) const {
    Index best = -1, most = 0;
    const auto offer = [&](size_t observed) {
      const auto c = static_cast<Index>(observed);
      const Index values = data_.rows() - data_.y.col(c).array().isNaN().count();
      if (best >= 0 && values <= most) return;
      best = c;
      most = values;
    };
    const size_t observed = model_.observed.size();
    if (variable < observed) offer(variable);
    for (const Path& path : model_.paths) {
      const bool indicates = path.kind == Path::kDirected && path.from == variable;
      if (variable >= observed && indicates && path.to < observed) offer(path.to);
    }
    if (best >= 0) columns.push_back([this, best](Index r) { return data_.y(r, best); });
  }

  // Of a column of two values among the rows of cell 0: the people with either.
  void AddSides(const Column& x, const std::vector<uint32_t>& cell,
                std::vector<int64_t>& counts) const {
    std::set<double> values;
    for (size_t r = 0; r < cell.size() && values.size() < 3; ++r) {
      if (cell[r] == 0) values.insert(x(static_cast<Index>(r)));
    }
    if (values.size() != 2) return;
    std::vector<uint32_t> side = cell;
    for (size_t r = 0; r < cell.size(); ++r) {
      if (cell[r] == 0 && x(static_cast<Index>(r)) == *values.begin()) side[r] = 1;
    }
    for (const int64_t n : people_.ByCell(side, 2)) counts.push_back(n);
  }

  const PathModel& model_;
  const SemData& data_;
  const People& people_;
};

}  // namespace

std::vector<int64_t> PeopleByParameter(const PathModel& model, const SemData& data,
                                       const People& people) {
  const PathPeople count(model, data, people);
  std::vector<int64_t> out(model.parameters(), 0);
  for (const Path& path : model.paths) {
    if (path.parameter < 0) continue;
    int64_t& most = out[static_cast<size_t>(path.parameter)];
    most = std::max(most, count.Of(path));
  }
  return out;
}

}  // namespace kinflow::family
