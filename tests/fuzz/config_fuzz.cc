// overrides, one a line<<<>>>yaml

#include <algorithm>

#include "pipeline/app/root_schema.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/config/config_loader.h"
#include "stages/family/analysis.h"
#include "stages/formats/pedigree_table.h"
#include "stages/formats/phenotype_table.h"
#include "stages/kinship/options.h"
#include "stages/pca/options.h"
#include "stages/qc/options.h"
#include "stages/scores/options.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

using Type = SchemaNode::Type;
using Kind = ConfigNode::Kind;

bool Fits(const SchemaNode& schema, const ConfigNode& node) {
  if (node.is_null()) return schema.nullable;
  const auto fits_item = [&](const ConfigNode& item) { return Fits(schema.children[0], item); };
  switch (schema.type) {
    case Type::kBool:
      return node.kind() == Kind::kBool;
    case Type::kInt:
    case Type::kNumber:
      return (node.kind() == Kind::kInt ||
              (node.kind() == Kind::kNumber && schema.type == Type::kNumber)) &&
             node.Number("") >= schema.minimum && node.Number("") <= schema.maximum;
    case Type::kText:
      return node.kind() == Kind::kText;
    case Type::kChoice:
      return std::count(schema.choices.begin(), schema.choices.end(), node.Text("")) == 1;
    case Type::kList:
      return node.kind() == Kind::kList &&
             std::all_of(node.items().begin(), node.items().end(), fits_item);
    case Type::kFreeMap:
      return node.kind() == Kind::kMap &&
             std::all_of(node.members().begin(), node.members().end(),
                         [&](const auto& member) { return fits_item(member.second); });
    case Type::kMap:
      return node.kind() == Kind::kMap && node.members().size() == schema.children.size() &&
             std::all_of(schema.children.begin(), schema.children.end(),
                         [&](const SchemaNode& c) { return Fits(c, node.At(c.name)); });
  }
  return false;
}

// Escapes may write what a config may not hold as it stands: JSON leaves these bytes alone.
bool JsonIsYaml(const std::string& json) {
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '\x7f') return false;
    const auto next = i + 1 < json.size() ? static_cast<uint8_t>(json[i + 1]) : 0;
    if (json[i] == '\xc2' && next >= 0x80 && next < 0xa0) return false;
  }
  return true;
}

// Canonical JSON is YAML too, and gives the same config.
void CheckRoundTrip(const ConfigNode& root) {
  const std::string json = root.ToJson();
  if (!JsonIsYaml(json)) return;
  const ConfigResult again = LoadConfigText(json, "again.json", RootSchema(), {});
  if (!again.errors.empty()) Fail("its JSON is refused: " + again.errors[0].Format());
  Require(again.root.ToJson() == json, "its JSON gives another config");
  Require(ResultJson(again.root, RootSchema()) == ResultJson(root, RootSchema()), "another key");
}

// The same text as a file.
void CheckFile(std::string_view yaml, const std::vector<std::string>& overrides,
               const ConfigResult& result) {
  static InputFolder folder;
  const ConfigResult read = LoadConfig(folder.Write("x.yaml", yaml), RootSchema(), overrides);
  Require(read.errors.size() == result.errors.size() && read.root.ToJson() == result.root.ToJson(),
          "another config from a file");
}

// What a run makes of an accepted config before it opens a file.
void ReadOptions(const ConfigNode& root) {
  ParseBytes(root.Text("resources.memory"));
  Accepts([&] { QcOptions::FromConfig(root.At("qc"), true); });
  Accepts([&] { kinship::KinshipOptions::FromConfig(root.At("kinship")).VariantsJson(); });
  Accepts([&] { pca::PcaOptions::FromConfig(root.At("pca")).ToJson(); });
  Accepts([&] { ScoreOptions::FromConfig(root.At("scores")).MatchJson(); });
  if (root.Has("pedigree")) Accepts([&] { PedigreeOptionsFrom(root.At("pedigree")); });
  for (const auto& item : root.At("phenotypes").items()) {
    Accepts([&] { PhenotypeOptionsFrom(item); });
  }
  family::PersonColumns people;
  people.columns.Add("age", Table::Doubles{1, 2});
  people.columns.Add("batch", Table::Strings{"a", "b"});
  Accepts([&] {
    for (const auto& analysis : family::ReadAnalyses(root.At("analyses"))) {
      analysis.ToJson();
      for (const auto& error : family::CheckAnalysis(analysis, people, {"pgs1"})) CheckError(error);
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parts = Parts(data, size, 2);
  std::vector<std::string> overrides;
  for (const auto line : Split(parts[0], '\n')) {
    if (!line.empty()) overrides.emplace_back(line);
  }
  const ConfigResult result = LoadConfigText(parts[1], "x.yaml", RootSchema(), overrides);
  for (const auto& error : result.errors) {
    // A --set without KEY=VALUE is a fault of the command line.
    if (error.file() == "--set" && error.exit_code() == ExitCode::kUsage) continue;
    CheckError(error);
    Require(error.exit_code() == ExitCode::kConfig, "a config error of another family");
  }
  CheckFile(parts[1], overrides, result);
  if (result.errors.empty()) {
    Require(Fits(RootSchema(), result.root), "an accepted config that does not fit the schema");
    CheckRoundTrip(result.root);
    ReadOptions(result.root);
  }
  return 0;
}
