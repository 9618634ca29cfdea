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

struct FreeBuffer {
  void operator()(void* p) const { std::free(p); }
};

}  // namespace kinflow
