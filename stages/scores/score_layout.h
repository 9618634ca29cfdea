#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stages/scores/ratios.h"
#include "stages/scores/score_columns.h"

namespace kinflow {

/// How a score file is read. The default is a file that describes itself: a header line with known
/// names, or the PGS Catalog's form.
struct ScoreReading {
  std::string layout = "auto";                 // or a tool of LayoutNames()
  std::map<std::string, std::string> columns;  // meaning -> name or 1-based number; over the layout
  enum class Header : uint8_t { kByLayout, kPresent, kAbsent } header = Header::kByLayout;
  std::string build;  // where the file does not state one
  std::string name;   // of the score; "" = as the file says
  Ratios ratios = Ratios::kRefuse;
  bool refuse_unknown_columns = false;  // else they are ignored with a warning

  /// Columns are told by the layout or the user, not by their names.
  bool mapped() const { return layout != "auto" || (!columns.empty() && !names_weights_only()); }
  /// The user tells the weights (one column or several), names tell the rest.
  bool names_weights_only() const;
  bool has_header() const;
  /// Any number of blanks and tabs parts two fields (PLINK and its kin), else one separator.
  bool parted_by_blanks() const;
  /// Canonical JSON; "" for the default reading.
  std::string ToJson() const;
};

/// "plink", "prsice", "ldpred", "ldpred2", "prs-cs", "sbayesr", "omicspred".
std::vector<std::string> LayoutNames();

/// The columns of a mapped file with this header; without one, `fields` is the first row and counts
/// only. Throws kColumnMissing (a column that was named is not there), kFormatUnknown (several
/// could be meant, or what a score needs is missing), kBadArgument (an unknown meaning or layout).
ScoreColumns MapColumns(std::span<const std::string_view> fields, const ScoreReading& reading,
                        const std::string& file, uint64_t line);

/// The weight columns that the user named, by their place. Throws as MapColumns.
std::vector<uint32_t> WeightColumns(std::span<const std::string_view> fields,
                                    const ScoreReading& reading, const std::string& file,
                                    uint64_t line);

/// The layout of a tool that alone writes columns of these names; "" = none that is known.
std::string LayoutOfHeader(std::span<const std::string_view> fields);

/// True if one of the fields is the name of the mapped effect allele column, or if columns are
/// given by number and there are enough of them: a header behind a '#'.
bool LooksMapped(std::span<const std::string_view> fields, const ScoreReading& reading);

}  // namespace kinflow
