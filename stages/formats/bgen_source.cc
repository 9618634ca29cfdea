#include "stages/formats/bgen_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "stages/formats/bgen_decode.h"
#include "stages/formats/bgen_unpack.h"
#include "stages/formats/record_alleles.h"
#include "stages/formats/record_choice.h"
#include "stages/formats/variant_index.h"
#include "stages/formats/vcf_source.h"

namespace kinflow {

namespace {

// Of a variant that is compared with its entry and not read.
constexpr uint64_t kPeekBytes = 512;

std::vector<std::string> ChromsOf(const BgenIndex& index) {
  std::vector<std::string> names;
  for (const auto& written : index.chroms) names.push_back(NormaliseChrom(written));
  return names;
}

}  // namespace

struct BgenSource::Raw : RawBlock {
  struct Record {
    uint64_t number = 0;         // 1-based, in the file
    size_t begin = 0, size = 0;  // of its bytes
  };
  std::vector<Record> records;
  ByteBuffer bytes;
  std::string chrom;
  uint64_t first_row = 0;
  uint32_t rows = 0;
  void Clear() {
    records.clear();
    bytes.Clear();
    rows = 0;
  }
  void Add(BgenReader& reader, const BgenVariant& variant) {
    records.push_back({reader.record() + 1, bytes.size(), variant.bytes()});
    rows += variant.n_alt();
    reader.Take(variant, bytes);
  }
};

BgenSource::BgenSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
                       VariantOrderPtr order)
    : plan_(plan),
      reader_(path, plan.max_allele),
      choice_(SampleChoice::Make(reader_.ReadSamples(plan.bgen), choice.keep, path)),
      encoding_(EncodingOf(plan)),
      sites_(path, nullptr, std::move(order)),
      regions_(choice.regions) {
  BgenVariant first;
  if (reader_.Peek(first)) unpacked_bytes_ = first.unpacked_bytes;
}

std::optional<uint64_t> BgenSource::variant_count() const {
  if (index_) return index_->rows;
  const auto index = CheckBgenIndex(reader_.path(), reader_.header());
  return index ? std::optional<uint64_t>(index->rows) : std::nullopt;
}

BgenIndex* BgenSource::Index(bool with_ids) {
  const bool lacks_ids = with_ids && index_ && index_->ids.empty();
  if ((!index_ || lacks_ids) && FileExists(BgenIndexPath(reader_.path()))) {
    BgenIndex index = ReadBgenIndex(reader_.path(), reader_.header(), with_ids);
    CheckOrder(index);
    index_ = std::move(index);
  }
  return index_ ? &*index_ : nullptr;
}

/// Entries that do not ascend would hide variants from whoever looks for them by position. The
/// fault is that of the index, unless the variants lie so in the file.
void BgenSource::CheckOrder(const BgenIndex& index) {
  const std::vector<std::string> chroms = ChromsOf(index);
  VariantOrder order;
  for (size_t i = 0; i < index.entries.size(); ++i) {
    const BgenIndexEntry& entry = index.entries[i];
    const char* fault = order.Next(chroms[entry.chrom], entry.pos);
    if (fault == nullptr) continue;
    // Any entry so far may be the one that is wrong.
    for (size_t k = 0; k <= i; ++k) CheckEntry(index, k);
    throw VariantOrder::Disorder(fault, chroms[entry.chrom], entry.pos, i + 1, reader_.path());
  }
}

/// Goes to the variant of an entry, before which `record` others lie.
void BgenSource::SeekEntry(const BgenIndex& index, const BgenIndexEntry& entry, uint64_t record,
                           BgenVariant& variant) {
  reader_.Seek(entry.offset, record, entry.bytes);
  if (!reader_.Peek(variant) || !index.Describes(entry, variant)) {
    throw WrongBgenEntry(reader_.path(), record + 1);
  }
}

void BgenSource::CheckEntry(const BgenIndex& index, size_t number) {
  const BgenIndexEntry& entry = index.entries[number];
  BgenVariant variant;
  reader_.Seek(entry.offset, number, std::min<uint64_t>(kPeekBytes, entry.bytes));
  if (!reader_.Peek(variant) || !index.Describes(entry, variant)) {
    throw WrongBgenEntry(reader_.path(), number + 1);
  }
}

/// A variant of the regions that the index puts elsewhere would be missing.
void BgenSource::CheckAround(const BgenIndex& index) {
  if (!regions_) return;
  for (const size_t number : EntriesAround(index, *regions_)) CheckEntry(index, number);
}

/// At the end of a full pass: is the index right in all that it says?
void BgenSource::CheckAll() {
  if (!summary_ || summary_->sum == seen_) return;
  const BgenIndex& index = *Index();
  for (size_t k = 0; k < index.entries.size(); ++k) CheckEntry(index, k);
  throw WrongBgenEntry(reader_.path(), 0);
}

void BgenSource::Shape(const ScanShape& shape) { cutter_.Shape(shape, choice_.table->size()); }

std::unique_ptr<RawBlock> BgenSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint64_t BgenSource::RawBlockBytes(uint32_t tile_records) const {
  return tile_records * (reader_.variant_bytes() + sizeof(Raw::Record)) + unpacked_bytes_ +
         (2ull << 20);
}

bool BgenSource::SelectRows(const std::vector<uint64_t>& rows) {
  const BgenIndex* index = Index();
  if (index == nullptr) return false;
  if (!std::is_sorted(rows.begin(), rows.end())) {
    throw Error(ErrorId::kInternal, "chosen rows must ascend").InFile(reader_.path());
  }
  if (!rows.empty() && rows.back() >= index->rows) {  // rows are those of a full read
    throw Error(ErrorId::kRecordCount, "the index counts fewer alleles than the file has")
        .InFile(BgenIndexPath(reader_.path()))
        .Remedy(fmt::format("build it again: kinflow index {}", reader_.path()));
  }
  rows_ = rows;
  return true;
}

/// The index knows a variant by chromosome, position and rsid; one without rsid, which may go by
/// another name, is taken for wanted. Without an index, or with one older than the file, all is
/// read.
void BgenSource::SelectWhere(VariantPredicate wanted) {
  const std::string index_path = BgenIndexPath(reader_.path());
  if (!FileExists(index_path)) return;
  if (OlderThanItsFile(index_path, reader_.path())) {
    reads_all_because_ = BaseName(index_path) + " is older than the file";
    return;
  }
  BgenIndex& index = *Index(/*with_ids=*/true);
  const std::vector<std::string> chroms = ChromsOf(index);
  std::vector<uint64_t> rows;
  uint64_t row = 0;
  RecordChoice choice(std::move(wanted));
  for (const BgenIndexEntry& entry : index.entries) {
    const std::string& id = index.ids[entry.id];
    const bool take = id.empty() || id == "." ||
                      choice.Wants(chroms[entry.chrom], entry.pos, id, entry.n_alt > 1);
    for (uint32_t a = 0; a < entry.n_alt; ++a, ++row) {
      if (take) rows.push_back(row);
    }
  }
  index.ids = {};
  SelectRows(rows);
}

std::vector<ByteRange> BgenSource::ranges() const {
  std::vector<ByteRange> ranges;
  if (!rows_ || !index_) return ranges;
  AddRange(ranges, 0, reader_.header().first_variant);
  uint64_t row = 0;
  auto next = rows_->begin();
  for (const auto& entry : index_->entries) {
    row += entry.n_alt;
    if (next == rows_->end() || *next >= row) continue;
    AddRange(ranges, entry.offset, entry.offset + entry.bytes);
    next = std::lower_bound(next, rows_->end(), row);
  }
  return ranges;
}

/// Variants with chosen rows, and the shard of each: shards are cut over all variants, as without a
/// choice.
void BgenSource::FindChosen() {
  const std::vector<std::string> chroms = ChromsOf(*index_);
  uint64_t record = 0, row = 0;
  auto wanted = rows_->begin();
  for (const BgenIndexEntry& entry : index_->entries) {
    const uint32_t shard = cutter_.Add(chroms[entry.chrom], entry.n_alt);
    wanted = std::lower_bound(wanted, rows_->end(), row);
    if (wanted != rows_->end() && *wanted < row + entry.n_alt && shard >= skip_) {
      chosen_.push_back({entry, shard, record, row});
    }
    ++record;
    row += entry.n_alt;
  }
  rows_->clear();
}

void BgenSource::ReadChosenBlock(Raw& raw) {
  if (!index_->entries.empty()) {
    CheckAround(*index_);
    if (!rows_->empty()) FindChosen();
    index_->entries = {};
  }
  for (BgenVariant variant; next_chosen_ < chosen_.size(); ++next_chosen_) {
    const Chosen& next = chosen_[next_chosen_];
    if (raw.records.empty()) {
      raw.shard = next.shard;
      raw.first_row = next.first_row;
    } else if (next.shard != raw.shard || next.first_row != raw.first_row + raw.rows ||
               raw.rows + next.entry.n_alt > cutter_.tile_records()) {
      return;
    }
    SeekEntry(*index_, next.entry, next.record, variant);
    if (raw.records.empty()) raw.chrom = sites_.Chrom(variant.chrom);
    raw.Add(reader_, variant);
  }
}

void BgenSource::ReadBlock(Raw& raw) {
  BgenVariant variant;
  if (sites_.records() == 0) summary_ = CheckBgenIndex(reader_.path(), reader_.header());
  while (reader_.Peek(variant)) {
    const std::string& chrom = sites_.Chrom(variant.chrom);
    const uint32_t n_alt = variant.n_alt();
    if (!raw.records.empty() &&
        (cutter_.StartsShard(chrom) || raw.rows + n_alt > cutter_.tile_records())) {
      return;
    }
    sites_.Take(variant.pos);
    if (summary_) seen_.Add(variant, reader_.offset());
    raw.shard = cutter_.Add(chrom, n_alt);
    if (raw.records.empty()) {
      raw.chrom = chrom;
      raw.first_row = next_row_;
    }
    next_row_ += n_alt;
    if (raw.shard >= skip_) {
      raw.Add(reader_, variant);
    } else {
      reader_.Skip(variant);
    }
  }
  CheckAll();
}

bool BgenSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  raw.Clear();
  rows_ ? ReadChosenBlock(raw) : ReadBlock(raw);
  if (raw.records.empty()) return false;
  raw.block = next_block_++;
  return true;
}

void BgenSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant = raw.first_row;
  tile.Shape(choice_.table->size(), encoding_, raw.rows);
  tile.calls.Resize(0);
  tile.variants.Clear();
  const BgenHeader& header = reader_.header();
  BgenDecoder decoder(plan_, choice_, header);
  BgenUnpacker unpacker;
  BgenVariant variant;
  AlleleNormaliser normalise;
  size_t row = 0;
  for (const Raw::Record& record : raw.records) {
    RecordPlace place{reader_.path(), record.number, raw.chrom, 0, DosageField::kGp};
    const std::span<const uint8_t> bytes = raw.bytes.bytes().subspan(record.begin, record.size);
    ParseBgenVariant(bytes, header, plan_.max_allele, place, variant);
    place.pos = variant.pos;
    decoder.Decode(unpacker.Unpack(bytes.subspan(variant.header_bytes), header, variant, place),
                   variant, place, tile, row);
    const uint32_t ref = plan_.bgen.ref_last ? variant.n_alt() : 0, first_alt = ref == 0 ? 1 : 0;
    for (uint32_t a = 0; a < variant.n_alt(); ++a) {
      const auto alleles =
          normalise(variant.alleles[ref], variant.alleles[first_alt + a], variant.n_alt() > 1);
      RequireNames(variant.name(), alleles, place);
      tile.variants.Append(raw.chrom, variant.pos, variant.name(), alleles.ref, alleles.alt,
                           std::numeric_limits<float>::quiet_NaN(), variant.n_alt() > 1);
    }
    RequireDistinctAlts(tile.variants, row, place);
    row += variant.n_alt();
  }
  if (!decoder.any_flag()) tile.calls.Resize(0);
}

}  // namespace kinflow
