#include "stages/family/sem/path_roles.h"

#include <set>
#include <vector>

#include "stages/family/regression_run.h"

namespace kinflow::family {
namespace {

// True if a directed way leads from the variable `name` to `variable`.
bool DependsOn(const PathModel& model, size_t variable, const std::string& name) {
  std::vector<size_t> open{variable};
  std::set<size_t> seen{variable};
  while (!open.empty()) {
    const size_t to = open.back();
    open.pop_back();
    if (model.Name(to) == name) return true;
    for (const Path& path : model.paths) {
      if (path.to != to || path.kind == Path::kCovariance) continue;
      if (path.kind == Path::kExogenous) {
        if (path.from != 0 && model.Right(path) == name) return true;
      } else if (seen.insert(path.from).second) {
        open.push_back(path.from);
      }
    }
  }
  return false;
}

// Of a factor the person whom all its indicators are of; "" = there are several.
std::string PersonOf(const ModelFrame& frame, const PathModel& model, size_t variable) {
  std::vector<size_t> open{variable};
  std::set<size_t> seen{variable};
  std::set<std::string> persons;
  while (!open.empty()) {
    const size_t at = open.back();
    open.pop_back();
    if (at < model.observed.size()) persons.insert(frame.PersonOf(model.Name(at)));
    for (const Path& path : model.paths) {
      const bool loads = path.loading && path.from == at;
      if (loads && seen.insert(path.to).second) open.push_back(path.to);
    }
  }
  return persons.size() == 1 ? *persons.begin() : "";
}

}  // namespace

std::string RoleOf(const PathModel& model, const Path& path) {
  if (path.kind == Path::kCovariance) return path.to == path.from ? "variance" : "covariance";
  if (path.loading) return "loading";
  if (path.kind == Path::kExogenous) return path.from == 0 ? "intercept" : "covariate";
  return path.to >= model.observed.size() ? "lag" : "covariate";
}

std::string EffectOf(const ModelFrame& frame, const PathModel& model, const Path& path,
                     const std::string& role) {
  if (!IsMemberRole(role)) return "NA";
  bool others = false, mediated = false;
  for (const Path& other : model.paths) {
    if (other.to != path.to || other.kind == Path::kCovariance || &other == &path) continue;
    if (other.kind == Path::kExogenous && other.from == 0) continue;
    const std::string member = frame.InfoOf(model.Right(other)).role;
    others = others || (IsMemberRole(member) && member != role);
    mediated = mediated ||
               (other.kind == Path::kDirected && DependsOn(model, other.from, model.Right(path)));
  }
  if (!others) return mediated ? "direct" : "total";
  const std::string person = PersonOf(frame, model, path.to);
  if (person.empty()) return "NA";
  return role == person ? "direct" : "indirect";
}

}  // namespace kinflow::family
