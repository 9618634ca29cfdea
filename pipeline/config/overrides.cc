#include "pipeline/config/overrides.h"

#include <fmt/format.h>

#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/config/yaml_reader.h"

namespace kinflow {
namespace {

RawNode ReadValue(const std::string& text, int index, ErrorList& errors) {
  RawNode node;
  node.mark = {index, 0, 0};
  if (text.empty() || text == "~" || text == "null") return node;
  if (text[0] == '[' || text[0] == '{' || text[0] == '"' || text[0] == '\'') {
    return ReadYaml(text, index, errors);
  }
  node.kind = RawNode::Kind::kScalar;
  node.text = text;
  // The shared byte rules (UTF-8, no control characters) hold here too.
  RawNode checked = ReadYaml("# " + text, index, errors);
  if (checked.kind == RawNode::Kind::kInvalid) return checked;
  return node;
}

// The child `key` of `node`, made if absent; null after reporting why there is none.
RawNode* Step(RawNode& node, const std::string& key, const std::string& path, int index,
              ErrorList& errors) {
  const SourceMark mark = {index, 0, 0};
  const auto fail = [&](std::string what, std::string remedy) -> RawNode* {
    errors.Add({ErrorId::kConfigReference, mark, path, std::move(what), "", std::move(remedy)});
    return nullptr;
  };
  if (node.kind == RawNode::Kind::kInvalid) return nullptr;
  if (node.kind == RawNode::Kind::kScalar) {
    return fail("is a single value and has no part '" + key + "'",
                "set the key itself, without what follows it");
  }
  if (node.kind == RawNode::Kind::kList) {
    const auto i = ParseUint(key);
    if (!i || *i > node.items.size()) {
      return fail(fmt::format("list has {} items, '{}' is none of them", node.items.size(), key),
                  fmt::format("give an index from 0 to {} ({} appends)", node.items.size(),
                              node.items.size()));
    }
    if (*i == node.items.size()) node.items.emplace_back().mark = mark;
    return &node.items[*i];
  }
  if (node.kind == RawNode::Kind::kNull) {
    node.kind = key == "0" ? RawNode::Kind::kList : RawNode::Kind::kMap;
    node.mark = mark;
    if (key == "0") return &node.items.emplace_back();
  }
  if (RawNode* child = node.Find(key)) return child;
  node.keys.push_back({key, mark});
  node.items.emplace_back().mark = mark;
  return &node.items.back();
}

void ApplyOne(const std::string& text, int index, RawNode& root, ErrorList& errors) {
  const SourceMark mark = {index, 0, 0};
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    errors.Add({ErrorId::kBadArgument, mark, "", "--set needs KEY=VALUE", text,
                "write for example --set qc.variant.maf=0.01"});
    return;
  }
  RawNode value = ReadValue(text.substr(equals + 1), index, errors);
  RawNode* node = &root;
  std::string path;
  for (const auto part : Split(std::string_view(text).substr(0, equals), '.')) {
    if (part.empty()) {
      errors.Add({ErrorId::kBadArgument, mark, "", "--set has an empty part in its key", text,
                  "write keys as words joined by points"});
      return;
    }
    node = Step(*node, std::string(part), path, index, errors);
    if (node == nullptr) return;
    path += (path.empty() ? "" : ".") + std::string(part);
  }
  *node = std::move(value);
}

}  // namespace

void ApplyOverrides(const std::vector<std::string>& overrides, RawNode& root, ErrorList& errors) {
  for (size_t i = 0; i < overrides.size(); ++i) {
    ApplyOne(overrides[i], static_cast<int>(i), root, errors);
  }
}

}  // namespace kinflow
