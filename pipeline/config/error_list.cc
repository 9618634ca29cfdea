#include "pipeline/config/error_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace kinflow {
namespace {

// Keys may be as long as the file; messages may not.
std::string Shown(const std::string& path) {
  constexpr size_t kLimit = 200;
  if (path.size() <= kLimit) return path;
  size_t end = kLimit;
  while (end > 0 && (static_cast<unsigned char>(path[end]) & 0xC0) == 0x80) --end;
  return path.substr(0, end) + "...";
}

}  // namespace

std::string ErrorList::Origin(const SourceMark& mark) const {
  if (mark.override_index != SourceMark::kFile) return "--set";
  if (mark.line == 0) return file_;
  return fmt::format("{}:{}:{}", file_, mark.line, text_.DisplayColumn(mark));
}

std::string ErrorList::Place(const SourceMark& mark) const {
  if (mark.override_index != SourceMark::kFile) return "--set";
  return fmt::format("line {}, column {}", mark.line, text_.DisplayColumn(mark));
}

Error ErrorList::Render(const ConfigFault& fault) const {
  const std::string path = Shown(fault.path);
  std::string message = path.empty() ? fault.what : path + ": " + fault.what;
  const bool in_file = fault.mark.override_index == SourceMark::kFile;
  if (in_file) {
    message += text_.Snippet(fault.mark);
  } else {
    const std::string& given = overrides_[static_cast<size_t>(fault.mark.override_index)];
    constexpr size_t kLimit = 100;
    message += "\n  --set " + given.substr(0, kLimit) + (given.size() > kLimit ? "..." : "");
  }
  Error error(fault.id, std::move(message));
  error.InFile(in_file ? file_ : "--set");
  if (in_file && fault.mark.line > 0) {
    error.AtLine(fault.mark.line, text_.DisplayColumn(fault.mark));
  }
  error.Field(path).Value(fault.value).Remedy(fault.remedy);
  return error;
}

std::vector<Error> ErrorList::Take() {
  const auto order = [](const ConfigFault& f) {
    const bool from_set = f.mark.override_index != SourceMark::kFile;
    return std::tuple(from_set, f.mark.override_index, f.mark.line, f.mark.column);
  };
  std::stable_sort(faults_.begin(), faults_.end(),
                   [&](const ConfigFault& a, const ConfigFault& b) { return order(a) < order(b); });
  std::vector<Error> errors;
  for (const ConfigFault& fault : faults_) {
    if (errors.size() == kMaxShown) {
      errors.push_back(
          std::move(Error(ErrorId::kConfigLimits,
                          fmt::format("{} more errors are not shown", faults_.size() - kMaxShown))
                        .InFile(file_)
                        .Remedy("mend those above first")));
      break;
    }
    errors.push_back(Render(fault));
  }
  faults_.clear();
  return errors;
}

}  // namespace kinflow
