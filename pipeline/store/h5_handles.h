#pragma once

#include <hdf5.h>

#include <string>
#include <string_view>
#include <utility>

#include "pipeline/base/error.h"

// Internal to the store: included by its .cc files only.
namespace kinflow::h5 {

/// Owner of an HDF5 identifier. Closing in the destructor is unchecked; writers call Close().
class Id {
 public:
  using Closer = herr_t (*)(hid_t);
  Id() = default;
  Id(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~Id() { Close(); }

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// False if HDF5 reported an error (for a written object: lost data).
  bool Close() {
    const hid_t id = std::exchange(id_, -1);
    return id < 0 || closer_(id) >= 0;
  }
  /// Gives the identifier up without closing it.
  void Abandon() { id_ = -1; }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// Must come before the first HDF5 call of each function that may be a thread's first: starts the
/// library once (no plugins, no clean-up at exit) and switches off its printing in this thread.
void PrepareThread();

/// What HDF5's error stack of this thread says. Call it before any other HDF5 function.
struct Failure {
  int error_number = 0;  // errno of the failed system call, 0 if none is named
  std::string text;      // outermost and innermost reason; no paths, no addresses
};
Failure LastFailure();

/// An Error of `id` for `file`, with the reason from the error stack.
Error ReadError(std::string_view what, const std::string& file, std::string_view dataset);

/// File access list: V110 bounds, no file locking.
Id FileAccess();
/// What an open file knows of its objects stays within 1 MiB (by default it grows to 32): files of
/// thousands of columns are open side by side.
void KeepLittleMetadata(const Id& access);

}  // namespace kinflow::h5
