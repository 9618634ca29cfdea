#include "stages/simulate/scores.h"

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

namespace kinflow::simulate {

std::string ScoreName(unsigned score) { return fmt::format("PGS{:06}", 900001 + score); }

TrueScores::TrueScores(const SimulateOptions& options, const People& people)
    : people_(people), sums_(options.scores, std::vector<double>(people.persons.size(), 0.0)) {}

void TrueScores::Add(const VariantBlock& block, const Haplotypes& haplotypes) {
  struct Term {
    uint32_t variant;
    double per_count[3];  // contribution of 0, 1, 2 ALT alleles
  };
  for (unsigned s = 0; s < sums_.size(); ++s) {
    std::vector<Term> terms;
    for (uint32_t v = 0; v < block.variants.size(); ++v) {
      const double w = block.variants[v].weight[s];
      if (w == 0) continue;
      const bool alt = block.variants[v].effect_is_alt[s];
      terms.push_back({v, {alt ? 0 : 2 * w, w, alt ? 2 * w : 0}});
    }
    const auto n = static_cast<uint32_t>(people_.persons.size());
    tbb::parallel_for(tbb::blocked_range<uint32_t>(0, n, 512), [&](const auto& range) {
      for (uint32_t i = range.begin(); i < range.end(); ++i) {
        const Haplotypes::Row &a = haplotypes.allele(i, 0), &b = haplotypes.allele(i, 1);
        double sum = sums_[s][i];
        for (const Term& t : terms) {
          const uint32_t w = t.variant / 64, bit = t.variant % 64;
          sum += t.per_count[((a[w] >> bit) & 1) + ((b[w] >> bit) & 1)];
        }
        sums_[s][i] = sum;
      }
    });
  }
}

ScoreFiles::ScoreFiles(const SimulateOptions& options) {
  for (unsigned s = 0; s < options.scores; ++s) {
    paths_.push_back(fmt::format("{}.{}.txt.gz", options.out, ScoreName(s)));
    files_.push_back(std::make_unique<TextWriter>(paths_.back()));
    files_.back()->Write(fmt::format(
        "###PGS CATALOG SCORING FILE - simulated by kinflow, not in the catalog\n"
        "#format_version=2.0\n"
        "##POLYGENIC SCORE (PGS) INFORMATION\n"
        "#pgs_id={}\n#pgs_name={}\n#trait_reported=simulated trait\n#genome_build=GRCh37\n"
        "#weight_type=beta\n"
        "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n",
        ScoreName(s),
        s == 0             ? "simulated_causal"
        : s < kUsualScores ? "simulated_null"
                           : "simulated_indicator"));
  }
}

void ScoreFiles::Add(const VariantBlock& block) {
  for (unsigned s = 0; s < files_.size(); ++s) {
    for (const SimVariant& v : block.variants) {
      if (v.weight[s] == 0) continue;
      const auto& effect = v.effect_is_alt[s] ? v.alt : v.ref;
      const auto& other = v.effect_is_alt[s] ? v.ref : v.alt;
      const auto line = [&](std::string_view id, int32_t position) {
        files_[s]->Write(fmt::format("{}\t{}\t{}\t{}\t{}\t{:.6f}\n", id, block.chromosome, position,
                                     effect, other, v.weight[s]));
      };
      line(v.id, v.position);
      if (v.index % 50 == 7) line(".", v.position + 1);
    }
  }
}

std::vector<std::string> ScoreFiles::Finish() {
  for (auto& file : files_) file->Commit();
  return paths_;
}

}  // namespace kinflow::simulate
