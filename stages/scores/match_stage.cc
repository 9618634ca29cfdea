#include "stages/scores/match_stage.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/formats/frequency_file.h"
#include "stages/scores/build_detector.h"
#include "stages/scores/lift.h"
#include "stages/scores/many_columns.h"
#include "stages/scores/match.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/match_warnings.h"
#include "stages/scores/score_check.h"
#include "stages/scores/shared_lines.h"

namespace kinflow {
namespace {

/// Scores [begin, end) are labelled and written together: those of a wide table, or so many that
/// threads have enough to do.
size_t EndOfGroup(const std::vector<ScoreLines::Score>& scores, size_t begin) {
  constexpr size_t kMostLines = 1 << 18, kMostScores = 256;
  const uint32_t table = scores[begin].table;
  size_t end = begin, lines = 0;
  const auto full = [&] {
    return end - begin >= kColumnsTogether && (lines >= kMostLines || end - begin >= kMostScores);
  };
  while (end < scores.size() && scores[end].table == table &&
         (table != ScoreLines::kNoTable || !full())) {
    lines += scores[end++].entries.size();
  }
  return end;
}

/// One run of the stage: reads files into batches, matches and writes each batch.
class Matching {
 public:
  Matching(const MatchStage& stage, const MatchStage::Setup& setup, RunContext& run,
           const StageKeys& keys)
      : stage_(stage), setup_(setup), run_(run), keys_(keys) {}

  void Run() {
    target_ = setup_.open_target(run_, keys_);
    if (setup_.chain) lift_.emplace(setup_.chain->path, setup_.build, setup_.min_lifted);
    run_.progress.Start("match", setup_.files.size(), "score files");
    for (size_t begin = 0, end = 0; begin < setup_.files.size(); begin = end) {
      run_.stop.Check();
      end = begin + 1;
      while (end < setup_.files.size() && setup_.files[end].continues) ++end;
      AddFiles(std::span(setup_.files).subspan(begin, end - begin));
      run_.progress.Add(end - begin);
    }
    if (!lines_.scores().empty() || !failures_.empty() || shards_.empty()) FlushBatch();
    Seal();
    run_.progress.Finish();
  }

 private:
  /// A file, or the files that hold the parts of one score.
  void AddFiles(std::span<const ScoreFileInput> parts) {
    std::vector<std::string> names;  // of its scores, as far as they are known
    size_t first = lines_.scores().size();
    const ScoreFileInput* reading = &parts.front();
    try {
      for (const ScoreFileInput& part : parts) {
        reading = &part;
        ScoreFileReader reader(part.path, part.reading);
        if (names.empty()) names = reader.scores();
        const std::string from = LiftedFrom(reader, part);
        if (from.empty()) RequireBuild(reader, part.path, setup_.build);
        Warn(reader.warnings());
        if (part.continues) {
          Continue(reader, part.path, from);
        } else {
          first = Append(reader, part.path, from);
        }
        // Parts of a score may state the rows of all.
        const std::string length = parts.size() == 1 ? reader.LengthWarning() : "";
        if (!length.empty()) Warn({length});
      }
      TakeNames(first, parts.front().path);
    } catch (const Error& e) {
      if (e.exit_code() != ExitCode::kInput) throw;
      lines_.scores().resize(std::min(first, lines_.scores().size()));
      for (std::string& name : names) name = FinalName(name);
      if (names.empty()) names.push_back(BaseName(reading->path));
      Fail(names, reading->path, e);
    }
  }

  /// The build that a file's positions are lifted from; "" = they are not.
  std::string LiftedFrom(const ScoreFileReader& reader, const ScoreFileInput& file) {
    if (!lift_ || !reader.has_positions()) return "";
    const std::string build =
        reader.build().empty() ? BuildOfLines(file.path, file.reading) : reader.build();
    if (build.empty()) {
      Warn(
          {fmt::format("{}: not lifted, as its genome build is neither stated nor told by common "
                       "SNPs; state it: scores.tables: {{files: ..., build: ...}}",
                       BaseName(file.path))});
    }
    return build == lift_->build() ? "" : build;
  }

  /// Returns the place of the file's first score. `from`: LiftedFrom.
  size_t Append(ScoreFileReader& reader, const std::string& path, const std::string& from) {
    const MatchBy by = WayToMatch(reader, path, setup_.options.match.by);
    const bool full = by != by_ || lines_.size() >= setup_.batch_lines;
    if (full && !lines_.scores().empty()) FlushBatch();
    by_ = by;
    const size_t first = lines_.scores().size();
    if (from.empty()) {
      AppendScoreFile(reader, path, by == MatchBy::kId, lines_);
      return first;
    }
    try {
      Warn({lift_->Append(reader, from, path, by == MatchBy::kId, false, lines_)});
    } catch (...) {
      lines_.scores().resize(first);
      throw;
    }
    return first;
  }

  void Continue(ScoreFileReader& reader, const std::string& path, const std::string& from) {
    if (WayToMatch(reader, path, setup_.options.match.by) != by_) {
      throw Error(ErrorId::kFormatUnknown, "parts of a score differ in whether they have positions")
          .InFile(path)
          .Remedy("give all parts the same columns, or say scores.match.by");
    }
    if (!from.empty()) {
      Warn({lift_->Append(reader, from, path, by_ == MatchBy::kId, true, lines_)});
    } else {
      ContinueScore(reader, path, by_ == MatchBy::kId, lines_);
    }
  }

  void Warn(const std::vector<std::string>& warnings) {
    for (const auto& w : warnings) {
      warnings_.push_back(w);
      run_.log.Warn("{}", w);
    }
  }

  std::string FinalName(const std::string& own) const {
    return FinalScoreName(setup_.options.names, own);
  }

  /// Final names of the scores from `first` on; a name already taken fails its score, as a weight
  /// in its column of a wide table does.
  void TakeNames(size_t first, const std::string& path) {
    auto& scores = lines_.scores();
    for (size_t s = first; s < scores.size();) {
      scores[s].name = FinalName(scores[s].name);
      const auto fault = scores[s].fault
                             ? std::optional<Error>(*scores[s].fault)
                             : FaultOfName(scores[s].name, !names_.insert(scores[s].name).second);
      if (!fault) {
        ++s;
        continue;
      }
      Fail({scores[s].name}, path, *fault);
      scores.erase(scores.begin() + static_cast<std::ptrdiff_t>(s));
    }
  }

  /// All scores of one file fail alike; the log names the first.
  void Fail(const std::vector<std::string>& names, const std::string& path, const Error& error) {
    const std::string more =
        names.size() > 1 ? fmt::format(" and {} more of {}", names.size() - 1, BaseName(path)) : "";
    run_.log.Warn("score {}{}: {} {}", names.front(), more, ErrorName(error.id()), error.OneLine());
    for (const auto& name : names) failures_.push_back({name, path, error});
  }

  void FlushBatch() {
    MatchFinder found(lines_, by_, setup_.options.match.strand());
    if (lines_.size() > 0) {
      TargetShard part;
      target_->Rewind();
      while (target_->NextShard(part)) {
        run_.stop.Check();
        found.Add(part);
        if (!build_seen_) AddVariants(part.variants, genotype_build_);
      }
      if (!build_seen_) CheckGenotypeBuild(genotype_build_, lift_ ? lift_->build() : setup_.build);
      build_seen_ = true;
    }
    found.Finish();
    if (setup_.frequencies && !lines_.scores().empty()) TakeFrequencies(found);
    auto shard =
        run_.store.BeginShard(stage_.kind(), keys_.self, static_cast<uint32_t>(shards_.size()));
    MatchShardWriter writer(shard->file(), setup_.dataset, target_->filters());
    const auto& scores = lines_.scores();
    for (size_t begin = 0, end = 0; begin < scores.size(); begin = end) {
      end = EndOfGroup(scores, begin);
      const uint32_t table = scores[begin].table;
      if (table == ScoreLines::kNoTable) {
        AddScores(begin, end, found, writer);
      } else {
        AddTable(begin, end, found, writer);
      }
    }
    for (const auto& failure : failures_) writer.Add(failure);
    writer.Finish(target_->founders());
    shards_.push_back(shard->Commit(0));
    lines_.Clear();
    failures_.clear();
  }

  /// Scores with lines of their own.
  void AddScores(size_t begin, size_t end, const MatchFinder& found, MatchShardWriter& writer) {
    const auto& scores = lines_.scores();
    const MatchRules& rules = setup_.options.match;
    std::vector<std::optional<Error>> faults(end - begin);
    std::vector<ScoreMatch> matches(end - begin);
    oneapi::tbb::parallel_for(size_t{0}, matches.size(), [&](size_t i) {
      const ScoreLines::Score& s = scores[begin + i];
      faults[i] = BuildFault(s.entries, s);
      if (!faults[i]) matches[i] = LabelScore(lines_, begin + i, found, rules);
    });
    std::vector<MatchShardWriter::ScoreLog> logs;
    writer.ShareRows({});
    for (size_t i = 0; i < matches.size(); ++i) {
      const ScoreLines::Score& s = scores[begin + i];
      if (faults[i]) {
        Fail({s.name}, s.file, *faults[i]);
        continue;
      }
      Report(s.name, matches[i], begin + i);
      logs.push_back({s.name, s.entries, matches[i].log});
      writer.Add(lines_, begin + i, matches[i], s.name);
    }
    writer.AddLogs(logs, lines_, found, rules);
  }

  /// The scores of one wide table: their lines are labelled and logged once.
  void AddTable(size_t begin, size_t end, const MatchFinder& found, MatchShardWriter& writer) {
    const auto& scores = lines_.scores();
    const MatchRules& rules = setup_.options.match;
    const SharedLines shared(lines_, begin, end, found, rules);
    if (auto fault = BuildFault(shared.entries(), scores[begin])) {
      std::vector<std::string> names;
      for (size_t s = begin; s < end; ++s) names.push_back(scores[s].name);
      Fail(names, scores[begin].file, *fault);
      return;
    }
    const std::string accession = LogName(BaseName(scores[begin].file));
    const std::vector<LabelledCandidate> log = shared.Log();
    writer.AddLogs({{accession, shared.entries(), log}}, lines_, found, rules);
    writer.ShareRows(shared.Rows());
    for (size_t first = begin; first < end; first += kColumnsTogether) {
      run_.stop.Check();
      std::vector<ScoreMatch> matches(std::min(kColumnsTogether, end - first));
      oneapi::tbb::parallel_for(size_t{0}, matches.size(),
                                [&](size_t i) { matches[i] = shared.Label(first + i); });
      for (size_t i = 0; i < matches.size(); ++i) {
        Report(scores[first + i].name, matches[i], first + i);
        writer.Add(lines_, first + i, matches[i], accession);
      }
    }
  }

  /// A name for the log that no other table has, and no score so far.
  std::string LogName(const std::string& file) {
    std::string name = file;
    for (int n = 2; names_.contains(name) || !tables_.insert(name).second; ++n) {
      name = fmt::format("{}#{}", file, n);
    }
    return name;
  }

  /// What the positions of lines, lifted or not, say against their file or the genotypes.
  std::optional<Error> BuildFault(const std::vector<ScoreLines::Entry>& entries,
                                  const ScoreLines::Score& s) const {
    if (by_ == MatchBy::kId) return std::nullopt;
    BuildDetector found;
    for (const auto& entry : entries) {
      found.Add(lines_.chrom(entry.line), lines_.pos(entry.line), lines_.effect_allele(entry.line),
                lines_.other_allele(entry.line));
    }
    const std::string target =
        setup_.build.empty() ? genotype_build_.Build() : NormaliseBuild(setup_.build);
    return FaultOfBuild(found, s.build, target, s.file);
  }

  void TakeFrequencies(MatchFinder& found) {
    FrequencyFileReader file(setup_.frequencies->path);
    const uint64_t known = found.UseFrequencies(file), all = found.targets().size();
    if (known == all) return;
    Warn(
        {fmt::format("{} of {} variants that lines may match are not in {}: their frequency among "
                     "the founders is used",
                     all - known, all, BaseName(file.path()))});
  }

  /// What the log says of a score.
  void Report(const std::string& name, const ScoreMatch& match, size_t score) {
    Warn(MatchWarnings(name, match, lines_, score, by_, setup_.options.match));
    if (!match.pass) {
      run_.log.Warn("score {}: {} {}", name, ErrorName(match.error), match.message);
    } else {
      run_.log.Info("score {}: {} of {} lines matched ({:.1f} %)", name, match.matched, match.lines,
                    100 * match.match_rate());
    }
  }

  void Seal() {
    Manifest manifest = NewManifest(stage_, keys_);
    manifest.shards = shards_;
    manifest.warnings = warnings_;
    if (target_->founders() < 50) {
      manifest.warnings.push_back(fmt::format(
          "missing genotypes are imputed from frequencies among {} people; fewer than 50 give poor "
          "ones",
          target_->founders()));
    }
    run_.store.Seal(manifest);
  }

  const MatchStage& stage_;
  const MatchStage::Setup& setup_;
  RunContext& run_;
  const StageKeys& keys_;
  std::unique_ptr<TargetVariants> target_;
  std::optional<Lift> lift_;
  BuildDetector genotype_build_;
  bool build_seen_ = false;
  MatchBy by_ = MatchBy::kPosition;
  ScoreLines lines_;
  std::set<std::string> names_, tables_;  // of scores; of wide tables in the log
  std::vector<ScoreFailure> failures_;
  std::vector<ShardRecord> shards_;
  std::vector<std::string> warnings_;
};

}  // namespace

MatchStage::MatchStage(Setup setup) : setup_(std::move(setup)) {}

std::map<std::string, Digest> MatchStage::files() const {
  std::map<std::string, Digest> out = setup_.target_files;
  for (size_t i = 0; i < setup_.files.size(); ++i) {
    // The base name counts (it may name the score), the folder does not.
    out.emplace(fmt::format("scores.{:05}:{}", i, BaseName(setup_.files[i].path)),
                setup_.files[i].digest);
  }
  if (setup_.chain) out.emplace("scores.liftover", setup_.chain->digest);
  if (setup_.frequencies) out.emplace("scores.frequencies", setup_.frequencies->digest);
  return out;
}

std::string MatchStage::options() const {
  auto json = nlohmann::json::parse(setup_.options.MatchJson());
  json["build"] = NormaliseBuild(setup_.build);
  json["dataset"] = setup_.dataset;
  json["batch_lines"] = setup_.batch_lines;
  if (setup_.chain) json["min_lifted"] = setup_.min_lifted;
  for (size_t i = 0; i < setup_.files.size(); ++i) {
    const std::string reading = setup_.files[i].reading.ToJson();
    const std::string key = fmt::format("{:05}", i);
    if (!reading.empty()) json["reading"][key] = nlohmann::json::parse(reading);
    if (setup_.files[i].continues) json["parts"].push_back(i);
  }
  return json.dump();
}

void MatchStage::Run(RunContext& run, const StageKeys& keys) const {
  Matching(*this, setup_, run, keys).Run();
}

}  // namespace kinflow
