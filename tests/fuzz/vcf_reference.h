#pragma once

#include <string_view>
#include <vector>

#include "stages/formats/genotype_options.h"

namespace kinflow::fuzz {

/// What a VCF text says, by a reading as slow and plain as the format's description: copies of each
/// alternative allele of each record (rows) for each sample of the file; NaN = missing. For texts
/// that were accepted only.
std::vector<std::vector<double>> ReadVcfSlowly(std::string_view text, DosageField field);

}  // namespace kinflow::fuzz
