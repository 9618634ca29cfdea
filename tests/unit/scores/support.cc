#include "tests/unit/scores/support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "tests/support/test_data.h"

namespace kinflow::test {

VariantTable ReadVariantList(const std::string& path) {
  const bool bim = path.ends_with(".bim");
  VariantTable out;
  LineReader reader(path);
  std::string_view line;
  while (reader.Next(line)) {
    if (line.starts_with('#')) continue;
    const auto f = Split(line.substr(0, 4000), '\t');
    const std::string chrom = NormaliseChrom(f[0]);
    const auto pos = static_cast<uint32_t>(*ParseUint(bim ? f[3] : f[1]));
    if (bim) {
      out.Append(chrom, pos, f[1], f[5], f[4]);
      continue;
    }
    const auto alts = Split(f[4], ',');
    for (const auto alt : alts) {
      out.Append(chrom, pos, f[2], f[3], alt, std::numeric_limits<float>::quiet_NaN(),
                 alts.size() > 1);
    }
  }
  return out;
}

std::vector<double> Genotypes::AltFreq() const {
  std::vector<double> freq;
  for (size_t v = 0; v < variants.size(); ++v) {
    double alt = 0, alleles = 0;
    for (uint32_t s = 0; s < n_samples; ++s) {
      if (At(v, s) < 0) continue;
      alt += static_cast<double>(At(v, s)) / units;
      const bool haploid = !calls.empty() && (calls[v * n_samples + s] & kCallHaploid) != 0;
      alleles += haploid ? 1 : 2;
    }
    freq.push_back(alt / alleles);
  }
  return freq;
}

Genotypes ReadBed(const std::string& prefix) {
  Genotypes g;
  g.variants = ReadVariantList(prefix + ".bim");
  LineReader fam(prefix + ".fam");
  std::string_view line;
  while (fam.Next(line)) g.iids.emplace_back(SplitBlanks(line)[1]);
  g.n_samples = static_cast<uint32_t>(g.iids.size());
  const std::string bed = ReadFile(prefix + ".bed");
  const size_t row_bytes = (g.n_samples + 3) / 4;
  for (size_t v = 0; v < g.variants.size(); ++v) {
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      const auto byte = static_cast<uint8_t>(bed[3 + v * row_bytes + s / 4]);
      constexpr int32_t kAlt[] = {2, -1, 1, 0};
      g.values.push_back(kAlt[byte >> (2 * (s % 4)) & 3]);
    }
  }
  return g;
}

bool MemoryTarget::NextShard(TargetShard& shard) {
  shard = {};
  for (; next_ < variants_.size() && shard.rows.size() < part_; ++next_) {
    shard.variants.Append(variants_, next_);
    shard.rows.push_back(next_);
    shard.alt_freq.push_back(alt_freq_.empty() ? 0.25 : alt_freq_[next_]);
    shard.removed_by.push_back(0);
  }
  return !shard.rows.empty();
}

const ScoreMatch& Matched::Of(const std::string& name) const {
  for (size_t s = 0; s < scores.size(); ++s) {
    if (lines->scores()[s].name == name) return scores[s];
  }
  throw Error(ErrorId::kInternal, "no such score: " + name);
}

Matched MatchFile(const std::string& path, const VariantTable& variants, const MatchRules& rules,
                  MatchBy by) {
  Matched out;
  out.lines = std::make_unique<ScoreLines>();
  ScoreFileReader reader(path);
  AppendScoreFile(reader, path, true, *out.lines);
  out.found = std::make_unique<MatchFinder>(*out.lines, by, rules.strand());
  MemoryTarget target(variants, {}, variants.size() + 1);
  TargetShard all;
  if (target.NextShard(all)) out.found->Add(all);
  out.found->Finish();
  for (size_t s = 0; s < out.lines->scores().size(); ++s) {
    out.scores.push_back(LabelScore(*out.lines, s, *out.found, rules));
  }
  return out;
}

Matched MatchText(const std::string& text, const VariantTable& variants, const MatchRules& rules,
                  MatchBy by) {
  return MatchFile(WriteFile("score.txt", text), variants, rules, by);
}

TestRun::TestRun()
    : folder(TempFolder()),
      store(folder),
      log("", LogLevel::kError),
      progress(Progress::Mode::kNone),
      context{{log, progress, stop}, store} {}

namespace {

void FillTile(const Genotypes& g, size_t first, size_t rows, DosageEncoding::Layout layout,
              DosageTile& tile) {
  tile.Shape(g.n_samples, {layout, g.units, 0}, rows);
  std::fill_n(tile.values.data(), tile.stride_bytes * rows, uint8_t{0});
  tile.variants.Clear();
  tile.first_variant = first;
  tile.calls.Resize(g.calls.empty() ? 0 : rows * g.n_samples);
  for (size_t r = 0; r < rows; ++r) {
    tile.variants.Append(g.variants, first + r);
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      const int32_t v = g.At(first + r, s);
      const uint32_t stored = v < 0 ? tile.encoding.missing() : static_cast<uint32_t>(v);
      if (layout == DosageEncoding::Layout::kTwoBit) {
        tile.Row(r)[s / 4] |= static_cast<uint8_t>(stored << (2 * (s % 4)));
      } else if (layout == DosageEncoding::Layout::kU8) {
        tile.Row(r)[s] = static_cast<uint8_t>(stored);
      } else {
        tile.RowU16(r)[s] = static_cast<uint16_t>(stored);
      }
      if (!g.calls.empty()) {
        tile.calls.data()[r * g.n_samples + s] = g.calls[(first + r) * g.n_samples + s];
      }
    }
  }
}

}  // namespace

void ScanOnce(TileSink& sink, const Genotypes& g, const ScanShapeForTest& shape) {
  const size_t n = g.variants.size();
  for (uint32_t shard = sink.CommittedShards(); shard * shape.shard_variants < n; ++shard) {
    const size_t end = std::min(n, (shard + 1) * shape.shard_variants);
    sink.BeginShard(shard);
    for (size_t v = shard * shape.shard_variants; v < end; v += shape.tile_variants) {
      DosageTile tile;
      tile.shard = shard;
      FillTile(g, v, std::min(shape.tile_variants, end - v), shape.layout, tile);
      sink.BeginTile(tile);
      const uint32_t all = sink.partition() == TileSink::Partition::kBySamples
                               ? g.n_samples
                               : static_cast<uint32_t>(tile.rows());
      const uint32_t part = std::min(shape.part_samples, all);
      for (uint32_t at = 0; at < all; at += part) {
        sink.Consume(tile, {at, std::min(all, at + part)});
      }
      sink.EndTile(tile);
    }
    sink.SealShard(shard);
  }
  sink.Finish();
}

void Scan(TileSink& sink, const Genotypes& g, const ScanShapeForTest& shape) {
  do {
    ScanOnce(sink, g, shape);
  } while (sink.WantsAnotherScan());
}

std::unique_ptr<ScoreSink> SinkOf(ArtifactStore& store, const Manifest& manifest,
                                  const MatchedScores& scores, uint32_t n_samples,
                                  const WeightingRules& rules, const ScoredPeople& people,
                                  uint64_t checkpoint_genotypes, uint32_t batch_samples) {
  ScoreWeights weights(rules);
  std::vector<MatchedScore> all;
  for (size_t s = 0; s < scores.names.size(); ++s) {
    all.push_back({scores.names[s], scores.weights[s]});
  }
  weights.Add(all);
  weights.Finish();
  return std::make_unique<ScoreSink>(
      store, manifest, std::move(weights),
      ScoreSink::Setup{n_samples, people, checkpoint_genotypes, batch_samples});
}

ScoreSums Score(const Genotypes& genotypes, const std::vector<ScoreMatch>& matches,
                const std::vector<std::string>& names, const ScanShapeForTest& shape,
                bool mean_imputation, const ScoredPeople& people, uint64_t checkpoint_genotypes) {
  TestRun run;
  MatchedScores scores;
  scores.names = names;
  scores.founders = genotypes.n_samples;
  const auto freq = genotypes.AltFreq();
  for (const auto& match : matches) {
    scores.weights.push_back(match.weights);
    for (auto& w : scores.weights.back()) w.alt_freq = freq[w.row];
  }
  Manifest manifest;
  manifest.stage = manifest.kind = "scores";
  manifest.version = 1;
  manifest.key = HashBytes("test");
  manifest.options_json = mean_imputation ? R"({"missing":"mean"})" : R"({"missing":"none"})";
  const auto sink = SinkOf(run.store, manifest, scores, genotypes.n_samples, {mean_imputation},
                           people, checkpoint_genotypes);
  Scan(*sink, genotypes, shape);
  return ReadScoreSums(run.store, *run.store.Find("scores", manifest.key));
}

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = TempFolder() + "/" + name;
  WriteFileAtomically(path, text);
  return path;
}

Error Thrown(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(ErrorId::kInternal, "nothing thrown");
}

}  // namespace kinflow::test
