// words<<<>>>pedigree; words name columns: id=child mother=m per_mother

#include <algorithm>
#include <optional>

#include "stages/formats/pedigree_table.h"
#include "tests/fuzz/fuzz_support.h"
#include "tests/fuzz/table_text.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

std::optional<Pedigree> Read(const PedigreeOptions& options) {
  std::optional<Pedigree> pedigree;
  Accepts([&] { pedigree = ReadPedigree(options); });
  return pedigree;
}

std::string SexText(Sex sex) { return sex == Sex::kMale ? "1" : sex == Sex::kFemale ? "2" : "0"; }

// The people written as a table of ours are the same people.
void CheckRoundTrip(const Pedigree& pedigree, InputFolder& folder) {
  std::string text = QuotedRow({"FID", "IID", "FATHER_ID", "MOTHER_ID", "SEX", "PREG_ID"});
  for (const auto& p : pedigree.people()) {
    for (const auto& id : {p.fid, p.iid, p.father, p.mother, p.pregnancy}) {
      if (!SurvivesWriting(id)) return;
    }
    text += QuotedRow({p.fid, p.iid, p.father, p.mother, SexText(p.sex), p.pregnancy});
  }
  PedigreeOptions options;
  options.file = folder.Write("again.tsv", text);
  const auto again = Read(options);
  Require(again && again->people().size() == pedigree.people().size(), "a pedigree lost people");
  for (size_t i = 0; i < pedigree.people().size(); ++i) {
    const Person &a = pedigree.people()[i], &b = again->people()[i];
    Require(a.iid == b.iid && a.father == b.father && a.mother == b.mother && a.sex == b.sex &&
                a.pregnancy == b.pregnancy && pedigree.role(i) == again->role(i),
            "a person is another one when written and read");
  }
}

void CheckTrios(const Pedigree& pedigree) {
  std::vector<std::string> ids;
  for (const auto& person : pedigree.people()) ids.push_back(person.iid);
  if (ids.empty()) return;
  const auto samples = SampleTable::Build({}, ids, {}, "samples");
  for (const auto& trio : pedigree.Trios(*samples)) {
    const Person& child = pedigree.people()[trio.person];
    Require(trio.child == SampleTable::kAbsent || samples->iid(trio.child) == child.iid, "child");
    Require(trio.father == SampleTable::kAbsent || samples->iid(trio.father) == child.father,
            "father");
    Require(trio.mother == SampleTable::kAbsent || samples->iid(trio.mother) == child.mother,
            "mother");
  }
  const auto roles = pedigree.SampleRoles(*samples);
  const auto sexes = pedigree.SampleSexes(*samples);
  const auto founders = pedigree.Founders(*samples);
  for (size_t i = 0; i < ids.size(); ++i) {
    const Person& p = pedigree.people()[i];
    Require((founders[i] != 0) == (p.father.empty() && p.mother.empty()), "founder");
    Require(sexes[i] == p.sex && *RoleName(roles[i]) != '\0', "sex or role");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 2);
  const auto word = [&](const char* name) { return WordOf(parts[0], name); };
  folder.Clear();
  PedigreeOptions options{folder.Write("x.fam", parts[1]),
                          word("family"),
                          word("id"),
                          word("father"),
                          word("mother"),
                          word("sex"),
                          word("pregnancy"),
                          word("twin"),
                          word("birth_year"),
                          !word("per_mother").empty()};
  if (const auto pedigree = Read(options)) {
    CheckTrios(*pedigree);
    CheckRoundTrip(*pedigree, folder);
  }
  Accepts([&] { ReadBirthYears(options); });
  folder.RequireOnlyInputs();
  return 0;
}
