#pragma once

#include "pipeline/config/schema.h"

namespace kinflow {

/// The `dosage` key of the config: units, precision, phase, store. Read where the genotype input is
/// opened (pipeline/app/genotype_input.h), since it decides how values are decoded.
SchemaNode DosageSchema();

}  // namespace kinflow
