#include "stages/dosage/options.h"

namespace kinflow {

SchemaNode DosageSchema() {
  using namespace schema;
  return Map(
      "dosage", "how dosages are kept",
      {Text("units",
            "units per allele copy: auto (found in the first records), or a number such "
            "as 1000, 10000, 16384 (rounds what is finer)")
           .Default("auto"),
       Choice("precision", "lossless, or compact: 127 units, half the size",
              {"lossless", "compact"})
           .Default("lossless"),
       Choice("phase", "phase of calls (VCF and BCF: of GT) beside the dosages", {"keep", "drop"})
           .Default("keep"),
       Choice("store", "dosage store: auto (not for .bed, which is scanned as it is) or always",
              {"auto", "always"})
           .Default("auto")
           .NoResult()});
}

}  // namespace kinflow
