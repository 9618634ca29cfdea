#pragma once

#include <string>
#include <vector>

#include "pipeline/config/source_text.h"

namespace kinflow {

struct RawKey {
  std::string text;
  SourceMark mark;
};

/// YAML as it was written: no types yet. kInvalid stands for something already reported as an
/// error, so that checks pass over it.
struct RawNode {
  enum class Kind { kNull, kScalar, kList, kMap, kInvalid };
  Kind kind = Kind::kNull;
  std::string text;            // kScalar
  bool quoted = false;         // kScalar: in quotes or a block scalar
  SourceMark mark;             // of the value; of its key if the value is null
  std::vector<RawKey> keys;    // kMap: key of each item
  std::vector<RawNode> items;  // kList, kMap

  RawNode* Find(const std::string& key) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].text == key) return &items[i];
    }
    return nullptr;
  }
};

}  // namespace kinflow
