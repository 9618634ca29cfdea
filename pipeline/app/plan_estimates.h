#pragma once

#include <string>

#include "pipeline/app/study.h"
#include "pipeline/graph/plan.h"
#include "pipeline/graph/run_context.h"

namespace kinflow {

/// Lines on what `plan` will take: memory by pass, time by earlier runs, input, disk of a new
/// store. Reads, never writes.
std::string Estimates(const Study& study, const Plan& plan, RunContext& run);

}  // namespace kinflow
