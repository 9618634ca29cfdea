#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stages/family/qr.h"

namespace kinflow::family {

struct Design;
struct Formula;

/// What follows from the columns of a design, found when it is first asked for: the designs of
/// several outcomes share it. Thread-safe.
class DesignFacts {
 public:
  explicit DesignFacts(SharedVector<double> x) : x_(std::move(x)) {}
  bool AreOf(const SharedVector<double>& x) const { return x_.IsCopyOf(x); }

  template <class Make>
  const PivotedQr& Qr(const Make& make) const {
    std::call_once(factored_, [&] { qr_ = make(); });
    return qr_;
  }
  template <class Make>
  const std::vector<double>& Spreads(const Make& make) const {
    std::call_once(spread_, [&] { spreads_ = make(); });
    return spreads_;
  }

 private:
  const SharedVector<double> x_;
  mutable std::once_flag factored_, spread_;
  mutable PivotedQr qr_;
  mutable std::vector<double> spreads_;
};

/// What outcomes that stand in one frame share of it: columns that are complete, and where they
/// have the same rows designs without the outcome. Thread-safe.
class DesignMemo {
 public:
  DesignMemo();
  ~DesignMemo();
  /// True if Complete() was told of the column: it lacks no value.
  bool IsComplete(const std::string& column) const;
  void Complete(const std::string& column);
  /// The design of the formula's right side over `rows`, as `make` makes it. Of each right side the
  /// last few sets of rows are kept.
  Design Find(const Formula& formula, const std::vector<uint32_t>& rows,
              const std::function<Design()>& make);

 private:
  struct Kept;
  mutable std::mutex mutex_;
  std::vector<Kept> kept_;  // the oldest first
  std::set<std::string> complete_;
};

/// The designs of a frame. A copy of the frame, whose columns may be changed, begins without.
class OwnDesigns {
 public:
  OwnDesigns() = default;
  OwnDesigns(const OwnDesigns& /*other*/) {}
  OwnDesigns(OwnDesigns&&) = default;
  OwnDesigns& operator=(const OwnDesigns& /*other*/) {
    memo_ = nullptr;
    return *this;
  }
  OwnDesigns& operator=(OwnDesigns&&) = default;
  ~OwnDesigns() = default;

  void Keep() { memo_ = std::make_shared<DesignMemo>(); }
  DesignMemo* memo() const { return memo_.get(); }  // null = none are kept

 private:
  std::shared_ptr<DesignMemo> memo_;
};

}  // namespace kinflow::family
