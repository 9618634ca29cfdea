#include "stages/qc/variant_counts.h"

namespace kinflow {
namespace {

template <class T, class Field>
void WriteField(H5Writer& file, const std::string& path, const std::vector<T>& from,
                Field T::*field) {
  std::vector<Field> column(from.size());
  for (size_t i = 0; i < from.size(); ++i) column[i] = from[i].*field;
  file.Write(path, std::span<const Field>(column));
}

template <class T, class Field>
void TakeField(const std::vector<Field>& column, std::vector<T>& to, Field T::*field) {
  to.resize(column.size());
  for (size_t i = 0; i < column.size(); ++i) to[i].*field = column[i];
}

struct NamedStratum {
  const char* name;
  StratumCounts VariantCounts::*member;
  bool by_sex;
};
constexpr NamedStratum kStrata[] = {
    {"/founders", &VariantCounts::founders, false},
    {"/others", &VariantCounts::others, false},
    {"/founder_males", &VariantCounts::founder_males, true},
    {"/founder_females", &VariantCounts::founder_females, true},
    {"/other_males", &VariantCounts::other_males, true},
    {"/other_females", &VariantCounts::other_females, true},
};

}  // namespace

void StratumCounts::Resize(size_t n, bool with_dosages) {
  calls.resize(n);
  if (with_dosages) dosages.resize(n);
}

void StratumCounts::Write(H5Writer& file, const std::string& group) const {
  WriteField(file, group + "/hom_ref", calls, &CallCounts::hom_ref);
  WriteField(file, group + "/het", calls, &CallCounts::het);
  WriteField(file, group + "/hom_alt", calls, &CallCounts::hom_alt);
  WriteField(file, group + "/missing", calls, &CallCounts::missing);
  if (dosages.size() != calls.size()) return;
  WriteField(file, group + "/dosages", dosages, &DosageSums::called);
  WriteField(file, group + "/sum", dosages, &DosageSums::sum);
  WriteField(file, group + "/sum_squares", dosages, &DosageSums::sum_squares);
}

StratumCounts StratumCounts::Read(const H5Reader& file, const std::string& group) {
  StratumCounts s;
  TakeField(file.ReadU32(group + "/hom_ref"), s.calls, &CallCounts::hom_ref);
  TakeField(file.ReadU32(group + "/het"), s.calls, &CallCounts::het);
  TakeField(file.ReadU32(group + "/hom_alt"), s.calls, &CallCounts::hom_alt);
  TakeField(file.ReadU32(group + "/missing"), s.calls, &CallCounts::missing);
  if (!file.Has(group + "/sum")) return s;
  TakeField(file.ReadU32(group + "/dosages"), s.dosages, &DosageSums::called);
  TakeField(file.ReadU64(group + "/sum"), s.dosages, &DosageSums::sum);
  TakeField(file.ReadU64(group + "/sum_squares"), s.dosages, &DosageSums::sum_squares);
  return s;
}

void VariantCounts::Clear() {
  const uint32_t keep_units = units;
  const bool keep_dosages = has_dosages;
  *this = VariantCounts();
  units = keep_units;
  has_dosages = keep_dosages;
}

void VariantCounts::Append(uint64_t row, bool by_sex) {
  rows.push_back(row);
  mendel_errors.push_back(0);
  mendel_checked.push_back(0);
  mendel_blamed.push_back(0);
  sex_row.push_back(by_sex ? sex_rows++ : kNoSexRow);
  for (const NamedStratum& s : kStrata) {
    (this->*s.member).Resize(s.by_sex ? sex_rows : rows.size(), has_dosages);
  }
}

VariantCounts VariantCounts::Without(const std::vector<uint64_t>& gone) const {
  VariantCounts left;
  left.units = units;
  left.has_dosages = has_dosages;
  size_t next = 0;
  for (size_t i = 0; i < size(); ++i) {
    if (next < gone.size() && gone[next] == rows[i]) {
      ++next;
      continue;
    }
    const bool by_sex = sex_row[i] != kNoSexRow;
    left.Append(rows[i], by_sex);
    left.mendel_errors.back() = mendel_errors[i];
    left.mendel_checked.back() = mendel_checked[i];
    left.mendel_blamed.back() = mendel_blamed[i];
    for (const NamedStratum& s : kStrata) {
      if (s.by_sex && !by_sex) continue;
      const StratumCounts& from = this->*s.member;
      StratumCounts& to = left.*s.member;
      const size_t at = s.by_sex ? sex_row[i] : i;
      to.calls.back() = from.calls[at];
      if (has_dosages) to.dosages.back() = from.dosages[at];
    }
  }
  return left;
}

void VariantCounts::Write(H5Writer& file) const {
  file.Write("/rows", std::span<const uint64_t>(rows));
  file.Write("/mendel_errors", std::span<const uint32_t>(mendel_errors));
  file.Write("/mendel_checked", std::span<const uint32_t>(mendel_checked));
  file.Write("/mendel_blamed", std::span<const uint32_t>(mendel_blamed));
  file.Write("/sex_row", std::span<const uint32_t>(sex_row));
  for (const NamedStratum& s : kStrata) {
    if (!s.by_sex || sex_rows > 0) (this->*s.member).Write(file, s.name);
  }
  file.Attribute("/", "units", static_cast<int64_t>(units));
  file.Attribute("/", "has_dosages", static_cast<int64_t>(has_dosages));
}

VariantCounts VariantCounts::Read(const H5Reader& file) {
  VariantCounts c;
  c.units = static_cast<uint32_t>(file.AttributeInt("/", "units"));
  c.has_dosages = file.AttributeInt("/", "has_dosages") != 0;
  c.rows = file.ReadU64("/rows");
  c.mendel_errors = file.ReadU32("/mendel_errors");
  c.mendel_checked = file.ReadU32("/mendel_checked");
  c.mendel_blamed = file.ReadU32("/mendel_blamed");
  c.sex_row = file.ReadU32("/sex_row");
  for (const NamedStratum& s : kStrata) {
    if (file.Has(s.name)) c.*s.member = StratumCounts::Read(file, s.name);
  }
  c.sex_rows = static_cast<uint32_t>(c.founder_males.calls.size());
  return c;
}

}  // namespace kinflow
