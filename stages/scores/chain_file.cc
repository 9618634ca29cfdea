#include "stages/scores/chain_file.h"

#include <algorithm>
#include <tuple>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

/// Genome builds by the length of chromosome 1.
std::string BuildOf(uint64_t length_of_1) {
  switch (length_of_1) {
    case 248'956'422:
      return "GRCh38";
    case 249'250'621:
      return "GRCh37";
    case 247'249'719:
      return "NCBI36";
    case 245'522'847:
      return "NCBI35";
    default:
      return "";
  }
}

}  // namespace

/// Reads a chain file line by line: a header a chain, then its blocks ("size gap gap", the last one
/// "size"), as UCSC's format description has it.
class ChainParser {
 public:
  ChainParser(const std::string& path, ChainFile& out) : reader_(path), out_(out) {}

  void Go() {
    std::string_view line;
    while (reader_.Next(line)) {
      if (Trim(line).empty() || line.front() == '#') continue;
      const auto fields = SplitBlanks(line);
      if (fields[0] == "chain") {
        if (open_) Malformed("a chain ends before its last block");
        Header(fields);
      } else if (open_) {
        AddBlock(fields);
      } else {
        Malformed("a block stands outside a chain");
      }
    }
    if (open_) Malformed("the file ends within a chain");
    if (out_.chains_.empty()) Malformed("the file holds no chain");
    for (auto& [chrom, source] : out_.sources_) Index(source);
  }

 private:
  [[noreturn]] void Malformed(const char* what) const {
    throw Error(ErrorId::kMalformed, what)
        .InFile(reader_.path())
        .AtLine(reader_.line_number())
        .Remedy("get the chain file anew; its name is like hg19ToHg38.over.chain.gz");
  }

  uint32_t Number(std::string_view text) const {
    const auto value = ParseUint(text);
    if (!value || *value > INT32_MAX) Malformed("not a whole number where one belongs");
    return static_cast<uint32_t>(*value);
  }

  /// chain score tName tSize tStrand tStart tEnd qName qSize qStrand qStart qEnd id
  void Header(const std::vector<std::string_view>& f) {
    if (f.size() < 12) Malformed("the head of a chain lacks fields");
    const auto score = ParseDouble(f[1]);
    if (!score || f[4] != "+" || (f[9] != "+" && f[9] != "-")) Malformed("no head of a chain");
    source_end_ = Number(f[6]);
    target_end_ = Number(f[11]);
    at_ = Number(f[5]);
    target_at_ = Number(f[10]);
    const uint32_t source_size = Number(f[3]), target_size = Number(f[8]);
    if (source_end_ > source_size || target_end_ > target_size) {
      Malformed("a chain ends behind its chromosome");
    }
    const std::string source = NormaliseChrom(f[2]), target = NormaliseChrom(f[7]);
    if (source == "1") out_.from_ = BuildOf(source_size);
    if (target == "1") out_.to_ = BuildOf(target_size);
    auto& names = out_.target_names_;
    const auto name = std::find(names.begin(), names.end(), target);
    const auto index = static_cast<uint32_t>(name - names.begin());
    if (name == names.end()) names.push_back(target);
    out_.chains_.push_back({*score, index, target_size, f[9] == "-"});
    blocks_ = &out_.sources_[source].blocks;
    open_ = true;
  }

  void AddBlock(const std::vector<std::string_view>& f) {
    if (f.size() != 1 && f.size() != 3) Malformed("a block has one number or three");
    const uint64_t size = Number(f[0]);
    if (size == 0 || at_ + size > source_end_ || target_at_ + size > target_end_) {
      Malformed("a block is empty or reaches behind its chain");
    }
    blocks_->push_back({static_cast<uint32_t>(at_), static_cast<uint32_t>(at_ + size),
                        static_cast<uint32_t>(target_at_),
                        static_cast<uint32_t>(out_.chains_.size() - 1)});
    at_ += size;
    target_at_ += size;
    if (f.size() == 3) {
      at_ += Number(f[1]);
      target_at_ += Number(f[2]);
      return;
    }
    if (at_ != source_end_ || target_at_ != target_end_) {
      Malformed("the blocks of a chain do not add up to its ends");
    }
    open_ = false;
  }

  static void Index(ChainFile::Blocks& source) {
    std::sort(source.blocks.begin(), source.blocks.end(),
              [](const ChainFile::Block& a, const ChainFile::Block& b) {
                return std::tie(a.begin, a.end, a.chain) < std::tie(b.begin, b.end, b.chain);
              });
    uint32_t last = 0;
    for (const auto& block : source.blocks) {
      last = std::max(last, block.end);
      source.last_end.push_back(last);
    }
  }

  LineReader reader_;
  ChainFile& out_;
  std::vector<ChainFile::Block>* blocks_ = nullptr;
  uint64_t at_ = 0, target_at_ = 0, source_end_ = 0, target_end_ = 0;
  bool open_ = false;
};

ChainFile::ChainFile(const std::string& path) { ChainParser(path, *this).Go(); }

std::optional<ChainFile::Place> ChainFile::Lift(std::string_view chrom, uint32_t pos) const {
  const auto source = sources_.find(chrom);
  if (source == sources_.end() || pos == 0) return std::nullopt;
  const auto& [blocks, last_end] = source->second;
  const uint32_t p = pos - 1;
  const auto behind = std::upper_bound(blocks.begin(), blocks.end(), p,
                                       [](uint32_t at, const Block& b) { return at < b.begin; });
  const Block* best = nullptr;
  for (auto i = static_cast<size_t>(behind - blocks.begin()); i-- > 0 && last_end[i] > p;) {
    if (blocks[i].end <= p) continue;
    const bool better =
        best == nullptr || chains_[blocks[i].chain].score > chains_[best->chain].score;
    if (better) best = &blocks[i];
  }
  if (best == nullptr) return std::nullopt;
  const Chain& chain = chains_[best->chain];
  const uint32_t along = best->target_begin + (p - best->begin);
  const uint32_t at = chain.reversed ? chain.target_size - 1 - along : along;
  return Place{target_names_[chain.target], at + 1, chain.reversed};
}

}  // namespace kinflow
