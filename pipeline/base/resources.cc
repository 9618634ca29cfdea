#include "pipeline/base/resources.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "pipeline/base/number.h"

namespace kinflow {
namespace {

uint64_t EnvUint(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : ParseUint(text).value_or(0);
}

// Folder of this process in the cgroup v2 tree, walked up to the root by the callers.
std::string CgroupFolder() {
  std::ifstream in("/proc/self/cgroup");
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind("0::", 0) == 0) return "/sys/fs/cgroup" + line.substr(3);
  }
  return "/sys/fs/cgroup";
}

template <class Read>
void ForEachCgroup(Read read) {
  std::string folder = CgroupFolder();
  while (folder.size() >= std::string("/sys/fs/cgroup").size()) {
    read(folder);
    const size_t slash = folder.find_last_of('/');
    if (slash == std::string::npos) break;
    folder.resize(slash);
  }
}

}  // namespace

unsigned AvailableThreads() {
  unsigned threads = 1;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    threads = static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  }
  ForEachCgroup([&](const std::string& folder) {
    std::ifstream in(folder + "/cpu.max");
    std::string quota;
    double period = 0;
    if (in >> quota >> period && quota != "max" && period > 0) {
      const double cpus = static_cast<double>(ParseUint(quota).value_or(0)) / period;
      if (cpus > 0) threads = std::min(threads, std::max(1u, static_cast<unsigned>(cpus + 0.5)));
    }
  });
  if (const uint64_t slurm = EnvUint("SLURM_CPUS_PER_TASK"); slurm > 0) {
    threads = std::min<unsigned>(threads, static_cast<unsigned>(slurm));
  }
  return threads;
}

uint64_t AvailableMemory() {
  uint64_t bytes =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  ForEachCgroup([&](const std::string& folder) {
    std::ifstream in(folder + "/memory.max");
    std::string limit;
    if (in >> limit && limit != "max") {
      if (const auto value = ParseUint(limit)) bytes = std::min(bytes, *value);
    }
  });
  constexpr uint64_t kMiB = 1 << 20;  // Slurm counts in MiB
  if (const uint64_t node = EnvUint("SLURM_MEM_PER_NODE"); node > 0) {
    bytes = std::min(bytes, node * kMiB);
  } else if (const uint64_t cpu = EnvUint("SLURM_MEM_PER_CPU"); cpu > 0) {
    bytes = std::min(bytes, cpu * kMiB * std::max<uint64_t>(1, EnvUint("SLURM_CPUS_PER_TASK")));
  }
  return bytes / 100 * 85;
}

uint64_t CurrentRss() {
  std::ifstream in("/proc/self/statm");
  uint64_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t PeakRss() {
  // VmHWM, not ru_maxrss: the latter is inherited from the parent over exec.
  std::ifstream in("/proc/self/status");
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return CurrentRss();
}

uint64_t FreeDiskBytes(const char* path) {
  struct statvfs st;
  if (statvfs(path, &st) != 0) return 0;
  return static_cast<uint64_t>(st.f_bavail) * st.f_frsize;
}

}  // namespace kinflow
