#include "stages/formats/vcf_source.h"

#include <algorithm>

#include "pipeline/base/text.h"
#include "stages/formats/record_alleles.h"
#include "stages/formats/variant_index.h"
#include "stages/formats/vcf_genotypes.h"

namespace kinflow {

struct VcfSource::Raw : RawBlock {
  std::vector<ChunkPtr> chunks;  // keep the lines' bytes
  std::vector<VcfLine> lines;
  std::string chrom;
  uint32_t variants = 0;
  void Clear() {
    chunks.clear();
    lines.clear();
    variants = 0;
  }
};

DosageEncoding EncodingOf(const DosagePlan& plan) {
  if (plan.field == DosageField::kHardCalls) return {DosageEncoding::Layout::kTwoBit, 1, 0};
  return DosageEncoding::ForUnits(plan.units, plan.error_bound);
}

VcfSource::VcfSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
                     VariantOrderPtr order)
    : plan_(plan),
      reader_(path, plan.max_allele),
      choice_(SampleChoice::Make(reader_.header().samples, choice.keep, path)),
      encoding_(EncodingOf(plan)),
      quality_keys_(reader_.header().QualityKeys()),
      sites_(path, &reader_.header(), std::move(order)),
      wanted_(choice.regions),
      regions_(choice.regions) {
  line_bytes_ = reader_.NextLineBytes();
  if (wanted_) ReadPart();
}

void VcfSource::ReadPart() {
  const BgzfReader& file = reader_.stream().reader();
  indexed_ = PlanIndexedRead(reader_.path(), file.container() == Container::kBgzf,
                             reader_.header_bytes(), {}, *wanted_);
  if (!indexed_.skips) return;
  reader_.Restrict(indexed_.spans);
  sites_.ForgetNumbers();
}

std::vector<ByteRange> VcfSource::ranges() const {
  return indexed_.Ranges(reader_.stream().reader().file_bytes());
}

uint64_t VcfSource::input_bytes() const {
  const uint64_t bytes = BytesOf(ranges());
  return bytes > 0 ? bytes : reader_.stream().reader().file_bytes();
}

void VcfSource::Shape(const ScanShape& shape) {
  cutter_.Shape(shape, choice_.table->size());
  most_bytes_ = MostRecordBytes(shape.block_bytes, line_bytes_);
}

std::unique_ptr<RawBlock> VcfSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint64_t VcfSource::RawBlockBytes(uint32_t tile_records) const {
  return tile_records * (line_bytes_ + sizeof(VcfLine)) + BytesBesideRecords(line_bytes_);
}

bool VcfSource::ReadBlock(Raw& raw) {
  raw.Clear();
  VcfLine line;
  std::string_view written;
  uint64_t passed_over = 0, taken = 0;
  while (reader_.Peek(line, written)) {
    const uint64_t bytes = static_cast<uint64_t>(line.end - line.begin);
    const std::string& chrom = sites_.Chrom(written);
    const auto pos = static_cast<uint32_t>(line.pos);
    const bool near = regions_.Wants(chrom, pos);
    if (!near || !listed_.Wants(chrom, pos, line.Column(line.id, line.ref), line.n_alt > 1)) {
      if (near) cutter_.Add(chrom, line.n_alt);  // ReadChoice: shards are those of all
      sites_.Take(line.pos);
      reader_.Take(line);
      passed_over += bytes;
      if (passed_over < kPassedOverBytes) continue;
      if (raw.lines.empty()) raw.shard = std::max(1u, cutter_.shards()) - 1;
      return true;
    }
    if (!raw.lines.empty() &&
        (cutter_.StartsShard(chrom) || raw.shard + 1 != cutter_.shards() ||
         raw.variants + line.n_alt > cutter_.tile_records() || taken + bytes > most_bytes_)) {
      break;
    }
    sites_.Take(line.pos);
    raw.shard = cutter_.Add(chrom, line.n_alt);
    if (raw.lines.empty()) raw.chrom = chrom;
    reader_.Take(line);
    if (raw.shard >= skip_) {
      raw.lines.push_back(line);
      taken += bytes;
      raw.variants += line.n_alt;
      const ChunkPtr& chunk = reader_.stream().chunk();
      if (raw.chunks.empty() || raw.chunks.back() != chunk) raw.chunks.push_back(chunk);
    }
  }
  return !raw.lines.empty();
}

bool VcfSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  if (!ReadBlock(raw)) {
    Finish();
    return false;
  }
  raw.block = next_block_++;
  return true;
}

void VcfSource::Finish() {
  if (finished_) return;
  finished_ = true;
  const auto whole = [this](const std::string& contig) {
    return !indexed_.skips || wanted_->ContainsAll(NormaliseChrom(contig));
  };
  CheckIndexCounts(reader_.path(), sites_.by_contig(), {}, whole);
}

void VcfSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.Shape(choice_.table->size(), encoding_, raw.variants);
  ShapeCalls(plan_, raw.chrom, raw.variants, tile);
  tile.variants.Clear();
  VcfGenotypes genotypes(plan_, choice_);
  AlleleNormaliser normalise;
  size_t row = 0;
  for (const VcfLine& line : raw.lines) {
    const RecordPlace place{reader_.path(), line.record, raw.chrom, static_cast<uint32_t>(line.pos),
                            plan_.field};
    genotypes.Decode(line, place, tile, row);
    std::string_view alts = line.Column(line.alt, line.qual);
    for (uint32_t k = 1; k <= line.n_alt; ++k) {
      const std::string_view alt = alts.substr(0, alts.find(','));
      alts.remove_prefix(std::min(alts.size(), alt.size() + 1));
      const auto alleles = normalise(line.Column(line.ref, line.alt), alt, line.n_alt > 1);
      const std::string_view id = line.Column(line.id, line.ref);
      RequireNames(id, alleles, place);
      tile.variants.Append(raw.chrom, place.pos, id, alleles.ref, alleles.alt,
                           QualityOf(genotypes.info(), quality_keys_, k), line.n_alt > 1);
    }
    RequireDistinctAlts(tile.variants, row, place);
    row += line.n_alt;
  }
  FinishCalls(plan_, genotypes.any_flag(), tile);
  counts_.Add(genotypes.counts());
}

}  // namespace kinflow
