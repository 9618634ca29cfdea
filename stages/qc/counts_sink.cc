#include "stages/qc/counts_sink.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/base/error.h"
#include "pipeline/kernels/missing_calls.h"
#include "pipeline/store/committed_rows.h"
#include "stages/qc/duplicate_variants.h"
#include "stages/qc/haploid_calls.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {
namespace {

/// Those of `people` who are of one sex; kUnknown = all.
std::vector<uint8_t> OfSex(const Cohort& cohort, std::vector<uint8_t> people, Sex sex) {
  for (size_t s = 0; s < people.size(); ++s) {
    if (sex != Sex::kUnknown && cohort.sexes[s] != sex) people[s] = 0;
  }
  return people;
}

std::vector<uint8_t> Without(std::vector<uint8_t> people, const std::vector<uint8_t>& gone) {
  for (size_t s = 0; s < people.size(); ++s) people[s] = people[s] != 0 && gone[s] == 0;
  return people;
}

}  // namespace

struct CountsSink::Masks {
  static std::shared_ptr<const Masks> Of(const Setup& setup) {
    const std::vector<uint8_t> first = setup.cohort->FoundersAmong(setup.kept);
    return std::make_shared<Masks>(*setup.cohort, first, Without(setup.kept, first));
  }
  Masks(const Cohort& cohort, const std::vector<uint8_t>& first, const std::vector<uint8_t>& rest)
      : founders(first),
        others(rest),
        founder_males(OfSex(cohort, first, Sex::kMale)),
        founder_females(OfSex(cohort, first, Sex::kFemale)),
        other_males(OfSex(cohort, rest, Sex::kMale)),
        other_females(OfSex(cohort, rest, Sex::kFemale)) {
    for (uint32_t s = 0; s < first.size(); ++s) {
      if (cohort.sexes[s] != Sex::kUnknown) continue;
      if (first[s] != 0) unknown_founders.push_back(s);
      if (rest[s] != 0) unknown_others.push_back(s);
    }
  }
  std::vector<uint32_t> unknown_founders, unknown_others;  // people of unknown sex
  SampleMask founders, others, founder_males, founder_females, other_males, other_females;
};

/// Counters and scratch of one part of a tile; reused within the shard.
struct CountsSink::Worker {
  Worker(uint32_t samples, const MendelChecker& mendel, bool dosages)
      : counts(samples, mendel.trios().size(), dosages), planes(samples) {
    counts.mendel_errors.resize(samples + 1);  // one more for absent parents
    counts.mendel_blamed.resize(samples + 1);
  }
  SampleCounts counts;
  AlignedBuffer packed;   // two-bit rows of the part
  AlignedBuffer doubled;  // one row with haploid calls doubled
  size_t packed_rows = 0;
  std::vector<const uint8_t*> rows[SampleCounts::kGroups];
  struct MendelRows {
    std::vector<const uint8_t*> rows;
    std::vector<size_t> places;  // in counts_
    std::vector<MendelDetection> detection;
  };
  MendelRows mendel_rows[3];  // by Inheritance
  CallPlanes planes;
  std::vector<uint32_t> missing;
};

CountsSink::CountsSink(Setup setup, ArtifactStore& store, Log& log, Manifest manifest)
    : setup_(std::move(setup)),
      store_(store),
      log_(log),
      manifest_(std::move(manifest)),
      samples_(setup_.cohort->samples->size()),
      mendel_(*setup_.cohort, setup_.kept, setup_.mendel_duos, setup_.mendel_rules,
              setup_.par_of_y),
      masks_(Masks::Of(setup_)) {
  committed_ = store_.CommittedShards(manifest_.kind, manifest_.key);
}

CountsSink::~CountsSink() = default;

uint64_t CountsSink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

uint64_t CountsSink::MemoryBytes() const {
  constexpr uint64_t kPartsAtOnce = 4;  // about; the counters of one part, masks not worth naming
  const SampleCounts one(samples_, mendel_.trios().size(), true);
  return kPartsAtOnce * (one.MemoryBytes() + CallPlanes::MemoryBytes(samples_)) +
         (setup_.wanted ? 8 * setup_.wanted->size() : 0);
}

std::unique_ptr<CountsSink::Worker> CountsSink::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  return std::make_unique<Worker>(samples_, mendel_, dosages_);
}

void CountsSink::Give(std::unique_ptr<Worker> worker) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(worker));
}

void CountsSink::BeginShard(uint32_t) {
  variants_.Clear();
  counts_ = VariantCounts();
  rows_seen_ = 0;
  dosages_ = false;
  idle_.clear();
}

void CountsSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != samples_) {
    throw Error(ErrorId::kInternal, "scan and cohort differ in the number of samples");
  }
  if (rows_seen_ == 0) {
    dosages_ = tile.encoding.units_per_copy > 1;
    counts_.units = tile.encoding.units_per_copy;
    counts_.has_dosages = dosages_;
  }
  rows_seen_ += tile.rows();
  if (setup_.wanted) {
    const auto& wanted = *setup_.wanted;
    next_wanted_ = static_cast<size_t>(
        std::lower_bound(wanted.begin(), wanted.end(), tile.first_variant) - wanted.begin());
  }
  place_.assign(tile.rows(), -1);
  for (size_t r = 0; r < tile.rows(); ++r) {
    const uint64_t row = tile.first_variant + r;
    if (setup_.wanted) {
      const auto& wanted = *setup_.wanted;
      if (next_wanted_ >= wanted.size() || wanted[next_wanted_] != row) continue;
      ++next_wanted_;
    }
    const ChromClass chrom = tile.variants.chrom_class(r);
    place_[r] = static_cast<int64_t>(counts_.size());
    counts_.Append(row,
                   chrom == ChromClass::kX || chrom == ChromClass::kY || chrom == ChromClass::kMt);
    if (setup_.write_variants) variants_.Append(tile.variants, r);
  }
}

void CountsSink::CountDosages(const DosageEncoding& encoding, const uint8_t* row, size_t i) {
  counts_.founders.dosages[i] = SumDosages(encoding, row, masks_->founders);
  const uint32_t at = counts_.sex_row[i];
  if (at != VariantCounts::kNoSexRow) {
    counts_.founder_males.dosages[at] = SumDosages(encoding, row, masks_->founder_males);
    counts_.founder_females.dosages[at] = SumDosages(encoding, row, masks_->founder_females);
  }
  if (setup_.frequencies_only) return;
  counts_.others.dosages[i] = SumDosages(encoding, row, masks_->others);
  if (at == VariantCounts::kNoSexRow) return;
  counts_.other_males.dosages[at] = SumDosages(encoding, row, masks_->other_males);
  counts_.other_females.dosages[at] = SumDosages(encoding, row, masks_->other_females);
}

const uint8_t* CountsSink::CountRow(const DosageTile& tile, size_t r, size_t i, Worker& worker) {
  const DosageEncoding& encoding = tile.encoding;
  const size_t stride = (size_t{samples_} + 255) / 256 * 64;
  uint8_t* packed = worker.packed.data() + stride * worker.packed_rows++;
  const uint8_t* row = tile.Row(r);
  const bool two_bit = encoding.layout == DosageEncoding::Layout::kTwoBit;
  const bool haploid = AnyHaploid(tile, r);
  if (haploid) {
    worker.doubled.Resize(tile.stride_bytes);
    DoubleHaploid(tile, r, worker.doubled.data());
    row = worker.doubled.data();
    if (two_bit) row = static_cast<uint8_t*>(std::memcpy(packed, row, encoding.RowBytes(samples_)));
  }
  if (dosages_) CountDosages(encoding, row, i);
  if (!two_bit) {
    PackCalls(encoding, HardCallDistance(encoding, setup_.hard_call_threshold), row, samples_,
              packed);
  }
  const uint8_t* calls = two_bit ? row : packed;
  counts_.founders.calls[i] = CountCalls(calls, masks_->founders);
  const uint32_t at = counts_.sex_row[i];
  if (at != VariantCounts::kNoSexRow) {
    counts_.founder_males.calls[at] = CountCalls(calls, masks_->founder_males);
    counts_.founder_females.calls[at] = CountCalls(calls, masks_->founder_females);
  }
  // People of unknown sex who have one copy count with males.
  const bool by_call = haploid && tile.variants.chrom_class(r) == ChromClass::kX;
  const auto add_haploid = [&](const std::vector<uint32_t>& people, StratumCounts& males) {
    AddHaploid(tile, r, calls, people, males.calls[at], dosages_ ? &males.dosages[at] : nullptr);
  };
  if (by_call) add_haploid(masks_->unknown_founders, counts_.founder_males);
  if (setup_.frequencies_only) return calls;
  counts_.others.calls[i] = CountCalls(calls, masks_->others);
  if (at != VariantCounts::kNoSexRow) {
    counts_.other_males.calls[at] = CountCalls(calls, masks_->other_males);
    counts_.other_females.calls[at] = CountCalls(calls, masks_->other_females);
  }
  if (by_call) add_haploid(masks_->unknown_others, counts_.other_males);
  return calls;
}

void CountsSink::CountPeople(const DosageTile& tile, size_t r, size_t i, const uint8_t* calls,
                             Worker& worker) {
  SampleCounts& counts = worker.counts;
  const ChromClass chrom = tile.variants.chrom_class(r);
  const double alt_freq = AltFrequency(counts_, i, chrom);
  const auto group = SampleCounts::GroupOf(chrom, alt_freq);
  ++counts.groups[group].variants;
  worker.rows[group].push_back(calls);
  if (dosages_) {
    worker.missing.clear();
    AppendMissing(tile.encoding, tile.Row(r), {0, samples_}, worker.missing);
    for (const uint32_t s : worker.missing) ++counts.groups[group].absent[s];
  }
  if (group == SampleCounts::kAutosome || group == SampleCounts::kX) {
    auto& expected = counts.expected[group == SampleCounts::kX];
    const uint64_t hom = SampleCounts::ExpectedHom(alt_freq);
    expected.total += hom;
    auto* missing = expected.missing.data();
    ForEachMissingCall(calls, {0, samples_}, [&](uint32_t s) { missing[s] += hom; });
  }
  const auto how = mendel_.InheritanceOf(chrom, tile.variants.pos(r));
  if (mendel_.trios().empty() || !how) return;
  ++counts.mendel_variants;
  Worker::MendelRows& checked = worker.mendel_rows[static_cast<size_t>(*how)];
  checked.rows.push_back(calls);
  checked.places.push_back(i);
  checked.detection.push_back(chrom == ChromClass::kAutosome ? MendelDetection::At(alt_freq)
                                                             : MendelDetection());
}

void CountsSink::CheckTrios(Inheritance how, Worker& worker) {
  SampleCounts& counts = worker.counts;
  const MendelChecker::Tally tally{counts.trio_errors.data(), counts.trio_unchecked.data(),
                                   counts.mendel_errors.data(), counts.mendel_blamed.data(),
                                   counts.trio_exposures.data()};
  auto& [rows, places, detection] = worker.mendel_rows[static_cast<size_t>(how)];
  std::array<MendelChecker::RowResult, CallPlanes::kMaxRows> results;
  for (size_t at = 0; at < rows.size(); at += results.size()) {
    const size_t n = std::min(results.size(), rows.size() - at);
    mendel_.CheckRows(std::span(rows).subspan(at, n), how, std::span(detection).subspan(at, n),
                      tally, worker.planes, std::span(results).first(n));
    for (size_t k = 0; k < n; ++k) {
      counts_.mendel_errors[places[at + k]] = results[k].errors;
      counts_.mendel_checked[places[at + k]] = results[k].checked;
      counts_.mendel_blamed[places[at + k]] = results[k].blamed;
    }
  }
  rows.clear();
  places.clear();
  detection.clear();
}

void CountsSink::Consume(const DosageTile& tile, Range part) {
  std::unique_ptr<Worker> worker = Take();
  worker->packed.Resize((size_t{samples_} + 255) / 256 * 64 * part.size());
  worker->packed_rows = 0;
  for (auto& rows : worker->rows) rows.clear();
  for (uint32_t r = part.begin; r < part.end; ++r) {
    if (place_[r] < 0) continue;
    const auto i = static_cast<size_t>(place_[r]);
    const uint8_t* calls = CountRow(tile, r, i, *worker);
    if (!setup_.frequencies_only) CountPeople(tile, r, i, calls, *worker);
  }
  for (const auto how : {Inheritance::kBothParents, Inheritance::kX, Inheritance::kY}) {
    CheckTrios(how, *worker);
  }
  for (size_t g = 0; g < SampleCounts::kGroups; ++g) {
    if (worker->rows[g].empty()) continue;
    auto& group = worker->counts.groups[g];
    AddCallCounts(worker->rows[g], {0, samples_},
                  {group.het.data(), group.hom_alt.data(), group.missing.data()});
  }
  Give(std::move(worker));
}

void CountsSink::SealShard(uint32_t shard) {
  if (setup_.frequencies_only) {
    idle_.clear();
    return WriteShard(shard, counts_, SampleCounts());
  }
  SampleCounts total(samples_, mendel_.trios().size(), dosages_);
  for (const auto& worker : idle_) {
    worker->counts.mendel_errors.resize(samples_);
    worker->counts.mendel_blamed.resize(samples_);
    total += worker->counts;
  }
  idle_.clear();
  if (!setup_.minuend) return WriteShard(shard, counts_, total);
  const H5Reader all = store_.Open(*setup_.minuend, shard);
  SampleCounts rest = SampleCounts::Read(all);
  rest -= total;
  WriteShard(shard, VariantCounts::Read(all).Without(counts_.rows), rest);
}

void CountsSink::WriteShard(uint32_t shard, const VariantCounts& variants,
                            const SampleCounts& people) {
  const auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  if (setup_.write_variants) out->file().WriteVariants("/variants", variants_);
  variants.Write(out->file());
  if (!setup_.frequencies_only) people.Write(out->file());
  out->file().Attribute("/", "rows_used", static_cast<int64_t>(variants.size()));
  const ShardRecord record = out->Commit(rows_seen_);
  if (shard < committed_.size()) {
    committed_[shard] = record;
  } else {
    committed_.push_back(record);
  }
}

void CountsSink::Finish() {
  // Shards behind the last variant to take off.
  for (size_t i = committed_.size(); setup_.minuend && i < setup_.minuend->shards.size(); ++i) {
    const H5Reader all = store_.Open(*setup_.minuend, i);
    WriteShard(static_cast<uint32_t>(i), VariantCounts::Read(all), SampleCounts::Read(all));
  }
  manifest_.shards = committed_;
  // As for scores: rows seen depend on the tiles, rows used do not.
  DuplicateVariants duplicates;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    manifest_.shards[i].rows = static_cast<uint64_t>(file.AttributeInt("/", "rows_used"));
    if (setup_.write_variants && setup_.tell_duplicates) {
      duplicates.Add(file.ReadVariants("/variants"));
    }
  }
  if (duplicates.count() > 0) {
    manifest_.warnings.push_back(duplicates.Warning());
    log_.Warn("{}", manifest_.warnings.back());
  }
  store_.Seal(manifest_);
}

}  // namespace kinflow
