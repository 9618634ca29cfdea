#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/source_text.h"

namespace kinflow {

/// What is wrong at one place of the config.
struct ConfigFault {
  ErrorId id;
  SourceMark mark;
  std::string path;    // "qc.variant.maf", "analyses[0].outcome"; "" = the whole file
  std::string what;    // "expected a number in [0, 0.5], got ..."
  std::string value;   // as written; "" = none
  std::string remedy;  // "" = none
};

/// Collects every fault and turns them into Errors in file order, --set after the file.
class ErrorList {
 public:
  static constexpr size_t kMaxShown = 1000;

  /// All three must outlive the list.
  ErrorList(const SourceText& text, const std::string& file,
            const std::vector<std::string>& overrides)
      : text_(text), file_(file), overrides_(overrides) {}

  void Add(ConfigFault fault) { faults_.push_back(std::move(fault)); }
  bool empty() const { return faults_.empty(); }
  /// "run.yaml:12:8" or "--set".
  std::string Origin(const SourceMark& mark) const;
  /// "line 12, column 8" or "--set".
  std::string Place(const SourceMark& mark) const;
  const SourceText& text() const { return text_; }
  std::vector<Error> Take();

 private:
  Error Render(const ConfigFault& fault) const;

  const SourceText& text_;
  const std::string& file_;
  const std::vector<std::string>& overrides_;
  std::vector<ConfigFault> faults_;
};

}  // namespace kinflow
