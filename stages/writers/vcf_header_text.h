#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kinflow {

/// Header text of a VCF or BCF, line by line in the order of the calls. For BCF every entry of the
/// two dictionaries carries its number (IDX): contigs from 0, and from 0 too the filters, INFO and
/// FORMAT ids together, of which PASS is the first.
class VcfHeaderText {
 public:
  /// Starts with the version and the filter PASS.
  explicit VcfHeaderText(bool for_bcf);

  /// A whole line without its end: "##source=...".
  void Line(std::string_view line);
  /// `fields`: what follows ID=, such as "20,length=63025520".
  void Contig(std::string_view fields);
  void Info(std::string_view fields);
  void Format(std::string_view fields);
  /// The column line up to FORMAT; sample names are added with a tab before each.
  void Columns();
  void Sample(std::string_view name);
  /// The text; a BCF wants a zero byte behind it.
  std::string Finish();

 private:
  void Entry(std::string_view kind, std::string_view fields, uint32_t& number);

  bool for_bcf_;
  uint32_t contigs_ = 0, ids_ = 0;
  std::string text_;
};

}  // namespace kinflow
