#pragma once

#include <cstddef>
#include <cstdlib>

namespace kinflow {

/// Asks for huge pages where they fit into `size` bytes at `p` that nobody has touched yet.
void AdviseHugePages(void* p, size_t size);

/// Memory for a large buffer, 64-byte aligned, content undefined. From 2 MiB on huge pages are
/// asked for: on virtual machines the first touch of a small page takes as long as decoding its
/// bytes. Ends with std::free (FreeBuffer). Throws std::bad_alloc.
void* AllocateBuffer(size_t size);

/// Once, before other threads start: one heap for all of them, which begins with huge pages and
/// keeps what is freed. What one tile, chunk or table gave back serves the next one, instead of
/// being touched first, page by page, again. Address space only: memory is taken as it is used.
void PrepareHeap();

/// Between stages: what the heap holds unused goes back to the system if it is much.
void ReturnFreedMemory();

struct FreeBuffer {
  void operator()(void* p) const { std::free(p); }
};

}  // namespace kinflow
