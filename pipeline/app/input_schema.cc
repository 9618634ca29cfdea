#include "pipeline/app/input_schema.h"

#include <set>
#include <string>

namespace kinflow {
namespace {

constexpr const char* kGenotypesHelp =
    "file, list, or pattern (chr{1..22}.vcf.gz, chr@.vcf.gz); .bed, .pgen, .bgen, .vcf[.gz], .bcf";
constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

SchemaNode Field() {
  return schema::Choice(
      "field",
      "FORMAT field with the dosages (left out: the call); auto: DS, else HDS, else GP, else GT",
      {"auto", "GT", "DS", "GP", "HDS"});
}

SchemaNode SampleFile() {
  return schema::Text("sample_file",
                      ".sample of BGEN files; else the FILE.sample or NAME.sample beside")
      .Nullable();
}
SchemaNode BgenRef() {
  return schema::Choice("bgen_ref", "which allele of a BGEN variant is REF; the others are ALT",
                        {"first", "last"});
}

SchemaNode BatchSchema() {
  return schema::Map(
      "", "one batch",
      {schema::Text("name", "name of the batch: letters, digits, _ . -").Required(),
       schema::TextList("genotypes", kGenotypesHelp).OneOrMore().Required(), Field().Nullable(),
       SampleFile(), BgenRef().Nullable(),
       schema::Text("samples", "file with the sample ids to keep of this batch").Nullable(),
       schema::Text("remove", "file with the sample ids to leave out of this batch").Nullable()});
}

/// A key that stands in the file, else the place of the whole config.
std::string PlaceOf(const ConfigNode& node, const ConfigNode& root) {
  return node.origin() == "default" ? root.origin() : node.origin();
}

}  // namespace

SchemaNode InputSchema() {
  return schema::Map(
      "input", "genotypes and who and what of them is used",
      {schema::TextList("genotypes", kGenotypesHelp).OneOrMore(),
       schema::List("batches",
                    "instead of genotypes: batches with people of their own, joined over the "
                    "variants that all of them have",
                    BatchSchema()),
       schema::TextList("against",
                        "an earlier genotyping of the same people, for comparing who is who: with "
                        "kinship.compute, and nothing else")
           .OneOrMore(),
       Field().Default("auto"),
       schema::Choice("build", "genome build; auto: from contig lengths, if the headers tell",
                      {"auto", "GRCh37", "GRCh38"})
           .Default("auto"),
       SampleFile(), BgenRef().Default("first"),
       schema::TextList("hard_calls",
                        "the called genotypes that these were imputed from: a warning if their "
                        "samples or the order of them differ, an error if they share none")
           .OneOrMore(),
       schema::Text("ids",
                    "table with the columns ID (of the genotype files) and IID (of pedigree, "
                    "phenotypes and decisions): whose each sample is")
           .Nullable(),
       schema::Text("samples", "file with the samples to keep, IID or FID and IID a line")
           .Nullable(),
       schema::Text("remove",
                    "file with the ids of people who withdrew: removed before anything else")
           .Nullable(),
       schema::Text("variants", "file with the variant ids to keep, one a line").Nullable(),
       schema::Text(
           "exclude",
           "file with the variant ids to leave out, one a line; of those that variants and "
           "regions keep")
           .Nullable(),
       schema::Text("regions", "regions to keep: 1:1000-2000,X").Nullable()});
}

std::vector<Error> FaultsOfInput(const ConfigNode& root) {
  std::vector<Error> faults;
  const ConfigNode& input = root.At("input");
  if (input.is_null()) return faults;
  const ConfigNode &genotypes = input.At("genotypes"), &batches = input.At("batches");
  const auto fault = [&](ErrorId id, const char* what, const ConfigNode& at) {
    faults.push_back(Error(id, what).InFile(PlaceOf(at, root)));
    return &faults.back();
  };
  if (genotypes.items().empty() && batches.items().empty()) {
    fault(ErrorId::kMissingKey, "required key is missing; expected genotypes or batches", input)
        ->Field("input.genotypes")
        .Remedy(std::string("add it: ") + kGenotypesHelp);
  }
  if (!genotypes.items().empty() && !batches.items().empty()) {
    fault(ErrorId::kConfigRange, "genotypes and batches are given, and only one of them is read",
          batches)
        ->Field("input.batches")
        .Remedy("name the files of each batch under its own genotypes, and no others");
  }
  if (!input.At("against").items().empty() && !batches.items().empty()) {
    fault(ErrorId::kConfigRange,
          "an earlier genotyping is compared with genotypes, not with batches", batches)
        ->Field("input.against")
        .Remedy("name the genotypes to compare as input.genotypes");
  }
  if (batches.items().size() == 1) {
    fault(ErrorId::kConfigRange, "one batch alone joins nothing", batches)
        ->Field("input.batches")
        .Remedy("name two batches at least, or give its files as input.genotypes");
  }
  std::set<std::string> names;
  for (const ConfigNode& batch : batches.items()) {
    if (!batch.Has("name")) continue;
    const ConfigNode& name = batch.At("name");
    const std::string& text = batch.Text("name");
    if (text.empty() || text.find_first_not_of(kNameCharacters) != std::string::npos) {
      fault(ErrorId::kConfigRange, "not a name: expected letters, digits, _ . -", name)
          ->Field("input.batches.name")
          .Value(text)
          .Remedy("names stand in tables and file columns: leave out blanks and signs");
    }
    if (!names.insert(text).second) {
      fault(ErrorId::kDuplicateKey, "two batches have this name", name)
          ->Field("input.batches.name")
          .Value(text)
          .Remedy("give each batch a name of its own");
    }
  }
  return faults;
}

}  // namespace kinflow
