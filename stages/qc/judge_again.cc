#include "stages/qc/judge_again.h"

#include <oneapi/tbb/parallel_for.h>

#include "pipeline/base/error.h"
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

JudgedShard JudgeAgain::Judge(size_t shard, const H5Reader& counts, const H5Reader& round_before) {
  const Verdicts before = Verdicts::Read(round_before, "/verdicts");
  JudgedShard judged{counts.ReadVariants("/variants"), {}, Verdicts::For(filters_), {}, {}};
  const auto all = std::make_shared<const VariantCounts>(VariantCounts::Read(counts));
  std::vector<CountsAt> from(all->size());
  for (size_t i = 0; i < from.size(); ++i) {
    from[i] = before.code[i] == 0 ? RecountOf(all->rows[i]) : CountsAt{all, i};
  }
  std::vector<VariantFacts> facts(all->size());
  oneapi::tbb::parallel_for(size_t{0}, from.size(), [&](size_t i) {
    facts[i] = FactsOf(*from[i].counts, from[i].place, judged.variants.chrom_class(i),
                       judged.variants.info(i), options_);
  });
  reference_.SetOf(shard, facts);
  judged.mendel_blamed.assign(all->size(), Table::kMissingInt);
  for (size_t i = 0; i < all->size(); ++i) {
    if (before.code[i] != 0) {
      judged.verdicts.code.push_back(before.code[i]);
      judged.verdicts.value.push_back(before.value[i]);
      continue;
    }
    JudgeVariant(filters_, facts[i], true, judged.verdicts);
    if (judged.verdicts.code.back() != 0) continue;
    judged.passing.push_back(all->rows[i]);
    judged.mendel_blamed[i] = from[i].counts->mendel_blamed[from[i].place];
  }
  judged.facts = MakeFactsTable(facts);
  Table::Ints beyond;
  for (const VariantFacts& f : facts) beyond.push_back(FiltersBeyond(filters_, f));
  judged.facts.Add("BEYOND", std::move(beyond));
  // The first round judges by the counts of everybody, later ones keep what they judged by.
  if (round_before.Has("/facts")) {
    judged.facts = WithEarlierRows(judged.facts, round_before.ReadTable("/facts"),
                                   [&before](size_t i) { return before.code[i] != 0; });
  }
  return judged;
}

}  // namespace kinflow
