#include "pipeline/config/validator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pipeline/base/text.h"
#include "pipeline/config/scalar.h"

namespace kinflow {
namespace {

using Type = SchemaNode::Type;
using Kind = RawNode::Kind;

std::string Join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

// Paths of keys called `name` anywhere below `schema`, for hints.
void FindKey(const SchemaNode& schema, const std::string& name, const std::string& path,
             std::vector<std::string>& found) {
  for (const SchemaNode& child : schema.children) {
    const std::string below = schema.type == Type::kList
                                  ? path + "[]"
                                  : Join(path, child.name.empty() ? "*" : child.name);
    if (child.name == name && !name.empty()) found.push_back(below);
    FindKey(child, name, below, found);
  }
}

/// Of several paths the first that begins most like `path`.
const std::string& Nearest(const std::vector<std::string>& paths, const std::string& path) {
  const auto shared = [&path](const std::string& other) {
    return std::mismatch(path.begin(), path.end(), other.begin(), other.end()).first - path.begin();
  };
  return *std::max_element(
      paths.begin(), paths.end(),
      [&](const std::string& a, const std::string& b) { return shared(a) < shared(b); });
}

class Validator {
 public:
  Validator(const SchemaNode& root, ErrorList& errors) : root_(root), errors_(errors) {}

  ConfigNode Check(const SchemaNode& schema, const RawNode& raw, const std::string& path) {
    switch (raw.kind) {
      case Kind::kInvalid:
        return ConfigNode::Null("");
      case Kind::kNull:
        return CheckNull(schema, raw, path);
      case Kind::kScalar:
        if (schema.type == Type::kList && schema.text_or_list) {
          std::vector<ConfigNode> items;
          items.push_back(Check(schema.children.at(0), raw, path));
          return ConfigNode::OfList(std::move(items), errors_.Origin(raw.mark));
        }
        return ReadScalar(schema, raw, path, errors_);
      case Kind::kList:
        if (schema.type == Type::kList) return CheckList(schema, raw, path);
        return WrongKind(schema, raw, path, "a list");
      case Kind::kMap:
        if (schema.type == Type::kMap) return CheckMap(schema, raw, path);
        if (schema.type == Type::kFreeMap) return CheckFreeMap(schema, raw, path);
        return WrongKind(schema, raw, path, "a mapping");
    }
    return ConfigNode::Null("");
  }

 private:
  ConfigNode Fail(ConfigFault fault) {
    errors_.Add(std::move(fault));
    return ConfigNode::Null("");
  }

  ConfigNode WrongKind(const SchemaNode& schema, const RawNode& raw, const std::string& path,
                       const std::string& got) {
    return Fail({ErrorId::kConfigType, raw.mark, path.empty() ? "config" : path,
                 fmt::format("expected {}, got {}", Expectation(schema), got), "",
                 "`kinflow schema` prints the form of every key"});
  }

  // `key:` with nothing behind it: an empty collection (all its lines may be commented out), null
  // where the schema allows it, else a fault.
  ConfigNode CheckNull(const SchemaNode& schema, const RawNode& raw, const std::string& path) {
    if (schema.nullable) return ConfigNode::Null(errors_.Origin(raw.mark));
    if (TakesEmpty(schema)) {
      RawNode empty = raw;
      empty.kind = schema.type == Type::kList ? Kind::kList : Kind::kMap;
      return Check(schema, empty, path);
    }
    return Fail({ErrorId::kConfigType, raw.mark, path,
                 fmt::format("has no value; expected {}", Expectation(schema)), "",
                 schema.required || schema.name.empty()
                     ? "write a value"
                     : "write a value, or delete the key to use its default"});
  }

  ConfigNode CheckList(const SchemaNode& schema, const RawNode& raw, const std::string& path) {
    if (schema.required && raw.items.empty()) {
      return Fail({ErrorId::kConfigRange, raw.mark, path, "the list is empty", "",
                   "give at least one item"});
    }
    std::vector<ConfigNode> items;
    for (size_t i = 0; i < raw.items.size(); ++i) {
      items.push_back(Check(schema.children.at(0), raw.items[i], fmt::format("{}[{}]", path, i)));
    }
    return ConfigNode::OfList(std::move(items), errors_.Origin(raw.mark));
  }

  ConfigNode CheckFreeMap(const SchemaNode& schema, const RawNode& raw, const std::string& path) {
    std::map<std::string, ConfigNode> members;
    for (size_t i = 0; i < raw.items.size(); ++i) {
      members[raw.keys[i].text] =
          Check(schema.children.at(0), raw.items[i], Join(path, raw.keys[i].text));
    }
    return ConfigNode::OfMap(std::move(members), errors_.Origin(raw.mark));
  }

  void UnknownKey(const SchemaNode& schema, const RawKey& key, const std::string& path) {
    constexpr size_t kLongestWord = 64;
    std::vector<std::string> names, elsewhere;
    for (const SchemaNode& child : schema.children) names.push_back(child.name);
    std::string near, lower;
    if (key.text.size() <= kLongestWord) {
      lower = key.text;
      for (char& c : lower)
        c = c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      near = NearestWord(lower, names);
      FindKey(root_, lower, "", elsewhere);
    }
    std::string what = "unknown key", remedy = "`kinflow schema` prints every key";
    constexpr size_t kFew = 12;
    if (names.size() <= kFew) remedy = fmt::format("known here: {}", fmt::join(names, ", "));
    const bool number = key.text.find_first_not_of("0123456789") == std::string::npos;
    if (number && !key.text.empty()) {
      remedy = "write decimals with a point, not with a comma";
    } else if (!elsewhere.empty() && near != lower) {
      remedy =
          fmt::format("a key of this name belongs at {}", Nearest(elsewhere, Join(path, key.text)));
    } else if (!near.empty()) {
      what += fmt::format("; did you mean '{}'?", near);
      const auto meant = std::find_if(schema.children.begin(), schema.children.end(),
                                      [&](const SchemaNode& c) { return c.name == near; });
      remedy = fmt::format("write {}{}", near,
                           meant->help.empty() ? "" : fmt::format(" ({})", meant->help));
    }
    Fail({ErrorId::kUnknownKey, key.mark, Join(path, key.text), what, "", remedy});
  }

  ConfigNode CheckMap(const SchemaNode& schema, const RawNode& raw, const std::string& path) {
    std::map<std::string, const RawNode*> given;
    for (size_t i = 0; i < raw.items.size(); ++i) {
      const std::string& key = raw.keys[i].text;
      const bool known = std::any_of(schema.children.begin(), schema.children.end(),
                                     [&](const SchemaNode& c) { return c.name == key; });
      if (known) {
        given[key] = &raw.items[i];
      } else {
        UnknownKey(schema, raw.keys[i], path);
      }
    }
    std::map<std::string, ConfigNode> members;
    for (const SchemaNode& child : schema.children) {
      const auto it = given.find(child.name);
      const std::string below = Join(path, child.name);
      members[child.name] =
          it != given.end() ? Check(child, *it->second, below) : Absent(child, raw.mark, below);
    }
    return ConfigNode::OfMap(std::move(members), errors_.Origin(raw.mark));
  }

  ConfigNode Absent(const SchemaNode& schema, const SourceMark& parent, const std::string& path) {
    if (!MustBeGiven(schema)) return DefaultOf(schema);
    if (schema.required) {
      return Fail({ErrorId::kMissingKey, parent, path,
                   fmt::format("required key is missing; expected {}", Expectation(schema)), "",
                   "add it: " + schema.help});
    }
    for (const SchemaNode& child : schema.children) Absent(child, parent, Join(path, child.name));
    return ConfigNode::Null("");
  }

  const SchemaNode& root_;
  ErrorList& errors_;
};

ConfigNode DefaultScalar(const SchemaNode& schema, const std::string& text) {
  const std::string name = "default";
  const std::vector<std::string> no_overrides;
  const SourceText no_text("");
  ErrorList errors(no_text, name, no_overrides);
  RawNode raw;
  raw.kind = Kind::kScalar;
  raw.text = text;
  ConfigNode node = ReadScalar(schema, raw, schema.name, errors);
  if (!errors.empty()) {
    throw Error(
        ErrorId::kInternal,
        fmt::format("schema: the default \"{}\" of key '{}' does not fit it", text, schema.name));
  }
  return node;
}

}  // namespace

bool TakesEmpty(const SchemaNode& schema) {
  if (schema.required) return false;
  return schema.type == Type::kMap || schema.type == Type::kFreeMap ||
         (schema.type == Type::kList && schema.default_list.empty());
}

bool MustBeGiven(const SchemaNode& schema) {
  if (schema.required) return true;
  return schema.type == Type::kMap && !schema.nullable &&
         std::any_of(schema.children.begin(), schema.children.end(), MustBeGiven);
}

ConfigNode DefaultOf(const SchemaNode& schema) {
  const bool has_default = !schema.default_text.empty() || !schema.default_list.empty();
  if (schema.nullable && !has_default) return ConfigNode::Null("default");
  switch (schema.type) {
    case Type::kList: {
      std::vector<ConfigNode> items;
      for (const auto& text : schema.default_list) {
        items.push_back(DefaultScalar(schema.children.at(0), text));
      }
      return ConfigNode::OfList(std::move(items), "default");
    }
    case Type::kMap: {
      std::map<std::string, ConfigNode> members;
      for (const auto& child : schema.children) members[child.name] = DefaultOf(child);
      return ConfigNode::OfMap(std::move(members), "default");
    }
    case Type::kFreeMap:
      return ConfigNode::OfMap({}, "default");
    default:
      return DefaultScalar(schema, schema.default_text);
  }
}

ConfigNode ValidateConfig(const SchemaNode& schema, const RawNode& root, ErrorList& errors) {
  if (root.kind == Kind::kScalar) {
    errors.Add({ErrorId::kConfigType, root.mark, "", "a config is a mapping of keys to values", "",
                "write 'key: value' lines; mind the blank after the colon"});
    return ConfigNode::Null("");
  }
  return Validator(schema, errors).Check(schema, root, "");
}

}  // namespace kinflow
