"""Genotype input that is missing, damaged or contradictory is refused with place and remedy."""
import gzip
import hashlib
import json
import os
import shutil
import struct
import subprocess
import unittest

from bad_input import BGZF_END, BadInputTest, base_cohort, bgzf, edit_sample
from support import KINFLOW, kinflow, program, run_peer


class NoReadableFile(BadInputTest):
    def use(self, name):
        self.settings["input"]["genotypes"] = name

    def test_missing_file(self):
        self.use("nowhere.vcf.gz")
        self.assert_refused(self.run_study(), 4, "E0401", "nowhere.vcf.gz: error")

    def test_dangling_link(self):
        os.symlink(self.dir / "gone", self.dir / "link.vcf.gz")
        self.use("link.vcf.gz")
        self.assert_refused(self.run_study(), 4, "E0401", "link.vcf.gz: error")

    def test_folder_instead_of_file(self):
        (self.dir / "folder.vcf.gz").mkdir()
        self.use("folder.vcf.gz")
        self.assert_refused(self.run_study(), 4, "E0402", "folder.vcf.gz: error")

    def test_no_permission(self):
        """chmod 000 says nothing to root, so another user runs the program."""
        command = self.command_of_nobody()
        self.config(json.dumps(self.settings))
        self.give_to_nobody()
        os.chmod(self.dir / "c.vcf.gz", 0)
        done = subprocess.run(command, cwd=self.dir, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)
        done.code, done.err, done.out = done.returncode, done.stderr, done.stdout
        self.assert_refused(done, 4, "E0402", "c.vcf.gz: error")

    def test_pattern_without_files(self):
        self.use("part{1..3}.vcf.gz")
        self.assert_refused(self.run_study(), 4, "E0403", "part")

    def test_companion_of_a_bed_missing(self):
        for path in base_cohort(format="bed").iterdir():
            shutil.copy(path, self.dir)
        (self.dir / "c.bim").unlink()
        self.settings["input"] = {"genotypes": "c.bed"}
        self.assert_refused(self.run_study(), 4, "E0404", "c.bim")

    def test_pipe_where_a_file_is_read_twice(self):
        """The pipes have no writer: who opens them waits for ever."""
        for path in base_cohort(format="bed").iterdir():
            if path.suffix in (".bed", ".bim", ".fam"):
                shutil.copy(path, self.dir)
        for name, genotypes in (("pipe.vcf", "pipe.vcf"), ("c.pedigree.tsv", "c.vcf.gz"),
                                ("c.PGS900001.txt.gz", "c.vcf.gz"), ("c.bim", "c.bed")):
            with self.subTest(name):
                path = self.dir / name
                kept = path.read_bytes() if path.exists() else b""
                path.unlink(missing_ok=True)
                os.mkfifo(path)
                self.settings["input"] = {"genotypes": genotypes}
                text = self.assert_refused(self.run_study(), 4, "E0402", name, "a pipe")
                self.assertIn("write it to a file", text)
                path.unlink()
                path.write_bytes(kept)

    def test_genotypes_from_standard_input(self):
        with gzip.open(self.dir / "c.vcf.gz") as f:
            lines = f.read()
        for text in (lines, (self.dir / "c.vcf.gz").read_bytes()):
            done = subprocess.run([KINFLOW, "load", "--geno", "/dev/stdin", "--out", "l"],
                                  cwd=self.dir, input=text, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=60)
            err = done.stderr.decode()
            self.assertEqual(done.returncode, 4, err)
            self.assertIn("/dev/stdin: error[E0402] a pipe", err)
            self.assertNotIn("E0410", err)


class DamagedFile(BadInputTest):
    def use_bytes(self, content, name="bad.vcf.gz"):
        (self.dir / name).write_bytes(content)
        self.settings["input"]["genotypes"] = name

    def test_not_a_vcf(self):
        self.use_bytes(b"hello, world\n1\t2\t3\n")
        self.assert_refused(self.run_study(), 4, "E0410", "bad.vcf.gz: error",
                            value="bytes 68 65 6c")  # no text: it may be a person

    def test_ticket_for_a_remote_file_is_not_followed(self):
        self.use_bytes(b'{"htsget": {"format": "VCF", "urls": [{"url": "file:///etc/passwd"}]}}')
        self.assert_refused(self.run_study(), 4, "E0410", "bad.vcf.gz: error")

    def test_bgzf_cut_inside_a_block(self):
        whole = (self.dir / "c.vcf.gz").read_bytes()
        self.use_bytes(whole[:len(whole) // 2])
        self.assert_refused(self.run_study(), 4, "E0411", f"{len(whole) // 2}")

    def test_bgzf_cut_between_blocks(self):
        self.use_bytes(b"".join(bgzf(self.vcf_lines())[:-3]))
        self.assert_refused(self.run_study(), 4, "E0411", "bad.vcf.gz: error", "end block")

    def test_cut_and_closed_again_ends_inside_a_line(self):
        """The end marker alone proves nothing: the last line has no end."""
        text = "".join(self.vcf_lines())
        self.use_bytes(b"".join(bgzf([text[:len(text) * 2 // 3]], 1)))
        self.assert_refused(self.run_study(), 4, "E0411", "bad.vcf.gz")

    def test_bytes_behind_the_end(self):
        whole = (self.dir / "c.vcf.gz").read_bytes()
        for more in (b"garbage\n", bytes(100)):
            with self.subTest(more):
                self.use_bytes(whole + more)
                self.assert_refused(self.run_study(), 4, "E0411", "bytes were added")

    def test_plain_gzip_cut(self):
        whole = gzip.compress("".join(self.vcf_lines()).encode())
        self.use_bytes(whole[:len(whole) * 2 // 3])
        self.assert_refused(self.run_study(), 4, "E0411", "bad.vcf.gz")

    def test_flipped_byte(self):
        whole = bytearray((self.dir / "c.vcf.gz").read_bytes())
        whole[len(whole) // 2] ^= 0x10
        self.use_bytes(bytes(whole))
        result = self.run_study()
        self.assert_clean_end(result, 4)
        self.assertRegex(result.err, r"error\[E041[0-9]\]")
        self.assert_no_success(4)

    def indexed(self, blocks, name="bad.vcf.gz"):
        self.use_bytes(b"".join(blocks), name)
        run_peer(program("bcftools"), "index", "-t", self.dir / name)

    def test_bgzf_without_its_middle_block(self):
        """Every CRC and the end marker hold; the records of the index written before are more."""
        whole = bgzf(self.vcf_lines())
        self.indexed(whole)
        self.assert_clean_end(self.run_study("--set", "output.folder=whole", "--work=w1"), 0)
        lost = len(whole) // 2
        for name, rest in (("deleted", []), ("blanked", [empty_block(len(whole[lost]))])):
            with self.subTest(name):
                damaged = b"".join(whole[:lost] + rest + whole[lost + 1:])
                (self.dir / "bad.vcf.gz").write_bytes(damaged)
                self.age("bad.vcf.gz")
                read = run_peer(program("bcftools"), "view", "-H", self.dir / "bad.vcf.gz")
                self.assertEqual(read.count("\n"), 180)  # a peer reads on without a word
                text = self.assert_refused(self.run_study(), 4, "E0412", "bad.vcf.gz: error",
                                           "bad.vcf.gz.tbi", "original")
                if name == "blanked":  # every offset of the index still fits
                    self.assertRegex(text, r"contig [12]: 80 records read, the index counts 100")
                else:
                    self.assertIn(f"of {len(damaged)} bytes", text)

    def test_cut_on_a_block_border_with_a_new_end_marker(self):
        blocks = bgzf(self.vcf_lines())
        self.indexed(blocks)
        self.use_bytes(b"".join(blocks[:-4]) + BGZF_END)
        self.age("bad.vcf.gz")
        self.assert_refused(self.run_study(), 4, "E0412", "bad.vcf.gz: error", "bad.vcf.gz.tbi")

    def test_checksum_file_that_does_not_fit(self):
        right = hashlib.md5((self.dir / "c.vcf.gz").read_bytes()).hexdigest()
        stated = "0" * 31 + "1"
        (self.dir / "c.vcf.gz.md5").write_text(f"{stated}  c.vcf.gz\n")
        self.assert_refused(self.run_study(), 4, "E0418", "c.vcf.gz", right, value=stated)
        (self.dir / "c.vcf.gz.md5").write_text(f"{right}  c.vcf.gz\n")
        self.assert_done(self.run_study())

    def test_sha256_that_does_not_fit(self):
        right = hashlib.sha256((self.dir / "c.vcf.gz").read_bytes()).hexdigest()
        (self.dir / "SHA256SUMS").write_text(f"{'0' * 64}  other\nSHA256 (c.vcf.gz) = {right}\n")
        (self.dir / "c.vcf.gz.sha256").write_text(f"{'1' * 64} *c.vcf.gz\n")
        self.assert_refused(self.run_study(), 4, "E0418", "c.vcf.gz", right, "c.vcf.gz.sha256")
        (self.dir / "c.vcf.gz.sha256").unlink()
        self.assert_done(self.run_study())
        self.assertIn("verified sha256", [r["CHECKSUM"] for r in self.table("share/inputs.tsv")])


    def age(self, name):
        """Makes the file older than its index, so that only the content can tell."""
        stamp = os.stat(self.dir / f"{name}.tbi").st_mtime
        os.utime(self.dir / name, (stamp - 60, stamp - 60))


def empty_block(size):
    """A legal BGZF block of this size that holds no data: an extra field fills it."""
    head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, size - 22, 66, 67, 2, size - 1)
    filler = struct.pack("<2BH", 90, 90, size - 32) + bytes(size - 32)
    return head + filler + b"\x03\0" + bytes(8)


class BadContent(BadInputTest):
    def test_no_variant_at_all(self):
        self.use_vcf([s for s in self.vcf_lines() if s.startswith("#")])
        done = kinflow("load", "--geno", "bad.vcf", "--out", "l", cwd=self.dir)
        self.assert_clean_end(done, 4)
        self.assertIn("E0432", done.err)

    def test_field_that_is_not_there(self):
        self.settings["input"]["field"] = "GP"
        self.assert_refused(self.run_study(), 4, "E0414", "c.vcf.gz", "GP", "DS")

    def test_field_of_the_header_that_no_record_has(self):
        lines = [s.replace("\tGT:DS\t", "\tGT:XX\t") for s in self.vcf_lines()]
        self.use_vcf(lines)
        self.assert_refused(self.run_study(), 4, "E0414", "bad.vcf", "DS")

    def bad_dosage(self, text, value=None):
        fields = self.change_dosage(130, 5, text)
        header = next(s for s in self.vcf_lines() if s.startswith("#CHROM")).split()
        place = f"{fields[0]}:{fields[1]}"
        return self.assert_refused(self.run_study(), 4, "E0415", "bad.vcf", place, "field DS",
                                   "record 130", value=value or text, absent=[header[9 + 5]])

    def test_dosage_too_large(self):
        self.bad_dosage("2.7")

    def test_dosage_below_zero(self):
        self.bad_dosage("-0.5")

    def test_dosage_not_a_number(self):
        self.bad_dosage("nan")

    def test_dosage_infinite(self):
        self.bad_dosage("inf")

    def test_dosage_with_a_decimal_comma(self):
        text = self.bad_dosage("0,5")
        self.assertIn("point", text)

    def test_dosage_hexadecimal_or_text(self):
        self.bad_dosage("0x1")
        self.bad_dosage("one")

    def test_genotype_of_an_allele_that_is_not_there(self):
        lines = self.vcf_lines()
        row = next(i for i, s in enumerate(lines) if s.startswith("#CHROM")) + 7
        lines[row] = edit_sample(lines[row], 3, lambda f: "0|5:" + f.split(":")[1])
        self.use_vcf(lines)
        self.settings["input"]["field"] = "GT"
        self.settings["scores"]["read"] = "all"  # no score uses the record
        place = ":".join(lines[row].split("\t")[:2])
        self.assert_refused(self.run_study(), 4, "E0415", "bad.vcf", place, "record 7",
                            value="0|5")

    def test_duplicate_sample(self):
        lines = self.vcf_lines()
        row = next(i for i, s in enumerate(lines) if s.startswith("#CHROM"))
        fields = lines[row].rstrip("\n").split("\t")
        fields[14] = fields[10]
        lines[row] = "\t".join(fields) + "\n"
        self.use_vcf(lines)
        self.assert_refused(self.run_study(), 4, "E0420", "bad.vcf", "2", "6",
                            absent=[fields[10]])

    def test_names_that_are_not_utf8(self):
        lines = [s.encode() for s in self.vcf_lines()]
        at = next(i for i, s in enumerate(lines) if s.startswith(b"#CHROM"))
        for row, column, text, parts in (
                (at, 11, b"n\xe9e", ("record 3", "byte 2, e9,")),
                (at + 4, 2, b"rs\xe91", ("record 4", "field ID", "byte 3, e9,")),
                (at + 4, 4, b"<\xff>", ("record 4", "field ALT", "byte 2, ff,"))):
            with self.subTest(text):
                fields = lines[row].split(b"\t")
                fields[column] = text
                bad = [*lines[:row], b"\t".join(fields), *lines[row + 1:]]
                (self.dir / "bad.vcf").write_bytes(b"".join(bad))
                self.settings["input"]["genotypes"] = "bad.vcf"
                self.settings["scores"]["read"] = "all"
                self.assert_refused(self.run_study(), 4, "E0413", "bad.vcf", "not UTF-8", *parts)

    def test_column_missing_in_a_line(self):
        lines = self.vcf_lines()
        lines[-3] = lines[-3].rsplit("\t", 1)[0] + "\n"
        self.use_vcf(lines)
        self.assert_refused(self.run_study(), 4, "E0413", "bad.vcf", "record 198")

    def test_the_same_allele_twice(self):
        lines = self.vcf_lines()
        fields = lines[-2].split("\t")
        lines[-2] = "\t".join([*fields[:4], fields[3].lower(), *fields[5:]])
        self.use_vcf(lines)
        self.assert_refused(self.run_study(), 4, "E0413", "bad.vcf", "record 199", "same allele")

    def test_position_that_no_chromosome_has(self):
        for position in ("-5", "99999999999999"):
            with self.subTest(position):
                lines = self.vcf_lines()
                fields = lines[-1].split("\t")
                lines[-1] = "\t".join([fields[0], position, *fields[2:]])
                self.use_vcf(lines)
                self.assert_refused(self.run_study(), 4, "E0413", "bad.vcf", "record 200",
                                    value=position)

    def test_positions_going_backwards(self):
        lines = self.vcf_lines()
        lines[-1], lines[-2] = lines[-2], lines[-1]
        self.use_vcf(lines)
        self.assert_refused(self.run_study(), 4, "E0428", "bad.vcf")

    def test_two_names_of_one_chromosome(self):
        lines = self.vcf_lines()
        lines[-1] = lines[-1][3:] if lines[-1].startswith("chr") else "chr" + lines[-1]
        self.use_vcf(lines)
        self.assert_refused(self.run_study(), 4, "E0413", "bad.vcf", "record 200", "spelled")

    def test_a_variant_twice_is_told(self):
        lines = self.vcf_lines()
        place = ":".join(lines[-1].split("\t")[:2])
        self.use_vcf([*lines, lines[-1]])
        for command in ("qc", "load"):
            done = kinflow(command, "--geno", "bad.vcf", "--out", command, cwd=self.dir)
            self.assert_clean_end(done, 0)
            self.assertRegex(done.err,
                             rf"(?m)^W .*1 variant is once more .*\(the first at {place}\)")

    def test_files_of_different_samples(self):
        lines = self.vcf_lines()
        first = [s for s in lines if s.startswith("#") or s.startswith("1\t")]
        second = [s for s in lines if s.startswith("#") or s.startswith("2\t")]
        at = next(i for i, s in enumerate(second) if s.startswith("#CHROM"))
        fields = second[at].rstrip("\n").split("\t")
        fields[9], fields[10] = fields[10], fields[9]
        second[at] = "\t".join(fields) + "\n"
        self.use_vcf(first, "part1.vcf")
        self.use_vcf(second, "part2.vcf")
        self.settings["input"]["genotypes"] = ["part1.vcf", "part2.vcf"]
        self.assert_refused(self.run_study(), 4, "E0426", "part2.vcf",
                            absent=[fields[9], fields[10]])


class OffGrid(BadInputTest):
    """The probe sees the first records of a file; a finer value stands far behind them."""

    def write(self, late):
        head = [s for s in self.vcf_lines() if s.startswith("##")]
        people = [f"S{i}" for i in range(6)]
        lines = head + ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" +
                        "\t".join(people) + "\n"]
        for i in range(1, 5001):
            dosages = [late if (i, s) == (4900, 2) else f"0.{(i * 7 + s * 31) % 1000:03d}"
                       for s in range(6)]
            lines.append(f"1\t{1000 + i}\tv{i}\tA\tG\t.\tPASS\t.\tDS\t" + "\t".join(dosages) + "\n")
        self.use_vcf(lines, "late.vcf")
        for key in ("pedigree", "phenotypes", "scores", "analyses"):
            self.settings.pop(key, None)

    def test_late_value_off_the_grid(self):
        self.write("0.12345")
        text = self.assert_refused(self.run_study(), 4, "E0416", "late.vcf", "1:5900",
                                   "record 4900", value="0.12345")
        self.assertIn("set dosage.units to 16384", text)
        self.assertNotIn("10000", text)  # of no use with five decimals
        self.settings["dosage"] = {"units": 16384}
        self.assert_clean_end(self.run_study(), 0)

    def test_the_same_file_on_the_grid_runs(self):
        self.write("0.123")
        self.assert_clean_end(self.run_study(), 0)


if __name__ == "__main__":
    unittest.main()
