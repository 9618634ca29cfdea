#include "stages/formats/vcf_genotypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/error.h"
#include "stages/formats/number_rows.h"
#include "stages/formats/untold_records.h"

namespace kinflow {
namespace {

bool IsEnd(char c) { return c == ':' || c == '\t'; }

// "." or ".,." up to the end of the field.
bool NoValue(const char* p) {
  for (; *p == '.'; ++p) {
    if (IsEnd(*++p)) return true;
    if (*p != ',') return false;
  }
  return false;
}

std::string_view Token(const char* p) {
  return {p, static_cast<size_t>(swar::FindColonOrTab(p) - p)};
}

// "0/1:" or "1|0\t" with alleles 0 and 1; first and second are 0 or 1 then.
bool PlainCall(const char* p, uint32_t& first, uint32_t& second) {
  first = static_cast<uint8_t>(p[0]) - uint32_t{'0'};
  second = static_cast<uint8_t>(p[2]) - uint32_t{'0'};
  return (p[1] == '/' || p[1] == '|') && first <= 1 && second <= 1 && IsEnd(p[3]);
}

// The same for "0|1:" in one load, for calls with a field behind them.
bool QuickCall(const char* p, uint32_t& index) {
  uint32_t w;
  std::memcpy(&w, p, 4);
  constexpr uint32_t kPhasedCall = '0' | ('|' << 8) | ('0' << 16) | (uint32_t{':'} << 24);
  constexpr uint32_t kCall = '0' | ('/' << 8) | ('0' << 16) | (uint32_t{':'} << 24);
  const uint32_t form = w & 0xfffefffeu;
  index = (w & 1) | ((w >> 15) & 2) | (form == kPhasedCall ? 4u : 0u);
  return (form == kPhasedCall) | (form == kCall);
}

// CallFlag bits by the index of QuickCall: first allele, second allele, phased.
constexpr uint8_t kQuickFlags[8] = {
    0,          0, 0, 0, kCallPhased, kCallPhased | kCallAltFirst, kCallPhased | kCallAltSecond,
    kCallPhased};

// The common columns "0|1:0.5" and "0.5" of biallelic records, in a loop without calls.
struct QuickRun {
  const DosageGrid grid;
  const char* end;
  uint32_t samples;

  // From sample s on, as long as columns have the quick form; returns the first that has not.
  template <bool kGt, bool kFlags, class T>
  uint32_t Take(const char*& at, uint32_t s, T* out, uint8_t* calls, uint8_t& seen) const {
    const char* p = at;
    const DosageGrid g = grid;
    uint8_t flags = 0;
    for (; s < samples && p < end; ++s) {
      uint32_t value = 0, call = 0;
      if (kGt && !QuickCall(p, call)) break;
      const char* q = g.QuickUnits(p + (kGt ? 4 : 0), 2, value);
      if (q == nullptr) break;
      out[s] = static_cast<T>(value);
      if (kFlags) flags |= calls[s] = kQuickFlags[call];
      p = (*q == '\t' ? q : swar::FindTab(q)) + 1;
    }
    at = p;
    seen |= flags;
    return s;
  }
};

uint8_t PlainFlags(char separator, uint32_t first, uint32_t second) {
  if (separator != '|') return 0;
  return kQuickFlags[4 | second << 1 | first];
}

Error Columns(const RecordPlace& place, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Remedy(
          "every record needs one column a sample, separated by tabs; a cut file ends like this");
}

}  // namespace

VcfGenotypes::VcfGenotypes(const DosagePlan& plan, const SampleChoice& choice)
    : plan_(plan), choice_(choice), grid_(plan.units, plan.error_bound), numbers_(16) {}

const char* VcfGenotypes::ParseSiteTail(const VcfLine& line, const RecordPlace& place) {
  const char* starts[5] = {line.begin + line.qual};
  for (int c = 1; c < 5; ++c) {
    const char* p = starts[c - 1];
    p = static_cast<const char*>(std::memchr(p, '\t', static_cast<size_t>(line.end - p)));
    if (p == nullptr || p + 1 >= line.end) {
      throw Columns(place, fmt::format("the record has {} columns and no samples", c + 5));
    }
    starts[c] = p + 1;
  }
  info_ = {starts[2], static_cast<size_t>(starts[3] - starts[2] - 1)};
  format_.Update({starts[3], static_cast<size_t>(starts[4] - starts[3] - 1)}, plan_.field);
  if (!format_.repeated.empty()) throw RepeatedKey(format_.repeated, place);
  if (format_.field < 0 && format_.gt < 0) {
    throw Error(ErrorId::kFieldAbsent,
                fmt::format("the record has no {}, the field this input is read from, and no GT",
                            FieldName(plan_.field)))
        .InFile(place.file)
        .AtRecord(place.record)
        .AtPosition(place.chrom, place.pos)
        .Field("FORMAT")
        .Value(format_.text)
        .Remedy("set input.field to a field that all records have");
  }
  return starts[4];
}

template <class Quick, class Parse>
void VcfGenotypes::ForEachSample(const char* p, const VcfLine& line, const RecordPlace& place,
                                 Quick quick, Parse parse) {
  const auto n = static_cast<uint32_t>(choice_.target.size());
  for (uint32_t s = 0; s < n; ++s) {
    s = quick(p, s);
    if (s == n) break;
    if (p >= line.end) {
      throw Columns(place, fmt::format("the record has {} sample columns, the header {}", s, n));
    }
    const uint32_t target = choice_.target[s];
    if (target != SampleTable::kAbsent) p = parse(p, s, target);
    if (*p != '\t') p = swar::FindTab(p);
    ++p;
  }
  if (p != line.end) {
    throw Columns(place, fmt::format("the record has more sample columns than the header ({})", n));
  }
}

const char* VcfGenotypes::SkipTo(const char* p, int index, bool& found) {
  found = true;
  for (int i = 0; i < index; ++i) {
    p = swar::FindColonOrTab(p);
    if (*p == '\t') {
      found = false;
      return p;
    }
    ++p;
  }
  return p;
}

template <class T>
const char* VcfGenotypes::Dosage(const char* p, uint32_t column, uint32_t copies,
                                 const RecordPlace& place, T& out) {
  const char* q = p;
  Decimal decimal;
  uint32_t units = 0;
  const bool fast = FastDecimal(q, decimal) && *q != ',';
  if (fast && grid_.FastUnits(decimal, copies, units)) {
    out = static_cast<T>(units);
    return q;
  }
  const std::string_view token = Token(p);
  double x = decimal.value();
  if (!fast && !ParseDosageText(token, x)) {
    throw BadDosage(place, column, "the dosage is not a finite decimal number", token);
  }
  const auto result = grid_.ToUnits(x, copies, units);
  if (result != DosageGrid::Result::kOk) throw BadGrid(result, place, column, grid_, copies, token);
  out = static_cast<T>(units);
  return p + token.size();
}

CalledGenotype VcfGenotypes::CallBeside(const char* p, uint32_t column, const RecordPlace& place,
                                        uint32_t n_alt) {
  bool found = false;
  const char* q = SkipTo(p, format_.gt, found);
  CalledGenotype call;
  if (!found) return call;
  const char* start = q;
  if (!ParseGt(q, n_alt, call)) {
    RecordPlace gt = place;
    gt.field = DosageField::kGt;
    throw BadDosage(gt, column, "the genotype call cannot be read", Token(start));
  }
  return call;
}

template <class T>
const char* VcfGenotypes::Call(const char* p, uint32_t column, const RecordPlace& place,
                               const Rows<T>& rows, T* out, uint8_t* flags) {
  const char* start = p;
  CalledGenotype call;
  if (!ParseGt(p, rows.n_alt, call)) {
    throw BadDosage(place, column,
                    "the call is no haploid or diploid genotype of the record's alleles",
                    Token(start));
  }
  for (uint32_t k = 0; flags != nullptr && k < rows.n_alt; ++k) {
    any_flag_ |= (flags[k * rows.samples] = call.Flags(k + 1)) != 0;
  }
  if (call.half()) ++counts_.half_calls;
  any_flag_ |= WriteCopies(
      call, {place.chrom, rows.n_alt, grid_.units(), rows.stride, rows.samples}, out, flags);
  return p;
}

template <class T>
const char* VcfGenotypes::Numbers(const char* p, uint32_t column, const RecordPlace& place,
                                  const Rows<T>& rows, T* out, uint8_t* flags) {
  uint32_t n = 0, missing = 0;
  const char* start = p;
  while (true) {
    if (n == numbers_.size()) numbers_.resize(2 * numbers_.size());
    Decimal decimal;
    if (FastDecimal(p, decimal)) {
      numbers_[n++] = decimal.value();
    } else {
      const char* q = p;
      while (*q != ',' && !IsEnd(*q)) ++q;
      const std::string_view text(p, static_cast<size_t>(q - p));
      if (text == ".") {
        ++missing;
      } else if (!ParseDosageText(text, numbers_[n])) {
        throw BadDosage(place, column, "a value is not a finite decimal number", Token(start));
      }
      ++n;
      p = q;
    }
    if (*p != ',') break;
    ++p;
  }
  // Columns of missing values alone do not come here.
  const NumberRows to{
      place, {place.chrom, rows.n_alt, grid_.units(), rows.stride, rows.samples}, grid_, counts_};
  any_flag_ |= to.Write(
      column, {numbers_.data(), n, rows.n_alt}, missing > 0, [&] { return Token(start); }, out,
      flags);
  return p;
}

template <class T>
uint32_t VcfGenotypes::FlagsBeside(const char* p, uint32_t column, const RecordPlace& place,
                                   const Rows<T>& rows, uint8_t* flags) {
  uint32_t first = 0, second = 0;
  CalledGenotype call;
  const bool plain = format_.gt == 0 && rows.n_alt == 1 && PlainCall(p, first, second);
  if (!plain) call = CallBeside(p, column, place, rows.n_alt);
  for (uint32_t k = 0; k < rows.n_alt; ++k) {
    const uint8_t f = plain ? PlainFlags(p[1], first, second) : call.Flags(k + 1);
    flags[k * rows.samples] = f;
    any_flag_ |= f != 0;
  }
  return call.ploidy == 1 ? (call.missing() ? 0 : 1) : 2;
}

template <class T>
uint32_t VcfGenotypes::CopiesBesideDot(const char* p, const RecordPlace& place, const Rows<T>& rows,
                                       uint8_t* flags) {
  double sum = 0;
  for (const char* q = p;; ++q) {
    const char* const start = q;
    while (*q != ',' && !IsEnd(*q)) ++q;
    double value = 0;
    if (!ParseDosageText({start, static_cast<size_t>(q - start)}, value)) return 2;
    sum += value;
    if (*q != ',') break;
  }
  const ChromClass chrom = ClassOfChrom(place.chrom);
  if (!OneCopyBesideDot(place.field, chrom, sum)) return 2;
  counts_.dosages_beside_dot += chrom == ChromClass::kX;
  for (uint32_t k = 0; k < rows.n_alt; ++k) flags[k * rows.samples] |= kCallHaploid;
  any_flag_ = true;
  return 1;
}

template <class T>
void VcfGenotypes::WithoutField(const char* p, uint32_t column, const RecordPlace& place,
                                const Rows<T>& rows, T* out, uint8_t* flags, bool beside_dot) {
  bool found = format_.ds >= 0;
  const char* q = found ? SkipTo(p, format_.ds, found) : p;
  if (found && !NoValue(q)) {
    RecordPlace ds = place;
    ds.field = DosageField::kDs;
    if (beside_dot) CopiesBesideDot(q, ds, rows, flags);
    Numbers<T>(q, column, ds, rows, out, flags);
    ++counts_.from_ds;
    return;
  }
  CalledGenotype call;
  if (format_.gt >= 0) call = CallBeside(p, column, place, rows.n_alt);
  if (!call.missing()) ++counts_.from_calls;
  if (call.half()) ++counts_.half_calls;
  any_flag_ |= WriteCopies(
      call, {place.chrom, rows.n_alt, grid_.units(), rows.stride, rows.samples}, out, flags);
}

template <class T>
const char* VcfGenotypes::Column(const char* p, uint32_t s, uint32_t t, const RecordPlace& place,
                                 const Rows<T>& rows) {
  const bool is_gt = plan_.field == DosageField::kGt;
  uint8_t* const flags = rows.calls == nullptr ? nullptr : rows.calls + t;
  uint32_t copies = 2, first = 0, second = 0;
  if (is_gt && rows.n_alt == 1 && format_.gt == 0 && PlainCall(p, first, second)) {
    rows.out[t] = static_cast<T>(first + second);
    if (flags != nullptr) any_flag_ |= (*flags = PlainFlags(p[1], first, second)) != 0;
    return p + 3;
  }
  if (flags != nullptr && !is_gt && format_.gt >= 0) {
    copies = FlagsBeside(p, s, place, rows, flags);
  } else if (flags != nullptr) {
    for (uint32_t k = 0; k < rows.n_alt; ++k) flags[k * rows.samples] = 0;
  }
  bool found = format_.field >= 0;
  const char* q = found ? SkipTo(p, format_.field, found) : p;
  if (!found || (!is_gt && NoValue(q))) {
    WithoutField<T>(p, s, place, rows, rows.out + t, flags, copies == 0);
    return q;
  }
  if (is_gt) return Call<T>(q, s, place, rows, rows.out + t, flags);
  if (copies == 0) copies = CopiesBesideDot(q, place, rows, flags);
  if (plan_.field == DosageField::kDs && rows.n_alt == 1) {
    return Dosage<T>(q, s, copies, place, rows.out[t]);
  }
  return Numbers<T>(q, s, place, rows, rows.out + t, flags);
}

template <class T>
void VcfGenotypes::DecodeRows(const char* p, const VcfLine& line, const RecordPlace& place,
                              DosageTile& tile, size_t row) {
  const size_t samples = choice_.source.size();
  const Rows<T> rows{reinterpret_cast<T*>(tile.Row(row)),
                     tile.calls.empty() ? nullptr : tile.calls.data() + row * samples,
                     tile.stride_bytes / sizeof(T), samples, line.n_alt};
  const int index = format_.field;
  const bool quick = plan_.field == DosageField::kDs && line.n_alt == 1 && choice_.all &&
                     grid_.has_quick_form() &&
                     ((index == 1 && format_.gt == 0) ||
                      (index == 0 && (rows.calls == nullptr || format_.gt < 0)));
  uint8_t seen_flags = 0;
  if (quick && index == 0 && rows.calls != nullptr) {
    std::fill(rows.calls, rows.calls + samples, uint8_t{0});
  }
  const auto quick_run = [&](const char*& q, uint32_t s) {
    if (!quick) return s;
    const QuickRun run{grid_, line.end, static_cast<uint32_t>(samples)};
    if (index == 0) return run.Take<false, false>(q, s, rows.out, rows.calls, seen_flags);
    return rows.calls != nullptr ? run.Take<true, true>(q, s, rows.out, rows.calls, seen_flags)
                                 : run.Take<true, false>(q, s, rows.out, rows.calls, seen_flags);
  };
  ForEachSample(p, line, place, quick_run, [&](const char* q, uint32_t s, uint32_t t) {
    return Column<T>(q, s, t, place, rows);
  });
  any_flag_ |= seen_flags != 0;
  for (uint32_t k = 0; k < line.n_alt; ++k) {
    std::fill(rows.out + k * rows.stride + samples, rows.out + (k + 1) * rows.stride, T{0});
  }
}

void VcfGenotypes::Decode(const VcfLine& line, const RecordPlace& place, DosageTile& tile,
                          size_t row) {
  const char* p = ParseSiteTail(line, place);
  counts_.unread_dosages += format_.unread && plan_.TellsUnread();
  if (tile.encoding.layout == DosageEncoding::Layout::kU8) {
    DecodeRows<uint8_t>(p, line, place, tile, row);
  } else {
    DecodeRows<uint16_t>(p, line, place, tile, row);
  }
  if (CopiesUntoldOfAll(plan_.field, place.chrom, format_.gt >= 0)) {
    CountUntold(tile, row, line.n_alt, counts_);
  }
}

}  // namespace kinflow
