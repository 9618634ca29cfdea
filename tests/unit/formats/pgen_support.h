#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/formats/source_support.h"

namespace kinflow::test {

/// Runs plink2 with one thread and --out; returns the prefix of what it wrote. Fails the test on an
/// error.
std::string Plink2(const std::string& arguments);

/// Files of one prefix read as `field`; phase kept.
GenotypeOptions PgenOptions(const std::string& prefix, const std::string& field = "auto");

/// How often each record type occurs, by the header.
std::map<uint8_t, uint64_t> CountTypes(const std::string& pgen);

/// Same values, shards and variant columns; INFO too if `quality`.
void ExpectSame(const Genotypes& a, const Genotypes& b, bool quality = true);

/// Flags of heterozygous calls (one copy of a row's allele) are equal: a .pgen marks no others.
void ExpectSamePhase(const Genotypes& pgen, const Genotypes& text);

/// A .bed whose rows make plink2 use every way of storing hard calls: rare, common, inverted and
/// missing alleles, near copies of the row above, plain and with alleles exchanged. Returns its
/// prefix.
std::string WriteVariedBed(uint32_t samples, uint32_t variants, uint64_t seed);

}  // namespace kinflow::test
