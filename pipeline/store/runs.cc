#include "pipeline/store/runs.h"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/store/runs.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef KINFLOW_STORE_RUN_COLLECTOR
#define KINFLOW_STORE_RUN_COLLECTOR
namespace kinflow {

// Takes the block's repeats 64 positions at a time, in order.
class RunCollector {
 public:
  /// `out` has room for Most(size, min_run) segments.
  RunCollector(size_t min_run, Segment* out) : min_run_(min_run), next_(out) {}
  /// Rows have a position that does not repeat before them; one segment ends the block, and one is
  /// written before it is known to be one.
  static size_t Most(size_t size, size_t min_run) { return size / (min_run + 1) + 3; }

  /// Bit k: position `begin + k` repeats.
  void Add(uint64_t repeats, size_t begin) {
    if (repeats == ~uint64_t{0}) {
      row_ += 64;
      return;
    }
    const int head = std::countr_one(repeats), tail = std::countl_one(repeats);
    row_ += static_cast<size_t>(head);
    EndRow(begin + static_cast<size_t>(head));
    row_ = static_cast<size_t>(tail);
    // Rows inside the word: bit k of `runs` says that k .. k + min_run - 1 all repeat.
    const uint64_t inner = tail == 0 ? repeats : repeats << tail >> tail;
    uint64_t runs = inner;
    for (size_t n = 1; n < min_run_; n *= 2) runs &= runs >> n;
    runs &= runs + 1;  // the row at the start has been counted
    while (runs != 0) {
      const int first = std::countr_zero(runs);
      const int n = std::countr_one(inner >> first);
      Push(begin + static_cast<size_t>(first), static_cast<size_t>(n));
      runs &= ~uint64_t{0} << (first + n);
    }
  }
  /// Returns the end of the segments.
  Segment* Finish(size_t size) {
    EndRow(size);
    *next_++ = {static_cast<uint32_t>(size - done_), 0};
    return next_;
  }

 private:
  void EndRow(size_t end) {
    // Without a branch, which nothing could foretell.
    const bool is_run = row_ >= min_run_;
    *next_ = {static_cast<uint32_t>(end - row_ - done_), static_cast<uint32_t>(row_)};
    next_ += is_run ? 1 : 0;
    done_ = is_run ? end : done_;
  }
  void Push(size_t first, size_t n) {
    *next_++ = {static_cast<uint32_t>(first - done_), static_cast<uint32_t>(n)};
    done_ = first + n;
  }

  size_t min_run_;
  Segment* next_;
  size_t done_ = 0;  // everything before is in a segment
  size_t row_ = 0;   // repeats just before the next position
};

}  // namespace kinflow
#endif

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Bit k: data[k] equals data[k - 1].
uint64_t RepeatsOn(const uint8_t* data) {
  uint64_t repeats = 0;
#if HWY_TARGET == HWY_SCALAR
  for (size_t k = 0; k < 64; ++k) repeats |= uint64_t{data[k] == data[k - 1]} << k;
#else
  const hn::CappedTag<uint8_t, 64> d;
  const size_t lanes = hn::Lanes(d);
  uint8_t bytes[8 + 8];  // StoreMaskBits may write 8 bytes
  for (size_t k = 0; k < 64; k += lanes) {
    const auto same = hn::Eq(hn::LoadU(d, data + k), hn::LoadU(d, data + k - 1));
    hn::StoreMaskBits(d, same, bytes + k / 8);
  }
  hwy::CopyBytes<8>(bytes, &repeats);
#endif
  return repeats;
}

// Words of 64 positions from position 1 on; returns the position behind the last whole word.
size_t AddWordsOn(const uint8_t* data, size_t size, RunCollector& rows) {
  size_t i = 1;
  for (; i + 64 <= size; i += 64) rows.Add(RepeatsOn(data + i), i);
  return i;
}

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(AddWordsOn);

void FindRuns(const uint8_t* data, size_t size, size_t min_run, std::vector<Segment>& segments) {
  segments.resize(RunCollector::Most(size, min_run));
  RunCollector rows(min_run, segments.data());
  const size_t done = HWY_DYNAMIC_DISPATCH(AddWordsOn)(data, size, rows);
  uint64_t rest = 0;
  for (size_t i = done; i < size; ++i) {
    rest |= uint64_t{data[i] == data[i - 1]} << (i - done);
  }
  if (done < size) rows.Add(rest, done);
  segments.resize(static_cast<size_t>(rows.Finish(size) - segments.data()));
}

}  // namespace kinflow
#endif  // HWY_ONCE
