#include "stages/formats/input_patterns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

constexpr uint64_t kMaxRange = 10'000;

std::vector<std::string> Chromosomes() {
  std::vector<std::string> names;
  for (int i = 1; i <= 22; ++i) names.push_back(fmt::format("{}", i));
  for (const char* name : {"X", "Y", "XY", "MT"}) names.emplace_back(name);
  return names;
}

// Content of {...}: "1..22" or "a,b".
std::vector<std::string> Alternatives(std::string_view body) {
  std::vector<std::string> out;
  const size_t dots = body.find("..");
  if (dots != std::string_view::npos) {
    const auto first = ParseUint(body.substr(0, dots)), last = ParseUint(body.substr(dots + 2));
    if (first && last && *first <= *last && *last - *first < kMaxRange) {
      for (uint64_t i = *first; i <= *last; ++i) out.push_back(fmt::format("{}", i));
    }
  } else if (body.find(',') != std::string_view::npos) {
    for (const auto item : Split(body, ',')) out.emplace_back(item);
  }
  return out;
}

std::vector<std::string> Expand(const std::string& pattern) {
  std::vector<std::string> values;
  size_t begin = pattern.find('{'), end = std::string::npos;
  if (begin != std::string::npos) end = pattern.find('}', begin);
  if (end != std::string::npos) {
    values = Alternatives(std::string_view(pattern).substr(begin + 1, end - begin - 1));
    ++end;
  } else if ((begin = pattern.find('@')) != std::string::npos) {
    values = Chromosomes();
    end = begin + 1;
  }
  std::vector<std::string> out;
  for (const auto& value : values)
    out.push_back(pattern.substr(0, begin) + value + pattern.substr(end));
  return out;
}

/// Of `{1..22}` a file that is missing beside others is a chromosome lost without a word; `@`
/// stands for more chromosomes than cohorts have.
void RequireAll(const std::string& pattern, const std::vector<std::string>& candidates) {
  if (pattern.find('{') == std::string::npos) return;
  std::vector<std::string> absent;
  for (const auto& candidate : candidates) {
    if (!FileExists(candidate)) absent.push_back(BaseName(candidate));
  }
  if (absent.empty()) return;
  constexpr size_t kMostNamed = 5;
  const size_t named = std::min(absent.size(), kMostNamed);
  std::string names = fmt::format("{}", fmt::join(absent.begin(), absent.begin() + named, ", "));
  if (absent.size() > named) names += fmt::format(" and {} more", absent.size() - named);
  throw Error(ErrorId::kMissingFile, "files of the pattern are missing beside others")
      .InFile(pattern)
      .Value(names)
      .Remedy(
          "fetch them, or write those that are there ({1..5}, {1,2,5,X}); @ takes what it finds");
}

}  // namespace

std::vector<std::string> ExpandInputs(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const auto& pattern : patterns) {
    const auto candidates = FileExists(pattern) ? std::vector<std::string>{} : Expand(pattern);
    if (candidates.empty()) {
      files.push_back(pattern);
      continue;
    }
    const size_t before = files.size();
    for (const auto& candidate : candidates) {
      if (FileExists(candidate)) files.push_back(candidate);
    }
    if (files.size() == before) {
      throw Error(ErrorId::kNoFileMatches, "no file matches the pattern")
          .InFile(pattern)
          .Value(pattern)
          .Remedy(fmt::format("check the folder and the spelling; tried {} ... {}",
                              BaseName(candidates.front()), BaseName(candidates.back())));
    }
    RequireAll(pattern, candidates);
  }
  for (size_t i = 1; i < files.size(); ++i) {
    if (std::find(files.begin(), files.begin() + static_cast<ptrdiff_t>(i), files[i]) ==
        files.begin() + static_cast<ptrdiff_t>(i)) {
      continue;
    }
    throw Error(ErrorId::kConfigRange, "the same file is given twice")
        .Field("input.genotypes")
        .Value(files[i])
        .Remedy("name each file once");
  }
  if (files.empty()) {
    throw Error(ErrorId::kNoFileMatches, "no genotype file is given")
        .Field("input.genotypes")
        .Remedy("name a .bed, .pgen, VCF or BCF file");
  }
  return files;
}

}  // namespace kinflow
