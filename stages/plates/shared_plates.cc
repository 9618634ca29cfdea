#include "stages/plates/shared_plates.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "stages/report/small_count.h"

namespace kinflow::plates {
namespace {

/// People at the edge, inside, and in no known well.
using Parts = std::array<int64_t, 3>;

bool AnySmall(const Parts& parts, int64_t small) {
  return std::any_of(parts.begin(), parts.end(), [small](int64_t n) { return IsSmall(n, small); });
}

/// The rows of one factor: that of all first, then its levels.
class FactorRows {
 public:
  FactorRows(const Table& plates, size_t begin, size_t end, int64_t small)
      : plates_(plates), begin_(begin), end_(end), small_(small) {}

  void Hide(std::vector<bool>& rows, std::vector<bool>& edges) const {
    HideRows(rows);
    HideEdges(rows, edges);
  }

 private:
  int64_t People(size_t r) const { return plates_.IntsOf("N")[r]; }
  Parts PartsOf(size_t r) const {
    const int64_t edge = plates_.IntsOf("N_EDGE")[r], inner = plates_.IntsOf("N_INNER")[r];
    return {edge, inner, People(r) - edge - inner};
  }
  /// The smallest level with people that is not hidden; end_ if there is none.
  size_t Smallest(const std::vector<bool>& hidden) const {
    size_t smallest = end_;
    for (size_t r = begin_ + 1; r < end_; ++r) {
      if (hidden[r] || People(r) == 0) continue;
      if (smallest == end_ || People(r) < People(smallest)) smallest = r;
    }
    return smallest;
  }
  void HideRows(std::vector<bool>& rows) const {
    rows[begin_] = IsSmall(People(begin_), small_);
    bool any = false;
    for (size_t r = begin_ + 1; r < end_; ++r) {
      rows[r] = IsSmall(People(r), small_);
      any = any || rows[r];
    }
    const size_t next = any ? Smallest(rows) : end_;
    if (next < end_) rows[next] = true;
  }
  void HideEdges(const std::vector<bool>& rows, std::vector<bool>& edges) const {
    Parts hidden = {0, 0, 0};
    const auto hide = [&](size_t r) {
      edges[r] = true;
      const Parts parts = PartsOf(r);
      for (size_t i = 0; i < parts.size(); ++i) hidden[i] += parts[i];
    };
    for (size_t r = begin_ + 1; r < end_; ++r) {
      if (rows[r] || AnySmall(PartsOf(r), small_)) hide(r);
    }
    while (AnySmall(hidden, small_)) {
      const size_t next = Smallest(edges);
      if (next == end_) break;
      hide(next);
    }
    edges[begin_] = AnySmall(PartsOf(begin_), small_) || AnySmall(hidden, small_);
  }

  const Table& plates_;
  size_t begin_, end_;
  int64_t small_;
};

/// The rows of a column that are shown; with NA in those of `blank`.
template <class Rows, class Value>
Rows Shown(const Rows& rows, const std::vector<bool>& hidden, const std::vector<bool>* blank,
           const Value& missing) {
  Rows out;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (hidden[r]) continue;
    out.push_back(blank != nullptr && (*blank)[r] ? missing : rows[r]);
  }
  return out;
}

/// True if a plate lies in several batches, with fewer than `below` people in one of them.
bool HasPart(const Table& plates, int64_t below) {
  const auto& parts = plates.IntsOf("SMALLEST_PART");
  return std::any_of(parts.begin(), parts.end(), [below](int64_t n) { return IsSmall(n, below); });
}

}  // namespace

Table SharedPlates(const Table& plates, int64_t small) {
  std::vector<bool> rows(plates.rows(), false), edges(plates.rows(), false);
  const auto& factor = plates.StringsOf("FACTOR");
  for (size_t begin = 0, end = 0; begin < plates.rows(); begin = end) {
    while (end < plates.rows() && factor[end] == factor[begin]) ++end;
    FactorRows(plates, begin, end, small).Hide(rows, edges);
    // A batch less the plates shown of it may be the plate that is hidden.
    const auto before = static_cast<std::ptrdiff_t>(begin);
    const auto hides = [before](const std::vector<bool>& hidden) {
      return std::find(hidden.begin(), hidden.begin() + before, true) != hidden.begin() + before;
    };
    // So may one less the other plates be its part of a plate that lies in several.
    const bool hides_rows = hides(rows) || (begin > 0 && HasPart(plates, small));
    const bool hides_edges = hides(edges) || (begin > 0 && HasPart(plates, INT64_MAX));
    for (size_t r = begin + 1; r < end; ++r) {
      rows[r] = rows[r] || hides_rows;
      edges[r] = edges[r] || hides_edges;
    }
  }
  Table shared;
  for (size_t c = 0; c < plates.columns(); ++c) {
    const std::string& name = plates.name(c);
    if (name == "SMALLEST_PART") continue;
    const bool of_edges =
        name.find("EDGE") != std::string::npos || name.find("INNER") != std::string::npos;
    const std::vector<bool>* blank = of_edges ? &edges : nullptr;
    if (const auto* ints = std::get_if<Table::Ints>(&plates.column(c))) {
      shared.Add(name, Shown(*ints, rows, blank, Table::kMissingInt));
    } else if (const auto* doubles = std::get_if<Table::Doubles>(&plates.column(c))) {
      shared.Add(name, Shown(*doubles, rows, blank, std::numeric_limits<double>::quiet_NaN()));
    } else {
      shared.Add(name, Shown(plates.StringsOf(name), rows, nullptr, std::string()));
    }
  }
  return shared;
}

}  // namespace kinflow::plates
