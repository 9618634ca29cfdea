#pragma once

#include <cstdint>

namespace kinflow {

/// Threads this process may use: the smallest of CPU affinity, cgroup cpu.max and
/// SLURM_CPUS_PER_TASK; at least 1.
unsigned AvailableThreads();

/// Memory this process may use in bytes: 85 % of the smallest of cgroup memory.max,
/// SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU x CPUs and physical memory.
uint64_t AvailableMemory();

/// Resident set now and at its peak, in bytes.
uint64_t CurrentRss();
uint64_t PeakRss();

/// Free bytes for this user on the file system of `path`.
uint64_t FreeDiskBytes(const char* path);

}  // namespace kinflow
