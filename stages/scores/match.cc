#include "stages/scores/match.h"

#include <numeric>

#include "stages/formats/record_alleles.h"

namespace kinflow {
namespace {

/// Types of match (bits) but those that one allele alone has on the other strand. By id they are no
/// match: an allele counts as it is written (plink2 --score).
constexpr unsigned kOnSureStrand = 0x3F;

/// The name under which a target chromosome is looked up; "" if scores never use it.
std::string_view ScoreChrom(const VariantTable& variants, size_t i) {
  const std::string_view name = variants.chrom(i);
  if (name == "XY") return "X";
  const ChromClass c = variants.chrom_class(i);
  const bool used = c != ChromClass::kOther;
  return used ? name : "";
}

}  // namespace

unsigned MatchFinder::TypesOf(uint32_t line, const VariantTable& variants, size_t i) const {
  const auto effect = lines_.effect_allele(line), other = lines_.other_allele(line);
  const auto types = [&](std::string_view ea, std::string_view oa) -> unsigned {
    return MatchTypes(ea, oa, variants.ref(i), variants.alt(i), strand_);
  };
  const unsigned as_written = types(effect, other);
  if (as_written != 0 || other.empty() || !variants.from_multiallelic(i)) return as_written;
  AlleleNormaliser normalise;
  const AlleleNormaliser::Pair pair = normalise(other, effect, true);
  return types(pair.alt, pair.ref);
}

MatchFinder::MatchFinder(const ScoreLines& lines, MatchBy by, OtherStrand strand)
    : lines_(lines),
      by_(by),
      strand_(strand),
      index_(lines, by),
      place_seen_(lines.size(), 0),
      removed_by_(lines.size(), 0),
      ids_(by == MatchBy::kId ? lines.size() : 0) {}

void MatchFinder::NoteId(uint32_t line, const VariantTable& variants, size_t i) {
  IdUse& use = ids_[line];
  if (!use.seen) {
    use = {variants.pos(i), true, variants.from_multiallelic(i), false};
  } else if (!use.from_multiallelic || !variants.from_multiallelic(i) ||
             use.pos != variants.pos(i)) {
    use.twice = true;
  }
}

void MatchFinder::NoteSite(std::string_view chrom, const VariantTable& variants, size_t i,
                           uint32_t target) {
  if (site_.pos != variants.pos(i) || site_.chrom != chrom) {
    site_ = {std::string(chrom), variants.pos(i), {}};
  }
  const std::string_view ref = variants.ref(i), alt = variants.alt(i);
  bool shared = false;
  for (const Site::Record& other : site_.records) {
    if (other.ref != ref || other.alt == alt) continue;  // a record twice has no other ALT
    shared = true;
    if (other.target != kNoTarget) shares_ref_[other.target] = 1;
  }
  if (target != kNoTarget) shares_ref_[target] = shared;
  site_.records.push_back({std::string(ref), std::string(alt), target});
}

void MatchFinder::Add(const TargetShard& shard) {
  const VariantTable& variants = shard.variants;
  for (size_t i = 0; i < variants.size(); ++i) {
    const std::string_view chrom = ScoreChrom(variants, i);
    if (chrom.empty()) continue;
    const auto same_place = [&](uint32_t line) {
      return by_ == MatchBy::kId
                 ? lines_.id(line) == variants.id(i)
                 : lines_.pos(line) == variants.pos(i) && lines_.chrom(line) == chrom;
    };
    bool added = false, wanted = false;
    for (uint32_t line = index_.First(chrom, variants.pos(i), variants.id(i));
         line != LineIndex::kNone; line = index_.Next(line)) {
      if (!same_place(line)) continue;
      wanted = true;
      place_seen_[line] = 1;
      if (by_ == MatchBy::kId && shard.removed_by[i] == 0) NoteId(line, variants, i);
      const unsigned types = TypesOf(line, variants, i);
      if (types == 0 || (by_ == MatchBy::kId && (types & kOnSureStrand) == 0)) continue;
      if (shard.removed_by[i] != 0) {
        removed_by_[line] = shard.removed_by[i];
        continue;
      }
      if (!added) {
        targets_.Append(variants, i);
        rows_.push_back(shard.rows[i]);
        alt_freq_.push_back(shard.alt_freq[i]);
        shares_ref_.push_back(0);
        added = true;
      }
      for (unsigned t = 0; t < 8; ++t) {
        if ((types >> t & 1) == 0) continue;
        candidates_.push_back(
            {line, static_cast<uint32_t>(rows_.size() - 1), static_cast<MatchType>(t)});
      }
    }
    if (!wanted || by_ == MatchBy::kId || variants.from_multiallelic(i)) continue;
    NoteSite(chrom, variants, i, added ? static_cast<uint32_t>(rows_.size() - 1) : kNoTarget);
  }
}

/// Targets came in order, and each with its types in order: only the lines have to be sorted.
void MatchFinder::Finish() {
  first_of_line_.assign(lines_.size() + 1, 0);
  for (const Candidate& c : candidates_) ++first_of_line_[c.line + 1];
  std::partial_sum(first_of_line_.begin(), first_of_line_.end(), first_of_line_.begin());
  std::vector<uint64_t> next(first_of_line_.begin(), first_of_line_.end() - 1);
  std::vector<Candidate> by_line(candidates_.size());
  for (const Candidate& c : candidates_) by_line[next[c.line]++] = c;
  candidates_ = std::move(by_line);
}

std::span<const Candidate> MatchFinder::OfLine(uint32_t line) const {
  return std::span(candidates_)
      .subspan(first_of_line_[line], first_of_line_[line + 1] - first_of_line_[line]);
}

std::string_view StatusName(MatchStatus status) {
  constexpr std::string_view kNames[] = {"unmatched", "matched", "excluded", "not_best"};
  return kNames[static_cast<size_t>(status)];
}

}  // namespace kinflow
