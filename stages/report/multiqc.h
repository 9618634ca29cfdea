#pragma once

#include <string>

#include "pipeline/data/table.h"

namespace kinflow {

/// The ledger as a section that MultiQC shows (custom content, https://docs.seqera.io/multiqc/
/// custom_content): a JSON text for a file named *_mqc.json. Rows are numbered, as MultiQC sorts
/// them by name; cells that are missing are left out.
std::string MultiqcSection(const Table& ledger);
/// mendel_errors.tsv as another one.
std::string MultiqcMendelSection(const Table& errors);

}  // namespace kinflow
