#include "pipeline/store/run_deflate.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "pipeline/base/philox.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/expand_calls.h"
#include "pipeline/store/literals.h"
#include "pipeline/store/runs.h"
#include "pipeline/store/shuffle.h"
#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

std::vector<uint8_t> Encode(RunDeflater& encoder, const std::vector<uint8_t>& in) {
  std::vector<uint8_t> out(RunDeflater::Bound(in.size()), 0xa5);
  const size_t n = encoder.Compress(in.data(), in.size(), out.data());
  EXPECT_LE(n + 8, out.size());
  out.resize(n);
  return out;
}

bool ZlibGivesBack(const std::vector<uint8_t>& stream, const std::vector<uint8_t>& expected) {
  std::vector<uint8_t> out(expected.size() + 1);
  uLongf n = out.size();
  const int rc = ::uncompress(out.data(), &n, stream.data(), stream.size());
  out.resize(n);
  return rc == Z_OK && out == expected;
}

bool LibdeflateGivesBack(const std::vector<uint8_t>& stream, const std::vector<uint8_t>& expected) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> d(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::vector<uint8_t> out(expected.size() + 1);
  size_t used = 0, n = 0;
  const auto rc = libdeflate_zlib_decompress_ex(d.get(), stream.data(), stream.size(), out.data(),
                                                out.size(), &used, &n);
  out.resize(n);
  return rc == LIBDEFLATE_SUCCESS && used == stream.size() && out == expected;
}

// The shapes of dosage data and of the encoder's edges: lengths of runs around its limits.
std::vector<uint8_t> RandomBuffer(Philox& random, size_t size, uint64_t shape) {
  std::vector<uint8_t> v;
  v.reserve(size);
  const auto byte = [&](uint64_t values) { return static_cast<uint8_t>(random.Below(values)); };
  while (v.size() < size) {
    size_t run = 1;
    uint8_t value = byte(256);
    if (shape == 1) run = size;
    if (shape == 2) run = 1 + random.Below(20);
    if (shape == 3) run = 1 + random.Below(600);
    if (shape == 4) run = 250 + random.Below(21);
    if (shape == 5) value = static_cast<uint8_t>(byte(3) * byte(2));
    v.insert(v.end(), std::min(run, size - v.size()), value);
  }
  return v;
}

TEST(RunDeflate, RandomBuffersComeBackThroughZlibAndLibdeflate) {
  Philox random(20260101, 7);
  RunDeflater encoder;
  for (int i = 0; i < 1200; ++i) {
    const uint64_t scale = random.Below(20);
    const uint64_t most = scale == 0 ? 700'000 : scale < 6 ? 20'000 : 700;
    const size_t size = random.Below(most + 1);
    const uint64_t shape = random.Below(6);
    const auto in = RandomBuffer(random, size, shape);
    const auto out = Encode(encoder, in);
    ASSERT_TRUE(ZlibGivesBack(out, in)) << "case " << i << " shape " << shape << " size " << size;
    ASSERT_TRUE(LibdeflateGivesBack(out, in)) << "case " << i << " shape " << shape;
  }
}

TEST(RunDeflate, SmallestSizesAndBlockBorders) {
  RunDeflater encoder;
  constexpr size_t kBlock = 256 << 10;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, size_t{9}, size_t{65535},
                            size_t{65536}, kBlock - 1, kBlock, kBlock + 1, 2 * kBlock}) {
    for (uint64_t shape = 0; shape < 6; ++shape) {
      Philox random(size, shape);
      const auto in = RandomBuffer(random, size, shape);
      const auto out = Encode(encoder, in);
      EXPECT_TRUE(ZlibGivesBack(out, in)) << size << " " << shape;
      EXPECT_TRUE(LibdeflateGivesBack(out, in)) << size << " " << shape;
    }
  }
}

// Noise cannot shrink; the stored form must bound what it costs.
TEST(RunDeflate, NoiseIsStored) {
  Philox random(3, 3);
  RunDeflater encoder;
  const auto in = RandomBuffer(random, 700'000, 0);
  EXPECT_LE(Encode(encoder, in).size(), in.size() + 5 * 14 + 6);
}

TEST(RunDeflate, EveryRunLengthAtEveryWordOffset) {
  RunDeflater encoder;
  for (size_t run = 1; run <= 540; ++run) {
    for (size_t offset = 0; offset < 9; ++offset) {
      std::vector<uint8_t> in;
      for (size_t i = 0; i < offset; ++i) in.push_back(static_cast<uint8_t>(i + 1));
      in.insert(in.end(), run, 200);
      in.push_back(9);
      ASSERT_TRUE(ZlibGivesBack(Encode(encoder, in), in)) << run << " " << offset;
    }
  }
}

// Every instruction set that this machine has finds the same runs, expands the same calls and
// shuffles alike.
TEST(RunDeflate, SameOnEveryInstructionSet) {
  Philox random(8, 8);
  std::vector<uint8_t> packed(1001), expected_calls(4001);
  for (uint8_t& byte : packed) byte = static_cast<uint8_t>(random.Below(256));
  for (size_t i = 0; i < expected_calls.size(); ++i) {
    const int call = packed[i / 4] >> (2 * (i % 4)) & 3;
    expected_calls[i] = static_cast<uint8_t>(call == 3 ? 255 : call);
  }
  const auto in = RandomBuffer(random, 100'000, 2);
  std::vector<Segment> expected;
  test::OnEachTarget([&](const char* target) {
    std::vector<Segment> found;
    FindRuns(in.data(), in.size(), 8, found);
    if (expected.empty()) expected = found;
    EXPECT_GT(found.size(), 1000u);
    ASSERT_EQ(found.size(), expected.size()) << target;
    for (size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].literals, expected[i].literals) << target;
      ASSERT_EQ(found[i].repeats, expected[i].repeats) << target;
    }
    for (const uint32_t n : {0u, 1u, 63u, 64u, 65u, 997u, 3997u}) {
      std::vector<uint8_t> out(n);
      ExpandCalls(packed.data(), 4, n, out.data());
      ASSERT_TRUE(std::equal(out.begin(), out.end(), expected_calls.begin() + 4)) << target << n;
    }
    for (const size_t n : {0u, 1u, 63u, 64u, 65u, 127u, 129u, 997u}) {
      std::vector<uint8_t> split(2 * n), joined(2 * n);
      Shuffle(in.data(), 2 * n, 2, split.data());
      for (size_t i = 0; i < n; ++i) {
        ASSERT_EQ(split[i], in[2 * i]) << target << n;
        ASSERT_EQ(split[n + i], in[2 * i + 1]) << target << n;
      }
      Unshuffle(split.data(), 2 * n, 2, joined.data());
      ASSERT_TRUE(std::equal(joined.begin(), joined.end(), in.begin())) << target << n;
    }
  });
}

// Blocks of calls and of flags of phase have a coder of their own. The rarest values from every
// second to one in a million: codes from the shortest to the longest.
TEST(RunDeflate, CallsAndFlagsOfEveryFrequency) {
  Philox random(6, 6);
  RunDeflater encoder;
  const std::array<std::array<uint8_t, 4>, 2> kinds = {{{0, 1, 2, 255}, {2, 6, 0, 4}}};
  for (const size_t size : {1u, 7u, 8u, 9u, 4097u, 300'001u}) {
    for (const double rare : {0.5, 1e-2, 1e-4, 1e-6, 0.0}) {
      for (const double carrier : {0.6, 0.05, 1e-3, 0.0}) {
        for (const auto& values : kinds) {
          std::vector<uint8_t> in(size);
          for (uint8_t& byte : in) {
            const double u = random.Uniform();
            const double left = 1 - rare;
            byte = values[u < rare                    ? 3
                          : u < rare + left * carrier ? 1 + (random.Uniform() < .2)
                                                      : 0];
          }
          ASSERT_NE(QuartetOf(in), nullptr);
          const auto stream = Encode(encoder, in);
          ASSERT_TRUE(ZlibGivesBack(stream, in)) << size << " " << rare << " " << carrier;
          in[size / 2] = 3;
          ASSERT_EQ(QuartetOf(in), nullptr);
          ASSERT_TRUE(ZlibGivesBack(Encode(encoder, in), in));
        }
      }
    }
  }
}

// The rule of FindRuns, position by position.
TEST(RunDeflate, RunsAreTheMaximalRowsOfRepeats) {
  Philox random(7, 7);
  for (const size_t min_run : {8u, 16u}) {
    for (const double change : {0.5, 0.1, 0.02, 0.001}) {
      std::vector<uint8_t> in(5000);
      for (size_t i = 1; i < in.size(); ++i) {
        in[i] = static_cast<uint8_t>(in[i - 1] + (random.Uniform() < change));
      }
      for (size_t size = in.size() - 130; size <= in.size(); ++size) {
        std::vector<Segment> found;
        FindRuns(in.data(), size, min_run, found);
        std::vector<std::pair<size_t, size_t>> expected, got;  // first repeat, number
        for (size_t i = 1; i < size;) {
          size_t n = 0;
          while (i + n < size && in[i + n] == in[i + n - 1]) ++n;
          if (n >= min_run) expected.emplace_back(i, n);
          i += std::max<size_t>(n, 1);
        }
        size_t at = 0;
        for (const Segment& s : found) {
          if (s.repeats > 0) got.emplace_back(at + s.literals, s.repeats);
          at += s.literals + s.repeats;
        }
        ASSERT_EQ(at, size);
        ASSERT_EQ(got, expected) << min_run << " " << change << " " << size;
      }
    }
  }
}

// The bytes of a stream are part of artifact digests: the run rule, spelled out the slow way, must
// give the size that the encoder reaches. A run of 16 repeats is a match, one of 15 is not.
TEST(RunDeflate, RunRuleDecidesTheOutput) {
  RunDeflater encoder;
  // 4,000 literals keep the Huffman code the same in both.
  std::vector<uint8_t> base;
  for (int i = 0; i < 4000; ++i) base.push_back(static_cast<uint8_t>(i * 7 % 11));
  auto shorter = base, longer = base;
  for (int k = 0; k < 100; ++k) {
    shorter.insert(shorter.end(), 16, static_cast<uint8_t>(100 + k % 2));  // 15 repeats
    longer.insert(longer.end(), 17, static_cast<uint8_t>(100 + k % 2));    // 16 repeats
  }
  // 100 runs of 16 literals each cost far more than 100 literals and 100 matches.
  EXPECT_LT(Encode(encoder, longer).size() + 100, Encode(encoder, shorter).size());
}

TEST(RunDeflate, OneObjectGivesTheSameBytesEveryTime) {
  Philox random(5, 5);
  const auto a = RandomBuffer(random, 300'000, 3), b = RandomBuffer(random, 1000, 0);
  RunDeflater used, fresh;
  Encode(used, b);
  EXPECT_EQ(Encode(used, a), Encode(fresh, a));
}

TEST(ChunkCodec, AllEncodersDecodeToTheSameBytes) {
  Philox random(11, 1);
  for (const size_t element : {1, 2, 4, 8}) {
    for (const auto compressor :
         {Compressor::kRun, Compressor::kNumbers, Compressor::kFast, Compressor::kText}) {
      ChunkEncoder encoder(compressor);
      for (const size_t n : {size_t{1}, size_t{37}, size_t{70'001}}) {
        const auto in = RandomBuffer(random, n * element, 5);
        const auto stored = encoder.Encode(in.data(), in.size(), element);
        std::vector<uint8_t> out(in.size());
        ASSERT_TRUE(DecodeChunk(stored, element, out.data(), out.size()));
        EXPECT_EQ(out, in);
        EXPECT_FALSE(DecodeChunk(stored, element, out.data(), out.size() - element));
      }
    }
  }
}

// Of so many equally frequent bytes each costs 7.26 and 6.85 bits at best: 9 and 14 % are saved.
TEST(ChunkCodec, ColumnsOfNumbersAreStoredWhereCodingSavesLessThanAnEighth) {
  Philox random(13, 1);
  const auto share = [&](Compressor compressor, uint64_t values) {
    std::vector<uint8_t> in(200'000), out(in.size());
    for (uint8_t& byte : in) byte = static_cast<uint8_t>(random.Below(values));
    ChunkEncoder encoder(compressor);
    const auto stored = encoder.Encode(in.data(), in.size(), 1);
    EXPECT_TRUE(DecodeChunk(stored, 1, out.data(), out.size()));
    EXPECT_EQ(out, in);
    return static_cast<double>(stored.size()) / static_cast<double>(in.size());
  };
  EXPECT_GE(share(Compressor::kNumbers, 147), 1);
  EXPECT_NEAR(share(Compressor::kRun, 147), 7.26 / 8, 0.005);
  EXPECT_NEAR(share(Compressor::kNumbers, 111), 6.85 / 8, 0.005);
  EXPECT_NEAR(share(Compressor::kRun, 111), 6.85 / 8, 0.005);
}

TEST(ChunkCodec, EveryBitFlipIsFound) {
  Philox random(12, 1);
  const auto in = RandomBuffer(random, 600, 3);
  ChunkEncoder encoder(Compressor::kRun);
  const auto stored = encoder.Encode(in.data(), in.size(), 2);
  std::vector<uint8_t> bytes(stored.begin(), stored.end()), out(in.size());
  for (size_t i = 0; i < 8 * bytes.size(); ++i) {
    bytes[i / 8] ^= static_cast<uint8_t>(1u << (i % 8));
    EXPECT_FALSE(DecodeChunk(bytes, 2, out.data(), out.size())) << "bit " << i;
    bytes[i / 8] ^= static_cast<uint8_t>(1u << (i % 8));
  }
  EXPECT_TRUE(DecodeChunk(bytes, 2, out.data(), out.size()));
}

}  // namespace
}  // namespace kinflow
