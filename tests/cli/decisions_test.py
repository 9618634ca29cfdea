"""The decisions file: proposed by a run, edited by a person, given back, applied. What a run with
decisions computes is held against a run of inputs that were corrected by hand."""
import gzip
import shutil
import unittest

import support
from decisions_support import DecisionsCase, read, write_tsv

PEOPLE_TABLES = ("private/samples.tsv", "private/families.tsv", "private/pairs.tsv",
                 "share/variants.tsv.gz")


class DecisionsTest(DecisionsCase):
    def test_all_is_proposed_and_by_the_run(self):
        self.assertEqual({row["ORIGIN"] for row in self.proposed}, {"proposed"})
        self.assertEqual({row["STATUS"] for row in self.proposed}, {"proposed"})
        self.assertEqual(sorted(row["KIND"] for row in self.proposed),
                         ["duplicate", "low-call-rate", "non-paternity", "sex", "sex", "swap"])

    def test_open_decisions_are_warned_of_at_the_end(self):
        high = sum(row["CONFIDENCE"] == "high" for row in self.proposed)
        self.assertRegex(self.told_first, rf"(?m)^W kinship: .* proposed: {len(self.proposed)}, of high "
                         rf"confidence: {high}\. .*private/decisions\.tsv.* kinship\.decisions")
        self.assertGreater(self.told_first.index("\nW kinship: genotypes and pedigree"),
                           self.told_first.index("\nI quality control keeps"))

    def test_cut_offs_of_sex_from_the_data_are_told(self):
        ledger = support.read_tsv(self.dir / "first/private/ledger_full.tsv")
        filters = [row["FILTER"] for row in ledger if row["STEP"] == "samples"]
        self.assertEqual(filters[-2:], ["sex", "mendel"])
        cut, = (float(row["THRESHOLD"]) for row in ledger if row["FILTER"] == "sex")
        people = support.read_tsv(self.dir / "first/private/samples.tsv")
        x_f = {sex: [float(row["X_F"]) for row in people if row["SEX_INFERRED"] == sex]
               for sex in ("female", "male")}
        self.assertLess(max(x_f["female"]), cut)
        self.assertGreater(min(x_f["male"]), cut)
        self.assertEqual(len(x_f["female"]) + len(x_f["male"]), len(people))

    def test_planted_variants_are_removed_for_what_is_wrong_with_them(self):
        rows = {row["ID"]: row for row in support.read_tsv(
            self.dir / "first/share/variants.tsv.gz")}
        for fault, reason in (("variant_low_call_rate", "call_rate"),
                              ("variant_hwe_het_dropout", "hwe")):
            self.assertGreater(len(self.planted[fault]), 1)
            for row in self.planted[fault]:
                self.assertEqual(rows[row["id"]]["REASON"], reason, row)

    def test_other_reasons_of_a_removed_variant_are_told(self):
        rows = {row["ID"]: row for row in support.read_tsv(
            self.dir / "first/private/variants_full.tsv.gz")}
        both = 0
        for row in (rows[fault["id"]] for fault in self.planted["variant_hwe_het_dropout"]):
            rate = int(row["MENDEL_ERRORS"]) / int(row["MENDEL_CHECKED"])
            others = row["REASONS"].removeprefix("hwe").removeprefix(",")
            self.assertEqual(others, "mendel" if rate > 0.01 else "")
            done = support.kinflow("explain", "variant", row["ID"], self.dir / "first")
            self.assertEqual("beyond the threshold of mendel too" in done.out, rate > 0.01)
            both += rate > 0.01
        self.assertGreater(both, 0)
        self.assertEqual({row["REASONS"] for row in rows.values() if row["STATUS"] == "pass"},
                         {"NA"})

    def test_explain_tells_pairs_and_decisions(self):
        swap, = self.kind("swap")
        done = support.kinflow("explain", "sample", swap["PERSON"], self.dir / "first")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"decision proposed by the run: exchange {swap['IID1']}, {swap['IID2']} "
                      "(swap, confidence high)", done.out)
        self.assertIn("exchanged, ", done.out)
        self.assertIn(f"with {swap['PERSON'].replace('_C1', '_M')}: unrelated, declared "
                      "parent-child; STATE rejected, KINSHIP ", done.out)

    def test_one_edited_decision_and_only_what_depends_on_it(self):
        # All proposals but one are accepted; of the child the father stays unknown.
        child = self.planted["non_paternity"][0]["id"]
        rows = [dict(row) for row in self.proposed]
        for row in rows:
            if row["KIND"] == "non-paternity":
                self.assertEqual((row["DECISION"], row["PERSON"]), ("set_father", child))
                row["VALUE"] = "NA"
        write_tsv(self.dir / "decided.tsv", rows)
        done = self.run_config("second", "decided.tsv")
        self.assertIn("I decided.tsv: decisions applied: fewer than 5 remove, 1 exchange, "
                      "1 set_father, 2 set_sex\n", done.err)
        self.assertIn("; decisions proposed: 1, of high", done.err)
        status = self.status("second")
        self.assertEqual(status["dosage"], "cached")
        self.assertEqual({status[s] for s in ("counts", "qc", "kinship", "relatives")}, {"done"})
        after = support.read_tsv(self.dir / "second/private/decisions.tsv")
        # The real father is a relative that the pedigree does not know now; nothing else is left.
        left, = (row for row in after if row["STATUS"] == "proposed")
        real = self.planted["non_paternity"][0]["note"].split()[0]
        self.assertEqual((left["KIND"], {left["IID1"], left["IID2"]}), ("cryptic", {child, real}))
        after.remove(left)
        self.assertEqual({row["STATUS"] for row in after}, {"applied"})
        origin = {row["KIND"]: row["ORIGIN"] for row in after}
        self.assertEqual(origin, {"swap": "proposed", "duplicate": "proposed", "sex": "proposed",
                                  "low-call-rate": "proposed", "non-paternity": "person"})
        # What was the evidence stays with the decision.
        before = {row["KIND"]: row for row in self.proposed}
        for row in after:
            if row["KIND"] != "sex":
                self.assertEqual(row["EVIDENCE"], before[row["KIND"]]["EVIDENCE"])
                self.assertEqual(row["KINSHIP"], before[row["KIND"]]["KINSHIP"])
        ledger = support.read_tsv(self.dir / "second/private/ledger_full.tsv")
        filters = [row["FILTER"] for row in ledger if row["STEP"] == "decisions"]
        self.assertEqual(filters, ["NA", "exchange:proposed", "set_father:person,set_sex:proposed"])
        removed, = (row for row in ledger if row["FILTER"] == "decision:proposed")
        self.assertEqual(int(removed["SAMPLES_IN"]) - int(removed["SAMPLES_OUT"]), 2)
        samples = {row["IID"]: row for row in support.read_tsv(
            self.dir / "second/private/samples.tsv")}
        for fault in ("duplicate_sample", "low_call_rate"):
            self.assertEqual(samples[self.planted[fault][0]["id"]]["REASON"], "decision:proposed")

        # One more decision is edited: the copy stays, and only what follows the counts runs.
        for row in rows:
            if row["KIND"] == "duplicate":
                row["DECISION"] = "keep"
                row["VALUE"] = "NA"
        write_tsv(self.dir / "decided.tsv", rows)
        plan = support.kinflow("plan", self.dir / "second.yaml")
        self.assertEqual(plan.code, 0, plan.err)
        self.assertTrue(plan.out.startswith("files changed since the last run: decided.tsv\n"),
                        plan.out)
        # A record that is none says nothing, and harms nothing.
        record = self.dir / "second/run.json"
        was = record.read_text()
        for changed in ("{", "[]", was.replace('"file": "', '"file": 7, "was": "'),
                        was.replace('"bytes": ', '"bytes": "many", "was": ')):
            self.assertNotEqual(changed, was)
            record.write_text(changed)
            plan = support.kinflow("plan", self.dir / "second.yaml")
            self.assertEqual(plan.code, 0, plan.err)
            self.assertNotIn("since the last run", plan.out)
        record.write_text(was)
        self.run_config("third", "decided.tsv")
        status = self.status("third")
        self.assertEqual({status[s] for s in ("dosage", "counts", "qc_variants", "sample_counts")},
                         {"cached"})
        self.assertEqual({status[s] for s in ("qc_samples", "recount", "qc", "relatives")},
                         {"done"})
        after = support.read_tsv(self.dir / "third/private/decisions.tsv")
        duplicate, = (row for row in after if row["KIND"] == "duplicate")
        # Under its own name the copy has Mendel errors.
        self.assertEqual((duplicate["STATUS"], duplicate["ORIGIN"]),
                         ("overruled by mendel", "person"))
        samples = {row["IID"]: row for row in support.read_tsv(
            self.dir / "third/private/samples.tsv")}
        self.assertEqual(samples[self.planted["duplicate_sample"][0]["id"]]["REASON"], "mendel")
        self.assertEqual([row["KIND"] for row in after if row["STATUS"] == "proposed"], ["cryptic"])

        # Nothing changed: nothing runs.
        self.run_config("third", "decided.tsv")
        self.assertEqual(set(self.status("third").values()), {"cached"})
        for path in (self.dir / "third" / "share").iterdir():
            self.assertNotIn(child.encode(), read(path))
        self.assertNotIn(child, (self.dir / "third/kinflow.log").read_text())
        self.assertNotIn(child, (self.dir / "third/run.json").read_text())

    def test_who_is_to_be_kept_and_is_removed_by_a_filter(self):
        row, = (dict(row) for row in self.kind("low-call-rate"))
        row["DECISION"] = "keep"
        write_tsv(self.dir / "keep.tsv", [row])
        self.run_config("kept", "keep.tsv")
        after, = (r for r in support.read_tsv(self.dir / "kept/private/decisions.tsv")
                  if r["DECISION"] == "keep")
        self.assertEqual(after["STATUS"], "overruled by call_rate")
        for table in ("private/ledger_full.tsv", "share/ledger.tsv"):
            ledger = support.read_tsv(self.dir / "kept" / table)
            told, = (r for r in ledger if "overruled" in r["FILTER"])
            self.assertEqual((told["STEP"], told["FILTER"], told["SAMPLES_OUT"]),
                             ("decisions", "keep:person overruled by call_rate", "NA"))
        done = support.kinflow("explain", "sample", row["PERSON"], self.dir / "kept")
        self.assertIn(f"decision by a person, overruled by call_rate: keep {row['PERSON']}",
                      done.out)
        # What was decided is given back with the table, and says the same.
        shutil.copy(self.dir / "kept/private/decisions.tsv", self.dir / "keep.tsv")
        self.run_config("kept", "keep.tsv")
        again = support.read_tsv(self.dir / "kept/private/decisions.tsv")
        self.assertIn(after, again)

    def test_as_if_the_inputs_had_been_right(self):
        swap, = self.kind("swap")
        father, = self.kind("non-paternity")
        sexes = {row["PERSON"]: row["VALUE"] for row in self.kind("sex")}
        rows = [row for row in self.proposed
                if row["KIND"] in ("swap", "non-paternity", "sex")]
        write_tsv(self.dir / "some.tsv", rows)
        self.run_config("decided", "some.tsv", work="work_decided")

        exchanged = {swap["PERSON"]: swap["VALUE"], swap["VALUE"]: swap["PERSON"]}
        with gzip.open(self.prefix + ".array.vcf.gz", "rt") as f, \
                open(self.dir / "right.vcf", "w", encoding="ascii") as out:
            for line in f:
                if line.startswith("#CHROM"):
                    line = "\t".join(exchanged.get(x, x) for x in line.rstrip("\n").split("\t"))
                    line += "\n"
                out.write(line)
        with open(self.prefix + ".fam", encoding="ascii") as f, \
                open(self.dir / "right.fam", "w", encoding="ascii") as out:
            for line in f:
                fields = line.split()
                if fields[1] == father["PERSON"]:
                    fields[2] = father["VALUE"]
                if fields[1] in sexes:
                    fields[4] = {"male": "1", "female": "2"}[sexes[fields[1]]]
                out.write("\t".join(fields) + "\n")
        self.run_config("right", genotypes="right.vcf", pedigree="right.fam", work="work_right")
        for name in PEOPLE_TABLES:
            self.assertEqual(read(self.dir / "decided" / name), read(self.dir / "right" / name),
                             name)

    def exported(self, out, *args):
        """People of the .fam and their calls, by the ids that the export wrote."""
        done = support.kinflow("export", *args, "--format", "bed", "--out", self.dir / out)
        self.assertEqual(done.code, 0, done.err)
        self.told = done.err
        fam = [line.split() for line in (self.dir / f"{out}.fam").read_text().splitlines()]
        data = (self.dir / f"{out}.bed").read_bytes()[3:]
        width = (len(fam) + 3) // 4
        calls = {row[1]: bytes(data[at + s // 4] >> 2 * (s % 4) & 3
                               for at in range(0, len(data), width))
                 for s, row in enumerate(fam)}
        return {row[1]: row for row in fam}, calls

    def test_export_writes_the_ids_that_were_decided(self):
        swap, = self.kind("swap")
        father, = self.kind("non-paternity")
        a, b = swap["PERSON"], swap["VALUE"]
        sex = self.kind("sex")[0]
        write_tsv(self.dir / "export.tsv", [row for row in self.proposed
                                            if row["KIND"] != "low-call-rate"])
        self.run_config("export_run", "export.tsv", work="export_work")
        store, = (self.dir / "export_work/artifacts/dosage").iterdir()
        _, raw = self.exported("raw", store)  # a store alone knows of no decision
        self.assertNotEqual(raw[a], raw[b])
        turned = {a: raw[b], b: raw[a]}
        fam, calls = self.exported("decided", store, "--decisions", self.dir / "export.tsv",
                                   "--pedigree", self.prefix + ".fam")
        self.assertEqual(calls, raw | turned)
        self.assertEqual(fam[father["PERSON"]][2], father["VALUE"])
        self.assertEqual(fam[sex["PERSON"]][4], {"male": "1", "female": "2"}[sex["VALUE"]])
        self.assertNotIn("not applied", self.told)
        fam, _ = self.exported("alone", store, "--decisions", self.dir / "export.tsv")
        self.assertIn("decisions on parents, 1, are not applied without --pedigree", self.told)
        self.assertRegex(self.told, "(?m)^I without --pedigree the .fam has a family of each")
        # The output folder of a run, with its work folder inside, says what the run applied; what it
        # proposes besides, here the contrary, is nothing to an export.
        (self.dir / "export_work").rename(self.dir / "export_run/work")
        table = self.dir / "export_run/private/decisions.tsv"
        write_tsv(table, support.read_tsv(table) + [dict(sex, STATUS="proposed", VALUE={
            "male": "female", "female": "male"}[sex["VALUE"]])])
        fam, calls = self.exported("of_run", self.dir / "export_run")
        self.assertEqual(calls, raw | turned)
        self.assertEqual(fam[sex["PERSON"]][4], {"male": "1", "female": "2"}[sex["VALUE"]])
        self.assertNotIn("without --pedigree", self.told)
        self.assertRegex(self.told, r"(?m)^I parents and sexes are those of the run's pedigree, b\.fam$")
        self.assertEqual(fam[father["PERSON"]][2], father["VALUE"])
        named, _ = self.exported("of_families", self.dir / "export_run", "--pedigree",
                                 self.prefix + ".fam")
        self.assertNotIn("of the run's pedigree", self.told)
        self.assertEqual(named, fam)
        (self.dir / "export_run/private/decisions.tsv").unlink()
        done = support.kinflow("export", self.dir / "export_run", "--out", self.dir / "x")
        self.assertNotEqual(done.code, 0)
        self.assertIn("--decisions", done.err)

    def test_export_takes_the_pedigree_of_its_run_as_it_was(self):
        """By its place from the output folder, and only while it holds what the run has read."""
        study = self.dir / "study"
        study.mkdir()
        with open(self.prefix + ".fam", encoding="ascii") as f:
            rows = [dict(zip(("fam", "who", "dad", "mum", "sex"), line.split())) for line in f]
        write_tsv(study / "p.tsv", rows)
        (study / "s.yaml").write_text(f"""
schema_version: 1
input: {{genotypes: {self.prefix}.array.vcf.gz, build: GRCh37}}
pedigree: {{file: p.tsv, columns: {{family: fam, id: who, father: dad, mother: mum, sex: sex}}}}
qc: {{preset: array}}
dosage: {{store: always}}
output: {{folder: out}}
resources: {{work: work}}
""", encoding="ascii")
        done = support.kinflow("run", study / "s.yaml")
        self.assertEqual(done.code, 0, done.err)
        (self.dir / "moved").mkdir()
        for name in ("out", "work", "p.tsv"):
            (study / name).rename(self.dir / "moved" / name)
        fam, _ = self.exported("of_its_run", self.dir / "moved/out")
        declared = {row["who"]: row for row in rows}
        self.assertTrue(any(line[2] != "0" for line in fam.values()))
        for who, line in fam.items():
            self.assertEqual(line[2:5], [declared[who][c] for c in ("dad", "mum", "sex")])
        write_tsv(self.dir / "moved/p.tsv", rows[1:])
        fam, _ = self.exported("changed", self.dir / "moved/out")
        self.assertRegex(self.told, r"(?m)^W without --pedigree the \.fam .* pedigree was p\.tsv, "
                                    r"which has changed since the run$")
        self.assertEqual({line[2] for line in fam.values()}, {"0"})
        (self.dir / "moved/p.tsv").unlink()
        self.exported("gone", self.dir / "moved/out")
        self.assertIn("which is not where the run has read it", self.told)

    def test_what_those_who_withdrew_showed_about_others_stays(self):
        copy, = self.kind("duplicate")
        father, = self.kind("non-paternity")
        declared = {}
        with open(self.prefix + ".fam", encoding="ascii") as f:
            for line in f:
                declared[line.split()[1]] = line.split()[2]
        write_tsv(self.dir / "withdrew.tsv", [copy, father])
        original = copy["IID2"] if copy["PERSON"] == copy["IID1"] else copy["IID1"]
        child = father["PERSON"]
        for gone, left in ((original, father["VALUE"]), (declared[child], father["VALUE"]),
                           (father["VALUE"], "NA")):
            with self.subTest(gone=gone):
                (self.dir / "gone.txt").write_text(gone + "\n")
                self.run_config("withdrew", "withdrew.tsv", remove="gone.txt", work="withdrew_work")
                people = {row["IID"]: row for row in support.read_tsv(
                    self.dir / "withdrew/private/samples.tsv")}
                self.assertNotIn(gone, people)
                # The copy is not the person's own sample any more than it was.
                self.assertEqual(people[copy["PERSON"]]["STATUS"], "removed")
                trio, = [row for row in support.read_tsv(self.dir / "withdrew/private/families.tsv")
                         if row["CHILD"] == child]
                self.assertEqual(trio["FATHER"], left)
                for path in (self.dir / "withdrew").rglob("*.tsv"):
                    self.assertNotRegex(path.read_text(), rf"\b{gone}\b", path)

    def test_refusals(self):
        head = "DECISION\tPERSON\tVALUE\n"
        child = self.planted["non_paternity"][0]["id"]
        other = self.planted["sample_swap"][0]["id"]
        cases = (("burn\t%s\tNA\n" % child, "line 2", "remove, exchange"),
                 ("remove\tTOKEN9\tNA\n", "line 2", "neither genotyped"),
                 ("set_father\t%s\tTOKEN9\n" % child, "line 2", "neither genotyped"),
                 ("set_father\t%s\tNA\nset_father\t%s\t%s\n" % (child, child, other), "line 3",
                  "line 2"),
                 ("set_father\t%s\t%s\n" % (child, child.replace("_C1", "_M")), "line 2",
                  "father and mother"),
                 ("remove\n", "line 2", "fields"))
        for i, (rows, line, word) in enumerate(cases):
            with self.subTest(rows=rows):
                (self.dir / f"bad{i}.tsv").write_text(head + rows, encoding="ascii")
                done = self.run_config("bad", f"bad{i}.tsv", code=4)
                place = f"bad{i}.tsv:{line.split()[1]}"
                self.assertIn(place, done.err)
                self.assertIn(word, done.err)
                self.assertIn("remedy:", done.err)
                self.assertNotIn("TOKEN9", done.err)
                self.assertNotIn(child, done.err)
        (self.dir / "none.tsv").write_text("PERSON\tVALUE\nX\tY\n", encoding="ascii")
        self.assertIn("DECISION", self.run_config("bad", "none.tsv", code=4).err)
        self.assertIn("absent.tsv", self.run_config("bad", "absent.tsv", code=4).err)

    def test_one_shot_commands_take_decisions(self):
        copy = self.planted["duplicate_sample"][0]["id"]
        (self.dir / "own.tsv").write_text(f"DECISION\tPERSON\tVALUE\nremove\t{copy}\tNA\n",
                                          encoding="ascii")
        done = support.kinflow("kin", "--geno", self.prefix + ".array.vcf.gz", "--pedigree",
                               self.prefix + ".fam", "--decisions", self.dir / "own.tsv", "--out",
                               self.dir / "kin")
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "kin/decisions.tsv")
        self.assertEqual((rows[0]["DECISION"], rows[0]["PERSON"], rows[0]["ORIGIN"]),
                         ("remove", copy, "person"))
        self.assertNotIn("duplicate", {row["KIND"] for row in rows})
        for row in support.read_tsv(self.dir / "kin/pairs.tsv"):
            self.assertNotIn(copy, (row["IID1"], row["IID2"]))
        shutil.rmtree(self.dir / "kin")


if __name__ == "__main__":
    unittest.main()
