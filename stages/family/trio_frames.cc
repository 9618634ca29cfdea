#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "stages/family/frame_memo.h"
#include "stages/family/score_scale.h"
#include "stages/family/steps.h"
#include "stages/family/trio_frame.h"
#include "stages/family/trio_rows.h"

namespace kinflow::family {
class TrioFrames::Builder {
 public:
  Builder(const Cohort& cohort, const PersonColumns& persons, const ScoreColumns& scores,
          TrioFrameSpec spec, TrioRowsOf rows_of)
      : cohort_(cohort),
        persons_(persons),
        scores_(scores),
        spec_(std::move(spec)),
        rows_of_(std::move(rows_of)) {}

  TrioFrame Of(const std::string& score) {
    {
      const std::lock_guard lock(preparing_);
      if (!prepared_) Prepare();
    }
    TrioFrame out;
    out.frame = common_;
    out.without_wave = rows_->without_wave();
    for (const Prepared& column : columns_) {
      if (column.source.kind == ColumnSource::kScore) {
        AddScore(column, column.source.name.empty() ? score : column.source.name, out);
      } else {
        out.frame.columns.Add(column.name, column.values);
      }
    }
    return out;
  }

 private:
  /// A column of the spec: what is known of it whatever the score.
  struct Prepared {
    std::string name;
    ColumnSource source;
    Table::Column values;           // unless it is a score
    std::vector<uint32_t> samples;  // of a score: whose, of each row
  };

  void Prepare() {
    rows_ = rows_of_({spec_.outcome_of, spec_.children, HasWaves()});
    common_ = {};
    columns_.clear();
    absences_.clear();
    ModelFrame& frame = common_;
    if (rows_->left_out() > 0) {
      frame.excluded.emplace_back(LeftOutReason(spec_.children), rows_->left_out());
    }
    frame.outcome_of = spec_.outcome_of;
    frame.reference = spec_.reference;
    frame.mother = rows_->mother();
    frame.pregnancy = rows_->pregnancy();
    frame.person = rows_->person();
    frame.cluster = Clusters();
    for (const auto& name : spec_.columns) PrepareColumn({name, SourceOf(name), {}, {}});
    frame.absences = std::move(absences_);
    frame.memo = std::make_shared<FrameMemo>();
    prepared_ = true;
  }

  // Columns of long tables ask for a row a wave.
  bool HasWaves() const {
    return std::any_of(spec_.columns.begin(), spec_.columns.end(), [&](const auto& name) {
      const ColumnSource source = SourceOf(name);
      return source.kind == ColumnSource::kPerson && persons_.by_wave.count(source.name) != 0;
    });
  }

  void PrepareColumn(Prepared column) {
    const ColumnSource& source = column.source;
    if (source.kind == ColumnSource::kGroup) {
      column.values = GroupCodes(source);
    } else if (source.kind == ColumnSource::kPerson) {
      const SharedVector<int64_t> rows = PersonRows(source);
      column.values = PersonValues(source, rows);
      AddAbsences(column.name, source, rows);
      common_.info[column.name].person = source.member;
    } else {
      const bool alleles = IsAllelesRole(source.member);
      const std::string whose = alleles ? "child" : source.member;
      for (const Trio& trio : rows_->trios()) {
        column.samples.push_back(TrioRows::SampleOf(trio, whose));
      }
      AddAbsences(column.name, whose, alleles, column.samples);
      const std::string scaled =
          spec_.standardise == Standardise::kCommonSd && !alleles ? "" : whose;
      if (people_.count(scaled) == 0) people_[scaled] = PeopleOf(cohort_, scaled);
    }
    columns_.push_back(std::move(column));
  }

  // Why a person's value is missing in some rows.
  void AddAbsences(const std::string& name, const ColumnSource& source,
                   const std::vector<int64_t>& rows) {
    AbsenceReason unknown{name, source.member + " not in the pedigree", {}};
    const std::string& member = source.member;
    using NoRow = TrioRows::NoRow;
    std::map<NoRow, AbsenceReason> unlisted{
        {NoRow::kNotListed, {name, member + " not in the phenotypes", {}}},
        {NoRow::kOtherPregnancies,
         {name, member + " in the phenotypes with other pregnancies only", {}}},
        {NoRow::kPregnancyOfAnother,
         {name, "pregnancy of another " + member + " in the phenotypes", {}}}};
    for (size_t t = 0; t < rows.size(); ++t) {
      const bool known = !rows_->Iid(t, member).empty(), without = known && rows[t] < 0;
      const NoRow why = without ? rows_->WhyNoRow(t, member) : NoRow::kNotListed;
      unknown.rows.push_back(!known);
      for (auto& [no_row, reason] : unlisted) reason.rows.push_back(without && no_row == why);
    }
    absences_.push_back(std::move(unknown));
    for (auto& [no_row, reason] : unlisted) absences_.push_back(std::move(reason));
  }

  // Why a score is missing in some rows.
  void AddAbsences(const std::string& name, const std::string& whose, bool alleles,
                   const std::vector<uint32_t>& samples) {
    AbsenceReason absent{name, whose + " not genotyped", {}};
    AbsenceReason unscored{
        name,
        alleles ? "no parent of the child genotyped" : whose + " removed by QC or without score",
        {}};
    for (const uint32_t sample : samples) {
      absent.rows.push_back(sample == SampleTable::kAbsent);
      unscored.rows.push_back(sample != SampleTable::kAbsent);
    }
    absences_.push_back(std::move(absent));
    absences_.push_back(std::move(unscored));
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

  // Codes of the pedigree's ids; missing where it has none.
  Table::Ints GroupCodes(const ColumnSource& source) const {
    Table::Strings ids;
    for (size_t t = 0; t < rows_->trios().size(); ++t) {
      if (source.name == "family") {
        ids.push_back(rows_->Child(t).fid);
      } else if (source.name == "pregnancy") {
        ids.push_back(rows_->PregnancyOf(t));
      } else {
        ids.push_back(rows_->Iid(t, source.member));
      }
    }
    Table::Ints codes = CodesOf(std::move(ids));
    std::replace(codes.begin(), codes.end(), int64_t{-1}, Table::kMissingInt);
    return codes;
  }

  // Alleles that a parent passed on to the child, or did not: in units of the SD of the sum of both
  // parents' t_ scores, which is the child's own score.
  void AddAlleles(const Prepared& column, const std::string& score, TrioFrame& out) const {
    const std::string& member = column.source.member;
    const auto members = scores_.by_child.find(score);
    if (members == scores_.by_child.end() || members->second.count(member) == 0) {
      throw Error(ErrorId::kModelFailed, "a score has no values by parent of origin")
          .Field("scores")
          .Value(score)
          .Remedy("set scores.families.transmitted: true; only additive scores have them");
    }
    ScoreScale scale{score, member, 0, 1, 0};
    if (spec_.standardise != Standardise::kNone) {
      scale = AllelesScale(people_.at("child"), members->second, score, member,
                           spec_.standardise == Standardise::kOwn);
    }
    Add(column, members->second.at(member), nullptr, scale, out);
  }

  void AddScore(const Prepared& column, const std::string& score, TrioFrame& out) const {
    const auto at = std::find(scores_.names.begin(), scores_.names.end(), score);
    if (at == scores_.names.end()) {
      // Known only now, and it may have failed alone: the other analyses go on.
      throw Error(ErrorId::kModelFailed, fmt::format("score {} is not among those computed", score))
          .Field("scores")
          .Value(score)
          .Remedy("see in match_scores.tsv and score_adjustment.tsv whether it failed");
    }
    const std::string& member = column.source.member;
    if (IsAllelesRole(member)) return AddAlleles(column, score, out);
    const auto& values = scores_.values[static_cast<size_t>(at - scores_.names.begin())];
    Add(column, values, ImputedOf(score, member), Scale(score, member, values, out), out);
  }

  /// Values by child of a member without genotypes; null = none.
  const std::vector<double>* ImputedOf(const std::string& score, const std::string& member) const {
    if (!spec_.imputed_parents) return nullptr;
    const auto members = scores_.by_child.find(score);
    if (members == scores_.by_child.end()) return nullptr;
    const auto values = members->second.find(member);
    return values == members->second.end() ? nullptr : &values->second;
  }

  /// The common one is the same for all members in the frame.
  ScoreScale Scale(const std::string& score, const std::string& member,
                   const std::vector<double>& values, const TrioFrame& frame) const {
    if (spec_.standardise == Standardise::kNone) return {score, member, 0, 1, 0};
    if (spec_.standardise == Standardise::kOwn) {
      return ScaleOf(people_.at(member), values, score, member);
    }
    for (ScoreScale known : frame.scales) {
      if (known.score != score || !IsMemberRole(known.member)) continue;
      known.member = member;
      return known;
    }
    return ScaleOf(people_.at(""), values, score, member);
  }

  void Add(const Prepared& column, const std::vector<double>& values,
           const std::vector<double>* imputed, const ScoreScale& scale, TrioFrame& out) const {
    Table::Doubles scaled(column.samples.size());
    for (size_t t = 0; t < scaled.size(); ++t) {
      const uint32_t sample = column.samples[t];
      scaled[t] = sample == SampleTable::kAbsent ? kNan : values[sample];
    }
    for (size_t t = 0; imputed != nullptr && t < scaled.size(); ++t) {
      const uint32_t child = rows_->trios()[t].child;
      if (std::isnan(scaled[t]) && child != SampleTable::kAbsent) scaled[t] = (*imputed)[child];
    }
    for (double& value : scaled) value = (value - scale.mean) / scale.sd;
    out.frame.columns.Add(column.name, std::move(scaled));
    out.frame.info[column.name] = {scale.member, scale.score};
    out.scales.push_back(scale);
  }

  // Of each trio the row of its person in the phenotypes; -1 = none.
  SharedVector<int64_t> PersonRows(const ColumnSource& source) const {
    return rows_->PersonRows(source.member, persons_.by_wave.count(source.name) != 0);
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

  SharedVector<int64_t> Clusters() const {
    if (spec_.cluster == ClusterBy::kMother) return rows_->mother();
    if (spec_.cluster == ClusterBy::kFamily) {
      return CodesOf(GroupCodes({ColumnSource::kGroup, "family", "child"}));
    }
    if (spec_.cluster == ClusterBy::kNone) return {};
    const ColumnSource source =
        ResolveGroup(spec_.cluster_column, spec_.outcome_of, persons_, scores_.names);
    return CodesOf(source.kind == ColumnSource::kGroup ? GroupCodes(source)
                                                       : PersonValues(source, PersonRows(source)));
  }

  const Cohort& cohort_;
  const PersonColumns& persons_;
  const ScoreColumns& scores_;
  const TrioFrameSpec spec_;
  const TrioRowsOf rows_of_;
  std::mutex preparing_;  // guards what follows until it is prepared
  bool prepared_ = false;
  std::shared_ptr<const TrioRows> rows_;
  ModelFrame common_;  // without columns
  std::vector<AbsenceReason> absences_;
  std::vector<Prepared> columns_;
  std::map<std::string, std::vector<uint32_t>> people_;  // whose scores give a scale, by member
};

TrioFrame BuildTrioFrame(const Cohort& cohort, const PersonColumns& persons,
                         const ScoreColumns& scores, const TrioFrameSpec& spec) {
  return TrioFrames(cohort, persons, scores, spec).Of(spec.score);
}

TrioFrames::TrioFrames(const Cohort& cohort, const PersonColumns& persons,
                       const ScoreColumns& scores, TrioFrameSpec spec, TrioRowsOf rows_of) {
  if (!rows_of) {
    rows_of = [&cohort, &persons](const TrioRowsSpec& rows) {
      return std::make_shared<const TrioRows>(cohort, persons, rows);
    };
  }
  builder_ = std::make_unique<Builder>(cohort, persons, scores, std::move(spec), rows_of);
}
TrioFrames::~TrioFrames() = default;

TrioFrame TrioFrames::Of(const std::string& score) { return builder_->Of(score); }

}  // namespace kinflow::family
