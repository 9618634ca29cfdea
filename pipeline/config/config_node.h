#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// A validated config value: a tree in which every key of the schema is present (given or default).
/// Getters take dotted paths relative to the node ("variant.maf"); asking for a key that the schema
/// does not define is an internal error. Immutable after loading; safe to read from any thread.
class ConfigNode {
 public:
  enum class Kind { kNull, kBool, kInt, kNumber, kText, kList, kMap };

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool Has(std::string_view path) const;  // present and not null
  const ConfigNode& At(std::string_view path) const;
  bool Bool(std::string_view path) const;
  int64_t Int(std::string_view path) const;
  double Number(std::string_view path) const;  // ints too
  const std::string& Text(std::string_view path) const;
  std::vector<std::string> TextList(std::string_view path) const;
  const std::vector<ConfigNode>& items() const { return items_; }                // kList
  const std::map<std::string, ConfigNode>& members() const { return members_; }  // kMap

  /// Where the value came from, for messages: "run.yaml:12:8", "--set", "default".
  const std::string& origin() const { return origin_; }
  bool is_given() const { return origin_ != "default"; }
  /// Canonical JSON: sorted keys, shortest numbers. Equal effective values give equal text.
  std::string ToJson() const;

  // Construction (the loader and tests).
  static ConfigNode Null(std::string origin);
  static ConfigNode OfBool(bool v, std::string origin);
  static ConfigNode OfInt(int64_t v, std::string origin);
  static ConfigNode OfNumber(double v, std::string origin);
  static ConfigNode OfText(std::string v, std::string origin);
  static ConfigNode OfList(std::vector<ConfigNode> v, std::string origin);
  static ConfigNode OfMap(std::map<std::string, ConfigNode> v, std::string origin);

 private:
  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  int64_t int_ = 0;
  double number_ = 0;
  std::string text_;
  std::vector<ConfigNode> items_;
  std::map<std::string, ConfigNode> members_;
  std::string origin_;
};

}  // namespace kinflow
