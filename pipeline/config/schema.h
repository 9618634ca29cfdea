#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// The only config version this program reads: value of the key `schema_version` at the top.
inline constexpr int kConfigSchemaVersion = 1;

/// Declaration of one config key: from it come the parser, defaults, JSON schema, the template and
/// the reference page. Built with the functions below, one schema a stage, joined in pipeline/app.
struct SchemaNode {
  enum class Type { kBool, kInt, kNumber, kText, kChoice, kList, kMap, kFreeMap };

  std::string name;  // key; "" for list items
  Type type = Type::kText;
  std::string help;  // one line, with the unit
  bool required = false;
  bool nullable = false;     // without a value the node is null
  std::string default_text;  // scalar default as YAML text; lists default to [], maps to {}
  std::vector<std::string> default_list;
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;  // kChoice
  std::vector<SchemaNode> children;  // kMap: keys; kList: one item node; kFreeMap: one value node
  bool text_or_list = false;         // kList that also takes a single scalar
  bool affects_results = true;       // false: stays out of keys (threads, paths, log level)

  SchemaNode& Required() {
    required = true;
    return *this;
  }
  SchemaNode& Default(std::string v) {
    default_text = std::move(v);
    return *this;
  }
  SchemaNode& DefaultList(std::vector<std::string> v) {
    default_list = std::move(v);
    return *this;
  }
  SchemaNode& Nullable() {
    nullable = true;
    return *this;
  }
  SchemaNode& Within(double lo, double hi) {
    minimum = lo;
    maximum = hi;
    return *this;
  }
  SchemaNode& OneOrMore() {
    text_or_list = true;
    return *this;
  }
  SchemaNode& NoResult() {
    affects_results = false;
    return *this;
  }
};

namespace schema {
SchemaNode Bool(std::string name, std::string help);
SchemaNode Int(std::string name, std::string help);
SchemaNode Number(std::string name, std::string help);
SchemaNode Text(std::string name, std::string help);
SchemaNode Choice(std::string name, std::string help, std::vector<std::string> choices);
SchemaNode TextList(std::string name, std::string help);
SchemaNode List(std::string name, std::string help, SchemaNode item);
SchemaNode Map(std::string name, std::string help, std::vector<SchemaNode> children);
/// Keys are free (for example scale names), values all of one form.
SchemaNode FreeMap(std::string name, std::string help, SchemaNode value);
}  // namespace schema

}  // namespace kinflow
