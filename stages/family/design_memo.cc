#include "stages/family/design_memo.h"

#include <algorithm>

#include "stages/family/design.h"

namespace kinflow::family {
namespace {

constexpr size_t kSetsOfRows = 4;  // of each right side

std::string RightSide(Formula formula) {
  formula.response = "y";
  formula.response_transform = Transform::kNone;
  return formula.Text();
}

}  // namespace

struct DesignMemo::Kept {
  std::string right;
  std::vector<uint32_t> rows;
  Design design;
};

DesignMemo::DesignMemo() = default;
DesignMemo::~DesignMemo() = default;

bool DesignMemo::IsComplete(const std::string& column) const {
  const std::lock_guard lock(mutex_);
  return complete_.contains(column);
}

void DesignMemo::Complete(const std::string& column) {
  const std::lock_guard lock(mutex_);
  complete_.insert(column);
}

Design DesignMemo::Find(const Formula& formula, const std::vector<uint32_t>& rows,
                        const std::function<Design()>& make) {
  const std::string right = RightSide(formula);
  const std::lock_guard lock(mutex_);
  size_t sets = 0;
  for (const Kept& kept : kept_) {
    if (kept.right != right) continue;
    if (kept.rows == rows) return kept.design;
    ++sets;
  }
  Design design = make();
  design.facts = std::make_shared<const DesignFacts>(design.x);
  if (sets == kSetsOfRows) {
    kept_.erase(std::find_if(kept_.begin(), kept_.end(),
                             [&](const Kept& kept) { return kept.right == right; }));
  }
  kept_.push_back({right, rows, design});
  return design;
}

}  // namespace kinflow::family
