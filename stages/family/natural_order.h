#pragma once

#include <string>
#include <utility>

namespace kinflow::family {

/// Order of names as people read them: digits in a row are one number, so that m6 < m18.
inline bool NaturalLess(const std::string& a, const std::string& b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  // Numbers without leading zeros compare by their length, then by their digits.
  const auto number_at = [&](const std::string& text, size_t& i) {
    while (i < text.size() && text[i] == '0') ++i;
    const size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return std::pair(i - begin, text.substr(begin, i - begin));
  };
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const auto left = number_at(a, i), right = number_at(b, j);
      if (left != right) return left < right;
    } else if (a[i] != b[j]) {
      return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
    } else {
      ++i, ++j;
    }
  }
  const bool a_ends = i == a.size(), b_ends = j == b.size();
  if (a_ends && b_ends) return a < b;  // leading zeros apart
  return a_ends;
}

}  // namespace kinflow::family
