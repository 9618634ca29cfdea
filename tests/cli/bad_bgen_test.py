"""BGEN input that is damaged or contradictory is refused with place, remedy and exit code 4."""
import os
import random
import struct
import unittest
import zlib

import bgen_writer as w
from bad_bgen import BadBgenTest, IDS, PEOPLE
from support import kinflow


class Header(BadBgenTest):
    def test_good_file(self):
        self.write(self.good)
        self.assertEqual(self.load().code, 0)

    def test_magic(self):
        self.put(16, "4s", b"bgem")
        self.assert_refused("E0410", "x.bgen")

    def test_zero_magic_is_allowed(self):
        self.put(16, "4s", bytes(4))
        self.assertEqual(self.load().code, 0)

    def test_nothing_but_zeros(self):
        self.write(bytes(len(self.good)))
        self.assert_refused("E0410")

    def test_whole_file_gzipped(self):
        self.write(zlib.compress(self.good, wbits=31))
        self.assert_refused("E0410", "gunzip")

    def test_offset_that_looks_like_gzip(self):
        """A first number of 0x88b1f reads as the magic of gzip; the file is good."""
        base = len(w.header(4, PEOPLE, ids=IDS)) - 4
        self.write(w.bgen(self.variants, ids=IDS, free=b"f" * (0x00088b1f - base)))
        self.assertEqual(self.load().code, 0)

    def test_header_longer_than_offset(self):
        self.put(4, "<I", 10 ** 6)
        self.assertEqual(self.load().code, 4)
        self.put(0, "<I", 10)
        self.assertEqual(self.load().code, 4)

    def test_offset_beyond_the_file(self):
        self.put(0, "<I", len(self.good) + 5)
        self.assert_refused("E0411", "x.bgen")

    def test_flags(self):
        for flags, text in ((0x80000009 | 3, "compression 3"), (0x80000001, "layout 0"),
                            (0x80000001 | 3 << 2, "layout 3"), (0x80000006, "layout 1"),
                            (0xc0000009, "0xc0000009")):
            with self.subTest(flags=hex(flags)):
                self.write(w.bgen(self.variants, ids=IDS, flags=flags))
                self.assert_refused("E0413", text, "header")

    def test_no_samples_no_variants(self):
        for at, text in ((12, "no samples"), (8, "no variants")):
            self.put(at, "<I", 0)
            self.assert_refused("E0413", text)

    def test_only_a_header(self):
        self.write(self.good[:19])
        self.assert_refused("E0410")
        self.write(self.good[:21])
        self.assert_refused("E0411")

    def test_more_variants_in_the_header(self):
        self.put(8, "<I", 5)
        self.assert_refused("E0412", "after 4 variants", "header counts 5")

    def test_fewer_variants_in_the_header(self):
        self.put(8, "<I", 3)
        self.assert_refused("E0412", "bytes follow the last of the 3 variants")

    def test_bytes_behind_the_last_variant(self):
        self.write(self.good + b"junk")
        self.assert_refused("E0412", "4 bytes follow the last of the 4 variants")

    def test_cut_anywhere(self):
        """Every length short of the whole is refused; where a variant ends, by its count."""
        start = len(w.header(4, PEOPLE, ids=IDS))
        ends = {start}
        for v in self.variants:
            ends.add(max(ends) + len(w.record(v)))
        for size in sorted({*ends, *range(20, len(self.good), 29)} - {len(self.good)}):
            with self.subTest(size=size):
                self.write(self.good[:size])
                self.assert_refused("E0412" if size in ends else "E0411", "x.bgen")


class SampleIds(BadBgenTest):
    def test_block_counts_others(self):
        self.put(28, "<I", PEOPLE + 1)
        self.assert_refused("E0426", "header counts 10 samples, the block of ids 11")

    def test_block_of_another_length(self):
        length = struct.unpack_from("<I", self.good, 24)[0]
        for wrong in (length - 1, length + 1, 2 ** 32 - 1):
            self.put(24, "<I", wrong)
            self.assert_refused("E0413", "header")

    def test_id_of_impossible_length(self):
        self.put(32, "<H", 65535)
        self.assert_refused("E0413", "sample 1")

    def test_same_id_twice(self):
        self.write(w.bgen(self.variants, ids=IDS[:-1] + IDS[:1]))
        self.assert_refused("E0420", "samples 1 and 10")

    def test_no_ids_at_all(self):
        self.write(w.bgen(self.variants))
        self.assert_refused("E0404", ".sample")

    def sample_file(self, *lines, head="ID_1 ID_2 missing\n0 0 0\n"):
        (self.dir / "x.sample").write_text(head + "".join(f"{i} {i} 0\n" for i in lines))

    def test_sample_file_that_is_a_pipe(self):
        self.write(self.good)
        os.mkfifo(self.dir / "x.sample")  # without a writer: who opens it waits for ever
        self.assert_refused("E0402", "x.sample: error", "a pipe", "write it to a file")

    def test_sample_file_of_other_size(self):
        self.write(w.bgen(self.variants))
        self.sample_file(*IDS[:-1])
        self.assert_refused("E0426", "9 samples", "x.bgen has 10", "x.sample")

    def test_sample_file_of_other_order(self):
        self.write(self.good)
        self.sample_file(*IDS[:8], IDS[9], IDS[8])
        self.assert_refused("E0426", "sample 9 is another one")
        self.sample_file(IDS[9], *IDS[:9])  # moved by one: not a single row agrees
        self.assert_refused("E0426", "sample 1 is another one")
        self.sample_file(*reversed(IDS))
        self.assert_refused("E0426", "sample 1 is another one")

    def test_id_with_a_tab_or_line_end(self):
        for bad in ("a\tb", "a\nb"):
            self.write(w.bgen(self.variants, ids=IDS[:-1] + [bad]))
            self.assert_refused("E0413", "record 10", "an id holds a tab")

    def test_sample_file_malformed(self):
        self.write(w.bgen(self.variants))
        for head in ("ID_2 ID_1 missing\n0 0 0\n", "ID_1 ID_2 missing\n", "ID_1 ID_2\n0 0\n", ""):
            self.sample_file(*IDS, head=head)
            self.assert_refused("E0413", "x.sample")
        self.sample_file(*IDS[:-1], "0")
        self.assert_refused("E0413", "x.sample:12")


class Records(BadBgenTest):
    PLACE = ("record 3", "1:30")

    def block(self, at, fmt, value):
        block = bytearray(self.variants[2].block())
        struct.pack_into(fmt, block, at, value)
        return bytes(block)

    def test_probabilities_above_one(self):
        for phased, ploidy in ((False, 2), (True, 2), (False, 1)):
            v = w.Variant.random(random.Random(2), PEOPLE, 8, phased, ("A", "C", "G"), pos=30)
            g = w.Genotype(ploidy)
            g.weights = [200, 100, 0] + ([0] * 3 if ploidy == 2 else [])
            if phased:
                g.weights = [[200, 100, 0], [255, 0, 0]]
            v.genotypes[6] = g
            with self.subTest(phased=phased, ploidy=ploidy):
                self.write(w.bgen([v], ids=IDS))
                self.assert_refused("E0415", "sample 7", "1:30", "record 1", '"300/255"')

    def test_probabilities_above_one_on_the_fast_road(self):
        block = self.variants[2].block()
        pair = 10 + PEOPLE + 2 * 6
        self.with_block(block[:pair] + bytes([200, 100]) + block[pair + 2:])
        self.assert_refused("E0415", "sample 7", *self.PLACE, '"300/255"')

    def test_layout_1_above_one(self):
        v = w.Variant([w.Genotype(weights=[32768, 0, 0]) for _ in range(PEOPLE)], bits=15, pos=30)
        v.genotypes[3].weights = [32768, 30, 0]
        self.write(w.bgen([v], layout=1, ids=IDS))
        self.assert_refused("E0415", "sample 4", "1:30")

    def test_other_counts_than_the_header(self):
        self.with_block(self.block(0, "<I", PEOPLE + 1))
        self.assert_refused("E0413", "11 samples", *self.PLACE)
        self.with_block(self.block(4, "<H", 3))
        self.assert_refused("E0413", "3 alleles", *self.PLACE)

    def test_layout_1_other_samples(self):
        v = w.Variant([w.Genotype(weights=[32768, 0, 0]) for _ in range(PEOPLE)], bits=15)
        content = bytearray(w.bgen([v], layout=1, ids=IDS))
        struct.pack_into("<I", content, len(w.header(1, PEOPLE, 1, ids=IDS)), 11)
        self.write(bytes(content))
        self.assert_refused("E0413", "11 samples", "record 1")

    def test_bits_and_phase(self):
        for at, value in ((0, 2), (1, 0), (1, 33)):
            self.with_block(self.block(8 + PEOPLE + at, "<B", value))
            self.assert_refused("E0413", "bits", *self.PLACE)

    def test_block_of_other_size(self):
        block = self.variants[2].block()
        for other in (block[:-1], block + b"\0", block[:15], b""):
            self.with_block(other)
            self.assert_refused("E0413", *self.PLACE)

    def test_ploidy(self):
        for byte, text in ((3, '"3"'), (63, '"63"'), (0x83, '"3"')):
            self.with_block(self.block(8 + 4, "<B", byte))
            self.assert_refused("E0415", "sample 5", "ploidy", text, *self.PLACE)
        for byte in (0, 0x42):  # not among the stated ones; a reserved bit
            self.with_block(self.block(8 + 4, "<B", byte))
            self.assert_refused("E0413", *self.PLACE)

    def test_stated_ploidies(self):
        for at, value in ((6, 3), (7, 1), (6, 255)):
            self.with_block(self.block(at, "<B", value))
            self.assert_refused("E0413", "ploidies", *self.PLACE)
        for at, value in ((6, 0), (6, 1), (7, 63)):  # wider than needed is no fault
            self.with_block(self.block(at, "<B", value))
            self.assertEqual(self.load().code, 0)

    def test_one_allele(self):
        self.variants[2].alleles = ("A",)
        self.with_block(b"x" * 20)
        self.assert_refused("E0413", "1 alleles", "record 3")

    def test_allele_too_long(self):
        at = self.good.index(b"\x01\0\0\0A")
        self.put(at, "<I", 4 * 10 ** 9)
        self.assert_refused("E0419", "longer than 10000 bases", "record 1")

    def test_empty_allele_and_chromosome(self):
        self.variants[2].alleles = ("A", "")
        self.write(w.bgen(self.variants, ids=IDS))
        self.assert_refused("E0413", "allele 2 is empty", "record 3")
        self.variants[2].alleles, self.variants[2].chrom = ("A", "G"), ""
        self.write(w.bgen(self.variants, ids=IDS))
        self.assert_refused("E0413", "chromosome is empty", "record 3", "oxford-single-chr")

    def test_chromosome_that_no_table_can_hold(self):
        for chrom in ("1\t7", "2\n3\t9\tevil\tA\tC", "1 a", "\x01"):
            self.variants[2].chrom = chrom
            self.write(w.bgen(self.variants, ids=IDS))
            self.assert_refused("E0413", "holds a blank or control character", "record 3",
                                "rename-chrs")

    def test_order_and_position(self):
        self.variants[2].pos = 5
        self.write(w.bgen(self.variants, ids=IDS))
        self.assert_refused("E0428", "record 3", "1:5")
        self.variants[2].pos = 2 ** 31
        self.write(w.bgen(self.variants, ids=IDS))
        self.assert_refused("E0413", "record 3", f'"{2 ** 31}"')

    def test_impossible_unpacked_length(self):
        """A length beyond what samples, alleles and bits can fill is refused before it is used."""
        good = w.record(self.variants[2])
        packed = len(zlib.compress(self.variants[2].block()))
        for length in (2 ** 32 - 1, 10 + PEOPLE * 9 + 1):
            bad = bytearray(good)
            struct.pack_into("<I", bad, len(good) - packed - 4, length)
            records = [w.record(v) for v in self.variants]
            records[2] = bytes(bad)
            self.write(w.header(4, PEOPLE, ids=IDS) + b"".join(records))
            self.assert_refused("E0413", "at most", "record 3", "1:30")

    def test_impossible_packed_length(self):
        good = w.record(self.variants[0])
        packed = len(zlib.compress(self.variants[0].block()))
        at = len(w.header(4, PEOPLE, ids=IDS)) + len(good) - packed - 8
        for length, error in ((2 ** 32 - 1, "E0411"), (3, "E0413"), (0, "E0413")):
            self.put(at, "<I", length)
            self.assert_refused(error, "record 1")

    def test_damaged_compression(self):
        for compression in (w.ZLIB, w.ZSTD):
            good = w.bgen(self.variants, compression=compression, ids=IDS)
            start = len(w.header(4, PEOPLE, compression=compression, ids=IDS))
            first = len(w.record(self.variants[0], compression=compression))
            bad = bytearray(good)
            bad[start + first - 2] ^= 0x55  # zlib: within the checksum; zstd: the last literals
            if compression == w.ZSTD:
                bad[start + first - 30] ^= 0xff
            self.write(bytes(bad))
            done = self.load()
            self.assertEqual(done.code, 4, done.err)
            self.assertRegex(done.err, r"error\[E041[35]\]")
        packed = zlib.compress(self.variants[2].block() + b"more")
        record = w.site(self.variants[2], 2) + struct.pack(
            "<II", len(packed) + 4, len(self.variants[2].block())) + packed
        records = [w.record(v) for v in self.variants]
        records[2] = record
        self.write(w.header(4, PEOPLE, ids=IDS) + b"".join(records))
        self.assert_refused("E0413", "do not unpack", *self.PLACE)

    def test_off_the_planned_grid(self):
        """The first 2,000 variants have 8 bits; a later one has 16."""
        early = [w.Variant.random(random.Random(1), 2, pos=i + 1, rsid="r") for i in range(2000)]
        late = w.Variant.random(random.Random(2), 2, 16, pos=3000, rsid="late")
        late.genotypes[1].weights = [1, 2, 65532]
        late.genotypes[0].weights = [0, 0, 65535]
        self.write(w.bgen(early + [late], ids=["QZ0", "QZ1"]))
        self.assert_refused("E0416", "dosage.units", "sample 2", "record 2001", "1:3000", "1/255")
        self.assertEqual(self.load("dosage.units=16384").code, 0)

    def test_field(self):
        self.write(self.good)
        for field in ("DS", "GT", "HDS"):
            self.assert_refused("E0414", field, "--field to GP",
                                settings=[f"input.field={field}"])
        self.assertEqual(self.load("input.field=GP").code, 0)

    def test_mixed_with_vcf(self):
        self.write(self.good)
        head = ("##fileformat=VCFv4.2\n##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n"
                "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(IDS) + "\n")
        (self.dir / "y.vcf").write_text(head + "2\t5\t.\tA\tC\t.\t.\t.\tDS" + "\t0" * 10 + "\n")
        done = kinflow("load", "--geno", "x.bgen", "--geno", "y.vcf", "--out", "out",
                       "--progress=none", cwd=self.dir)
        self.assert_refused("E0427", "y.vcf", done=done)


if __name__ == "__main__":
    unittest.main()
