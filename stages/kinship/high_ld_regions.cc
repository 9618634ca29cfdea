#include "stages/kinship/high_ld_regions.h"

#include <string>
#include <utility>
#include <vector>

namespace kinflow::kinship {
namespace {

/// In units of 0.1 Mb.
constexpr struct {
  const char* chrom;
  uint32_t begin_37, end_37, begin_38, end_38;
} kRegions[] = {
    {"1", 480, 520, 475, 516},     {"2", 860, 1005, 857, 1000},    {"2", 1345, 1380, 1337, 1373},
    {"2", 1830, 1900, 1821, 1892}, {"3", 475, 500, 474, 500},      {"3", 835, 870, 834, 870},
    {"3", 890, 975, 889, 978},     {"5", 445, 505, 444, 513},      {"5", 980, 1005, 986, 1012},
    {"5", 1290, 1320, 1296, 1327}, {"5", 1355, 1385, 1361, 1392},  {"6", 255, 335, 254, 336},
    {"6", 570, 640, 569, 634},     {"6", 1400, 1425, 1396, 1422},  {"7", 550, 660, 549, 666},
    {"8", 80, 120, 81, 122},       {"8", 430, 500, 431, 491},      {"8", 1120, 1150, 1109, 1140},
    {"10", 370, 430, 367, 426},    {"11", 460, 570, 459, 573},     {"11", 875, 905, 877, 908},
    {"12", 330, 400, 328, 397},    {"12", 1095, 1120, 1090, 1116}, {"20", 320, 345, 334, 360},
};

}  // namespace

RegionSetPtr HighLdRegions(std::string_view build) {
  if (build != "GRCh37" && build != "GRCh38") return nullptr;
  constexpr uint32_t kUnit = 100000;
  std::vector<std::pair<std::string, Interval>> regions;
  for (const auto& r : kRegions) {
    const bool old = build == "GRCh37";
    regions.push_back(
        {r.chrom, {kUnit * (old ? r.begin_37 : r.begin_38), kUnit * (old ? r.end_37 : r.end_38)}});
  }
  return RegionSet::Build(regions);
}

}  // namespace kinflow::kinship
