#include "pipeline/base/buffer_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

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

}  // namespace kinflow
