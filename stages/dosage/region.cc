#include "stages/dosage/region.h"

#include <algorithm>
#include <cmath>

#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

Table Places(const VariantTable& variants, uint64_t first, uint64_t end) {
  Table::Strings chrom, id, ref, alt;
  Table::Ints pos;
  for (uint64_t i = first; i < end; ++i) {
    chrom.emplace_back(variants.chrom(i));
    pos.push_back(variants.pos(i));
    id.emplace_back(variants.id(i));
    ref.emplace_back(variants.ref(i));
    alt.emplace_back(variants.alt(i));
  }
  Table table;
  table.Add("CHROM", std::move(chrom));
  table.Add("POS", std::move(pos));
  table.Add("ID", std::move(id));
  table.Add("REF", std::move(ref));
  table.Add("ALT", std::move(alt));
  return table;
}

}  // namespace

Table VariantsAsTable(const VariantTable& variants) {
  Table table = Places(variants, 0, variants.size());
  table.Add("INFO", Table::Doubles(variants.infos().begin(), variants.infos().end()));
  return table;
}

Table ReadRegion(const H5Reader& file, uint64_t first, uint64_t rows, uint32_t samples) {
  const VariantTable variants = file.ReadVariants(layout::kVariants);
  const DosageReader reader(file, layout::kDosage);
  first = std::min<uint64_t>(first, reader.rows());
  const uint64_t end = std::min<uint64_t>(reader.rows(), first + rows);
  samples = std::min(samples, reader.samples());
  Table table = Places(variants, first, end);
  std::vector<Table::Doubles> columns(samples);
  const DosageEncoding& encoding = reader.encoding();
  const size_t stride = encoding.RowBytes(reader.samples());
  const uint64_t band_rows = reader.rows_per_chunk();
  std::vector<uint8_t> band(stride * band_rows + 64);
  DosageReader::RawBand raw;
  for (uint64_t row = first; row < end; ++row) {
    if (row == first || row % band_rows == 0) {
      reader.ReadBand(row / band_rows, raw);
      reader.Expand(raw, band.data(), stride);
    }
    const uint8_t* values = band.data() + row % band_rows * stride;
    for (uint32_t s = 0; s < samples; ++s) {
      const uint32_t value = encoding.layout == DosageEncoding::Layout::kU16
                                 ? reinterpret_cast<const uint16_t*>(values)[s]
                                 : values[s];
      columns[s].push_back(value == encoding.missing()
                               ? std::nan("")
                               : static_cast<double>(value) / encoding.units_per_copy);
    }
  }
  for (uint32_t s = 0; s < samples; ++s) {
    table.Add("sample " + std::to_string(s + 1), std::move(columns[s]));
  }
  return table;
}

}  // namespace kinflow
