"""Same bits of every artifact and table for any threads, tiles, locale, time zone and folder."""
import json
import os
import shutil
import subprocess
import unittest

import digests
from support import KINFLOW

THREADS = (1, 2, 3, 8)
TILES = (16, 37, 64, 4096)


class SameBits(digests.StudyTest):
    VARIANTS = 360

    def copy_inputs(self):
        for path in digests.cohort(variants=self.VARIANTS, form=self.form).iterdir():
            shutil.copy2(path, self.dir)

    def setUp(self):
        super().setUp()
        self.settings["resources"]["tile_variants"] = 16

    def assert_premises(self):
        """The claim is made on at least 20 tiles and 3 shards: counted, not assumed."""
        shards = [name for name in self.digests() if name.startswith("counts/")
                  and name.endswith(".h5")]
        folders = {name.rsplit("/", 1)[0] for name in shards}
        for folder in folders:
            self.assertGreaterEqual(sum(s.startswith(folder) for s in shards), 3)
        self.assertGreaterEqual(self.VARIANTS // 16, 20)
        tables = [name for name in self.digests() if name.startswith(("share/", "private/"))]
        self.assertGreaterEqual(len(tables), 20)

    def check_all(self):
        expected = self.reference()
        for threads, tile in zip(THREADS + THREADS[::-1], TILES + TILES):
            with self.subTest(threads=threads, tile=tile):
                self.fresh()
                self.settings["resources"].update(threads=threads, tile_variants=tile)
                self.run_ok()
                self.assert_same(self.digests(), expected)
                self.assert_premises()

    def test_threads_and_tiles_vcf(self):
        self.check_all()


class SameBitsBed(SameBits):
    form = "bed"

    def test_threads_and_tiles_vcf(self):
        """Scanned as it is: no store between the .bed and the counts."""
        self.check_all()
        self.assertFalse([n for n in self.digests() if n.startswith("dosage/")])

    def test_bed_through_the_store(self):
        self.settings["dosage"] = {"store": "always"}
        expected = self.reference()
        self.assertTrue([n for n in expected if n.startswith("dosage/")])
        self.settings["resources"].update(threads=3, tile_variants=1000)
        self.run_ok()
        self.assert_same(self.digests(), expected)


class Surroundings(digests.StudyTest):
    def other_locale(self):
        """A locale with a decimal comma if the machine has one."""
        known = subprocess.run(["locale", "-a"], stdout=subprocess.PIPE, text=True).stdout.split()
        comma = [name for name in known if name.startswith(("nb_NO", "de_DE", "fr_FR", "da_DK"))]
        return (comma + [name for name in known if name == "C.utf8"] + ["C"])[0]

    def test_memory_budget_changes_nothing(self):
        expected = self.reference()
        self.run_ok("--memory", "150M")
        self.assert_same(self.digests(), expected)

    def test_locale_zone_umask_and_folder(self):
        expected = self.reference()
        self.write_config()
        away = self.dir / "elsewhere"
        away.mkdir()
        env = dict(os.environ, TZ="Pacific/Chatham", LC_ALL=self.other_locale(), HOME=str(away))
        done = subprocess.run([KINFLOW, "run", "../run.yaml", "--progress=none"], cwd=away, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: os.umask(0), timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_same(self.digests(), expected)
        written = [self.dir / "work", self.dir / "out"]
        for path in [p for folder in written for p in digests.files_below(folder)]:
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    def test_moved_inputs_give_the_same_bits(self):
        expected = self.reference()
        moved = self.dir / "moved æøå"
        moved.mkdir()
        for path in list(self.dir.iterdir()):
            if path.is_file():
                shutil.move(path, moved)
        self.dir = moved
        self.run_ok()
        self.assert_same(self.digests(), expected)

    def test_stage_by_stage_equals_at_once(self):
        expected = self.reference()
        for stage in ("dosage", "qc", "scores", "family"):
            self.run_ok("--only", stage)
        self.run_ok()
        self.assert_same(self.digests(), expected)

    def test_timings_are_kept_out(self):
        """run.json holds times and differs; that shows the comparison above is of real files."""
        self.run_ok()
        first = json.loads((self.dir / "out/run.json").read_text())
        before = self.digests()
        self.fresh()
        self.run_ok()
        second = json.loads((self.dir / "out/run.json").read_text())
        self.assertNotEqual(first, second)
        self.assert_same(self.digests(), before)


if __name__ == "__main__":
    unittest.main()
