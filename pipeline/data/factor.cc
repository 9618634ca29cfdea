#include "pipeline/data/factor.h"

#include <algorithm>

#include "pipeline/base/error.h"

namespace kinflow {

Factor::Factor(std::vector<std::string> levels, std::vector<uint16_t> codes)
    : levels_(std::move(levels)), codes_(std::move(codes)) {
  const auto known = [this](uint16_t code) { return code < levels_.size(); };
  if (!std::all_of(codes_.begin(), codes_.end(), known)) {
    throw Error(ErrorId::kInternal, "a factor has a code without level");
  }
  for (size_t i = 0; i < levels_.size(); ++i) {
    code_of_.emplace(levels_[i], i);
    uint32_t* letter = LetterOf(levels_[i]);
    if (letter != nullptr && *letter == kNoCode) *letter = static_cast<uint32_t>(i);
  }
}

uint16_t Factor::CodeOf(std::string_view value) {
  if (!codes_.empty() && levels_[codes_.back()] == value) return codes_.back();
  uint32_t* letter = LetterOf(value);
  if (letter != nullptr && *letter != kNoCode) return static_cast<uint16_t>(*letter);
  // Labels: nearly always one of the first levels, found faster than hashed.
  constexpr size_t kLookedThrough = 8;
  for (size_t i = 0; letter == nullptr && i < std::min(levels_.size(), kLookedThrough); ++i) {
    if (levels_[i] == value) return static_cast<uint16_t>(i);
  }
  const auto [place, is_new] =
      code_of_.try_emplace(std::string(value), static_cast<uint16_t>(levels_.size()));
  if (!is_new) return place->second;
  if (levels_.size() == kMostLevels) throw Error(ErrorId::kInternal, "a factor has no room left");
  levels_.emplace_back(value);
  if (letter != nullptr) *letter = place->second;
  return place->second;
}

}  // namespace kinflow
