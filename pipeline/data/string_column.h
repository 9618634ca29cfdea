#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// Strings of one column in one buffer: 8 bytes overhead a string and no allocation for each.
/// Views stay valid until the next Append.
class StringColumn {
 public:
  void Append(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
  }
  void Append(const StringColumn& other) {
    for (size_t i = 0; i < other.size(); ++i) Append(other[i]);
  }
  std::string_view operator[](size_t i) const {
    const uint64_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  size_t MemoryBytes() const { return bytes_.capacity() + ends_.capacity() * sizeof(uint64_t); }
  void Clear() {
    bytes_.clear();
    ends_.clear();
  }

 private:
  std::string bytes_;
  std::vector<uint64_t> ends_;
};

}  // namespace kinflow
