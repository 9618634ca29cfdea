#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// A place in the config: line and byte column, both 1-based (0 = unknown), and which text they
/// count in.
struct SourceMark {
  static constexpr int kFile = -1;
  int override_index = kFile;  // else index into the --set list
  uint64_t line = 0, column = 0;
};

/// Text of a config file cut into lines, for messages. Holds a view: the text must outlive it.
class SourceText {
 public:
  explicit SourceText(std::string_view text);

  std::string_view text() const { return text_; }
  std::string_view Line(uint64_t line) const;  // 1-based, without its end; "" if there is none
  /// The byte at a mark, '\0' beyond the line.
  char At(const SourceMark& mark) const;
  SourceMark MarkOf(size_t offset) const;
  /// Column in characters (what editors show) of a mark.
  uint64_t DisplayColumn(const SourceMark& mark) const;
  /// "\n  12 |   maf: 0.01x\n     |        ^"; long lines are cut around the mark.
  std::string Snippet(const SourceMark& mark) const;

 private:
  std::string_view text_;
  std::vector<size_t> starts_;
};

}  // namespace kinflow
