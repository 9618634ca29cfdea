#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/formats/genotype_registry.h"
#include "tests/fuzz/fuzz_support.h"

namespace kinflow::fuzz {

/// All of a genotype input.
struct Genotypes {
  GenotypePlan plan;
  SampleTablePtr samples;
  DosageEncoding encoding;
  VariantTable variants;
  std::vector<uint32_t> shards;               // of each variant
  std::vector<std::vector<uint32_t>> values;  // variants x samples
  std::vector<std::vector<uint8_t>> calls;    // the same; 0 where a tile has none
};

/// Words of the first part of an input: field=DS units=1000 build=GRCh37 keep=ID calls compact
/// regions=1:5-7,X.
GenotypeOptions GenotypeOptionsOf(std::string_view words, const std::string& path);

/// Reads an input as a run does, from the probe on; again with other tiles, from the second shard
/// on, by chosen rows and by regions: all must give the same. None if it is refused. `own_index`:
/// the index beside it, if any, is of this very file; another one may be refused at any point, or
/// name fewer blocks than it should.
std::optional<Genotypes> ReadGenotypes(const GenotypeOptions& options, bool own_index = true);

}  // namespace kinflow::fuzz
