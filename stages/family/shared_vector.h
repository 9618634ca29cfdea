#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace kinflow::family {

/// Values that copies have in common: a copy costs nothing. They change by assignment alone.
template <class T>
class SharedVector {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;
  using iterator = const_iterator;

  SharedVector() = default;
  SharedVector(std::vector<T> values)  // as a vector, in all that reads it
      : values_(std::make_shared<const std::vector<T>>(std::move(values))) {}
  operator const std::vector<T>&() const { return values(); }

  size_t size() const { return values().size(); }
  bool empty() const { return values().empty(); }
  const T& operator[](size_t i) const { return values()[i]; }
  const T* data() const { return values().data(); }
  const_iterator begin() const { return values().begin(); }
  const_iterator end() const { return values().end(); }
  /// True if these are the values of a copy, not only equal ones.
  bool IsCopyOf(const std::vector<T>& values) const { return values_.get() == &values; }

  friend bool operator==(const SharedVector& a, const SharedVector& b) {
    return a.values_ == b.values_ || a.values() == b.values();
  }

 private:
  const std::vector<T>& values() const {
    static const std::vector<T> kEmpty;
    return values_ == nullptr ? kEmpty : *values_;
  }

  std::shared_ptr<const std::vector<T>> values_;  // null = none
};

}  // namespace kinflow::family
