#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stages/formats/vcf_header.h"

namespace kinflow {

// Lengths of the human chromosomes in GRCh37 and GRCh38, as the Genome Reference Consortium gives
// them.

/// "GRCh37" or "GRCh38" if contig lengths show it, else "". `evidence` names the contig.
std::string BuildOfContigs(const std::vector<ContigLine>& contigs, std::string& evidence);

/// Bases of a chromosome (NormaliseChrom) of a build; 0 if either is not known.
uint64_t ChromLength(std::string_view build, std::string_view chrom);

}  // namespace kinflow
