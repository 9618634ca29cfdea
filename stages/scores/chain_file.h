#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// The alignments of a UCSC chain file (hg19ToHg38.over.chain.gz): positions of one genome build in
/// another. In memory, about 16 bytes a block. Immutable; safe to read from any thread.
class ChainFile {
 public:
  /// Throws kMalformed with file and line, and what LineReader throws.
  explicit ChainFile(const std::string& path);

  struct Place {
    std::string_view chrom;  // normalised, of the file
    uint32_t pos = 0;        // 1-based
    bool reversed = false;   // on the other strand: alleles are the reverse complement
  };
  /// The place that the best chain over the position gives; nullopt = none, or in a gap of all.
  /// `chrom` normalised, `pos` 1-based.
  std::optional<Place> Lift(std::string_view chrom, uint32_t pos) const;

  /// "GRCh37", ... told by the length of chromosome 1; "" = none that is known.
  const std::string& from() const { return from_; }
  const std::string& to() const { return to_; }

 private:
  struct Chain {
    double score = 0;
    uint32_t target = 0;       // into target_names_
    uint32_t target_size = 0;  // bases of the target chromosome
    bool reversed = false;
  };
  struct Block {  // 0-based, half open; target_begin counts along the chain's strand
    uint32_t begin = 0, end = 0, target_begin = 0, chain = 0;
  };
  struct Blocks {
    std::vector<Block> blocks;       // ascending by begin
    std::vector<uint32_t> last_end;  // the largest end up to here
  };

  std::map<std::string, Blocks, std::less<>> sources_;
  std::vector<Chain> chains_;
  std::vector<std::string> target_names_;
  std::string from_, to_;
  friend class ChainParser;
};

}  // namespace kinflow
