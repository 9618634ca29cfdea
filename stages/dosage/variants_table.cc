#include "stages/dosage/variants_table.h"

#include "pipeline/data/sites_table.h"

namespace kinflow {

Table VariantsAsTable(const VariantTable& variants) {
  Table table = SitesTable(variants);
  table.Add("INFO", Table::Doubles(variants.infos().begin(), variants.infos().end()));
  return table;
}

}  // namespace kinflow
