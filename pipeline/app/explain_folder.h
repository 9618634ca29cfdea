#pragma once

#include <string>

namespace kinflow {

// What a finished run decided on one thing, told from the tables in its output folder: every
// decision with the value it rests on and the threshold. Each returns the text for standard output
// and throws kMissingFile if the folder holds no run, kBadArgument if it does not know the thing.

/// `variant`: an id, CHROM:POS or CHROM:POS:REF:ALT. Quality control, then each score that has a
/// line on it.
std::string ExplainVariant(const std::string& variant, const std::string& folder);
/// Gates, and how many lines and how much weight each reason took, of every file that has a score
/// of this name; what adjusting did to it, and what a composite is made of.
std::string ExplainScore(const std::string& score, const std::string& folder);
/// Individual-level: for the terminal of whoever may read OUT/private.
std::string ExplainSample(const std::string& iid, const std::string& folder);

}  // namespace kinflow
