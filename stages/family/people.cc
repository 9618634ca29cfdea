#include "stages/family/people.h"

#include <algorithm>

#include "stages/family/frame_memo.h"

namespace kinflow::family {
namespace {

RowCodes FinestGroups(const ModelFrame& frame, const Formula& formula,
                      const std::vector<uint32_t>& rows) {
  RowCodes finest;
  for (const auto& term : formula.random) {
    for (const auto& columns : term.groups) {
      RowCodes groups = CrossedCodes(frame, columns, rows);
      if (groups.n > finest.n) finest = std::move(groups);
    }
  }
  return finest;
}

/// As Renumber, and with a number of its own for each row that has no code.
RowCodes NumberPeople(const std::vector<int64_t>& codes, const std::vector<uint32_t>& rows) {
  constexpr uint32_t kUnseen = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> known, numbered;  // known: by code, which are dense
  numbered.reserve(rows.size());
  uint32_t n = 0;
  for (const uint32_t r : rows) {
    if (codes[r] < 0) {
      numbered.push_back(n++);
      continue;
    }
    const auto code = static_cast<size_t>(codes[r]);
    if (code >= known.size()) known.resize(std::max(code + 1, 2 * known.size()), kUnseen);
    if (known[code] == kUnseen) known[code] = n++;
    numbered.push_back(known[code]);
  }
  return {std::move(numbered), n};
}

}  // namespace

const std::vector<int64_t>& PeopleOf(const ModelFrame& frame) {
  if (!frame.mother.empty()) return frame.mother;
  return frame.person.empty() ? frame.cluster : frame.person;
}

const std::vector<int64_t>& SeriesOf(const ModelFrame& frame) {
  if (!frame.pregnancy.empty()) return frame.pregnancy;
  return PeopleOf(frame);
}

People::People(const ModelFrame& frame, const Formula& formula, const std::vector<uint32_t>& rows) {
  const auto& codes = PeopleOf(frame);
  const RowCodes people =
      codes.empty() ? FinestGroups(frame, formula, rows) : NumberPeople(codes, rows);
  if (people.n == 0 || people.n == rows.size()) {
    count_ = static_cast<int64_t>(rows.size());
    return;
  }
  count_ = people.n;
  first_.assign(people.n + 1, 0);
  for (const uint32_t person : people.codes) ++first_[person + 1];
  for (size_t p = 0; p < people.n; ++p) first_[p + 1] += first_[p];
  order_.resize(rows.size());
  std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
  for (uint32_t i = 0; i < rows.size(); ++i) order_[next[people.codes[i]]++] = i;
}

std::vector<int64_t> People::ByCell(const std::vector<uint32_t>& cell, size_t cells) const {
  std::vector<int64_t> out(cells, 0);
  if (!repeated()) {
    for (const uint32_t c : cell) {
      if (c != kNoCell) ++out[c];
    }
    return out;
  }
  std::vector<int64_t> last(cells, -1);  // who was counted there last
  for (int64_t person = 0; person < count_; ++person) {
    const auto p = static_cast<size_t>(person);
    for (uint32_t i = first_[p]; i < first_[p + 1]; ++i) {
      const uint32_t c = cell[order_[i]];
      if (c == kNoCell || last[c] == person) continue;
      last[c] = person;
      ++out[c];
    }
  }
  return out;
}

std::shared_ptr<const People> PeopleOfRows(const ModelFrame& frame, const Formula& formula,
                                           const std::vector<uint32_t>& rows) {
  const bool keeps = frame.memo && !PeopleOf(frame).empty();  // else they depend on the formula
  if (keeps) {
    if (auto known = frame.memo->FindPeople(rows)) return known;
  }
  auto people = std::make_shared<const People>(frame, formula, rows);
  if (keeps) frame.memo->KeepPeople(rows, people);
  return people;
}

int64_t FewestOf(const std::vector<int64_t>& counts) {
  int64_t fewest = Table::kMissingInt;
  for (const int64_t n : counts) {
    if (n <= 0) continue;  // nobody, or not counted
    if (fewest == Table::kMissingInt || n < fewest) fewest = n;
  }
  return fewest;
}

}  // namespace kinflow::family
