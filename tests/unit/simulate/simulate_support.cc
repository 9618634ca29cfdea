#include "tests/unit/simulate/simulate_support.h"

#include <cmath>
#include <stdexcept>

#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow::test {

SimulateReport RunSimulate(const SimulateOptions& options) {
  Log log("", LogLevel::kError);
  const StopSignal stop;
  return Simulate(options, log, stop);
}

size_t TextTable::Column(const std::string& name) const {
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c] == name) return c;
  }
  throw std::runtime_error("no column " + name);
}

double TextTable::Number(size_t row, const std::string& name) const {
  return ParseDouble(At(row, name)).value_or(std::nan(""));
}

TextTable ReadTable(const std::string& path) {
  TextTable table;
  LineReader reader(path);
  std::string_view line;
  while (reader.Next(line)) {
    std::vector<std::string> fields;
    for (const auto f : Split(line, '\t')) fields.emplace_back(f);
    (table.names.empty() ? table.names : table.rows.emplace_back()) = fields;
  }
  return table;
}

std::vector<std::string_view> Lines(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return Split(text, '\n');
}

std::vector<std::vector<int>> ReadBed(const std::string& prefix) {
  const auto lines = [](const std::string& path) {
    LineReader reader(path);
    std::string_view line;
    size_t n = 0;
    while (reader.Next(line)) ++n;
    return n;
  };
  const size_t samples = lines(prefix + ".fam"), variants = lines(prefix + ".bim");
  const std::string bytes = ReadFile(prefix + ".bed");
  const size_t stride = (samples + 3) / 4;
  if (bytes.size() != 3 + stride * variants) throw std::runtime_error("size of the bed file");
  static constexpr int kCounts[] = {2, -1, 1, 0};
  std::vector<std::vector<int>> out(variants, std::vector<int>(samples));
  for (size_t v = 0; v < variants; ++v) {
    for (size_t s = 0; s < samples; ++s) {
      const auto byte = static_cast<unsigned char>(bytes[3 + v * stride + s / 4]);
      out[v][s] = kCounts[(byte >> (2 * (s % 4))) & 3];
    }
  }
  return out;
}

}  // namespace kinflow::test
