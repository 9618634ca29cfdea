#pragma once

#include <string>
#include <vector>

#include "stages/simulate/genotype_writer.h"
#include "stages/simulate/imputation.h"
#include "stages/writers/indexed_file.h"

namespace kinflow::simulate {

const char* FieldName(SimulateField field);

/// VCF header text. `with_idx` numbers the dictionary entries as BCF wants them:
/// PASS, AF, MAF, R2, IMPUTED, TYPED, GT, DS, HDS, GP = 0 .. 9.
std::string VcfHeader(const People& people, const std::vector<unsigned>& chromosomes,
                      bool with_idx);

/// What VCF and BCF share: impute and encode variants in parallel, write them in order, index.
class ImputedWriter : public GenotypeWriter {
 public:
  void Write(const VariantBlock& block, const BitPlanes& planes) override;
  std::vector<std::string> Finish() override;

 protected:
  ImputedWriter(const SimulateOptions& options, const People& people, const std::string& path,
                IndexKind index);

  /// One record appended to `out`. Called from many threads.
  virtual void Encode(const VariantBlock& block, const SimVariant& variant,
                      const ImputedVariant& imputed, std::string& out) const = 0;

  const SimulateOptions& options_;
  const People& people_;
  BgzfWriter file_;

 private:
  std::string path_;
  IndexKind index_;
  std::vector<std::string> records_;
};

}  // namespace kinflow::simulate
