#pragma once

#include <string_view>

#include "stages/formats/region_set.h"

namespace kinflow::kinship {

/// Regions of long-range linkage disequilibrium on the autosomes (Price et al. 2008, American
/// Journal of Human Genetics 83:132, table 1, and Weale 2010: 24 regions) of GRCh37 or GRCh38, for
/// the latter by the shift between the builds, rounded outwards to 0.1 Mb. Null for other builds.
RegionSetPtr HighLdRegions(std::string_view build);

}  // namespace kinflow::kinship
