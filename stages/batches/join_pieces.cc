#include "stages/batches/join_pieces.h"

#include <cmath>

#include "pipeline/data/alleles.h"

namespace kinflow {

BatchJoin::BatchJoin(const std::vector<BatchTable>& batches, size_t piece_rows)
    : batches_(batches),
      piece_rows_(piece_rows),
      chroms_(ChromosomesOf(batches)),
      matcher_(static_cast<uint32_t>(batches.size())),
      totals_(batches.size()) {}

bool BatchJoin::Next(JoinPiece& piece) {
  piece = {};
  piece.rows.resize(batches_.size());
  piece.swapped.resize(batches_.size());
  piece.alt_freq.resize(batches_.size());
  while (next_chrom_ < chroms_.size()) {
    piece.chrom = chroms_[next_chrom_];
    if (!sites_) sites_ = std::make_unique<ChromosomeSites>(batches_, piece.chrom);
    bool more = true;
    while (piece.variants.size() + piece.left_out.size() < piece_rows_ && (more = sites_->Next())) {
      Join(piece);
    }
    if (!more) {
      sites_.reset();
      ++next_chrom_;
    }
    if (piece.variants.size() + piece.left_out.size() > 0) return true;
  }
  return false;
}

void BatchJoin::Join(JoinPiece& piece) {
  const auto& site = sites_->variants();
  for (const SiteVariant& v : site) ++totals_[v.batch].variants;
  matcher_.Match(site);
  for (size_t m = 0; m < matcher_.matches(); ++m) Append(m, piece);
  for (const SiteMatcher::Loss& loss : matcher_.losses()) {
    const uint32_t batch = site[loss.variant].batch;
    ++totals_[batch].left_out[static_cast<size_t>(loss.reason)];
    piece.left_out.Append(sites_->shard(loss.variant).variants, sites_->row(loss.variant));
    piece.left_out_of.push_back(batch);
    piece.reason.push_back(static_cast<uint8_t>(loss.reason));
    piece.other.push_back(loss.other);
  }
}

void BatchJoin::Append(size_t match, JoinPiece& piece) {
  const uint32_t first = matcher_.Place(match, 0);
  const SiteVariant& joined = sites_->variants()[first];
  float info = std::numeric_limits<float>::quiet_NaN();
  bool multiallelic = false;
  for (uint32_t b = 0; b < batches_.size(); ++b) {
    const uint32_t place = matcher_.Place(match, b);
    const BatchShard& shard = sites_->shard(place);
    const size_t row = sites_->row(place);
    const bool swapped = IsSwapped(joined, sites_->variants()[place]);
    piece.rows[b].push_back(shard.first_row + row);
    piece.swapped[b].push_back(swapped ? 1 : 0);
    piece.alt_freq[b].push_back(swapped ? 1 - shard.alt_freq[row] : shard.alt_freq[row]);
    info = std::fmin(info, shard.variants.info(row));  // NaN gives way
    multiallelic |= shard.variants.from_multiallelic(row);
    BatchTotals& totals = totals_[b];
    ++totals.common;
    totals.swapped += swapped ? 1 : 0;
    totals.swapped_palindromes += swapped && IsAmbiguous(joined.ref, joined.alt) ? 1 : 0;
  }
  const VariantTable& v = sites_->shard(first).variants;
  const size_t row = sites_->row(first);
  piece.variants.Append(v.chrom(row), v.pos(row), v.id(row), v.ref(row), v.alt(row), info,
                        multiallelic);
  CountFrequencies(match, piece);
}

/// Of the variant appended last.
void BatchJoin::CountFrequencies(size_t match, const JoinPiece& piece) {
  double all_alt = 0, all_copies = 0;
  const auto alt_and_copies = [&](uint32_t b, double& copies) {
    const uint32_t place = matcher_.Place(match, b);
    copies = static_cast<double>(sites_->shard(place).copies[sites_->row(place)]);
    return copies == 0 ? 0 : piece.alt_freq[b].back() * copies;
  };
  for (uint32_t b = 0; b < batches_.size(); ++b) {
    double copies = 0;
    all_alt += alt_and_copies(b, copies);
    all_copies += copies;
  }
  for (uint32_t b = 0; b < batches_.size(); ++b) {
    double copies = 0;
    const double alt = alt_and_copies(b, copies);
    if (copies == 0 || copies == all_copies) continue;
    const double gap = std::abs(alt / copies - (all_alt - alt) / (all_copies - copies));
    totals_[b].frequency_differs += gap > kLargeFrequencyGap ? 1 : 0;
  }
}

}  // namespace kinflow
