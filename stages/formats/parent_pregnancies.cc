#include "stages/formats/parent_pregnancies.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_set>

#include "pipeline/base/error.h"

namespace kinflow {

void CheckParentPregnancies(const std::vector<Person>& people, const std::vector<uint64_t>& lines,
                            const std::string& file) {
  std::unordered_set<std::string_view> parents;  // of children whose pregnancy is not told
  size_t told = 0;
  for (const Person& child : people) {
    if (child.mother.empty() && child.father.empty()) continue;
    told += child.pregnancy.empty() ? 0 : 1;
    if (child.pregnancy.empty()) parents.insert({child.mother, child.father});
  }
  size_t misplaced = 0, first = 0;
  for (size_t i = 0; i < people.size(); ++i) {
    const Person& person = people[i];
    if (person.pregnancy.empty() || !parents.contains(person.iid)) continue;
    if (!person.mother.empty() || !person.father.empty()) continue;
    if (misplaced++ == 0) first = i;
  }
  if (misplaced <= told) return;
  throw Error(ErrorId::kMalformed,
              fmt::format("the pregnancy stands in the row of a parent, not of the child: so in {} "
                          "row{}, first that of person {}",
                          misplaced, misplaced == 1 ? "" : "s", first + 1))
      .InFile(file)
      .AtLine(lines[first])
      .AtRecord(first + 1)
      .Field("pregnancy")
      .Remedy(
          "move each pregnancy to the row of its child, and write NA in those of the parents "
          "(there it would be the one they were born of)");
}

}  // namespace kinflow
