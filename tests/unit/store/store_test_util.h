#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/base/philox.h"
#include "pipeline/data/dosage_tile.h"
#include "pipeline/data/variant_table.h"

namespace kinflow::test {

/// Values of a random dosage matrix with runs, rare variants and missing values, row-major.
std::vector<uint32_t> RandomDosages(size_t rows, uint32_t samples, const DosageEncoding& encoding,
                                    uint64_t seed);

/// Rows [begin, end) of `values` as a tile; kTwoBit packs them.
DosageTile MakeTile(const std::vector<uint32_t>& values, uint32_t samples,
                    const DosageEncoding& encoding, size_t begin, size_t end);

/// Runs `body` in a forked child that ends with _exit(body()); returns its wait status.
int InChild(const std::function<int()>& body);

/// Runs a Python program with the system's python3 (h5py); returns its exit status.
int RunPython(const std::string& program, std::string* output);

}  // namespace kinflow::test
