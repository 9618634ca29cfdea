#include "stages/qc/judge_again.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include "pipeline/base/error.h"
#include "pipeline/graph/shards_at_once.h"
#include "stages/qc/earlier_rows.h"
#include "stages/qc/qc_tables.h"

namespace kinflow {

JudgeAgain::CountsAt JudgeAgain::RecountOf(uint64_t row) {
  while (next_ >= counts_->size()) {
    if (shard_ >= recount_.shards.size()) {
      throw Error(ErrorId::kInternal, "the recount has fewer variants than passed");
    }
    counts_ = std::make_shared<VariantCounts>(VariantCounts::Read(store_.Open(recount_, shard_++)));
    next_ = 0;
  }
  if (counts_->rows[next_] != row) {
    throw Error(ErrorId::kInternal, "the recount is not of the variants that passed");
  }
  return {counts_, next_++};
}

JudgeAgain::Unjudged JudgeAgain::Read(size_t shard, const H5Reader& counts,
                                      const H5Reader& round_before) {
  Unjudged read;
  read.shard = shard;
  read.before = Verdicts::Read(round_before, "/verdicts");
  read.variants = counts.ReadVariants("/variants");
  read.counts = std::make_shared<const VariantCounts>(VariantCounts::Read(counts));
  for (size_t i = 0; i < read.counts->size(); ++i) {
    read.from.push_back(read.before.code[i] == 0 ? RecountOf(read.counts->rows[i])
                                                 : CountsAt{read.counts, i});
  }
  // The first round judges by the counts of everybody, later ones keep what they judged by.
  if (round_before.Has("/facts")) read.facts_before = round_before.ReadTable("/facts");
  return read;
}

JudgedShard JudgeAgain::Judge(Unjudged&& read) const {
  const Verdicts& before = read.before;
  const std::vector<CountsAt>& from = read.from;
  JudgedShard judged{std::move(read.variants), {}, Verdicts::For(filters_), {}, {}};
  std::vector<VariantFacts> facts(from.size());
  oneapi::tbb::parallel_for(size_t{0}, from.size(), [&](size_t i) {
    facts[i] = FactsOf(*from[i].counts, from[i].place, judged.variants.chrom_class(i),
                       judged.variants.info(i), options_);
  });
  reference_.SetOf(read.shard, facts);
  for (const VariantFindings& found : findings_) {
    found.set(store_, keys_.inputs.at(found.stage), read.shard, read.counts->rows, facts);
  }
  judged.mendel_blamed.assign(from.size(), Table::kMissingInt);
  for (size_t i = 0; i < from.size(); ++i) {
    if (before.code[i] != 0) {
      judged.verdicts.code.push_back(before.code[i]);
      judged.verdicts.value.push_back(before.value[i]);
      continue;
    }
    JudgeVariant(filters_, facts[i], true, judged.verdicts);
    if (judged.verdicts.code.back() != 0) continue;
    judged.passing.push_back(read.counts->rows[i]);
    judged.mendel_blamed[i] = from[i].counts->mendel_blamed[from[i].place];
  }
  judged.facts = MakeFactsTable(facts);
  Table::Ints beyond;
  for (const VariantFacts& f : facts) beyond.push_back(FiltersBeyond(filters_, f));
  judged.facts.Add("BEYOND", std::move(beyond));
  if (read.facts_before) {
    judged.facts = WithEarlierRows(judged.facts, *read.facts_before,
                                   [&before](size_t i) { return before.code[i] != 0; });
  }
  return judged;
}

void JudgeAgain::ForEach(const Manifest& counts, const Manifest& before, uint64_t memory_bytes,
                         const std::function<ShardRecord(size_t, const JudgedShard&)>& write,
                         const std::function<void(const JudgedShard&, const ShardRecord&)>& take) {
  namespace tbb = oneapi::tbb;
  struct Item {
    Unjudged read;
    JudgedShard judged;
    ShardRecord record;
  };
  using ItemPtr = std::shared_ptr<Item>;
  size_t next = 0;
  const auto read = [&](tbb::flow_control& control) -> ItemPtr {
    if (next == counts.shards.size()) {
      control.stop();
      return nullptr;
    }
    const size_t shard = next++;
    auto item = std::make_shared<Item>();
    item->read = Read(shard, store_.Open(counts, shard), store_.Open(before, shard));
    return item;
  };
  const auto judge = [&](ItemPtr item) {
    const size_t shard = item->read.shard;
    item->judged = Judge(std::move(item->read));
    item->record = write(shard, item->judged);
    return item;
  };
  tbb::parallel_pipeline(ShardsAtOnce(memory_bytes, counts.shards, kJudgedRowBytes),
                         tbb::make_filter<void, ItemPtr>(tbb::filter_mode::serial_in_order, read) &
                             tbb::make_filter<ItemPtr, ItemPtr>(tbb::filter_mode::parallel, judge) &
                             tbb::make_filter<ItemPtr, void>(
                                 tbb::filter_mode::serial_in_order,
                                 [&](const ItemPtr& item) { take(item->judged, item->record); }));
}

}  // namespace kinflow
