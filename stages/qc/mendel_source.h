#pragma once

#include <atomic>
#include <memory>

#include "pipeline/graph/forwarding_source.h"
#include "stages/qc/mendel.h"

namespace kinflow {

/// Hard calls of another source without those that are blamed in Mendel errors, as plink1.9
/// --set-me-missing: blame follows from the calls as they were, so that no trio depends on what
/// another one lost.
class MendelSource : public ForwardingSource {
 public:
  /// Throws kBadArgument if the source has dosages.
  MendelSource(std::unique_ptr<GenotypeSource> inner, MendelChecker checker);

  /// Inheritance of haploid calls is looked at here, whatever the sinks do.
  void UseFlags(uint8_t flags) override {
    inner_->UseFlags(static_cast<uint8_t>(flags | kCallHaploid));
  }
  uint8_t FlagsGiven(uint8_t used) const override {
    return inner_->FlagsGiven(static_cast<uint8_t>(used | kCallHaploid));
  }
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  /// Calls set so far, of all variants decoded.
  uint64_t calls_set() const { return calls_set_; }

 private:
  MendelChecker checker_;
  mutable std::atomic<uint64_t> calls_set_{0};
};

}  // namespace kinflow
