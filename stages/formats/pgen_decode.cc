#include "stages/formats/pgen_decode.h"

#include <algorithm>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/pgen_dosage.h"
#include "stages/formats/pgen_phase.h"

namespace kinflow {

PgenDecoder::PgenDecoder(uint32_t samples)
    : samples_(samples), base_(CallWords(samples)), other_(CallWords(samples)) {}

const uint64_t* PgenDecoder::ReadMainTrack(PgenCursor& in, uint8_t type, uint64_t* row) {
  if (IsLdCompressed(type)) {
    uint64_t* calls = row != nullptr ? row : other_.data();
    ReadCalls(in, type, samples_, last_base_, calls, scratch_);
    return calls;
  }
  last_base_ = nullptr;  // until it is whole
  uint64_t* calls = row != nullptr ? row : base_.data();
  ReadCalls(in, type, samples_, nullptr, calls, scratch_);
  return last_base_ = calls;
}

void PgenDecoder::DecodeBase(const PgenRecord& record, const RecordPlace& place) {
  PgenCursor in(record.bytes, place);
  calls_ = ReadMainTrack(in, record.type, nullptr);
}

void PgenDecoder::ReadPhaseTrack(PgenCursor& in, bool wanted) {
  hets_.resize(CallWords(samples_));
  for (size_t w = 0; w < hets_.size(); ++w) hets_[w] = WhereCall(calls_[w], 1);
  for (const auto& call : patches_.two_alts) {
    if (call.first != call.second) SetCall(hets_.data(), call.sample, 1);
  }
  if (wanted) flags_.resize(samples_);
  ReadPhase(in, hets_.data(), samples_, wanted ? flags_.data() : nullptr);
  has_phase_ = wanted;
}

void PgenDecoder::Decode(const PgenRecord& record, const RecordPlace& place, bool want_phase,
                         uint16_t* units, uint64_t* row) {
  PgenCursor in(record.bytes, place);
  calls_ = ReadMainTrack(in, record.type, record.alts == 1 ? row : nullptr);
  alts_ = record.alts;
  patches_.with_ref.clear();
  patches_.two_alts.clear();
  has_phase_ = false;
  if ((record.type & 8) != 0) {
    ReadAllelePatches(in, calls_, samples_, alts_, patches_, scratch_);
  }
  if (HasPhase(record.type)) ReadPhaseTrack(in, want_phase);
  if (HasDosages(record.type)) {
    if (alts_ > 1)
      in.Fail("several ALT alleles, for which no layout is defined yet, with", "dosages");
  } else if (HasDosagePhase(record.type)) {
    in.Fail("there are no dosages for", "the phase of dosages");
  }
  if (units != nullptr && alts_ == 1) CallsToUnits(calls_, samples_, units);
  if (HasDosages(record.type)) ReadDosages(in, record.type, samples_, units, scratch_);
  in.ExpectEnd();
}

const uint64_t* PgenDecoder::CallsOf(uint32_t allele) {
  if (alts_ == 1) return calls_;
  allele_calls_.resize(CallWords(samples_));
  CallsOfAllele(calls_, patches_, samples_, allele, allele_calls_.data());
  return allele_calls_.data();
}

const uint8_t* PgenDecoder::FlagsOf(uint32_t allele) {
  if (alts_ == 1) return flags_.data();
  // The file's order is that of the two alleles' numbers; ours asks where this allele stands.
  const auto set = [&](uint32_t sample, uint32_t first, uint32_t second) {
    if (allele_flags_[sample] == 0) return;
    const bool swapped = (flags_[sample] & kCallAltFirst) != 0;
    const bool is_first = first != second && (swapped ? second : first) == allele;
    allele_flags_[sample] = is_first ? kCallPhased | kCallAltFirst : kCallPhased;
  };
  allele_flags_ = flags_;
  if (allele > 1) {
    for (uint8_t& flag : allele_flags_) flag &= kCallPhased;  // REF/ALT1 holds no such allele
  }
  for (const auto* list : {&patches_.with_ref, &patches_.two_alts}) {
    for (const auto& call : *list) set(call.sample, call.first, call.second);
  }
  return allele_flags_.data();
}

}  // namespace kinflow
