#include "stages/formats/bcf_genotypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/kernels/quantise.h"
#include "stages/formats/format_columns.h"
#include "stages/formats/number_rows.h"
#include "stages/formats/untold_records.h"

namespace kinflow {
namespace {

// Sentinels are compared by bit pattern: both floats are NaNs.
constexpr uint32_t kFloatMissing = 0x7F800001, kFloatEnd = 0x7F800002;

Error Damaged(const RecordPlace& place, std::string_view what) {
  return Error(ErrorId::kMalformed, std::string(what))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Remedy("the file is damaged: copy it again from its source");
}

/// A text would be passed over, and the GT beside it taken for the dosage.
Error FieldIsText(const RecordPlace& place, const std::string& field) {
  return Error(ErrorId::kMalformed,
               fmt::format("{} is kept as text: the header declares it as Type=String", field))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field(field)
      .Remedy(
          "give it as VCF, whose numbers are text anyway (bcftools view -Oz -o FILE.vcf.gz "
          "FILE.bcf), or write the BCF from a VCF whose header has Type=Float");
}

template <class I>
uint32_t IntNumbers(const char* p, uint32_t n, std::vector<double>& out) {
  for (uint32_t i = 0; i < n; ++i) {
    I value;
    std::memcpy(&value, p + i * sizeof(I), sizeof(I));
    if (value == std::numeric_limits<I>::min() + 1) return i;
    out[i] = value == std::numeric_limits<I>::min() ? std::numeric_limits<double>::quiet_NaN()
                                                    : static_cast<double>(value);
  }
  return n;
}

bool IsNan(double x) { return std::isnan(x); }

std::string Text(const std::vector<double>& values, uint32_t n) {
  std::string text;
  for (uint32_t i = 0; i < n; ++i) text += (i ? "," : "") + fmt::format("{:.7g}", values[i]);
  return text;
}

}  // namespace

uint32_t BcfField::Numbers(uint32_t sample, std::vector<double>& out) const {
  if (out.size() < typed.n) out.resize(typed.n);
  const char* p = data + size_t{sample} * typed.n * typed.width();
  if (typed.type == 1) return IntNumbers<int8_t>(p, typed.n, out);
  if (typed.type == 2) return IntNumbers<int16_t>(p, typed.n, out);
  if (typed.type == 3) return IntNumbers<int32_t>(p, typed.n, out);
  for (uint32_t i = 0; i < typed.n; ++i) {
    uint32_t bits;
    std::memcpy(&bits, p + 4 * i, 4);
    if (bits == kFloatEnd) return i;
    const double value = std::bit_cast<float>(bits);
    // A NaN that is not the sentinel is a value that was written: kept apart as infinity.
    out[i] = bits == kFloatMissing ? value : std::isnan(value) ? HUGE_VAL : value;
  }
  return typed.n;
}

CalledGenotype BcfField::Call(uint32_t sample, bool& valid, uint32_t n_alt) const {
  CalledGenotype call;
  valid = true;
  for (uint32_t i = 0; i < typed.n; ++i) {
    const char* p = data + (size_t{sample} * typed.n + i) * typed.width();
    int32_t value = 0;
    int32_t end = 0;
    if (typed.type == 1) {
      value = static_cast<int8_t>(*p);
      end = INT8_MIN + 1;
    } else if (typed.type == 2) {
      int16_t v;
      std::memcpy(&v, p, 2);
      value = v;
      end = INT16_MIN + 1;
    } else {
      std::memcpy(&value, p, 4);
      end = INT32_MIN + 1;
    }
    if (value == end) break;
    const int32_t allele = value == end - 1 ? -1 : (value >> 1) - 1;
    if (allele > static_cast<int32_t>(n_alt) || allele < -1 || call.ploidy == 2) {
      valid = false;
      return call;
    }
    (call.ploidy == 0 ? call.first : call.second) = static_cast<int16_t>(allele);
    // The bit of the first allele is the separator that VCF 4.4 may have before it; programs that
    // know none leave it 0 in 0|1.
    if (call.ploidy == 1) call.phased = (value & 1) != 0;
    ++call.ploidy;
  }
  valid = call.ploidy > 0;
  return call;
}

BcfGenotypes::BcfGenotypes(const DosagePlan& plan, const SampleChoice& choice,
                           const VcfHeader& header)
    : plan_(plan),
      choice_(choice),
      header_(header),
      grid_(plan.units, plan.error_bound),
      quality_keys_(header.QualityKeys()),
      numbers_(16) {
  for (uint8_t i = 0; i < flags_of_.size(); ++i) {
    const char bytes[2] = {static_cast<char>(i >> 3), static_cast<char>(i & 7)};
    BcfField call;
    call.typed = {1, 2};
    call.data = bytes;
    bool valid = false;
    const CalledGenotype genotype = call.Call(0, valid, 1);
    flags_of_[i] = valid ? genotype.Flags(1) : 255;
  }
}

void BcfGenotypes::ReadSite(const BcfRecord& record, const RecordPlace& place, BcfSite& site) {
  BcfCursor in(record.shared, record.shared_bytes);
  in.Take(16);
  const auto counts = in.Get<uint32_t>();
  in.Take(4);
  site.id = in.GetText();
  if (site.id.empty()) site.id = ".";
  site.ref = in.GetText();
  site.alts.clear();
  bool empty = site.ref.empty();
  for (uint32_t a = 1; a < counts >> 16; ++a) {
    site.alts.push_back(in.GetText());
    empty |= site.alts.back().empty();
  }
  if (empty && !in.bad()) throw Damaged(place, "an allele is empty");
  if (site.alts.empty()) site.alts.emplace_back(".");
  uint64_t longest = site.ref.size();
  for (const auto alt : site.alts) longest = std::max<uint64_t>(longest, alt.size());
  if (longest > plan_.max_allele) {
    throw Error(ErrorId::kLimitExceeded,
                fmt::format("an allele is longer than {} bases", plan_.max_allele))
        .InFile(place.file)
        .AtRecord(place.record)
        .AtPosition(place.chrom, place.pos)
        .Remedy("remove the record (bcftools view -e), or raise input.max_allele");
  }
  in.SkipTyped();  // FILTER
  site.quality.assign(site.alts.size(), std::numeric_limits<float>::quiet_NaN());
  ReadInfo(in, place, counts & 0xffff, site);
  if (in.bad()) throw Damaged(place, "the record is shorter than its fields");
  if (in.left() > 0) throw Damaged(place, "bytes follow the last of the record's INFO fields");
}

void BcfGenotypes::ReadInfo(BcfCursor& in, const RecordPlace& place, uint32_t n_info,
                            BcfSite& site) {
  size_t best = quality_keys_.size();
  for (uint32_t i = 0; i < n_info && !in.bad(); ++i) {
    const int32_t key = in.GetInt();
    const BcfCursor::Typed typed = in.GetTyped();
    const char* data = in.Take(uint64_t{typed.n} * typed.width());
    if (data == nullptr || in.bad()) break;
    if (key < 0 || static_cast<size_t>(key) >= header_.dictionary.size()) {
      throw Damaged(place, "an INFO key is not in the header");
    }
    const auto it = std::find(quality_keys_.begin(), quality_keys_.end(),
                              header_.dictionary[static_cast<size_t>(key)]);
    const auto rank = static_cast<size_t>(it - quality_keys_.begin());
    // A flag has no value, whatever number of them its descriptor states.
    if (rank >= best || typed.n == 0 || typed.type == 0) continue;
    best = rank;
    for (size_t k = 0; k < site.alts.size(); ++k) {
      if (typed.type == 7) {  // declared as a string: the text form
        site.quality[k] = QualityOf(fmt::format("x={}", std::string_view(data, typed.n)), {"x"},
                                    static_cast<uint32_t>(k) + 1);
        continue;
      }
      const BcfField field{data, typed};
      const uint32_t n = field.Numbers(0, numbers_);
      const double value = n == 1 ? numbers_[0] : k < n ? numbers_[k] : NAN;
      site.quality[k] = std::isfinite(value) ? static_cast<float>(value) : NAN;
    }
  }
}

void BcfGenotypes::FindFields(const BcfRecord& record, const RecordPlace& place) {
  field_ = gt_ = ds_ = {};
  keys_.clear();
  BcfCursor in(record.individual, record.individual_bytes);
  const uint64_t samples = choice_.target.size();
  uint32_t fields = 0;
  bool dosages = false;
  for (; in.left() > 0; ++fields) {
    const int32_t key = in.GetInt();
    const BcfCursor::Typed typed = in.GetTyped();
    const char* data = in.Take(samples * typed.n * typed.width());
    if (data == nullptr || in.bad()) throw Damaged(place, "the record is shorter than its fields");
    if (key < 0 || static_cast<size_t>(key) >= header_.dictionary.size()) {
      throw Damaged(place, "a FORMAT key is not in the header");
    }
    const std::string& id = header_.dictionary[static_cast<size_t>(key)];
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) throw RepeatedKey(id, place);
    keys_.push_back(key);
    const bool integer = typed.type >= 1 && typed.type <= 3;
    if (id == "GT" && integer) gt_ = {data, typed};
    dosages |= IsDosageField(id);
    const bool wanted = id == FieldName(plan_.field);
    const bool stands_in = id == "DS" && plan_.field == DosageField::kHds;
    if (typed.type == 7 && typed.n > 0 && (wanted || stands_in)) throw FieldIsText(place, id);
    if ((!integer && typed.type != 5) || typed.n == 0) continue;
    if (wanted) field_ = {data, typed};
    if (stands_in) ds_ = {data, typed};
  }
  if (fields != record.n_format) {
    throw Damaged(place,
                  fmt::format("{} FORMAT fields, the record counts {}", fields, record.n_format));
  }
  if (field_.data == nullptr && gt_.data == nullptr) {
    throw Error(
        ErrorId::kFieldAbsent,
        fmt::format("the record has no {} numbers, the field this input is read from, and no GT",
                    FieldName(plan_.field)))
        .InFile(place.file)
        .AtRecord(place.record)
        .AtPosition(place.chrom, place.pos)
        .Field("FORMAT")
        .Remedy("set input.field to a field that all records have");
  }
  const bool from_gt =
      plan_.field == DosageField::kGt || (field_.data == nullptr && ds_.data == nullptr);
  counts_.unread_dosages += dosages && from_gt && plan_.TellsUnread();
}

bool BcfGenotypes::FastFlags(uint8_t* flags) {
  if (gt_.data == nullptr || gt_.typed.type != 1 || gt_.typed.n != 2) return false;
  uint8_t any = 0;
  for (uint32_t t = 0; t < choice_.source.size(); ++t) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(gt_.data) + 2 * size_t{choice_.source[t]};
    if ((bytes[0] | bytes[1]) > 7) return false;
    flags[t] = flags_of_[bytes[0] << 3 | bytes[1]];
    if (flags[t] == 255) return false;
    any |= flags[t];
  }
  any_flag_ |= any != 0;
  return true;
}

uint32_t BcfGenotypes::FastDosages(uint32_t first, uint16_t* out) const {
  if (!choice_.all) return 0;
  const GridRule rule{grid_.units(), grid_.exact(), DosageGrid::kTolerance};
  const auto left = static_cast<uint32_t>(choice_.source.size()) - first;
  return FloatsToUnits(field_.data + 4 * size_t{first}, left, rule, out + first);
}

template <class T>
bool BcfGenotypes::FastDosage(uint32_t sample, T& out) const {
  float value;
  std::memcpy(&value, field_.data + size_t{sample} * 4, 4);
  uint32_t units = 0;
  if (grid_.ToUnits(value, 2, units) != DosageGrid::Result::kOk) return false;
  out = static_cast<T>(units);
  return true;
}

template <class T>
bool BcfGenotypes::Numbers(const BcfField& field, const BcfRecord& record, const RecordPlace& place,
                           uint32_t sample, size_t stride, T* out, uint8_t* flags) {
  if (field.data == nullptr) return false;
  const uint32_t n = field.Numbers(sample, numbers_);
  const auto missing =
      static_cast<uint32_t>(std::count_if(numbers_.begin(), numbers_.begin() + n, IsNan));
  if (missing == n) return false;
  const NumberRows to{place,
                      {place.chrom, record.n_alt, grid_.units(), stride, choice_.source.size()},
                      grid_,
                      counts_};
  any_flag_ |= to.Write(
      sample, {numbers_.data(), n, record.n_alt}, missing > 0, [&] { return Text(numbers_, n); },
      out, flags);
  return true;
}

template <class T>
void BcfGenotypes::WithoutField(const BcfRecord& record, const RecordPlace& place, uint32_t sample,
                                size_t stride, T* out, uint8_t* flags, bool beside_dot) {
  RecordPlace ds = place;
  ds.field = DosageField::kDs;
  if (beside_dot) FlagBesideDot(ds_, ds, sample, record.n_alt, flags);
  if (Numbers<T>(ds_, record, ds, sample, stride, out, flags)) {
    ++counts_.from_ds;
    return;
  }
  CalledGenotype call;
  if (gt_.data != nullptr) call = CallOf(gt_, place, sample, record.n_alt);
  if (!call.missing()) ++counts_.from_calls;
  if (call.half()) ++counts_.half_calls;
  any_flag_ |= WriteCopies(
      call, {place.chrom, record.n_alt, grid_.units(), stride, choice_.source.size()}, out, flags);
}

void BcfGenotypes::FlagBesideDot(const BcfField& field, const RecordPlace& place, uint32_t sample,
                                 uint32_t n_alt, uint8_t* flags) {
  const uint32_t n = field.data == nullptr ? 0 : field.Numbers(sample, numbers_);
  const double sum = std::accumulate(numbers_.begin(), numbers_.begin() + n, 0.0);
  const ChromClass chrom = ClassOfChrom(place.chrom);
  // A missing value is no number, and so is the sum.
  if (n == 0 || !OneCopyBesideDot(place.field, chrom, sum)) return;
  counts_.dosages_beside_dot += chrom == ChromClass::kX;
  for (uint32_t k = 0; k < n_alt; ++k) flags[k * choice_.source.size()] |= kCallHaploid;
  any_flag_ = true;
}

CalledGenotype BcfGenotypes::CallOf(const BcfField& gt, const RecordPlace& place, uint32_t sample,
                                    uint32_t n_alt) const {
  bool valid = false;
  const CalledGenotype call = gt.Call(sample, valid, n_alt);
  if (valid) return call;
  RecordPlace at = place;
  at.field = DosageField::kGt;
  throw BadDosage(at, sample, "the call is no haploid or diploid genotype of the record's alleles",
                  "");
}

template <class T>
void BcfGenotypes::DecodeRows(const BcfRecord& record, const RecordPlace& place, DosageTile& tile,
                              size_t row) {
  const size_t stride = tile.stride_bytes / sizeof(T), samples = choice_.source.size();
  T* const out = reinterpret_cast<T*>(tile.Row(row));
  uint8_t* const calls = tile.calls.empty() ? nullptr : tile.calls.data() + row * samples;
  const bool is_gt = plan_.field == DosageField::kGt;
  const bool fast = plan_.field == DosageField::kDs && record.n_alt == 1 &&
                    field_.typed.type == 5 && field_.typed.n == 1;
  const bool flags_done = !is_gt && calls != nullptr && record.n_alt == 1 && FastFlags(calls);
  uint32_t done = 0;
  for (uint32_t t = 0; t < samples; ++t) {
    if constexpr (sizeof(T) == 2) {
      // Behind an unusual value the quick way goes on with the next one.
      if (fast && t >= done && (calls == nullptr || flags_done)) done = t + FastDosages(t, out);
      if (t < done) continue;
    }
    const uint32_t s = choice_.source[t];
    uint8_t* const flags = calls == nullptr ? nullptr : calls + t;
    CalledGenotype call;
    if (is_gt || (!flags_done && flags != nullptr && gt_.data != nullptr)) {
      call = CallOf(gt_, place, s, record.n_alt);
    }
    for (uint32_t k = 0; flags != nullptr && !flags_done && k < record.n_alt; ++k) {
      flags[k * samples] = call.Flags(k + 1);
      any_flag_ |= flags[k * samples] != 0;
    }
    if (is_gt) {
      if (call.half()) ++counts_.half_calls;
      any_flag_ |= WriteCopies(call, {place.chrom, record.n_alt, grid_.units(), stride, samples},
                               out + t, flags);
      continue;
    }
    const bool beside_dot = flags != nullptr && call.ploidy == 1 && call.missing();
    if (beside_dot) FlagBesideDot(field_, place, s, record.n_alt, flags);
    const bool haploid = flags != nullptr && (*flags & kCallHaploid) != 0;
    if ((fast && !haploid && FastDosage<T>(s, out[t])) ||
        Numbers<T>(field_, record, place, s, stride, out + t, flags)) {
      continue;
    }
    WithoutField<T>(record, place, s, stride, out + t, flags, beside_dot);
  }
  for (uint32_t k = 0; k < record.n_alt; ++k) {
    std::fill(out + k * stride + samples, out + (k + 1) * stride, T{0});
  }
}

void BcfGenotypes::Decode(const BcfRecord& record, const RecordPlace& place, DosageTile& tile,
                          size_t row) {
  FindFields(record, place);
  if (tile.encoding.layout == DosageEncoding::Layout::kU8) {
    DecodeRows<uint8_t>(record, place, tile, row);
  } else {
    DecodeRows<uint16_t>(record, place, tile, row);
  }
  if (CopiesUntoldOfAll(plan_.field, place.chrom, gt_.data != nullptr)) {
    CountUntold(tile, row, record.n_alt, counts_);
  }
}

}  // namespace kinflow
