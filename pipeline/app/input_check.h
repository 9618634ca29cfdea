#pragma once

#include <vector>

#include "pipeline/app/session.h"
#include "pipeline/base/error.h"

namespace kinflow {

/// Everything that is wrong with the inputs taken one by one, in the order of the config: genotype
/// files and lists, pedigree, phenotype tables, other tables, score files. What lies between them
/// (people in common, columns of models) is the Study's to find. `wrong`: faults of the config;
/// inputs that the parts of it name which have some are passed over.
std::vector<Error> FaultsOfInputs(const LoadedConfig& config, const std::vector<Error>& wrong = {});

/// `fault`, which a Study has thrown, and what else is wrong with its inputs.
std::vector<Error> WithOtherFaults(const Error& fault, const LoadedConfig& config);

/// All faults, and their number, to standard error; the exit code is that of the first.
ExitCode PrintFaults(const LoadedConfig& config, const std::vector<Error>& faults);

}  // namespace kinflow
