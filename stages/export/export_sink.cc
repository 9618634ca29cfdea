#include "stages/export/export_sink.h"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "pipeline/base/error.h"

namespace kinflow {

void ExportSink::EndTile(const DosageTile& tile) {
  const size_t batch = std::max<size_t>(1, kBatchBytes / RecordBytes());
  records_.resize(std::max(records_.size(), std::min(batch, tile.rows())));
  for (size_t first = 0; first < tile.rows(); first += batch) {
    const size_t n = std::min(batch, tile.rows() - first);
    tbb::parallel_for(size_t{0}, n, [&](size_t i) {
      // Scratch of a leaf function: nothing below it runs other tasks.
      static thread_local std::vector<uint16_t> values;
      values.resize(tile.n_samples);
      RowValues(tile, first + i, values.data());
      CountUncertain(tile, first + i, values.data());
      records_[i].clear();
      Encode(tile, first + i, values.data(), records_[i]);
    });
    for (size_t i = 0; i < n; ++i) Write(tile, first + i, records_[i]);
  }
  variants_ += tile.rows();
}

void ExportSink::CountUncertain(const DosageTile& tile, size_t row, const uint16_t* values) {
  const uint8_t* flags = tile.CallRow(row);
  uint64_t missing = 0, uncertain = 0;
  for (uint32_t s = 0; s < tile.n_samples; ++s) {
    const bool haploid = flags != nullptr && (flags[s] & kCallHaploid) != 0;
    const bool none = values[s] == UINT16_MAX;
    missing += none;
    uncertain += !none && !haploid && calls_.Diploid(values[s]) == HardCalls::kNoCall;
  }
  missing_.fetch_add(missing, std::memory_order_relaxed);
  uncertain_.fetch_add(uncertain, std::memory_order_relaxed);
}

void ExportSink::Finish() {
  if (variants_ == 0) {
    throw Error(ErrorId::kNoVariantsLeft, "no variant of the input is in the selection")
        .Remedy("compare --variants and --regions with `kinflow inspect PATH --table variants`");
  }
  files_ = Publish();
}

ExportReport ExportSink::Report() const {
  return {variants_, samples_.size(), missing_.load(), uncertain_.load(), files_};
}

}  // namespace kinflow
