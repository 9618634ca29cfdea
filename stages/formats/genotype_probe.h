#pragma once

#include "stages/formats/genotype_registry.h"

namespace kinflow {

// How much of every file is looked at: the first records until either bound; so many times as much
// if the header declares dosages that none of these has (if a field is asked for: that one).
constexpr uint64_t kProbeRecords = 2000;
constexpr uint64_t kProbeBytes = 16ull << 20;
constexpr uint64_t kProbeDeclared = 8;

// Grid that finer values are rounded to: pgen's.
constexpr uint32_t kRoundedUnits = 16384;

FileFacts ProbeBed(const std::string& path, const GenotypeOptions& options);
FileFacts ProbePgen(const std::string& path, const GenotypeOptions& options);
FileFacts ProbeVcf(const std::string& path, const GenotypeOptions& options);
FileFacts ProbeBcf(const std::string& path, const GenotypeOptions& options);
FileFacts ProbeBgen(const std::string& path, const GenotypeOptions& options);

/// One field for all files: DS, else HDS, else GP, else GT, or the one asked for.
DosageField ChooseField(const std::vector<FileFacts>& files, const std::string& wanted);
/// The grid of the format if it has one (pgen), else the smallest that all probed values of all
/// files fit: 1000, 10000, 255, else 16384 (rounded). With BGEN files among them: the finest of
/// their grids if all values fit it, else 16384.
void ChooseUnits(const std::vector<FileFacts>& files, const GenotypeOptions& options,
                 DosagePlan& plan);

}  // namespace kinflow
