#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/text_writer.h"
#include "stages/simulate/haplotypes.h"
#include "stages/simulate/people.h"

namespace kinflow::simulate {

std::string ScoreName(unsigned score);

/// Sums of weight x count of effect alleles over true genotypes, added in variant order.
class TrueScores {
 public:
  TrueScores(const SimulateOptions& options, const People& people);
  void Add(const VariantBlock& block, const Haplotypes& haplotypes);
  size_t scores() const { return sums_.size(); }
  double score(size_t s, uint32_t person) const { return sums_[s][person]; }

 private:
  const People& people_;
  std::vector<std::vector<double>> sums_;
};

/// PGS Catalog scoring files (format 2.0), written while variants pass by. About one line in 50 is
/// at a position that the genotypes do not have, as in real score files.
class ScoreFiles {
 public:
  ScoreFiles(const SimulateOptions& options);
  void Add(const VariantBlock& block);
  std::vector<std::string> Finish();

 private:
  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<TextWriter>> files_;
};

}  // namespace kinflow::simulate
