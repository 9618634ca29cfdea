#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kinflow {

/// A text column of few different values, its levels in the order of their first row: one code a
/// row. Not thread-safe while rows are added.
class Factor {
 public:
  /// More levels throw kInternal.
  static constexpr size_t kMostLevels = 65'536;

  Factor() = default;
  /// Throws kInternal for a code without level.
  Factor(std::vector<std::string> levels, std::vector<uint16_t> codes);

  void Append(std::string_view value) { codes_.push_back(CodeOf(value)); }
  void Clear() { *this = {}; }

  size_t size() const { return codes_.size(); }
  std::string_view operator[](size_t row) const { return levels_[codes_[row]]; }
  const std::vector<std::string>& levels() const { return levels_; }
  const std::vector<uint16_t>& codes() const { return codes_; }

 private:
  static constexpr uint32_t kNoCode = UINT32_MAX;

  uint16_t CodeOf(std::string_view value);
  /// Where the code of a value of one byte is kept; null for other values.
  uint32_t* LetterOf(std::string_view value) {
    return value.size() == 1 ? &of_letter_[static_cast<uint8_t>(value[0])] : nullptr;
  }
  static constexpr std::array<uint32_t, 256> NoLetters() {
    std::array<uint32_t, 256> none{};
    none.fill(kNoCode);
    return none;
  }

  std::vector<std::string> levels_;
  std::array<uint32_t, 256> of_letter_ = NoLetters();  // alleles nearly all have one
  std::unordered_map<std::string, uint16_t> code_of_;
  std::vector<uint16_t> codes_;
};

}  // namespace kinflow
