#include "pipeline/data/variant_table.h"

#include "pipeline/base/number.h"

namespace kinflow {

ChromClass ClassOfChrom(std::string_view name) {
  if (name == "X") return ChromClass::kX;
  if (name == "Y") return ChromClass::kY;
  if (name == "MT") return ChromClass::kMt;
  if (name == "XY") return ChromClass::kAutosome;
  const auto number = ParseUint(name);
  return number && *number >= 1 && *number <= 22 ? ChromClass::kAutosome : ChromClass::kOther;
}

uint16_t VariantTable::ChromCode(std::string_view name) {
  if (!chrom_.empty() && chrom_names_[chrom_.back()] == name) return chrom_.back();
  for (size_t i = 0; i < chrom_names_.size(); ++i) {
    if (chrom_names_[i] == name) return static_cast<uint16_t>(i);
  }
  chrom_names_.emplace_back(name);
  chrom_classes_.push_back(ClassOfChrom(name));
  return static_cast<uint16_t>(chrom_names_.size() - 1);
}

void VariantTable::Append(std::string_view chrom, uint32_t pos, std::string_view id,
                          std::string_view ref, std::string_view alt, float info,
                          bool from_multiallelic) {
  chrom_.push_back(ChromCode(chrom));
  pos_.push_back(pos);
  id_.Append(id);
  ref_.Append(ref);
  alt_.Append(alt);
  info_.push_back(info);
  multiallelic_.push_back(from_multiallelic ? 1 : 0);
}

void VariantTable::Append(const VariantTable& other, size_t row) {
  Append(other.chrom(row), other.pos(row), other.id(row), other.ref(row), other.alt(row),
         other.info(row), other.from_multiallelic(row));
}

void VariantTable::Append(const VariantTable& other) {
  for (size_t i = 0; i < other.size(); ++i) Append(other, i);
}

void VariantTable::Clear() {
  chrom_.clear();
  // Names too: what a table holds must not depend on what it held before (a resumed scan has not
  // seen the earlier chromosomes).
  chrom_names_.clear();
  chrom_classes_.clear();
  pos_.clear();
  id_.Clear();
  ref_.Clear();
  alt_.Clear();
  info_.clear();
  multiallelic_.clear();
}

size_t VariantTable::MemoryBytes() const {
  return id_.MemoryBytes() + ref_.MemoryBytes() + alt_.MemoryBytes() +
         pos_.capacity() * (sizeof(uint16_t) + sizeof(uint32_t) + sizeof(float) + 1);
}

}  // namespace kinflow
