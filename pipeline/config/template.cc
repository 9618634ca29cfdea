#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/config/config_loader.h"
#include "pipeline/config/scalar.h"
#include "pipeline/config/validator.h"

namespace kinflow {
namespace {

using Type = SchemaNode::Type;

// Texts that YAML or this reader would take for something else go in double quotes.
std::string Quoted(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/';
  };
  const bool plain = !text.empty() && text != "null" && text != "Null" && text != "NULL" &&
                     std::all_of(text.begin(), text.end(), is_plain);
  return plain ? text : nlohmann::json(text).dump();
}

std::string ValueText(const ConfigNode& node) {
  if (node.kind() == ConfigNode::Kind::kText) return Quoted(node.Text(""));
  if (node.kind() == ConfigNode::Kind::kList) {
    std::string out;
    for (const auto& item : node.items()) out += (out.empty() ? "" : ", ") + ValueText(item);
    return "[" + out + "]";
  }
  return node.ToJson();
}

std::string Note(const SchemaNode& schema) {
  std::string note = schema.help;
  const bool bounded = std::isfinite(schema.minimum) || std::isfinite(schema.maximum);
  if (schema.type == Type::kChoice || bounded || schema.type == Type::kInt ||
      schema.type == Type::kNumber) {
    note += (note.empty() ? "" : ": ") + Expectation(schema);
  }
  if (schema.required) note += " (required)";
  return note;
}

class Writer {
 public:
  std::string Take() { return std::move(out_); }

  void Keys(const SchemaNode& map, size_t indent, bool commented) {
    for (const SchemaNode& child : map.children) Key(child, indent, commented);
  }

 private:
  void Line(size_t indent, bool commented, const std::string& text) {
    out_ += std::string(indent, ' ') + (commented ? "# " : "") + text + "\n";
  }

  void Key(const SchemaNode& schema, size_t indent, bool commented) {
    if (const std::string note = Note(schema); !note.empty()) {
      Line(indent, commented, "# " + note);
    }
    if (schema.name == "schema_version" && indent == 0) {
      return Line(indent, commented, schema.name + ": " + std::to_string(kConfigSchemaVersion));
    }
    if (schema.type == Type::kMap && !schema.nullable) {
      Line(indent, commented, schema.name + ":");
      return Keys(schema, indent + 2, commented);
    }
    Line(indent, commented,
         schema.name + ":" + (schema.required ? "" : " " + ValueText(DefaultOf(schema))));
    Shape(schema, indent);
  }

  // Commented example of what may stand in a collection.
  void Shape(const SchemaNode& schema, size_t indent) {
    if (schema.type == Type::kMap) return Keys(schema, indent + 2, true);
    if (schema.type != Type::kList && schema.type != Type::kFreeMap) return;
    const SchemaNode& item = schema.children.at(0);
    if (item.type != Type::kMap) return;
    Line(indent + 2, true, schema.type == Type::kList ? "-" : "NAME:");
    Keys(item, indent + 4, true);
  }

  std::string out_;
};

}  // namespace

std::string DefaultsYaml(const SchemaNode& schema) {
  Writer writer;
  writer.Keys(schema, 0, false);
  return writer.Take();
}

}  // namespace kinflow
