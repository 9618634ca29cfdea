#include "stages/qc/judge_again.h"

#include <oneapi/tbb/parallel_for.h>

#include "pipeline/base/error.h"

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

JudgedShard JudgeAgain::Judge(const H5Reader& counts, const Verdicts& before) {
  JudgedShard judged{counts.ReadVariants("/variants"), {}, Verdicts::For(filters_), {}};
  const auto all = std::make_shared<const VariantCounts>(VariantCounts::Read(counts));
  // Of variants that failed before there are no later counts.
  std::vector<CountsAt> from(all->size());
  for (size_t i = 0; i < from.size(); ++i) {
    from[i] = before.code[i] == 0 ? RecountOf(all->rows[i]) : CountsAt{all, i};
  }
  judged.facts.resize(all->size());
  oneapi::tbb::parallel_for(size_t{0}, from.size(), [&](size_t i) {
    judged.facts[i] = FactsOf(*from[i].counts, from[i].place, judged.variants.chrom_class(i),
                              judged.variants.info(i), options_);
  });
  for (size_t i = 0; i < all->size(); ++i) {
    if (before.code[i] != 0) {
      judged.verdicts.code.push_back(before.code[i]);
      judged.verdicts.value.push_back(before.value[i]);
      continue;
    }
    JudgeVariant(filters_, judged.facts[i], true, judged.verdicts);
    if (judged.verdicts.code.back() == 0) judged.passing.push_back(all->rows[i]);
  }
  return judged;
}

}  // namespace kinflow
