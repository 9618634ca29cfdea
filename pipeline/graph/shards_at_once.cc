#include "pipeline/graph/shards_at_once.h"

#include <oneapi/tbb/parallel_pipeline.h>

namespace kinflow {

void ForEachShard(size_t shards, const std::function<void(size_t)>& work) {
  namespace tbb = oneapi::tbb;
  size_t next = 0;
  tbb::parallel_pipeline(kShardsAtOnce,
                         tbb::make_filter<void, size_t>(tbb::filter_mode::serial_in_order,
                                                        [&](tbb::flow_control& control) -> size_t {
                                                          if (next == shards) control.stop();
                                                          return next == shards ? next : next++;
                                                        }) &
                             tbb::make_filter<size_t, void>(tbb::filter_mode::parallel, work));
}

}  // namespace kinflow
