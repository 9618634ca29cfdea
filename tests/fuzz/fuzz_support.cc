#include "tests/fuzz/fuzz_support.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "pipeline/base/utf8.h"

namespace kinflow::fuzz {

void Fail(const std::string& what) {
  std::fprintf(stderr, "fuzz: %s\n", what.c_str());
  std::abort();
}

std::vector<std::string_view> Parts(const uint8_t* data, size_t size, size_t n) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < n) {
    const size_t end = std::min(rest.find(kPartBorder), rest.size());
    parts.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + kPartBorder.size(), rest.size()));
  }
  parts.push_back(rest);
  return parts;
}

std::string WordOf(std::string_view words, std::string_view name) {
  for (const auto word : SplitBlanks(words)) {
    if (word == name) return "1";
    if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=') {
      return std::string(word.substr(name.size() + 1));
    }
  }
  return "";
}

InputFolder::InputFolder() {
  const char* temp = std::getenv("TMPDIR");
  const std::string parent = temp != nullptr ? temp : IsFolder("/dev/shm") ? "/dev/shm" : "/tmp";
  path_ = JoinPath(parent, "kinflow-fuzz-XXXXXX");
  Require(::mkdtemp(path_.data()) != nullptr, "cannot make a folder for inputs");
}

InputFolder::~InputFolder() { RemoveTree(path_); }

std::string InputFolder::Write(const std::string& name, std::string_view bytes) {
  const std::string path = JoinPath(path_, name);
  const FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), path);
  file.Write(bytes);
  const auto at = std::lower_bound(written_.begin(), written_.end(), name);
  if (at == written_.end() || *at != name) written_.insert(at, name);
  return path;
}

void InputFolder::Clear() {
  for (const auto& name : written_) RemoveFile(JoinPath(path_, name));
  written_.clear();
}

void InputFolder::RequireOnlyInputs() const {
  Require(ListFolder(path_) == written_, "a reader left files behind");
}

void CheckError(const Error& error) {
  const std::string text = error.Format();
  const ExitCode code = error.exit_code();
  if (code != ExitCode::kInput && code != ExitCode::kConfig && code != ExitCode::kDamagedStore &&
      code != ExitCode::kResources) {
    Fail("an error of a family that no input may cause: " + text);
  }
  Require(!error.message().empty(), "an error without a message");
  Require(FindInvalidUtf8(text) == std::string_view::npos, "a message that is not UTF-8: " + text);
  const bool printable = std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  });
  Require(printable, "control characters in a message: " + text);
}

bool Accepts(const std::function<void()>& body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    CheckError(error);
    return false;
  }
}

}  // namespace kinflow::fuzz
