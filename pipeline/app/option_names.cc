#include "pipeline/app/option_names.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "pipeline/app/root_schema.h"

namespace kinflow {
namespace {

constexpr auto kOptions = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"input.genotypes", "--geno"},
    {"input.field", "--field"},
    {"input.build", "--build"},
    {"input.samples", "--samples"},
    {"input.variants", "--variants"},
    {"input.exclude", "--exclude"},
    {"input.regions", "--regions"},
    {"input.sample_file", "--sample-file"},
    {"input.bgen_ref", "--bgen-ref"},
    {"input.against", "--against"},
    {"pedigree.file", "--pedigree"},
    {"kinship.decisions", "--decisions"},
    {"kinship.min_kinship", "--min-kinship"},
    {"qc.preset", "--preset"},
    {"qc.reference.file", "--reference"},
    {"pca.components", "--components"},
    {"pca.max_kinship", "--max-kinship"},
    {"pca.project", "--project"},
    {"pca.reference.file", "--reference"},
    {"pca.reference.group", "--group"},
    {"scores.files", "--weights"},
    {"scores.missing", "--missing"},
    {"scores.ratios: log", "--ratios log"},
    {"scores.ratios", "--ratios"},
    {"scores.tables.columns", "--columns"},
    {"scores.tables.header: absent", "--header absent"},
    {"scores.tables.header: present", "--header present"},
    {"scores.tables.header", "--header"},
    {"scores.tables.layout", "--layout"},
    {"scores.match.by", "--match-by"},
    {"scores.match.min_overlap", "--min-overlap"},
    {"scores.match.min_weight_overlap", "--min-weight-overlap"},
    {"resources.work", "--work"},
    {"resources.threads", "--threads"},
    {"resources.memory", "--memory"},
    {"output.folder", "--out"},
});

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// True if the key stands there as a word of its own, not as a part of a path or a longer key.
bool IsWord(const std::string& text, size_t at, size_t size) {
  const char before = at == 0 ? ' ' : text[at - 1];
  const size_t end = at + size;
  const char after = end < text.size() ? text[end] : ' ';
  const char next = end + 1 < text.size() ? text[end + 1] : ' ';
  const bool begins =
      !IsLetter(before) && std::string_view(".-/0123456789").find(before) == std::string_view::npos;
  return begins && !IsLetter(after) && (after != '.' || !IsLetter(next));
}

/// Paths of the keys of this name below a node; items of lists and free keys have no path.
void FindKeys(const SchemaNode& node, const std::string& path, std::string_view name,
              std::vector<std::string>& found) {
  for (const SchemaNode& child : node.children) {
    const std::string key = path.empty() ? child.name : path + "." + child.name;
    if (child.type == SchemaNode::Type::kMap) {
      FindKeys(child, key, name, found);
    } else if (child.name == name) {
      found.push_back(key);
    }
  }
}

/// Takes out a key before ')', with what leads to it. Returns where the text goes on.
size_t EraseTold(std::string& message, size_t at, size_t size) {
  const bool alone = message[at - 1] == '(';
  const size_t before = message.find_last_not_of(alone ? "( " : ", ", at - 1);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  message.erase(begin, at + size + (alone ? 1 : 0) - begin);
  return begin;
}

}  // namespace

std::vector<std::string> KeysCalled(std::string_view option, std::string_view command) {
  constexpr size_t kMany = 4;
  std::string name(option);
  name.erase(0, std::min(name.find_first_not_of('-'), name.size()));
  std::replace(name.begin(), name.end(), '-', '_');
  std::vector<std::string> all, own;
  FindKeys(RootSchema(), "", name, all);
  const std::string part = command == "kin"     ? "kinship."
                           : command == "score" ? "scores."
                                                : std::string(command) + ".";
  std::copy_if(all.begin(), all.end(), std::back_inserter(own),
               [&part](const std::string& key) { return key.starts_with(part); });
  std::vector<std::string>& keys = own.empty() ? all : own;
  return keys.size() < kMany ? keys : std::vector<std::string>();
}

std::string InOptions(std::string message) {
  for (const auto& [key, option] : kOptions) {
    for (size_t at = message.find(key); at != std::string::npos; at = message.find(key, at)) {
      if (!IsWord(message, at, key.size())) {
        at += key.size();
        continue;
      }
      // "(--option, key)" and "--option VALUE (key)" told it already.
      const bool listed =
          at > 1 && (message[at - 1] == '(' || message.compare(at - 2, 2, ", ") == 0);
      if (listed && message.find(option) < at && message.compare(at + key.size(), 1, ")") == 0) {
        at = EraseTold(message, at, key.size());
        continue;
      }
      message.replace(at, key.size(), option);
      at += option.size();
      // "key (--option)" told it already.
      const std::string told = " (" + std::string(option) + ")";
      if (message.compare(at, told.size(), told) == 0) message.erase(at, told.size());
    }
  }
  return message;
}

}  // namespace kinflow
