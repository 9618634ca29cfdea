#include "stages/formats/batch_reader.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"

namespace kinflow {

ChromRank RankOf(std::string_view chrom) {
  constexpr uint32_t kNamed = 1'000'000'000;
  if (const auto number = ParseUint(chrom); number && *number < kNamed) {
    return {static_cast<uint32_t>(*number), ""};
  }
  uint32_t place = kNamed;
  for (const char* name : {"X", "Y", "XY", "MT"}) {
    if (chrom == name) return {place, ""};
    ++place;
  }
  return {place, std::string(chrom)};
}

BatchReader::BatchReader(std::string name, std::unique_ptr<GenotypeSource> source)
    : name_(std::move(name)), source_(std::move(source)) {}

void BatchReader::Shape(const ScanShape& shape) { source_->Shape(shape); }

void BatchReader::Fetch(size_t ahead) {
  while (!ended_ && waiting_.size() + tiles_.size() < ahead) {
    if (spare_.empty()) spare_.push_back(source_->NewRawBlock());
    std::unique_ptr<RawBlock> raw = std::move(spare_.back());
    spare_.pop_back();
    if (!source_->Read(*raw)) {
      ended_ = true;
      return;
    }
    waiting_.push_back({std::move(raw), std::make_shared<DosageTile>()});
  }
}

void BatchReader::Decode(size_t i) { source_->Decode(*waiting_[i].raw, *waiting_[i].tile); }

void BatchReader::Accept() {
  for (Waiting& done : waiting_) {
    if (done.tile->rows() > 0) tiles_.push_back(std::move(done.tile));
    spare_.push_back(std::move(done.raw));
  }
  waiting_.clear();
  if (!tiles_.empty()) EnterRow();
}

void BatchReader::EnterRow() {
  if (chrom() == chrom_) return;
  const ChromRank rank = RankOf(chrom());
  if (!chrom_.empty() && rank < rank_) {
    throw Error(
        ErrorId::kVariantOrder,
        fmt::format("batch {}: chromosome {} comes after {}; batches are merged in the order "
                    "1-22, X, Y, XY, MT, others by name",
                    name_, chrom(), chrom_))
        .AtRecord(variants_ + 1)
        .AtPosition(chrom(), pos())
        .Remedy("sort the files of the batch by chromosome number, or list them in that order");
  }
  chrom_ = chrom();
  rank_ = rank;
}

BatchReader::Row BatchReader::Take() {
  Row row{tiles_.front(), row_++};
  ++variants_;
  if (row_ == row.tile->rows()) {
    tiles_.pop_front();
    row_ = 0;
  }
  if (!tiles_.empty()) EnterRow();
  return row;
}

}  // namespace kinflow
