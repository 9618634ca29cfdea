#pragma once

#include <string>

#include "pipeline/data/pedigree.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {

/// What to say of ids most of which are of one kind of family member and some of another: mothers
/// with fathers among them, as when two columns of ids were exchanged in some rows. "" = nothing:
/// one kind alone, or a table of whole families, where most of those others stand beside another
/// member of the same pregnancy (without pregnancies: of the same child). Ids and pregnancies are
/// the pedigree's; `column` is that of the ids. Rows are counted from 1, below the header.
std::string MixedMembers(const PhenotypeTable& table, const std::string& column,
                         const Pedigree& pedigree);

}  // namespace kinflow
