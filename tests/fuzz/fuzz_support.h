#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/error.h"

/// One input of a harness; called by libFuzzer or by replay_main.cc.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace kinflow::fuzz {

/// Ends the program; libFuzzer then keeps the input, and the replay names it.
[[noreturn]] void Fail(const std::string& what);
inline void Require(bool holds, std::string_view what) {
  if (!holds) Fail(std::string(what));
}

/// An input that stands for several files has this text between them. No lengths: a mutation
/// anywhere leaves the other files whole.
inline constexpr std::string_view kPartBorder = "<<<>>>";
/// Exactly `n` parts; those that lack are empty, the last one takes the rest.
std::vector<std::string_view> Parts(const uint8_t* data, size_t size, size_t n);

/// "a=x b" -> value of word `name`: "x" for a, "1" for b, "" if it is not there.
std::string WordOf(std::string_view words, std::string_view name);

/// A folder of its own for readers that take paths, in memory where there is such a file system;
/// removed at exit.
class InputFolder {
 public:
  InputFolder();
  ~InputFolder();
  InputFolder(const InputFolder&) = delete;
  InputFolder& operator=(const InputFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Writes a file; returns its path.
  std::string Write(const std::string& name, std::string_view bytes);
  void Clear();
  /// Fails if a reader left a file behind.
  void RequireOnlyInputs() const;

 private:
  std::string path_;
  std::vector<std::string> written_;  // sorted
};

/// Any error must be what a user can act on: of the input, config, store or resource family, in
/// printable text.
void CheckError(const Error& error);

/// Runs `body`; false if it threw an Error, which is checked. Any other exception ends the program.
bool Accepts(const std::function<void()>& body);

}  // namespace kinflow::fuzz
