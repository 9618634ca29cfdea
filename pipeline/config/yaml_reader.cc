#include "pipeline/config/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <utility>

#include "pipeline/base/utf8.h"

namespace kinflow {
namespace {

struct TooDeep {
  SourceMark mark;
};

// Builds RawNodes from yaml-cpp's events. Events, not nodes: nodes merge duplicate keys and share
// what an alias names, so the faults would be gone.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& text, int override_index, ErrorList& errors)
      : text_(text), override_index_(override_index), errors_(errors) {}

  /// kInvalid if anything followed the first document.
  RawNode TakeRoot() {
    if (documents_ > 1) root_.kind = RawNode::Kind::kInvalid;
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ < 2) return;
    const SourceMark at = MarkOf(mark);
    if (IsDocumentBorder(at.line)) {
      return Refuse(at, "a second YAML document", "keep one document a file: delete this one");
    }
    errors_.Add({ErrorId::kYamlSyntax, at, "", "not valid YAML: the config ended before this", "",
                 "check brackets and indentation here and on the line above"});
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const SourceMark at = MarkOf(mark);
    CheckAnchor(at, anchor);
    if (ExpectsKey())
      return TakeInvalidKey(at, "an empty key", "quote the key, or delete the line");
    RawNode node;
    // An absent value has no place of its own: yaml-cpp gives that of the next token.
    const char first = text_.At(at);
    const bool written = first == '~' || first == 'n' || first == 'N';
    node.mark = written || stack_.empty() ? at : stack_.back().last;
    Add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    const SourceMark at = MarkOf(mark);
    Refuse(at, "a YAML alias (*name)", "write the value out; quote a text that begins with *");
    if (ExpectsKey()) return SetInvalidKey(at);
    AddInvalid(at);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const SourceMark at = MarkOf(mark);
    CheckAnchor(at, anchor);
    CheckTag(at, tag);
    if (value.find('\0') != std::string::npos) {  // by "\0": would cut paths short
      Refuse(at, "a NUL character", "delete it");
      return ExpectsKey() ? SetInvalidKey(at) : AddInvalid(at);
    }
    if (ExpectsKey()) return TakeKey(at, value);
    RawNode node;
    node.kind = RawNode::Kind::kScalar;
    node.text = value;
    node.quoted = tag != "?";
    node.mark = at;
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(RawNode::Kind::kList, MarkOf(mark), tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(RawNode::Kind::kMap, MarkOf(mark), tag, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    RawNode node;
    bool has_key = false;      // a map's key is read, its value is not
    bool key_invalid = false;  // the value that follows is dropped
    bool is_key = false;       // a collection in the place of a key
    RawKey key;
    SourceMark last;  // where the last key or item began
    std::map<std::string, SourceMark> seen;
  };

  SourceMark MarkOf(const YAML::Mark& mark) const {
    if (mark.is_null()) return {override_index_, 0, 0};
    return {override_index_, static_cast<uint64_t>(mark.line) + 1,
            static_cast<uint64_t>(mark.column) + 1};
  }

  void Refuse(const SourceMark& mark, const std::string& what, const std::string& remedy) {
    errors_.Add(
        {ErrorId::kYamlFeature, mark, "", what + " is not allowed in a config", "", remedy});
  }
  void CheckAnchor(const SourceMark& mark, YAML::anchor_t anchor) {
    if (anchor != 0)
      Refuse(mark, "a YAML anchor (&name)", "delete the anchor and write values out");
  }
  // Without a tag in the text yaml-cpp gives "?" to plain and "!" to quoted scalars; so does a
  // written "!", which the text itself tells.
  void CheckTag(const SourceMark& mark, const std::string& tag) {
    if ((tag != "?" && tag != "!" && !tag.empty()) || text_.At(mark) == '!') {
      Refuse(mark, "a YAML tag (!name)", "delete the tag");
    }
  }

  // True if `line`, or the last line with content before it, is "---" or "...": else the parser
  // only stopped at something that it could not place.
  bool IsDocumentBorder(uint64_t line) const {
    const auto is_border = [&](uint64_t n) {
      return text_.Line(n).starts_with("---") || text_.Line(n).starts_with("...");
    };
    if (is_border(line)) return true;
    while (line > 1) {
      const std::string_view content = text_.Line(--line);
      const size_t first = content.find_first_not_of(' ');
      if (first != std::string_view::npos && content[first] != '#') return is_border(line);
    }
    return false;
  }

  bool ExpectsKey() const {
    return !stack_.empty() && stack_.back().node.kind == RawNode::Kind::kMap &&
           !stack_.back().has_key;
  }

  void SetInvalidKey(const SourceMark& mark) {
    Frame& frame = stack_.back();
    frame.has_key = true;
    frame.key_invalid = true;
    frame.last = mark;
  }
  void TakeInvalidKey(const SourceMark& mark, const std::string& what, const std::string& remedy) {
    Refuse(mark, what, remedy);
    SetInvalidKey(mark);
  }

  void TakeKey(const SourceMark& mark, const std::string& key) {
    if (key == "<<") return TakeInvalidKey(mark, "a YAML merge key (<<)", "write the keys out");
    Frame& frame = stack_.back();
    frame.has_key = true;
    frame.last = mark;
    frame.key = {key, mark};
    const auto [first, added] = frame.seen.emplace(key, mark);
    frame.key_invalid = !added;
    if (added) return;
    errors_.Add({ErrorId::kDuplicateKey, mark, PathOf(key),
                 fmt::format("key given twice, first at {}", errors_.Place(first->second)), "",
                 "delete one of the two"});
  }

  // Dotted path of `key` in the map that is open.
  std::string PathOf(const std::string& key) const {
    std::string path;
    for (size_t i = 0; i + 1 < stack_.size(); ++i) {
      const Frame& frame = stack_[i];
      if (frame.node.kind == RawNode::Kind::kList) {
        path += fmt::format("[{}]", frame.node.items.size());
      } else {
        path += (path.empty() ? "" : ".") + frame.key.text;
      }
    }
    return path.empty() ? key : path + "." + key;
  }

  void Open(RawNode::Kind kind, const SourceMark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    CheckAnchor(mark, anchor);
    CheckTag(mark, tag);
    if (stack_.size() == kMaxConfigDepth) throw TooDeep{mark};
    Frame frame;
    frame.is_key = ExpectsKey();
    frame.node.kind = kind;
    frame.node.mark = mark;
    frame.last = mark;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    // Said only now: yaml-cpp takes an unclosed bracket for a key at first.
    if (frame.is_key) {
      return TakeInvalidKey(frame.node.mark, "a list or mapping as a key",
                            "use a plain word as the key");
    }
    Add(std::move(frame.node));
  }

  void AddInvalid(const SourceMark& mark) {
    RawNode node;
    node.kind = RawNode::Kind::kInvalid;
    node.mark = mark;
    Add(std::move(node));
  }

  void Add(RawNode node) {
    if (stack_.empty()) {
      if (documents_ <= 1) root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == RawNode::Kind::kMap) {
      frame.has_key = false;
      if (std::exchange(frame.key_invalid, false)) return;
      frame.node.keys.push_back(std::move(frame.key));
    } else {
      frame.last = node.mark;
    }
    frame.node.items.push_back(std::move(node));
  }

  const SourceText& text_;
  const int override_index_;
  ErrorList& errors_;
  std::vector<Frame> stack_;
  RawNode root_;
  int documents_ = 0;
};

bool IsDirective(std::string_view yaml) {
  size_t start = 0;
  while (start < yaml.size()) {
    const size_t end = std::min(yaml.find('\n', start), yaml.size());
    const std::string_view line = yaml.substr(start, end - start);
    const size_t first = line.find_first_not_of(" \r");
    if (first != std::string_view::npos && line[first] != '#') return line[0] == '%';
    start = end + 1;
  }
  return false;
}

// The first byte that is not plain text, with what to say about it.
bool FindBadByte(std::string_view yaml, size_t& at, std::string& what, std::string& remedy) {
  remedy = "delete this character";
  for (at = 0; at < yaml.size(); ++at) {
    const auto byte = static_cast<uint8_t>(yaml[at]);
    const auto next = at + 1 < yaml.size() ? static_cast<uint8_t>(yaml[at + 1]) : 0;
    if (byte == '\t') {
      what = "a tab";
      remedy = "use blanks (inside double quotes a tab is written \\t)";
      return true;
    }
    if (byte == '\r' && next != '\n') {
      what = "a carriage return without a line feed";
      remedy = "save the file with Unix line ends";
      return true;
    }
    const bool c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
    if ((byte < 0x20 && byte != '\n' && byte != '\r') || byte == 0x7F || c1) {
      what = byte == 0 ? "a NUL byte" : fmt::format("control character 0x{:02x}", c1 ? next : byte);
      return true;
    }
  }
  return false;
}

// False if the bytes are not fit for the parser at all.
bool CheckBytes(std::string_view yaml, const SourceText& text, int override_index,
                ErrorList& errors) {
  const auto add = [&](ErrorId id, size_t offset, std::string what, std::string remedy) {
    SourceMark mark = text.MarkOf(offset);
    mark.override_index = override_index;
    errors.Add({id, mark, "", std::move(what), "", std::move(remedy)});
    return false;
  };
  if (yaml.size() > kMaxConfigBytes) {
    errors.Add({ErrorId::kConfigLimits,
                {override_index, 0, 0},
                "",
                fmt::format("a config has at most {} bytes, this one has {}", kMaxConfigBytes,
                            yaml.size()),
                "",
                "keep data in tables of their own and name the files here"});
    return false;
  }
  if (yaml.starts_with("\xFF\xFE") || yaml.starts_with("\xFE\xFF")) {
    return add(ErrorId::kYamlFeature, 0, "the file is UTF-16", "save it as UTF-8 without BOM");
  }
  if (yaml.starts_with("\xEF\xBB\xBF")) {
    return add(ErrorId::kYamlFeature, 0, "the file begins with a byte order mark",
               "save it as UTF-8 without BOM");
  }
  if (const size_t bad = FindInvalidUtf8(yaml); bad != std::string_view::npos) {
    return add(ErrorId::kYamlFeature, bad, "not valid UTF-8", "save the file as UTF-8");
  }
  size_t at = 0;
  std::string what, remedy;
  if (FindBadByte(yaml, at, what, remedy)) {
    return add(ErrorId::kYamlFeature, at, what + " is not allowed in a config", remedy);
  }
  if (IsDirective(yaml)) {
    return add(ErrorId::kYamlFeature, yaml.find('%'), "a YAML directive is not allowed in a config",
               "delete the line");
  }
  return true;
}

}  // namespace

RawNode ReadYaml(std::string_view yaml, int override_index, ErrorList& errors) {
  RawNode invalid;
  invalid.kind = RawNode::Kind::kInvalid;
  invalid.mark = {override_index, 0, 0};
  const SourceText text(yaml);
  if (!CheckBytes(yaml, text, override_index, errors)) return invalid;

  const auto fail = [&](ErrorId id, const SourceMark& mark, std::string what, std::string remedy) {
    errors.Add({id, mark, "", std::move(what), "", std::move(remedy)});
    return invalid;
  };
  TreeBuilder builder(text, override_index, errors);
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    // One document more than allowed tells that there is one. No loop to the end: at a token that
    // it cannot place, yaml-cpp hands out empty documents for ever.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    return builder.TakeRoot();
  } catch (const TooDeep& deep) {
    return fail(ErrorId::kConfigLimits, deep.mark,
                fmt::format("more than {} levels of nesting", kMaxConfigDepth), "nest less");
  } catch (const YAML::Exception& e) {
    SourceMark mark = {override_index, 0, 0};
    if (!e.mark.is_null()) {
      mark.line = static_cast<uint64_t>(e.mark.line) + 1;
      mark.column = static_cast<uint64_t>(e.mark.column) + 1;
    }
    if (e.msg.find("anchor") != std::string::npos) {
      return fail(ErrorId::kYamlFeature, mark, "a YAML alias (*name) is not allowed in a config",
                  "write the value out; quote a text that begins with *");
    }
    return fail(ErrorId::kYamlSyntax, mark, "not valid YAML: " + e.msg,
                "check indentation, colons, quotes and brackets here and on the line above");
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return fail(ErrorId::kYamlSyntax, {override_index, 0, 0},
                fmt::format("not valid YAML: {}", e.what()), "");
  }
}

}  // namespace kinflow
