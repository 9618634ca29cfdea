// file<<<>>>index: any container, and a .tbi or .csi (plain or BGZF) beside it.

#include <zlib.h>

#include <unordered_map>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "stages/formats/bgzf_reader.h"
#include "stages/formats/variant_index.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

constexpr size_t kMostBytes = 32 << 20;  // of an inflated input

bool Inflate(const std::string& path, size_t target, std::string& out) {
  return Accepts([&] {
    BgzfReader reader(path);
    ByteBuffer bytes;
    while (bytes.size() < kMostBytes && reader.Append(bytes, target)) {
    }
    out.assign(bytes.data(), bytes.size());
  });
}

// zlib's own reader of gzip files, of which BGZF is a kind.
std::string InflateByZlib(const std::string& path) {
  std::string out, buffer(1 << 16, '\0');
  gzFile file = gzopen(path.c_str(), "rb");
  while (out.size() < kMostBytes) {
    const int n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    if (n <= 0) break;
    out.append(buffer, 0, static_cast<size_t>(n));
  }
  gzclose_r(file);
  return out;
}

void CheckLines(const std::string& path, const std::string& content) {
  std::string joined;
  const bool read = Accepts([&] {
    LineReader lines(path);
    std::string_view line;
    while (lines.Next(line)) joined.append(line) += '\n';
  });
  if (content.find('\0') != std::string::npos) return;
  Require(read, "bytes that are lines to one reader only");
  std::string expected;
  for (auto line : Split(content, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    expected.append(line) += '\n';
  }
  if (content.empty() || content.back() == '\n') expected.pop_back();
  Require(joined == expected, "other lines");
}

void ReadIndexBeside(const std::string& path) {
  std::unordered_map<std::string, uint64_t> read;
  Accepts([&] {
    const auto index = FindVariantIndex(path);
    if (!index) return;
    for (size_t i = 0; i < index->names.size() && i < index->counts.size(); ++i) {
      read[index->names[i]] += index->counts[i];
    }
  });
  Accepts([&] { CheckIndexCounts(path, read, {"1", "2"}); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 2);
  folder.Clear();
  const std::string path = folder.Write("x.gz", parts[0]);
  std::string content, by_little;
  const bool accepted = Inflate(path, 1 << 20, content);
  if (content.size() < kMostBytes) {
    Require(Inflate(path, 1, by_little) == accepted, "a small target changes what is accepted");
  }
  if (accepted && content.size() < kMostBytes) {
    Require(content == by_little, "a small target changes the bytes");
    Require(content == InflateByZlib(path), "zlib finds other bytes");
    CheckLines(path, content);
  } else {  // lines of a damaged file, and of Zstandard
    Accepts([&] {
      LineReader lines(path, 100);
      std::string_view line;
      while (lines.Next(line)) {
      }
    });
  }
  if (!parts[1].empty()) {
    folder.Write(parts[1].starts_with("CSI") ? "x.gz.csi" : "x.gz.tbi", parts[1]);
    ReadIndexBeside(path);
  }
  folder.RequireOnlyInputs();
  return 0;
}
