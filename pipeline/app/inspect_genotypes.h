#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kinflow {

/// What `kinflow inspect` is asked to show.
struct InspectOptions {
  std::string path;
  std::string table;    // "/dosage", "variants", ...; "" = the default of the file
  std::string regions;  // "20:1000-2000,X"
  std::string field = "auto", build, sample_file, bgen_ref;
  std::string variants, exclude;  // each a file of ids, or ids separated by commas
  std::string
      samples;  // number of columns, "5-9" (rows of the sample table from 1), or file of IIDs
  uint64_t first = 0;
  std::optional<uint64_t> rows;
  uint32_t shard = 0;  // of an artifact other than dosages
  bool ids = false;    // sample ids as column names
  bool list = false;   // contents of an HDF5 file instead of its main table

  /// A part of the genotypes.
  bool chooses() const {
    return !regions.empty() || !variants.empty() || !exclude.empty() || !samples.empty();
  }
  /// Genotypes, where no table is named.
  bool selects() const { return chooses() || ids; }
};

/// Prints a region of a dosage store (all its shards) or of any genotype file: CHROM POS ID REF ALT
/// and a column a sample, named by its row in the sample table unless ids were asked for; or, for
/// the table "variants", INFO instead. Of a store only the chunks of that region are read. Throws
/// kNoVariantsLeft if nothing is chosen.
void PrintGenotypes(const InspectOptions& options);

}  // namespace kinflow
