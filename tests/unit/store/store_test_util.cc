#include "tests/unit/store/store_test_util.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "pipeline/base/file.h"
#include "tests/support/test_data.h"

namespace kinflow::test {

std::vector<uint32_t> RandomDosages(size_t rows, uint32_t samples, const DosageEncoding& encoding,
                                    uint64_t seed) {
  Philox random(seed, 1);
  std::vector<uint32_t> values(rows * samples);
  const uint32_t top = 2 * encoding.units_per_copy;
  for (size_t r = 0; r < rows; ++r) {
    const uint64_t density = random.Below(5);  // 0: all equal but for missing
    const uint32_t common = r % 7 == 0 ? top : 0;
    for (uint32_t s = 0; s < samples; ++s) {
      uint32_t v = common;
      if (random.Below(10) < density * 2) v = static_cast<uint32_t>(random.Below(top + 1));
      if (random.Below(50) == 0 || r % 41 == 40) v = encoding.missing();
      values[r * samples + s] = v;
    }
  }
  return values;
}

DosageTile MakeTile(const std::vector<uint32_t>& values, uint32_t samples,
                    const DosageEncoding& encoding, size_t begin, size_t end) {
  DosageTile tile;
  for (size_t r = begin; r < end; ++r)
    tile.variants.Append("1", static_cast<uint32_t>(r + 1), "v", "A", "C");
  tile.Shape(samples, encoding, end - begin);
  for (size_t r = begin; r < end; ++r) {
    for (uint32_t s = 0; s < samples; ++s) {
      const uint32_t v = values[r * samples + s];
      uint8_t* row = tile.Row(r - begin);
      if (encoding.layout == DosageEncoding::Layout::kU16) {
        tile.RowU16(r - begin)[s] = static_cast<uint16_t>(v);
      } else if (encoding.layout == DosageEncoding::Layout::kU8) {
        row[s] = static_cast<uint8_t>(v);
      } else {
        const unsigned shift = 2 * (s % 4);
        row[s / 4] = static_cast<uint8_t>((row[s / 4] & ~(3u << shift)) | v << shift);
      }
    }
  }
  return tile;
}

int InChild(const std::function<int()>& body) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

int RunPython(const std::string& program, std::string* output) {
  const std::string path = TempFolder() + "/check.py";
  WriteFileAtomically(path, program);
  return RunCommand("/usr/bin/python3 " + path, output);
}

}  // namespace kinflow::test
