#include "pipeline/config/schema.h"

namespace kinflow::schema {
namespace {

SchemaNode Make(SchemaNode::Type type, std::string name, std::string help) {
  SchemaNode node;
  node.type = type;
  node.name = std::move(name);
  node.help = std::move(help);
  return node;
}

}  // namespace

SchemaNode Bool(std::string name, std::string help) {
  return Make(SchemaNode::Type::kBool, std::move(name), std::move(help));
}
SchemaNode Int(std::string name, std::string help) {
  return Make(SchemaNode::Type::kInt, std::move(name), std::move(help));
}
SchemaNode Number(std::string name, std::string help) {
  return Make(SchemaNode::Type::kNumber, std::move(name), std::move(help));
}
SchemaNode Text(std::string name, std::string help) {
  return Make(SchemaNode::Type::kText, std::move(name), std::move(help));
}
SchemaNode Choice(std::string name, std::string help, std::vector<std::string> choices) {
  SchemaNode node = Make(SchemaNode::Type::kChoice, std::move(name), std::move(help));
  node.choices = std::move(choices);
  return node;
}
SchemaNode TextList(std::string name, std::string help) {
  return List(std::move(name), std::move(help), Text("", ""));
}
SchemaNode List(std::string name, std::string help, SchemaNode item) {
  SchemaNode node = Make(SchemaNode::Type::kList, std::move(name), std::move(help));
  node.children.push_back(std::move(item));
  return node;
}
SchemaNode Map(std::string name, std::string help, std::vector<SchemaNode> children) {
  SchemaNode node = Make(SchemaNode::Type::kMap, std::move(name), std::move(help));
  node.children = std::move(children);
  return node;
}
SchemaNode FreeMap(std::string name, std::string help, SchemaNode value) {
  SchemaNode node = Make(SchemaNode::Type::kFreeMap, std::move(name), std::move(help));
  node.children.push_back(std::move(value));
  return node;
}

}  // namespace kinflow::schema
