#pragma once

#include "pipeline/base/log.h"
#include "pipeline/config/config_node.h"

namespace kinflow {

/// Warns of keys under `pca` and `kinship` that are given though nothing in the run asks for them:
/// neither is computed, or components are fitted where they are of projections, or the other way
/// round; and of `scores.plink2_compat` where it changes nothing. A part that is turned off by its
/// `compute: false` may keep its keys.
void WarnOfUnusedKeys(const ConfigNode& root, Log& log);

}  // namespace kinflow
