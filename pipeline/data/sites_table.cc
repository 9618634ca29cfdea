#include "pipeline/data/sites_table.h"

namespace kinflow {

Table SitesTable(const VariantTable& variants) {
  Table::Strings chrom, id, ref, alt;
  Table::Ints pos;
  for (size_t i = 0; i < variants.size(); ++i) {
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

Table WithSites(const VariantTable& variants, const Table& table) {
  Table all = SitesTable(variants);
  for (size_t c = 0; c < table.columns(); ++c) all.Add(table.name(c), table.column(c));
  return all;
}

}  // namespace kinflow
