#include "stages/family/trio_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "pipeline/base/text.h"
#include "stages/family/person_index.h"
#include "stages/family/score_scale.h"
#include "stages/family/steps.h"

namespace kinflow::family {
namespace {

const Person& ChildOf(const Cohort& cohort, const Trio& trio) {
  return cohort.pedigree.people()[trio.person];
}

std::string IidOf(const Cohort& cohort, const Trio& trio, const std::string& member) {
  const Person& child = ChildOf(cohort, trio);
  return member == "mother" ? child.mother : member == "father" ? child.father : child.iid;
}

uint32_t SampleOf(const Trio& trio, const std::string& member) {
  return member == "mother" ? trio.mother : member == "father" ? trio.father : trio.child;
}

// What children share a row under the rule; "" = the child stands for itself.
std::string GroupOf(const Person& child, ChildRule rule) {
  if (rule == ChildRule::kAll) return "";
  if (rule == ChildRule::kOnePerMother && !child.mother.empty()) return child.mother;
  if (rule == ChildRule::kOnePerPregnancy && !child.pregnancy.empty()) {
    return child.mother + '\n' + child.pregnancy;
  }
  return "";
}

std::vector<Trio> ChooseChildren(const Cohort& cohort, ChildRule rule, uint64_t& left_out) {
  std::vector<Trio> chosen;
  std::unordered_map<std::string, size_t> at;
  for (const Trio& trio : cohort.trios) {
    const std::string group = GroupOf(ChildOf(cohort, trio), rule);
    if (group.empty()) {
      chosen.push_back(trio);
      continue;
    }
    const auto [found, added] = at.emplace(group, chosen.size());
    if (added) {
      chosen.push_back(trio);
      continue;
    }
    ++left_out;
    Trio& first = chosen[found->second];
    if (first.child == SampleTable::kAbsent && trio.child != SampleTable::kAbsent) first = trio;
  }
  return chosen;
}

}  // namespace

class TrioFrames::Builder {
 public:
  Builder(const Cohort& cohort, const PersonColumns& persons, const ScoreColumns& scores,
          TrioFrameSpec spec)
      : cohort_(cohort),
        persons_(persons),
        scores_(scores),
        spec_(std::move(spec)),
        index_(persons) {}

  TrioFrame Of(const std::string& score) {
    spec_.score = score;
    if (!prepared_) Prepare();
    out_ = {};
    out_.frame = common_;
    for (const auto& name : spec_.columns) {
      const ColumnSource source = SourceOf(name);
      if (source.kind == ColumnSource::kScore) {
        AddScore(name, source);
      } else {
        const ScorelessColumn& column = Scoreless(name, source);
        out_.frame.columns.Add(name, column.values);
        for (const auto& absence : column.absences) out_.frame.absences.push_back(absence);
      }
    }
    return std::move(out_);
  }

 private:
  struct ScorelessColumn {
    Table::Column values;
    std::vector<AbsenceReason> absences;
  };

  /// Rows, and what they have whatever the score.
  void Prepare() {
    uint64_t left_out = 0;
    trios_ = ChooseChildren(cohort_, spec_.children, left_out);
    common_ = {};
    ModelFrame& frame = common_;
    if (left_out > 0) {
      frame.excluded.emplace_back(spec_.children == ChildRule::kOnePerMother
                                      ? "another child of the mother is used"
                                      : "another child of the pregnancy is used",
                                  left_out);
    }
    frame.outcome_of = spec_.outcome_of;
    frame.reference = spec_.reference;
    RepeatOverWaves();
    AddCodes();
    prepared_ = true;
  }

  const ScorelessColumn& Scoreless(const std::string& name, const ColumnSource& source) {
    const auto known = scoreless_.find(name);
    if (known != scoreless_.end()) return known->second;
    return scoreless_
        .emplace(name, source.kind == ColumnSource::kGroup ? ScorelessColumn{GroupCodes(source), {}}
                                                           : PersonColumn(name, source))
        .first->second;
  }

  ColumnSource SourceOf(const std::string& name) const {
    // A score that failed is found and missed when it is asked for: only this analysis fails then.
    std::vector<std::string> scores = scores_.names;
    scores.insert(scores.end(), scores_.failed.begin(), scores_.failed.end());
    const auto& groups = spec_.groups;
    if (std::find(groups.begin(), groups.end(), name) != groups.end()) {
      return ResolveGroup(name, spec_.outcome_of, persons_, scores);
    }
    return ResolveColumn(name, spec_.outcome_of, persons_.columns, scores);
  }

  // A row a child becomes one for each wave of the person whose outcome it is, if a column asks for
  // waves; without any wave it stays one row, to be counted as missing.
  void RepeatOverWaves() {
    waves_.assign(trios_.size(), "");
    const bool by_wave =
        std::any_of(spec_.columns.begin(), spec_.columns.end(), [&](const auto& name) {
          const ColumnSource source = SourceOf(name);
          return source.kind == ColumnSource::kPerson && persons_.by_wave.count(source.name) != 0;
        });
    if (!by_wave) return;
    std::vector<Trio> repeated;
    waves_.clear();
    for (const Trio& trio : trios_) {
      auto waves =
          index_.Waves(IidOf(cohort_, trio, spec_.outcome_of), ChildOf(cohort_, trio).pregnancy);
      if (waves.empty()) waves.emplace_back();
      for (auto& wave : waves) {
        repeated.push_back(trio);
        waves_.push_back(std::move(wave));
      }
    }
    trios_ = std::move(repeated);
  }

  // Codes of the pedigree's ids; missing where it has none.
  Table::Ints GroupCodes(const ColumnSource& source) const {
    Table::Strings ids;
    for (const Trio& trio : trios_) {
      const Person& child = ChildOf(cohort_, trio);
      if (source.name == "family") {
        ids.push_back(child.fid);
      } else if (source.name == "pregnancy") {
        ids.push_back(PregnancyOf(child));
      } else {
        ids.push_back(IidOf(cohort_, trio, source.member));
      }
    }
    Table::Ints codes = CodesOf(ids);
    std::replace(codes.begin(), codes.end(), int64_t{-1}, Table::kMissingInt);
    return codes;
  }

  static std::string PregnancyOf(const Person& child) {
    return child.pregnancy.empty() ? "c\n" + child.iid : child.mother + "\n" + child.pregnancy;
  }

  // Alleles that a parent passed on to the child, or did not: in units of the SD of the sum of both
  // parents' t_ scores, which is the child's own score.
  void AddAlleles(const std::string& name, const std::string& score, const std::string& member) {
    const auto members = scores_.by_child.find(score);
    if (members == scores_.by_child.end() || members->second.count(member) == 0) {
      throw Error(ErrorId::kModelFailed, "a score has no values by parent of origin")
          .Field("scores")
          .Value(score)
          .Remedy("set scores.families.transmitted: true; only additive scores have them");
    }
    const auto& values = members->second.at(member);
    const ScoreScale scale =
        AllelesScale(cohort_, members->second, score, member, spec_.standardise);
    Table::Doubles column;
    AbsenceReason absent{name, "child not genotyped", {}};
    AbsenceReason unscored{name, "no parent of the child genotyped", {}};
    for (const Trio& trio : trios_) {
      const bool genotyped = trio.child != SampleTable::kAbsent;
      column.push_back(genotyped ? (values[trio.child] - scale.mean) / scale.sd : kNan);
      absent.rows.push_back(genotyped ? 0 : 1);
      unscored.rows.push_back(genotyped ? 1 : 0);
    }
    out_.frame.columns.Add(name, std::move(column));
    out_.frame.info[name] = {member, score};
    out_.frame.absences.push_back(std::move(absent));
    out_.frame.absences.push_back(std::move(unscored));
    out_.scales.push_back(scale);
  }

  // Of the member by child where the member has no genotypes; NaN = none.
  double Imputed(const std::string& score, const std::string& member, const Trio& trio) const {
    const auto members = scores_.by_child.find(score);
    if (members == scores_.by_child.end() || trio.child == SampleTable::kAbsent) return kNan;
    const auto values = members->second.find(member);
    return values == members->second.end() ? kNan : values->second[trio.child];
  }

  void AddScore(const std::string& name, const ColumnSource& source) {
    const std::string score = source.name.empty() ? spec_.score : source.name;
    const auto at = std::find(scores_.names.begin(), scores_.names.end(), score);
    if (at == scores_.names.end()) {
      // Known only now, and it may have failed alone: the other analyses go on.
      throw Error(ErrorId::kModelFailed, fmt::format("score {} is not among those computed", score))
          .Field("scores")
          .Value(score)
          .Remedy("see in match_scores.tsv and score_adjustment.tsv whether it failed");
    }
    if (IsAllelesRole(source.member)) return AddAlleles(name, score, source.member);
    const auto& values = scores_.values[static_cast<size_t>(at - scores_.names.begin())];
    const ScoreScale scale = ScaleOf(cohort_, values, score, source.member, spec_.standardise);
    Table::Doubles column;
    AbsenceReason absent{name, source.member + " not genotyped", {}};
    AbsenceReason unscored{name, source.member + " removed by QC or without score", {}};
    for (const Trio& trio : trios_) {
      const uint32_t sample = SampleOf(trio, source.member);
      const bool genotyped = sample != SampleTable::kAbsent;
      const double own = genotyped ? values[sample] : kNan;
      const double value = std::isnan(own) ? Imputed(score, source.member, trio) : own;
      column.push_back((value - scale.mean) / scale.sd);
      absent.rows.push_back(genotyped ? 0 : 1);
      unscored.rows.push_back(genotyped ? 1 : 0);
    }
    out_.frame.columns.Add(name, std::move(column));
    out_.frame.info[name] = {source.member, score};
    out_.frame.absences.push_back(std::move(absent));
    out_.frame.absences.push_back(std::move(unscored));
    out_.scales.push_back(scale);
  }

  ScorelessColumn PersonColumn(const std::string& name, const ColumnSource& source) const {
    AbsenceReason unknown{name, source.member + " not in the pedigree", {}};
    AbsenceReason unlisted{name, source.member + " not in the phenotypes", {}};
    const std::vector<int64_t> rows = PersonRows(source);
    for (size_t t = 0; t < trios_.size(); ++t) {
      const bool known = !IidOf(cohort_, trios_[t], source.member).empty();
      unknown.rows.push_back(!known);
      unlisted.rows.push_back(known && rows[t] < 0);
    }
    return {PersonValues(source, rows), {std::move(unknown), std::move(unlisted)}};
  }

  // Of each trio the row of its person in the phenotypes; -1 = none.
  std::vector<int64_t> PersonRows(const ColumnSource& source) const {
    std::vector<int64_t> rows;
    const bool by_wave = persons_.by_wave.count(source.name) != 0;
    for (size_t t = 0; t < trios_.size(); ++t) {
      const std::string iid = IidOf(cohort_, trios_[t], source.member);
      rows.push_back(
          index_.Find(iid, ChildOf(cohort_, trios_[t]).pregnancy, by_wave ? waves_[t] : ""));
    }
    return rows;
  }

  Table::Column PersonValues(const ColumnSource& source, const std::vector<int64_t>& rows) const {
    const Table::Column& from =
        persons_.columns.column(static_cast<size_t>(persons_.columns.Find(source.name)));
    if (const auto* text = std::get_if<Table::Strings>(&from)) {
      return Gather(*text, rows, std::string("NA"));
    }
    if (const auto* ints = std::get_if<Table::Ints>(&from)) {
      return Gather(*ints, rows, Table::kMissingInt);
    }
    return Gather(std::get<Table::Doubles>(from), rows, kNan);
  }

  template <class T>
  static std::vector<T> Gather(const std::vector<T>& from, const std::vector<int64_t>& rows,
                               const T& missing) {
    std::vector<T> out;
    for (const int64_t r : rows) out.push_back(r < 0 ? missing : from[static_cast<size_t>(r)]);
    return out;
  }

  void AddCodes() {
    Table::Strings mothers, pregnancies, families;
    for (const Trio& trio : trios_) {
      const Person& child = ChildOf(cohort_, trio);
      mothers.push_back(child.mother);
      pregnancies.push_back(PregnancyOf(child));
      families.push_back(child.fid);
      const uint32_t sample = SampleOf(trio, spec_.outcome_of);
      common_.person.push_back(sample == SampleTable::kAbsent ? -1 : int64_t{sample});
    }
    ModelFrame& frame = common_;
    frame.mother = CodesOf(mothers);
    frame.pregnancy = CodesOf(pregnancies);
    if (spec_.cluster == ClusterBy::kMother) frame.cluster = frame.mother;
    if (spec_.cluster == ClusterBy::kFamily) frame.cluster = CodesOf(families);
    if (spec_.cluster == ClusterBy::kColumn) {
      const ColumnSource source =
          ResolveGroup(spec_.cluster_column, spec_.outcome_of, persons_, scores_.names);
      frame.cluster = source.kind == ColumnSource::kGroup
                          ? CodesOf(GroupCodes(source))
                          : CodesOf(PersonValues(source, PersonRows(source)));
    }
  }

  const Cohort& cohort_;
  const PersonColumns& persons_;
  const ScoreColumns& scores_;
  TrioFrameSpec spec_;
  PersonIndex index_;
  std::vector<Trio> trios_;         // of each row
  std::vector<std::string> waves_;  // of each row, "" = none
  ModelFrame common_;               // without columns
  bool prepared_ = false;
  std::map<std::string, ScorelessColumn> scoreless_;
  TrioFrame out_;
};

bool IsAllelesRole(std::string_view role) {
  return role == "t_mother" || role == "nt_mother" || role == "t_father" || role == "nt_father";
}

ColumnSource ResolveColumn(const std::string& name, const std::string& outcome_of,
                           const Table& person_columns, const std::vector<std::string>& scores) {
  const size_t dot = name.rfind('.');
  const std::string base = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string member = dot == std::string::npos ? "" : name.substr(dot + 1);
  const bool of_member = IsMemberRole(member), of_alleles = IsAllelesRole(member);
  if ((of_member || of_alleles) && base == "pgs") return {ColumnSource::kScore, "", member};
  const bool is_column = person_columns.Find(name) >= 0;
  const bool is_score =
      (of_member || of_alleles) && std::find(scores.begin(), scores.end(), base) != scores.end();
  const bool is_member_column = of_member && person_columns.Find(base) >= 0;
  if (is_column + is_score + is_member_column > 1) {
    throw Error(ErrorId::kConfigReference, "a name fits a score and a phenotype column alike")
        .Field("formula")
        .Value(name)
        .Remedy("rename the column");
  }
  if (is_column) return {ColumnSource::kPerson, name, outcome_of};
  if (is_score) return {ColumnSource::kScore, base, member};
  if (is_member_column) return {ColumnSource::kPerson, base, member};
  std::vector<std::string> known{"pgs.mother", "pgs.father", "pgs.child"};
  for (size_t c = 0; c < person_columns.columns(); ++c) {
    known.push_back(person_columns.name(c));
    if (of_member) known.push_back(person_columns.name(c) + "." + member);
  }
  for (const auto& score : scores) known.push_back(score + "." + (of_member ? member : "mother"));
  const std::string near = NearestWord(name, known);
  throw Error(ErrorId::kConfigReference, "the model names a column that does not exist")
      .Field("formula")
      .Value(name)
      .Remedy(near.empty() ? "use a phenotype column, <column>.<member>, pgs.<member> or "
                             "<score>.<member>"
                           : "did you mean " + near + "?");
}

ColumnSource ResolveGroup(const std::string& name, const std::string& outcome_of,
                          const PersonColumns& persons, const std::vector<std::string>& scores) {
  if (persons.columns.Find(name) < 0) {
    if (IsMemberRole(name)) return {ColumnSource::kGroup, name, name};
    if (name == "family" || name == "pregnancy") return {ColumnSource::kGroup, name, "child"};
    if (persons.id_columns.count(name) != 0) return {ColumnSource::kGroup, name, outcome_of};
  }
  return ResolveColumn(name, outcome_of, persons.columns, scores);
}

TrioFrame BuildTrioFrame(const Cohort& cohort, const PersonColumns& persons,
                         const ScoreColumns& scores, const TrioFrameSpec& spec) {
  return TrioFrames(cohort, persons, scores, spec).Of(spec.score);
}

TrioFrames::TrioFrames(const Cohort& cohort, const PersonColumns& persons,
                       const ScoreColumns& scores, TrioFrameSpec spec)
    : builder_(std::make_unique<Builder>(cohort, persons, scores, std::move(spec))) {}
TrioFrames::~TrioFrames() = default;

TrioFrame TrioFrames::Of(const std::string& score) { return builder_->Of(score); }

}  // namespace kinflow::family
