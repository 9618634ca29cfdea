#include "pipeline/config/scalar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

using Type = SchemaNode::Type;

// The value as messages show it: one short line.
std::string Shown(const std::string& text) {
  constexpr size_t kLimit = 60;
  std::string out;
  for (const char c : text.substr(0, kLimit)) out += c == '\n' || c == '\r' ? ' ' : c;
  return "\"" + out + (text.size() > kLimit ? "...\"" : "\"");
}

ConfigNode Refuse(ErrorId id, const SchemaNode& schema, const RawNode& raw, const std::string& path,
                  const std::string& remedy, ErrorList& errors) {
  errors.Add({id, raw.mark, path,
              fmt::format("expected {}, got {}", Expectation(schema), Shown(raw.text)), raw.text,
              remedy});
  return ConfigNode::Null(errors.Origin(raw.mark));
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool HasLeadingZero(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

std::string WithoutLeadingZeros(const std::string& text) {
  const bool negative = text[0] == '-';
  std::string digits = text.substr(negative ? 1 : 0);
  while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') {
    digits.erase(0, 1);
  }
  return (negative ? "-" : "") + digits;
}

std::string BoolRemedy(const std::string& text) {
  const std::string lower = Lower(text);
  if (lower == "true" || lower == "yes" || lower == "on" || lower == "y" || text == "1") {
    return "write true";
  }
  if (lower == "false" || lower == "no" || lower == "off" || lower == "n" || text == "0") {
    return "write false";
  }
  return "write true or false";
}

// What to write instead of a text that is no number.
std::string NumberRemedy(const SchemaNode& schema, const std::string& text) {
  std::string pointed = text;
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  if (pointed != text && ParseDouble(pointed)) return "write decimals with a point: " + pointed;
  if (text.size() > 1 && text[0] == '+' && ParseDouble(text.substr(1))) {
    return "write it without the plus sign";
  }
  std::string joined = text;
  std::erase_if(joined, [](char c) { return c == '_' || c == ' ' || c == ','; });
  if (joined != text && ParseDouble(joined)) return "write it without separators: " + joined;
  if (text.back() == '%' && ParseDouble(text.substr(0, text.size() - 1))) {
    return "write a fraction, not a percentage";
  }
  if (schema.type == Type::kInt) {
    const auto value = ParseDouble(text);
    if (value && *value == std::floor(*value) && std::abs(*value) < 1e15) {
      return fmt::format("write {}", static_cast<int64_t>(*value));
    }
    return "write a whole number in decimal digits";
  }
  return "write a decimal number such as 0.01 or 1e-6";
}

bool LooksLikeInteger(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

ConfigNode ReadNumber(const SchemaNode& schema, const RawNode& raw, const std::string& path,
                      ErrorList& errors) {
  const auto refuse = [&](ErrorId id, const std::string& remedy) {
    return Refuse(id, schema, raw, path, remedy, errors);
  };
  if (raw.quoted) return refuse(ErrorId::kConfigType, "delete the quotes: in quotes it is a text");
  if (HasLeadingZero(raw.text)) {
    return refuse(ErrorId::kConfigType,
                  "numbers have no leading zeros (some readers take them as octal): write " +
                      WithoutLeadingZeros(raw.text));
  }
  const std::string origin = errors.Origin(raw.mark);
  const auto in_range = [&](double v) { return v >= schema.minimum && v <= schema.maximum; };
  const std::string range_remedy = "choose a value within these bounds";
  if (schema.type == Type::kInt) {
    const auto value = ParseInt(raw.text);
    if (!value && LooksLikeInteger(raw.text)) return refuse(ErrorId::kConfigRange, range_remedy);
    if (!value) return refuse(ErrorId::kConfigType, NumberRemedy(schema, raw.text));
    if (!in_range(static_cast<double>(*value))) return refuse(ErrorId::kConfigRange, range_remedy);
    return ConfigNode::OfInt(*value, origin);
  }
  const auto value = ParseDouble(raw.text);
  if (!value) return refuse(ErrorId::kConfigType, NumberRemedy(schema, raw.text));
  if (!in_range(*value)) return refuse(ErrorId::kConfigRange, range_remedy);
  return ConfigNode::OfNumber(*value == 0 ? 0.0 : *value, origin);  // -0 and 0 are one setting
}

ConfigNode ReadChoice(const SchemaNode& schema, const RawNode& raw, const std::string& path,
                      ErrorList& errors) {
  const auto& choices = schema.choices;
  if (std::find(choices.begin(), choices.end(), raw.text) != choices.end()) {
    return ConfigNode::OfText(raw.text, errors.Origin(raw.mark));
  }
  constexpr size_t kLongestWord = 64;
  std::string near;
  if (raw.text.size() <= kLongestWord) near = NearestWord(Lower(raw.text), choices);
  return Refuse(ErrorId::kConfigRange, schema, raw, path,
                near.empty() ? "write one of these words" : "did you mean '" + near + "'?", errors);
}

std::string Bounds(const SchemaNode& schema) {
  const bool low = std::isfinite(schema.minimum), high = std::isfinite(schema.maximum);
  if (low && high) {
    return fmt::format(" in [{}, {}]", FormatDouble(schema.minimum), FormatDouble(schema.maximum));
  }
  if (low) return " >= " + FormatDouble(schema.minimum);
  return high ? " <= " + FormatDouble(schema.maximum) : "";
}

/// ": variable, of" for a message; of many keys the first.
std::string KeysOf(const SchemaNode& schema) {
  constexpr size_t kMost = 6;
  std::string text;
  for (size_t i = 0; i < schema.children.size() && i < kMost; ++i) {
    text += (i == 0 ? ": " : ", ") + schema.children[i].name;
  }
  return schema.children.size() > kMost ? text + ", ..." : text;
}

}  // namespace

std::string Expectation(const SchemaNode& schema) {
  switch (schema.type) {
    case Type::kBool:
      return "true or false";
    case Type::kInt:
      return "a whole number" + Bounds(schema);
    case Type::kNumber:
      return "a number" + Bounds(schema);
    case Type::kText:
      return "a text";
    case Type::kChoice:
      return fmt::format("one of {}", fmt::join(schema.choices, ", "));
    case Type::kList:
      return schema.text_or_list ? "a list or a single value" : "a list";
    case Type::kMap:
    case Type::kFreeMap:
      return "a mapping of keys to values";
  }
  return "a value";
}

ConfigNode ReadScalar(const SchemaNode& schema, const RawNode& raw, const std::string& path,
                      ErrorList& errors) {
  switch (schema.type) {
    case Type::kBool:
      if (!raw.quoted && (raw.text == "true" || raw.text == "false")) {
        return ConfigNode::OfBool(raw.text == "true", errors.Origin(raw.mark));
      }
      return Refuse(ErrorId::kConfigType, schema, raw, path,
                    raw.quoted ? "delete the quotes" : BoolRemedy(raw.text), errors);
    case Type::kInt:
    case Type::kNumber:
      return raw.text.empty() ? Refuse(ErrorId::kConfigType, schema, raw, path, "", errors)
                              : ReadNumber(schema, raw, path, errors);
    case Type::kChoice:
      return ReadChoice(schema, raw, path, errors);
    case Type::kText:
      if (schema.required && raw.text.empty()) {
        return Refuse(ErrorId::kConfigRange, schema, raw, path, "must not be empty", errors);
      }
      return ConfigNode::OfText(raw.text, errors.Origin(raw.mark));
    case Type::kList:
    case Type::kMap:
    case Type::kFreeMap:
      return Refuse(ErrorId::kConfigType, schema, raw, path,
                    schema.type == Type::kList
                        ? "write [a, b] or one '- item' a line"
                        : "write its keys on indented lines below" + KeysOf(schema),
                    errors);
  }
  return ConfigNode::Null("");
}

}  // namespace kinflow
