"""Lists of people to keep or to remove, in the forms that plink2 reads."""
import unittest

import support


class PeopleLists(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.run_done("simulate", "--trios", "20", "--variants", "50", "--format", "bed", "--out", "c",
                      "--seed", "3")
        people = [line.split() for line in (self.dir / "c.fam").read_text().splitlines()]
        self.ids = [row[1] for row in people]
        # Everybody's FID is somebody else's IID.
        self.people = [(self.ids[(i + 1) % len(people)], row[1]) for i, row in enumerate(people)]
        (self.dir / "c.fam").write_text("".join(f"{fid} {iid} 0 0 {row[4]} -9\n" for (fid, iid), row
                                                in zip(self.people, people)))

    def run_done(self, *arguments):
        done = support.kinflow(*arguments, cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        return done

    def qc(self, key, out, *more):
        return support.kinflow("qc", "--geno", "c.bed", "--preset", "none", "--set",
                               f"input.{key}=list.txt", "--out", out, *more, cwd=self.dir)

    def test_fid_and_iid_name_the_people_that_plink2_takes(self):
        plink2 = support.program("plink2")
        lines = "".join(f"{fid}\t{iid}\n" for fid, iid in self.people[3:40:4])
        for key, flag in (("samples", "keep"), ("remove", "remove")):
            for name, head in (("bare", ""), ("headed", "#FID\tIID\n")):
                (self.dir / "list.txt").write_text(head + lines)
                support.run_peer(plink2, "--bfile", self.dir / "c", f"--{flag}",
                                 self.dir / "list.txt", "--make-just-fam", "--out", self.dir / "p")
                expected = [line.split()[1]
                            for line in (self.dir / "p.fam").read_text().splitlines()]
                done = self.qc(key, f"{key}.{name}")
                self.assertEqual(done.code, 0, done.err)
                got = support.read_tsv(self.dir / f"{key}.{name}" / "private" / "samples.tsv")
                self.assertEqual([row["IID"] for row in got], expected)

    def test_a_byte_order_mark_is_no_part_of_an_id(self):
        """Spreadsheets write one: the first person to remove would stay."""
        (self.dir / "list.txt").write_text("".join(f"{iid}\n" for iid in self.ids[:5]),
                                           encoding="utf-8-sig")
        for key, left in (("remove", self.ids[5:]), ("samples", self.ids[:5])):
            done = self.qc(key, key)
            self.assertEqual(done.code, 0, done.err)
            self.assertNotIn("ids are not among", done.err)
            got = support.read_tsv(self.dir / key / "private" / "samples.tsv")
            self.assertEqual([row["IID"] for row in got], left)

    def test_another_family_is_told(self):
        (self.dir / "list.txt").write_text("".join(
            f"{fid if i else 'other'} {iid}\n" for i, (fid, iid) in enumerate(self.people[:9])))
        done = self.qc("remove", "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.err, r"input\.remove \(list\.txt\): 1 of 9 ids are not among .* 1 have "
                                   r"the IID of a line, but another FID")

    def test_a_list_to_remove_that_names_nobody_is_refused(self):
        (self.dir / "list.txt").write_text("".join(f"bio{iid}\n" for iid in self.ids[:8]))
        done = self.qc("remove", "out")
        self.assertEqual(done.code, 4, done.err)
        for told in ("E0422", "none of the 8 ids to remove", f"{len(self.ids)} genotyped people",
                     "list.txt", "input.remove", "first 3 characters"):
            self.assertIn(told, done.err)
        self.assertNotIn(self.ids[0], done.err)
        self.assertFalse((self.dir / "out" / "private" / "samples.tsv").exists())
        done = self.qc("remove", "meant", "--set",
                       "accept=[{what: input.remove, reason: none of them was genotyped}]")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("accepted (none of them was genotyped)", done.err)
        self.assertNotIn("accept: nothing named", done.err)
        (self.dir / "list.txt").write_text("")
        self.assertEqual(self.qc("remove", "empty").code, 0)

    def test_lists_of_other_columns_are_refused(self):
        a, b = self.ids[:2]
        for text, said in (("x9 withdrew\n" + f"{a} withdrew\n", "the second none"),
                           (f"{a}\n{b} {b}\n", "list.txt:2"), (f"{a} {a} 1\n", "3 columns")):
            (self.dir / "list.txt").write_text(text)
            done = self.qc("remove", "out")
            self.assertEqual(done.code, 4, done.err)
            self.assertIn("E0413", done.err)
            self.assertIn(said, done.err)
            self.assertNotIn(a, done.err)


if __name__ == "__main__":
    unittest.main()
