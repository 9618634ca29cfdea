#include "stages/scores/build_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "pipeline/data/alleles.h"
#include "stages/scores/score_file.h"

namespace kinflow {
namespace {

/// A common SNP (dbSNP) with its positions in both builds.
struct KnownSnp {
  std::string_view chrom;
  uint32_t pos37, pos38;
  char a, b;
};

// Not palindromic, of frequencies that arrays and imputation panels of many ancestries have.
constexpr KnownSnp kKnown[] = {
    {"1", 10566215, 10506158, 'A', 'G'},     // rs616488
    {"1", 114448389, 113905767, 'C', 'T'},   // rs11552449
    {"1", 121280613, 121538815, 'A', 'G'},   // rs11249433
    {"1", 202187176, 202218048, 'A', 'G'},   // rs6678914
    {"1", 204518842, 204549714, 'A', 'C'},   // rs4245739
    {"2", 19320803, 19121042, 'A', 'G'},     // rs12710696
    {"2", 121245122, 120487546, 'C', 'T'},   // rs4849887
    {"2", 172972971, 172108243, 'A', 'G'},   // rs2016394
    {"2", 174212894, 173348166, 'A', 'G'},   // rs1550623
    {"2", 217905832, 217041109, 'A', 'G'},   // rs13387042
    {"2", 218296508, 217431785, 'C', 'T'},   // rs16857609
    {"3", 4742276, 4700592, 'A', 'G'},       // rs6762644
    {"3", 27416013, 27374522, 'C', 'T'},     // rs4973768
    {"4", 106084778, 105163621, 'C', 'T'},   // rs9790517
    {"4", 175846426, 174925275, 'A', 'C'},   // rs6828523
    {"5", 1279790, 1279675, 'C', 'T'},       // rs10069690
    {"5", 1282319, 1282204, 'A', 'C'},       // rs7726159
    {"5", 1297488, 1297373, 'C', 'T'},       // rs2736108
    {"5", 44706498, 44706396, 'A', 'G'},     // rs10941679
    {"5", 56031884, 56736057, 'A', 'C'},     // rs889312
    {"5", 58184061, 58888234, 'C', 'T'},     // rs10472076
    {"5", 58337481, 59041654, 'G', 'T'},     // rs1353747
    {"5", 158244083, 158817075, 'A', 'G'},   // rs1432679
    {"6", 1318878, 1318643, 'C', 'T'},       // rs11242675
    {"6", 13722523, 13722291, 'A', 'G'},     // rs204247
    {"6", 82128386, 81418669, 'A', 'G'},     // rs17529111
    {"6", 151918856, 151597721, 'G', 'T'},   // rs12662670
    {"6", 151948366, 151627231, 'A', 'G'},   // rs2046210
    {"7", 144074929, 144377836, 'A', 'G'},   // rs720475
    {"8", 29509616, 29652100, 'A', 'C'},     // rs9693444
    {"8", 76230301, 75318066, 'G', 'T'},     // rs6472903
    {"8", 76417937, 75505702, 'A', 'G'},     // rs2943559
    {"8", 128355618, 127343372, 'A', 'G'},   // rs13281615
    {"8", 129194641, 128182395, 'C', 'T'},   // rs11780156
    {"9", 22062134, 22062135, 'G', 'T'},     // rs1011970
    {"9", 110306115, 107543834, 'A', 'C'},   // rs10759243
    {"9", 110888478, 108126198, 'G', 'T'},   // rs865686
    {"10", 5886734, 5844771, 'C', 'T'},      // rs2380205
    {"10", 22032942, 21744013, 'A', 'G'},    // rs7072776
    {"10", 22315843, 22026914, 'A', 'C'},    // rs11814448
    {"10", 64278682, 62518923, 'A', 'G'},    // rs10995190
    {"10", 80841148, 79081391, 'C', 'T'},    // rs704010
    {"10", 114773927, 113014168, 'A', 'G'},  // rs7904519
    {"10", 123093901, 121334387, 'C', 'T'},  // rs11199914
    {"10", 123337335, 121577821, 'A', 'G'},  // rs2981579
    {"11", 1909006, 1887776, 'C', 'T'},      // rs3817198
    {"11", 65583066, 65815595, 'G', 'T'},    // rs3903072
    {"11", 129461171, 129591276, 'C', 'T'},  // rs11820646
    {"12", 28155080, 28002147, 'A', 'G'},    // rs10771399
    {"12", 96027759, 95633983, 'A', 'G'},    // rs17356907
    {"12", 115836522, 115398717, 'A', 'G'},  // rs1292011
    {"14", 37132769, 36663564, 'A', 'G'},    // rs2236007
    {"14", 68660428, 68193711, 'C', 'T'},    // rs2588809
    {"14", 69034682, 68567965, 'C', 'T'},    // rs999737
    {"14", 91841069, 91374725, 'A', 'G'},    // rs941764
    {"16", 52586341, 52552429, 'A', 'G'},    // rs3803662
    {"16", 53813367, 53779455, 'G', 'T'},    // rs17817449
    {"16", 80650805, 80616908, 'A', 'G'},    // rs13329835
    {"17", 53056471, 54979110, 'A', 'G'},    // rs6504950
    {"18", 24570667, 26990703, 'G', 'T'},    // rs1436904
    {"19", 17389704, 17278895, 'A', 'G'},    // rs8170
    {"19", 17394124, 17283315, 'G', 'T'},    // rs2363956
    {"19", 18571141, 18460331, 'A', 'G'},    // rs4808801
    {"19", 44286513, 43782361, 'A', 'G'},    // rs3760982
    {"21", 16520832, 15148511, 'A', 'G'},    // rs2823093
    {"22", 29621477, 29225488, 'C', 'T'},    // rs132390
    {"22", 40876234, 40480230, 'C', 'T'},    // rs6001930
};

constexpr uint64_t kFewest = 3;

/// Places of a build, by position: no two of them share one.
using Places = std::unordered_map<uint32_t, const KnownSnp*>;

Places PlacesOf(bool in38) {
  Places places;
  for (const KnownSnp& snp : kKnown) places.emplace(in38 ? snp.pos38 : snp.pos37, &snp);
  return places;
}

bool Fits(const KnownSnp& snp, std::string_view chrom, std::string_view allele,
          std::string_view other) {
  if (snp.chrom != chrom || allele.size() != 1 || other.size() > 1) return false;
  return MatchTypes(allele, other, std::string_view(&snp.a, 1), std::string_view(&snp.b, 1)) != 0;
}

}  // namespace

void BuildDetector::Add(std::string_view chrom, uint32_t pos, std::string_view allele,
                        std::string_view other) {
  static const Places places37 = PlacesOf(false), places38 = PlacesOf(true);
  const auto hit = [&](const Places& places) {
    const auto found = places.find(pos);
    return found != places.end() && Fits(*found->second, chrom, allele, other);
  };
  hits37_ += hit(places37);
  hits38_ += hit(places38);
}

std::string BuildDetector::Build() const {
  if (hits37_ >= kFewest && 10 * hits38_ <= hits37_) return "GRCh37";
  if (hits38_ >= kFewest && 10 * hits37_ <= hits38_) return "GRCh38";
  return "";
}

std::string BuildDetector::Evidence() const {
  return fmt::format("{} of {} common SNPs", std::max(hits37_, hits38_), std::size(kKnown));
}

void AddVariants(const VariantTable& variants, BuildDetector& found) {
  for (size_t i = 0; i < variants.size(); ++i) {
    found.Add(variants.chrom(i), variants.pos(i), variants.ref(i), variants.alt(i));
  }
}

void CheckGenotypeBuild(const BuildDetector& found, const std::string& declared) {
  const std::string known = NormaliseBuild(declared), seen = found.Build();
  if (known.empty() || seen.empty() || known == seen) return;
  throw Error(
      ErrorId::kBuildMismatch,
      fmt::format("the genotypes are declared to be on {}, but {} lie at their positions of "
                  "{}",
                  known, found.Evidence(), seen))
      .Field("input.build")
      .Value(known)
      .Remedy(fmt::format(
          "input.build (--build) {}; if the header of the files is wrong, correct it too", seen));
}

std::optional<Error> FaultOfBuild(const BuildDetector& found, const std::string& declared,
                                  const std::string& genotypes, const std::string& file) {
  const std::string seen = found.Build();
  if (seen.empty()) return std::nullopt;
  if (!declared.empty() && declared != seen) {
    return Error(ErrorId::kBuildMismatch,
                 fmt::format("the score says it is on {}, but {} lie at their positions of {}",
                             declared, found.Evidence(), seen))
        .InFile(file)
        .Field("genome_build")
        .Value(declared)
        .Remedy(
            "correct the build in the file's header (without one it is told by its SNPs), or take "
            "the file of the other build");
  }
  if (genotypes.empty() || genotypes == seen) return std::nullopt;
  return Error(
             ErrorId::kBuildMismatch,
             fmt::format("the positions of the score are those of {} ({}), the genotypes are on {}",
                         seen, found.Evidence(), genotypes))
      .InFile(file)
      .Remedy(
          "use the score file harmonised to the build of the genotypes, or lift it over: "
          "--liftover CHAIN (scores.liftover.chain)");
}

}  // namespace kinflow
