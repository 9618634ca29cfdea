#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stages/simulate/bit_planes.h"
#include "stages/simulate/people.h"
#include "stages/simulate/variant_block.h"

namespace kinflow::simulate {

/// Writes the genotyped people of each block to one file format.
class GenotypeWriter {
 public:
  virtual ~GenotypeWriter() = default;
  virtual void Write(const VariantBlock& block, const BitPlanes& planes) = 0;
  /// Index and publish; returns the paths.
  virtual std::vector<std::string> Finish() = 0;
};

/// `prefix`: path without the ending of the format. `chromosomes`: those in this file.
std::unique_ptr<GenotypeWriter> MakeBedWriter(const SimulateOptions& options, const People& people,
                                              const std::string& prefix);
std::unique_ptr<GenotypeWriter> MakeVcfWriter(const SimulateOptions& options, const People& people,
                                              const std::string& prefix,
                                              const std::vector<unsigned>& chromosomes);
std::unique_ptr<GenotypeWriter> MakeBcfWriter(const SimulateOptions& options, const People& people,
                                              const std::string& prefix,
                                              const std::vector<unsigned>& chromosomes);

}  // namespace kinflow::simulate
