#include "pipeline/config/config_loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/file.h"
#include "pipeline/config/error_list.h"
#include "pipeline/config/overrides.h"
#include "pipeline/config/validator.h"
#include "pipeline/config/yaml_reader.h"

namespace kinflow {
namespace {

// The version decides how everything else is read, so it has an error of its own; afterwards the
// validator passes over it or takes it as any integer.
void CheckVersion(const SchemaNode& schema, RawNode& root, ErrorList& errors) {
  const std::string key = "schema_version";
  const bool declared = std::any_of(schema.children.begin(), schema.children.end(),
                                    [&](const SchemaNode& c) { return c.name == key; });
  const bool has_keys = root.kind == RawNode::Kind::kMap || root.kind == RawNode::Kind::kNull;
  if (!declared || !has_keys) return;
  root.kind = RawNode::Kind::kMap;
  const std::string remedy = fmt::format("write: schema_version: {}", kConfigSchemaVersion);
  RawNode* node = root.Find(key);
  if (node == nullptr) {
    errors.Add({ErrorId::kSchemaVersion,
                {},
                key,
                "missing: the config does not say which version it is",
                "",
                remedy + " as the first line"});
    root.keys.push_back({key, {}});
    root.items.emplace_back().kind = RawNode::Kind::kInvalid;
    return;
  }
  if (node->kind == RawNode::Kind::kInvalid) return;
  const bool fits = node->kind == RawNode::Kind::kScalar && !node->quoted &&
                    node->text == std::to_string(kConfigSchemaVersion);
  if (fits) return;
  errors.Add({ErrorId::kSchemaVersion, node->mark, key,
              fmt::format("this program reads version {} only", kConfigSchemaVersion), node->text,
              remedy});
  node->kind = RawNode::Kind::kInvalid;
}

ConfigNode WithoutNoResult(const ConfigNode& node, const SchemaNode& schema) {
  using Kind = ConfigNode::Kind;
  using Type = SchemaNode::Type;
  if (node.kind() == Kind::kMap && schema.type == Type::kMap) {
    std::map<std::string, ConfigNode> members;
    for (const SchemaNode& child : schema.children) {
      if (child.affects_results) members[child.name] = WithoutNoResult(node.At(child.name), child);
    }
    return ConfigNode::OfMap(std::move(members), "");
  }
  if (node.kind() == Kind::kMap) {
    std::map<std::string, ConfigNode> members;
    for (const auto& [key, value] : node.members()) {
      members[key] = WithoutNoResult(value, schema.children.at(0));
    }
    return ConfigNode::OfMap(std::move(members), "");
  }
  if (node.kind() == Kind::kList) {
    std::vector<ConfigNode> items;
    for (const auto& item : node.items()) {
      items.push_back(WithoutNoResult(item, schema.children.at(0)));
    }
    return ConfigNode::OfList(std::move(items), "");
  }
  return node;
}

/// True if `path` is the key, or one below it.
bool IsWithin(std::string_view path, std::string_view key) {
  return path.starts_with(key) &&
         (path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[');
}

}  // namespace

bool HasErrorIn(const std::vector<Error>& errors, std::string_view path) {
  return std::any_of(errors.begin(), errors.end(), [path](const Error& error) {
    return IsWithin(error.field(), path) || IsWithin(path, error.field());
  });
}

ConfigResult LoadConfigText(std::string_view yaml, const std::string& file,
                            const SchemaNode& schema, const std::vector<std::string>& overrides) {
  const SourceText text(yaml);
  ErrorList errors(text, file, overrides);
  ConfigResult result;
  RawNode root = ReadYaml(yaml, SourceMark::kFile, errors);
  ApplyOverrides(overrides, root, errors);
  if (root.kind != RawNode::Kind::kInvalid) {
    CheckVersion(schema, root, errors);
    result.root = ValidateConfig(schema, root, errors);
  }
  result.errors = errors.Take();
  return result;
}

ConfigResult LoadConfig(const std::string& path, const SchemaNode& schema,
                        const std::vector<std::string>& overrides) {
  std::string text;
  try {
    const FileHandle file = FileHandle::OpenRead(path);
    // One byte over the limit is enough to be refused; a huge file is never read whole.
    text.resize(kMaxConfigBytes + 1);
    size_t size = 0;
    while (size < text.size()) {
      const size_t n = file.Read(text.data() + size, text.size() - size);
      if (n == 0) break;
      size += n;
    }
    text.resize(size);
  } catch (const Error& e) {
    ConfigResult result;
    result.errors.push_back(
        std::move(Error(ErrorId::kConfigUnreadable, "cannot read the config: " + e.message())
                      .InFile(path)
                      .Remedy("check the path and its permissions; "
                              "`kinflow init` writes a template")));
    return result;
  }
  return LoadConfigText(text, path, schema, overrides);
}

std::string ResultJson(const ConfigNode& node, const SchemaNode& schema) {
  return WithoutNoResult(node, schema).ToJson();
}

}  // namespace kinflow
