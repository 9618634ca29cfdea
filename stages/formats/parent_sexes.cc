#include "stages/formats/parent_sexes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

/// Parents of one column whose sex is known, each once, and the first child of a wrong one.
struct Parents {
  std::set<size_t> right, wrong;
  size_t parent = 0, child = 0;  // if any is wrong
};

Parents JudgeParents(const std::vector<Person>& people,
                     const std::unordered_map<std::string_view, size_t>& rows,
                     std::string Person::*column, Sex expected) {
  Parents out;
  for (size_t i = 0; i < people.size(); ++i) {
    const auto it = rows.find(people[i].*column);
    if (it == rows.end() || people[it->second].sex == Sex::kUnknown) continue;
    const bool right = people[it->second].sex == expected;
    if (!right && out.wrong.empty()) {
      out.parent = it->second;
      out.child = i;
    }
    (right ? out.right : out.wrong).insert(it->second);
  }
  return out;
}

std::string Several(const Parents& fathers, const Parents& mothers) {
  const auto count = [](size_t n, const char* one, const char* sex) {
    return fmt::format("{} {}{} recorded as {}", n, one, n == 1 ? " is" : "s are", sex);
  };
  std::string text;
  if (!fathers.wrong.empty()) text = count(fathers.wrong.size(), "father", "female");
  if (!mothers.wrong.empty()) {
    text += (text.empty() ? "" : ", ") + count(mothers.wrong.size(), "mother", "male");
  }
  return text;
}

}  // namespace

void CheckParentSexes(const std::vector<Person>& people, const std::vector<uint64_t>& lines,
                      const std::string& file) {
  std::unordered_map<std::string_view, size_t> rows;
  rows.reserve(people.size());
  for (size_t i = 0; i < people.size(); ++i) rows.emplace(people[i].iid, i);
  const Parents fathers = JudgeParents(people, rows, &Person::father, Sex::kMale);
  const Parents mothers = JudgeParents(people, rows, &Person::mother, Sex::kFemale);
  const size_t wrong = fathers.wrong.size() + mothers.wrong.size();
  if (wrong == 0) return;
  const bool is_father = !fathers.wrong.empty();
  const Parents& first = is_father ? fathers : mothers;
  std::string what =
      fmt::format("the {} of person {} is recorded as {}", is_father ? "father" : "mother",
                  first.child + 1, is_father ? "female" : "male");
  const char* remedy =
      "correct the sex of this parent, or exchange the parent columns of the child";
  if (wrong > 1) {
    what = fmt::format("{}; first, {}", Several(fathers, mothers), what);
    remedy =
        wrong > fathers.right.size() + mothers.right.size()
            ? "the columns of father and mother may be exchanged (those of a table are named in "
              "pedigree.columns), or the codes of sex (1 is male, 2 female)"
            : "correct the sexes of these parents, or exchange the parent columns of their "
              "children";
  }
  throw Error(ErrorId::kParentSex, what)
      .InFile(file)
      .AtLine(lines[first.parent])
      .AtRecord(first.parent + 1)
      .Field("sex")
      .Remedy(remedy);
}

}  // namespace kinflow
