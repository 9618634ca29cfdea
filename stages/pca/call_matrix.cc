#include "stages/pca/call_matrix.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/graph/process_memory.h"
#include "pipeline/graph/stop_signal.h"
#include "pipeline/kernels/block_products.h"
#include "pipeline/kernels/call_planes.h"
#include "pipeline/kernels/pair_counts.h"
#include "stages/kinship/call_groups.h"

namespace kinflow::pca {
namespace {

using kinship::kStripGroups;

// What a task unfolds at once: a few words of variants of some groups of people, 256 KiB of floats.
constexpr size_t kTaskWords = 4, kTaskGroups = 32;
constexpr size_t kTaskPeople = kTaskGroups * kPairGroup;
constexpr size_t kSlots = 64;  // variants of a word

// What PCA holds beside the calls and what is known of people: the Lanczos basis is asked for by
// its owner.
constexpr uint64_t kAtWork = 64ull << 20;

}  // namespace

/// Some thousand variants of all people.
struct CallMatrix::Piece {
  size_t shard = 0;
  uint32_t number = 0;
  size_t words = 0;
  uint64_t first_variant = 0, variants = 0;  // of the artifact
  std::vector<CallValues> values;            // by word
  std::vector<uint64_t> varies;              // by word, a bit a variant
  std::vector<double> frequency;             // by variant
  std::vector<std::vector<uint64_t>> strips;

  void MakeRoom() {
    values.resize(words);
    varies.assign(words, 0);
    frequency.assign(words * kSlots, std::numeric_limits<double>::quiet_NaN());
  }
  /// What the calls of a variant stand for; false: it does not vary.
  bool SetFrequency(size_t variant, double p) {
    const size_t w = variant / kSlots, v = variant % kSlots;
    const double sd = std::sqrt(2 * p * (1 - p));
    frequency[variant] = p;
    if (!(sd > 0)) return false;  // no call, or one allele alone
    varies[w] |= uint64_t{1} << v;
    for (size_t c = 0; c < 3; ++c) {
      values[w].values[c][v] = static_cast<float>((static_cast<double>(c) - 2 * p) / sd);
    }
    return true;
  }
  /// Lower bits of a person's calls at the first word; the upper ones lie kPairGroup further.
  const uint64_t* Calls(uint32_t sample) const {
    const uint32_t group = CallPlanes::GroupOf(sample);
    return strips[group / kStripGroups].data() + (group % kStripGroups) * words * kGroupWords +
           CallPlanes::LaneOf(sample);
  }
  /// Numbers of words [word, word + n) of the people of `people`, a column each.
  void Unfold(std::span<const uint32_t> people, size_t word, size_t n,
              const CallValues* word_values, Block& out) const {
    out.resize(static_cast<int64_t>(n * kSlots), static_cast<int64_t>(people.size()));
    for (size_t j = 0; j < people.size(); ++j) {
      const uint64_t* low = Calls(people[j]) + word * kGroupWords;
      CallsToValues(low, low + kPairGroup, kGroupWords, n, word_values,
                    out.data() + j * n * kSlots);
    }
  }
};

CallMatrix::Narrow::Narrow(const Eigen::MatrixXd& matrix)
    : width(matrix.cols()),
      rows(Rows::Zero(matrix.rows(),
                      static_cast<int64_t>(PaddedWidth(static_cast<size_t>(matrix.cols()))))) {
  rows.leftCols(width) = matrix.cast<float>();
}

CallMatrix::CallMatrix(const RunContext& run, const Manifest& calls,
                       const std::vector<uint8_t>& fitted)
    : run_(run), calls_(calls), n_samples_(static_cast<uint32_t>(fitted.size())) {
  for (uint32_t s = 0; s < n_samples_; ++s) {
    if (fitted[s] != 0) fitted_.push_back(s);
  }
  FindPieces();
  Standardise();
}

CallMatrix::CallMatrix(const RunContext& run, const Manifest& calls, uint32_t n_samples,
                       const std::vector<double>& frequency)
    : run_(run), calls_(calls), n_samples_(n_samples) {
  FindPieces();
  if (frequency.size() != AllVariants()) {
    throw Error(ErrorId::kInternal, "frequencies are of other variants than the calls");
  }
  for (const auto& place : places_) {
    place->MakeRoom();
    for (uint64_t v = 0; v < place->variants; ++v) {
      variants_ += place->SetFrequency(v, frequency[place->first_variant + v]) ? 1 : 0;
    }
  }
}

/// Where the calls of each piece are, and whether memory has room for all of them.
void CallMatrix::FindPieces() {
  uint64_t before = 0;
  for (size_t i = 0; i < calls_.shards.size(); ++i) {
    const H5Reader file = run_.store.Open(calls_, i);
    const auto pieces = static_cast<uint32_t>(file.AttributeInt("/", "pieces"));
    const auto of_shard = static_cast<uint64_t>(file.AttributeInt("/", "variants"));
    for (uint32_t p = 0; p < pieces; ++p) {
      auto piece = std::make_unique<Piece>();
      piece->shard = i;
      piece->number = p;
      const uint64_t done = p * kinship::kPieceWords * kSlots;
      piece->first_variant = before + done;
      piece->variants = std::min<uint64_t>(of_shard - done, kinship::kPieceWords * kSlots);
      piece->words = (piece->variants + kSlots - 1) / kSlots;
      places_.push_back(std::move(piece));
    }
    before += of_shard;
  }
  kept_.resize(places_.size());
  const uint64_t rest = ProcessBytes(n_samples_) + kAtWork;
  const uint64_t room = run_.memory_bytes > rest ? (run_.memory_bytes - rest) / 2 : 0;
  keeps_all_ = kinship::StripBytes(before) * kinship::StripCount(n_samples_) <= room;
}

CallMatrix::~CallMatrix() = default;

std::shared_ptr<const CallMatrix::Piece> CallMatrix::Get(size_t i) const {
  run_.stop.Check();
  if (kept_[i]) return kept_[i];
  auto piece = std::make_shared<Piece>(*places_[i]);
  const H5Reader file = run_.store.Open(calls_, piece->shard);
  for (uint32_t s = 0; s < kinship::StripCount(n_samples_); ++s) {
    piece->strips.push_back(file.ReadU64(kinship::PiecePath(piece->number, s)));
    if (piece->strips.back().size() !=
        kinship::GroupsInStrip(n_samples_, s) * piece->words * kGroupWords) {
      throw Error(ErrorId::kShardDamaged, "a piece of calls has another size than its strip")
          .InFile(file.path());
    }
  }
  if (keeps_all_) kept_[i] = piece;
  return piece;
}

std::vector<double> CallMatrix::CallRates(const RunContext& run, const Manifest& calls,
                                          uint32_t n_samples) {
  uint64_t variants = 0;
  std::vector<uint64_t> missing(n_samples, 0);
  for (const ShardRecord& shard : calls.shards) variants += shard.rows;
  for (uint32_t strip = 0; strip < kinship::StripCount(n_samples); ++strip) {
    run.stop.Check();
    const kinship::Strip read = kinship::ReadStrip(run.store, calls, n_samples, strip);
    const uint32_t groups = kinship::GroupsInStrip(n_samples, strip);
    for (const auto& piece : read.pieces) {
      for (uint32_t g = 0; g < groups; ++g) {
        const uint64_t* bits = piece.Group(g);
        for (uint32_t lane = 0; lane < kPairGroup; ++lane) {
          const uint32_t s = CallPlanes::SampleOf(strip * kStripGroups + g, lane);
          for (size_t w = 0; s < n_samples && w < piece.words; ++w) {
            const uint64_t* low = bits + w * kGroupWords + lane;
            missing[s] += static_cast<uint64_t>(std::popcount(low[0] & low[kPairGroup]));
          }
        }
      }
    }
    // Variants that fill up the last word of a piece are missing in everybody.
    if (strip + 1 == kinship::StripCount(n_samples)) {
      uint64_t slots = 0;
      for (const auto& piece : read.pieces) slots += piece.words * kSlots;
      for (uint64_t& n : missing) n -= slots - variants;
    }
  }
  std::vector<double> rates;
  for (const uint64_t n : missing) {
    rates.push_back(1 - static_cast<double>(n) / static_cast<double>(variants));
  }
  return rates;
}

void CallMatrix::Standardise() {
  const std::span<const uint32_t> people(fitted_);
  // Sums of 1, copies and squared copies over people with a call.
  std::vector<CallValues> one(1), copies(1), squares(1);
  for (size_t v = 0; v < kSlots; ++v) {
    for (size_t c = 0; c < 3; ++c) {
      const auto n = static_cast<float>(c);
      one[0].values[c][v] = 1;
      copies[0].values[c][v] = n;
      squares[0].values[c][v] = n * n;
    }
  }
  for (size_t i = 0; i < places_.size(); ++i) {
    Piece& place = *places_[i];
    const auto piece = Get(i);
    place.MakeRoom();
    std::vector<double> traces(place.words, 0);
    oneapi::tbb::parallel_for(size_t{0}, place.words, [&](size_t w) {
      Eigen::ArrayXd n = Eigen::ArrayXd::Zero(kSlots), sum = n, square = n;
      Block block;
      for (size_t at = 0; at < people.size(); at += kTaskPeople) {
        const auto some = people.subspan(at, std::min(kTaskPeople, people.size() - at));
        const auto add = [&](const std::vector<CallValues>& values, Eigen::ArrayXd& sums) {
          piece->Unfold(some, w, 1, values.data(), block);
          sums += block.rowwise().sum().array().cast<double>();
        };
        add(one, n);
        add(copies, sum);
        add(squares, square);
      }
      for (size_t v = 0; v < kSlots; ++v) {
        const auto k = static_cast<int64_t>(v);
        const double p = sum[k] / (2 * n[k]), sd = std::sqrt(2 * p * (1 - p));
        if (!place.SetFrequency(w * kSlots + v, p)) continue;
        traces[w] += (square[k] - 4 * p * sum[k] + 4 * p * p * n[k]) / (sd * sd);
      }
    });
    for (size_t w = 0; w < place.words; ++w) {
      variants_ += static_cast<uint64_t>(std::popcount(place.varies[w]));
      trace_ += traces[w];
    }
  }
  trace_ /= static_cast<double>(variants_);
  kept_.assign(kept_.size(), nullptr);  // read before their values were known
}

Eigen::MatrixXd CallMatrix::ByVariant(const Piece& piece, const Narrow& rows) const {
  const std::span<const uint32_t> people(fitted_);
  Eigen::MatrixXd result =
      Eigen::MatrixXd::Zero(static_cast<int64_t>(piece.words * kSlots), rows.width);
  const size_t tasks = (piece.words + kTaskWords - 1) / kTaskWords;
  oneapi::tbb::parallel_for(size_t{0}, tasks, [&](size_t t) {
    const size_t word = t * kTaskWords, n = std::min(kTaskWords, piece.words - word);
    Block block, product(static_cast<int64_t>(n * kSlots), rows.rows.cols());
    auto target =
        result.middleRows(static_cast<int64_t>(word * kSlots), static_cast<int64_t>(n * kSlots));
    for (size_t at = 0; at < people.size(); at += kTaskPeople) {
      const auto some = people.subspan(at, std::min(kTaskPeople, people.size() - at));
      piece.Unfold(some, word, n, piece.values.data() + word, block);
      MultiplyBlock({block.data(), n * kSlots, some.size()}, rows.Row(at),
                    static_cast<size_t>(rows.width), product.data());
      target += product.leftCols(rows.width).cast<double>();
    }
  });
  return result;
}

void CallMatrix::AddByPerson(const Piece& piece, const Narrow& slots,
                             std::span<const uint32_t> people, Eigen::MatrixXd& sums) {
  const size_t tasks = (people.size() + kTaskPeople - 1) / kTaskPeople;
  oneapi::tbb::parallel_for(size_t{0}, tasks, [&](size_t t) {
    const size_t at = t * kTaskPeople;
    const auto some = people.subspan(at, std::min(kTaskPeople, people.size() - at));
    auto target = sums.middleRows(static_cast<int64_t>(at), static_cast<int64_t>(some.size()));
    Block block;
    Narrow::Rows product(static_cast<int64_t>(some.size()), slots.rows.cols());
    for (size_t word = 0; word < piece.words; word += kTaskWords) {
      const size_t n = std::min(kTaskWords, piece.words - word);
      piece.Unfold(some, word, n, piece.values.data() + word, block);
      MultiplyTransposed({block.data(), n * kSlots, some.size()}, slots.Row(word * kSlots),
                         static_cast<size_t>(slots.width), product.data());
      target += product.leftCols(slots.width).cast<double>();
    }
  });
}

Eigen::MatrixXd CallMatrix::GramTimes(const Eigen::MatrixXd& block) const {
  const Narrow rows(block);
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(block.rows(), block.cols());
  for (size_t i = 0; i < places_.size(); ++i) {
    const auto piece = Get(i);
    AddByPerson(*piece, Narrow(ByVariant(*piece, rows)), fitted_, sums);
  }
  return sums / static_cast<double>(variants_);
}

uint64_t CallMatrix::AllVariants() const {
  return places_.empty() ? 0 : places_.back()->first_variant + places_.back()->variants;
}

CallMatrix::Sums CallMatrix::NoSums(int64_t columns) const {
  Sums sums{std::vector<uint32_t>(n_samples_), Eigen::MatrixXd::Zero(n_samples_, columns),
            std::vector<uint64_t>(n_samples_, 0)};
  std::iota(sums.people.begin(), sums.people.end(), 0u);
  return sums;
}

void CallMatrix::AddPiece(const Piece& piece, const Narrow& slots, Sums& sums) const {
  AddByPerson(piece, slots, sums.people, sums.scores);
  for (const uint32_t s : sums.people) {
    const uint64_t* low = piece.Calls(s);
    for (size_t w = 0; w < piece.words; ++w, low += kGroupWords) {
      const uint64_t missing = low[0] & low[kPairGroup];
      sums.called[s] += static_cast<uint64_t>(std::popcount(piece.varies[w] & ~missing));
    }
  }
}

CallMatrix::Scores CallMatrix::Scaled(Sums sums) const {
  Scores result{std::move(sums.scores), {}};
  for (uint32_t s = 0; s < n_samples_; ++s) {
    const double rate = static_cast<double>(sums.called[s]) / static_cast<double>(variants_);
    result.call_rate.push_back(rate);
    result.scores.row(s) *= rate == 0 ? std::numeric_limits<double>::quiet_NaN() : 1 / rate;
  }
  return result;
}

CallMatrix::Scores CallMatrix::ScoresOn(const Eigen::MatrixXd& loadings) const {
  Sums sums = NoSums(loadings.cols());
  for (size_t i = 0; i < places_.size(); ++i) {
    const auto piece = Get(i);
    Eigen::MatrixXd slots =
        Eigen::MatrixXd::Zero(static_cast<int64_t>(piece->words * kSlots), loadings.cols());
    const auto variants = static_cast<int64_t>(piece->variants);
    slots.topRows(variants) =
        loadings.middleRows(static_cast<int64_t>(piece->first_variant), variants);
    AddPiece(*piece, Narrow(slots), sums);
  }
  return Scaled(std::move(sums));
}

CallMatrix::Projection CallMatrix::Project(const Eigen::MatrixXd& vectors) const {
  Projection result;
  result.loadings.resize(static_cast<int64_t>(AllVariants()), vectors.cols());
  result.frequency.resize(AllVariants());
  Sums sums = NoSums(vectors.cols());
  const Narrow rows(vectors);
  for (size_t i = 0; i < places_.size(); ++i) {
    const auto piece = Get(i);
    const Eigen::MatrixXd slots = ByVariant(*piece, rows);
    AddPiece(*piece, Narrow(slots), sums);
    result.loadings.middleRows(static_cast<int64_t>(piece->first_variant),
                               static_cast<int64_t>(piece->variants)) =
        slots.topRows(static_cast<int64_t>(piece->variants));
    std::copy_n(piece->frequency.begin(), piece->variants,
                result.frequency.begin() + static_cast<std::ptrdiff_t>(piece->first_variant));
  }
  static_cast<Scores&>(result) = Scaled(std::move(sums));
  return result;
}

}  // namespace kinflow::pca
