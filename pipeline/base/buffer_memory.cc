#include "pipeline/base/buffer_memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <array>
#include <cstdint>
#include <new>

#include "pipeline/base/resources.h"

namespace kinflow {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

void AdviseHugePages(void* p, size_t size) {
#ifdef MADV_HUGEPAGE
  const auto begin = (reinterpret_cast<uintptr_t>(p) + kHugePage - 1) / kHugePage * kHugePage;
  const auto end = (reinterpret_cast<uintptr_t>(p) + size) / kHugePage * kHugePage;
  // A hint: small pages do as well.
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  (void)p, (void)size;
#endif
}

void* AllocateBuffer(size_t size) {
  const size_t unit = size >= kHugePage ? kHugePage : kAlignment;
  const size_t rounded = (size + unit - 1) / unit * unit;
  void* p = rounded < size ? nullptr : std::aligned_alloc(unit, rounded);
  if (p == nullptr) throw std::bad_alloc();
  AdviseHugePages(p, rounded);
  return p;
}

void PrepareHeap() {
#ifdef __GLIBC__
  constexpr size_t kLargest = size_t{32} << 20;  // glibc takes no more as a limit of mmap
  std::array<void*, 2> blocks;
  rlimit space;
  // Where address space is limited none is set aside.
  if (::getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY) return;
  // Few arenas keep what one thread frees for the others; one alone would hold up many threads.
  ::mallopt(M_ARENA_MAX, 1 + static_cast<int>(AvailableThreads() / 4));
  ::mallopt(M_MMAP_THRESHOLD, kLargest);
  ::mallopt(M_TRIM_THRESHOLD, 8 * kLargest);
  // The blocks lie side by side at the start of the heap; it goes on without huge pages.
  for (void*& block : blocks) block = std::malloc(kLargest - kHugePage);
  for (void* block : blocks) {
    if (block != nullptr) AdviseHugePages(block, kLargest - kHugePage);
    std::free(block);
  }
  ::mallopt(M_MMAP_THRESHOLD, kLargest / 8);  // what is larger goes back to the system at once
#endif
}

void ReturnFreedMemory() {
#ifdef __GLIBC__
  constexpr size_t kMuch = size_t{128} << 20;
  if (::mallinfo2().fordblks > kMuch) ::malloc_trim(0);
#endif
}

}  // namespace kinflow
