#include "pipeline/config/config_node.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

const ConfigNode* FindStep(const ConfigNode& node, std::string_view key) {
  if (node.kind() == ConfigNode::Kind::kMap) {
    const auto it = node.members().find(std::string(key));
    return it == node.members().end() ? nullptr : &it->second;
  }
  if (node.kind() == ConfigNode::Kind::kList) {
    const auto i = ParseUint(key);
    return i && *i < node.items().size() ? &node.items()[*i] : nullptr;
  }
  return nullptr;
}

const ConfigNode* FindPath(const ConfigNode& node, std::string_view path) {
  const ConfigNode* at = &node;
  while (!path.empty() && at != nullptr) {
    const size_t point = path.find('.');
    at = FindStep(*at, path.substr(0, point));
    path = point == std::string_view::npos ? std::string_view() : path.substr(point + 1);
  }
  return at;
}

void AppendJson(const ConfigNode& node, std::string& out) {
  using Kind = ConfigNode::Kind;
  switch (node.kind()) {
    case Kind::kNull:
      out += "null";
      break;
    case Kind::kBool:
      out += node.Bool("") ? "true" : "false";
      break;
    case Kind::kInt:
      out += std::to_string(node.Int(""));
      break;
    case Kind::kNumber:
      out += FormatDouble(node.Number(""));
      break;
    case Kind::kText:
      out += nlohmann::json(node.Text("")).dump();
      break;
    case Kind::kList: {
      out += '[';
      for (size_t i = 0; i < node.items().size(); ++i) {
        if (i > 0) out += ',';
        AppendJson(node.items()[i], out);
      }
      out += ']';
      break;
    }
    case Kind::kMap: {
      out += '{';
      bool first = true;
      for (const auto& [key, value] : node.members()) {
        if (!first) out += ',';
        first = false;
        out += nlohmann::json(key).dump() + ":";
        AppendJson(value, out);
      }
      out += '}';
      break;
    }
  }
}

[[noreturn]] void WrongType(std::string_view path, std::string_view wanted) {
  throw Error(ErrorId::kInternal, fmt::format("config key '{}' is not {}", path, wanted));
}

}  // namespace

bool ConfigNode::Has(std::string_view path) const {
  const ConfigNode* node = FindPath(*this, path);
  return node != nullptr && !node->is_null();
}

const ConfigNode& ConfigNode::At(std::string_view path) const {
  const ConfigNode* node = FindPath(*this, path);
  if (node == nullptr) {
    throw Error(ErrorId::kInternal, fmt::format("the config schema has no key '{}'", path));
  }
  return *node;
}

bool ConfigNode::Bool(std::string_view path) const {
  const ConfigNode& node = At(path);
  if (node.kind_ != Kind::kBool) WrongType(path, "a boolean");
  return node.bool_;
}

int64_t ConfigNode::Int(std::string_view path) const {
  const ConfigNode& node = At(path);
  if (node.kind_ != Kind::kInt) WrongType(path, "a whole number");
  return node.int_;
}

double ConfigNode::Number(std::string_view path) const {
  const ConfigNode& node = At(path);
  if (node.kind_ == Kind::kInt) return static_cast<double>(node.int_);
  if (node.kind_ != Kind::kNumber) WrongType(path, "a number");
  return node.number_;
}

const std::string& ConfigNode::Text(std::string_view path) const {
  const ConfigNode& node = At(path);
  if (node.kind_ != Kind::kText) WrongType(path, "a text");
  return node.text_;
}

std::vector<std::string> ConfigNode::TextList(std::string_view path) const {
  const ConfigNode& node = At(path);
  if (node.is_null()) return {};
  if (node.kind_ != Kind::kList) WrongType(path, "a list");
  std::vector<std::string> out;
  for (const ConfigNode& item : node.items_) out.push_back(item.Text(""));
  return out;
}

std::string ConfigNode::ToJson() const {
  std::string out;
  AppendJson(*this, out);
  return out;
}

ConfigNode ConfigNode::Null(std::string origin) {
  ConfigNode node;
  node.origin_ = std::move(origin);
  return node;
}
ConfigNode ConfigNode::OfBool(bool v, std::string origin) {
  ConfigNode node = Null(std::move(origin));
  node.kind_ = Kind::kBool;
  node.bool_ = v;
  return node;
}
ConfigNode ConfigNode::OfInt(int64_t v, std::string origin) {
  ConfigNode node = Null(std::move(origin));
  node.kind_ = Kind::kInt;
  node.int_ = v;
  return node;
}
ConfigNode ConfigNode::OfNumber(double v, std::string origin) {
  ConfigNode node = Null(std::move(origin));
  node.kind_ = Kind::kNumber;
  node.number_ = v;
  return node;
}
ConfigNode ConfigNode::OfText(std::string v, std::string origin) {
  ConfigNode node = Null(std::move(origin));
  node.kind_ = Kind::kText;
  node.text_ = std::move(v);
  return node;
}
ConfigNode ConfigNode::OfList(std::vector<ConfigNode> v, std::string origin) {
  ConfigNode node = Null(std::move(origin));
  node.kind_ = Kind::kList;
  node.items_ = std::move(v);
  return node;
}
ConfigNode ConfigNode::OfMap(std::map<std::string, ConfigNode> v, std::string origin) {
  ConfigNode node = Null(std::move(origin));
  node.kind_ = Kind::kMap;
  node.members_ = std::move(v);
  return node;
}

}  // namespace kinflow
