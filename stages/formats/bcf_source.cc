#include "stages/formats/bcf_source.h"

#include <algorithm>

#include "pipeline/base/text.h"
#include "stages/formats/bcf_genotypes.h"
#include "stages/formats/record_alleles.h"
#include "stages/formats/variant_index.h"
#include "stages/formats/vcf_source.h"

namespace kinflow {

struct BcfSource::Raw : RawBlock {
  std::vector<ChunkPtr> chunks;  // keep the records' bytes
  std::vector<BcfRecord> records;
  std::string chrom;
  uint32_t variants = 0;
  void Clear() {
    chunks.clear();
    records.clear();
    variants = 0;
  }
};

BcfSource::BcfSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
                     VariantOrderPtr order)
    : plan_(plan),
      reader_(path),
      choice_(SampleChoice::Make(reader_.header().samples, choice.keep, path)),
      encoding_(EncodingOf(plan)),
      sites_(path, &reader_.header(), std::move(order)),
      wanted_(choice.regions),
      regions_(choice.regions) {
  record_bytes_ = reader_.NextRecordBytes();
  if (wanted_) ReadPart();
}

void BcfSource::ReadPart() {
  const BgzfReader& file = reader_.stream().reader();
  indexed_ = PlanIndexedRead(reader_.path(), file.container() == Container::kBgzf,
                             reader_.header_bytes(), reader_.header().ContigNames(), *wanted_);
  if (!indexed_.skips) return;
  reader_.Restrict(indexed_.spans);
  sites_.ForgetNumbers();
}

std::vector<ByteRange> BcfSource::ranges() const {
  return indexed_.Ranges(reader_.stream().reader().file_bytes());
}

uint64_t BcfSource::input_bytes() const {
  const uint64_t bytes = BytesOf(ranges());
  return bytes > 0 ? bytes : reader_.stream().reader().file_bytes();
}

void BcfSource::Shape(const ScanShape& shape) {
  cutter_.Shape(shape, choice_.table->size());
  most_bytes_ = MostRecordBytes(shape.block_bytes, record_bytes_);
}

std::unique_ptr<RawBlock> BcfSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint64_t BcfSource::RawBlockBytes(uint32_t tile_records) const {
  return tile_records * (record_bytes_ + sizeof(BcfRecord)) + BytesBesideRecords(record_bytes_);
}

bool BcfSource::ReadBlock(Raw& raw) {
  raw.Clear();
  BcfRecord record;
  std::string_view written;
  uint64_t passed_over = 0, taken = 0;
  while (reader_.Peek(record, written)) {
    const uint64_t bytes = uint64_t{record.shared_bytes} + record.individual_bytes;
    const std::string& chrom = sites_.Chrom(written);
    const auto pos = static_cast<uint32_t>(record.pos);
    const bool near = regions_.Wants(chrom, pos);
    bool wanted = near;
    if (near && listed_.given()) {
      const auto id = record.Id();
      wanted = id.empty() || listed_.Wants(chrom, pos, id, record.n_alt > 1);
    }
    if (!wanted) {
      if (near) cutter_.Add(chrom, record.n_alt);  // ReadChoice: shards are those of all
      sites_.Take(record.pos);
      reader_.Take(record);
      passed_over += bytes;
      if (passed_over < kPassedOverBytes) continue;
      if (raw.records.empty()) raw.shard = std::max(1u, cutter_.shards()) - 1;
      return true;
    }
    if (!raw.records.empty() &&
        (cutter_.StartsShard(chrom) || raw.shard + 1 != cutter_.shards() ||
         raw.variants + record.n_alt > cutter_.tile_records() || taken + bytes > most_bytes_)) {
      break;
    }
    sites_.Take(record.pos);
    raw.shard = cutter_.Add(chrom, record.n_alt);
    if (raw.records.empty()) raw.chrom = chrom;
    reader_.Take(record);
    if (raw.shard >= skip_) {
      raw.records.push_back(record);
      taken += bytes;
      raw.variants += record.n_alt;
      const ChunkPtr& chunk = reader_.stream().chunk();
      if (raw.chunks.empty() || raw.chunks.back() != chunk) raw.chunks.push_back(chunk);
    }
  }
  return !raw.records.empty();
}

bool BcfSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  if (!ReadBlock(raw)) {
    Finish();
    return false;
  }
  raw.block = next_block_++;
  return true;
}

void BcfSource::Finish() {
  if (finished_) return;
  finished_ = true;
  const auto whole = [this](const std::string& contig) {
    return !indexed_.skips || wanted_->ContainsAll(NormaliseChrom(contig));
  };
  CheckIndexCounts(reader_.path(), sites_.by_contig(), reader_.header().ContigNames(), whole);
}

void BcfSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.Shape(choice_.table->size(), encoding_, raw.variants);
  ShapeCalls(plan_, raw.chrom, raw.variants, tile);
  tile.variants.Clear();
  BcfGenotypes genotypes(plan_, choice_, reader_.header());
  BcfSite site;
  AlleleNormaliser normalise;
  size_t row = 0;
  for (const BcfRecord& record : raw.records) {
    const RecordPlace place{reader_.path(), record.record, raw.chrom,
                            static_cast<uint32_t>(record.pos), plan_.field};
    genotypes.ReadSite(record, place, site);
    genotypes.Decode(record, place, tile, row);
    for (size_t k = 0; k < site.alts.size(); ++k) {
      const auto alleles = normalise(site.ref, site.alts[k], record.n_alt > 1);
      RequireNames(site.id, alleles, place);
      tile.variants.Append(raw.chrom, place.pos, site.id, alleles.ref, alleles.alt, site.quality[k],
                           record.n_alt > 1);
    }
    RequireDistinctAlts(tile.variants, row, place);
    row += record.n_alt;
  }
  FinishCalls(plan_, genotypes.any_flag(), tile);
  counts_.Add(genotypes.counts());
}

}  // namespace kinflow
