#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// Fields of `line` at each `separator`; views into `line`. An empty line gives one empty field.
std::vector<std::string_view> Split(std::string_view line, char separator);
/// Fields at runs of blanks and tabs, without empty ones (PLINK tables).
std::vector<std::string_view> SplitBlanks(std::string_view line);
std::string_view Trim(std::string_view text);
/// Why `text` does not fit in a column of every table: a blank, a control character, a byte that is
/// not UTF-8. "" if it does.
std::string WordFault(std::string_view text);

/// The candidate nearest to `word` by edit distance, or "" if none is close enough to suggest.
std::string NearestWord(std::string_view word, const std::vector<std::string>& candidates);

/// Chromosome name without "chr" prefix, in PLINK spelling: "chrX" -> "X", "23" -> "X", "24" ->
/// "Y", "25" -> "XY", "26", "M", "chrM" -> "MT", Oxford's "01" -> "1", "0X" -> "X". Other names are
/// returned unchanged.
std::string NormaliseChrom(std::string_view name);

}  // namespace kinflow
