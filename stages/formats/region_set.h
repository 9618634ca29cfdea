#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinflow {

/// Positions of one chromosome, both ends included, 1-based.
struct Interval {
  uint32_t begin = 0, end = UINT32_MAX;  // the default is a whole chromosome
  bool operator==(const Interval&) const = default;
};

/// A set of genome positions: per chromosome (NormaliseChrom) sorted intervals that neither overlap
/// nor touch. Immutable once built, so any thread may read it.
class RegionSet {
 public:
  using Intervals = std::vector<Interval>;

  /// Any order, overlaps allowed; names are normalised here.
  static std::shared_ptr<const RegionSet> Build(
      const std::vector<std::pair<std::string, Interval>>& regions);
  /// "1:1000-2000,X,chr2:500". Throws kConfigRange with the faulty part.
  static std::shared_ptr<const RegionSet> Parse(std::string_view text);

  bool empty() const { return chroms_.empty(); }
  bool Contains(std::string_view chrom, uint32_t pos) const;
  /// Every position of the chromosome is in the set.
  bool ContainsAll(std::string_view chrom) const;
  /// Of a chromosome, ascending; empty if the set has none of it. Regions of X hold for XY, its
  /// pseudoautosomal part, too.
  const Intervals& Of(std::string_view chrom) const;
  const std::map<std::string, Intervals, std::less<>>& chromosomes() const { return chroms_; }
  /// The positions that lie in both sets.
  static std::shared_ptr<const RegionSet> Intersection(const RegionSet& a, const RegionSet& b);
  /// " 1:1000-2000 X", the same text for the same set; part of keys.
  std::string Canonical() const;

 private:
  std::map<std::string, Intervals, std::less<>> chroms_;
};

using RegionSetPtr = std::shared_ptr<const RegionSet>;

/// RegionSet::Contains for positions that ascend within a chromosome: constant time a record. One
/// thread at a time.
class RegionCursor {
 public:
  explicit RegionCursor(RegionSetPtr regions) : regions_(std::move(regions)) {}
  /// True without regions.
  bool Wants(std::string_view chrom, uint32_t pos);

 private:
  RegionSetPtr regions_;
  std::string chrom_;
  const RegionSet::Intervals* intervals_ = nullptr;
  size_t next_ = 0;  // first interval that ends at or behind the last position
};

}  // namespace kinflow
