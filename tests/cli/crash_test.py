"""kill -9 and failing writes at chosen file operations; run again, the bytes are the same.

The shim (shim.c) numbers the file operations of the program. A first, undisturbed run logs them;
moments are chosen from that log, so that each stage and each kind of operation is among them.
"""
import errno
import json
import resource
import signal
import subprocess
import time
import unittest

import digests
from support import KINFLOW


class ShimTest(digests.StudyTest):
    _log = []

    def setUp(self):
        super().setUp()
        self.expected = self.reference()

    def operations(self):
        """(number, operation, path) of an undisturbed run from nothing, made once."""
        if not self._log:
            log = self.dir / "operations.log"
            self.run_ok(env=digests.shim_env(log=log))
            self.assert_same(self.digests(), self.expected)
            for line in log.read_text().splitlines():
                number, operation, path = line.split(" ", 2)
                self._log.append((int(number), operation, path))
            self.fresh()
            log.unlink()
        return self._log

    def stage_paths(self):
        """Stage -> the folder of its artifact below artifacts/."""
        self.run_ok()
        paths = {}
        for path in (self.dir / "work/artifacts").rglob("manifest.json"):
            paths[json.loads(path.read_text())["stage"]] = "/".join(path.parts[-3:-1])
        self.fresh()
        self.assertEqual(set(paths), set(digests.STAGES))
        return paths

    def kill(self, how="kill", **at):
        done = self.run_study(env=digests.shim_env(do=how, **at))
        self.assertEqual(done.code, -signal.SIGKILL, f"{at}\n{done.err}")

    def assert_verifies(self, what):
        """Whatever the state after a crash: everything that counts as written is right."""
        if not (self.dir / "work/artifacts").exists():
            return
        done = digests.kinflow("verify", self.dir / "work")
        self.assertEqual(done.code, 0, f"{what}\n{done.out}{done.err}")


class Kill(ShimTest):
    def test_inside_each_stage(self):
        """Twice a stage: while it writes its first shard, and before its manifest counts."""
        for stage, folder in self.stage_paths().items():
            for at in ({"ops": "write", "path": folder, "at": 2},
                       {"ops": "rename", "path": f"{folder}/manifest.json", "at": 1}):
                with self.subTest(stage=stage, **at):
                    self.fresh()
                    self.kill(**at)
                    sealed = digests.sealed_stages(self.dir / "work")
                    self.assertNotIn(stage, sealed)
                    self.assertTrue((self.dir / "work/artifacts" / folder).is_dir())
                    self.assert_verifies(at)
                    again = self.assert_resumes(f"{stage} {at}", self.expected)
                    for name in sealed:  # what was sealed is not computed again
                        self.assertRegex(again.err, rf"(?m)^{name} +cached")

    def test_digests_are_kept_from_the_plan_on(self):
        """Those of files too that are read when the plan is made."""
        frequencies = self.dir / "f.afreq"
        frequencies.write_text("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n1\tv\tA\tC\t0.1\t9\n")
        self.settings["scores"]["frequencies"] = frequencies.name
        time.sleep(2.1)  # files that are younger are not trusted by their times
        self.kill(ops="write", path="/artifacts/", at=1)
        known = (self.dir / "work/digests.json").read_text()
        inodes = {entry["inode"] for entry in json.loads(known)["files"]}
        for path in (frequencies, *self.dir.glob("c.PGS*.txt.gz")):
            self.assertIn(path.stat().st_ino, inodes, path.name)

    def test_every_kind_of_operation(self):
        """Before and after operations spread over the whole run, publishing included."""
        log = self.operations()
        moments = [(log[0], "kill"), (log[-1], "after")]
        for i, kind in enumerate(sorted({operation for _, operation, _ in log})):
            of_kind = [entry for entry in log if entry[1] == kind]
            moments.append((of_kind[len(of_kind) * (i + 1) // 8], "after" if i % 2 else "kill"))
        tables = [entry for entry in log if "/out/" in entry[2] and entry[1] == "rename"]
        moments += [(tables[len(tables) // 2], "kill"), (tables[-1], "after")]
        for (number, operation, path), how in moments:
            with self.subTest(number=number, operation=operation, path=path, how=how):
                self.fresh()
                done = self.run_study(env=digests.shim_env(do=how, at=number))
                # Two threads do not number every run alike: near the end it may be over before.
                self.assertIn(done.code, (-signal.SIGKILL, 0) if number > len(log) - 40 else
                              (-signal.SIGKILL,), done.err)
                self.assert_verifies(path)
                self.assert_resumes(path, self.expected)

    def test_killed_again_while_resuming(self):
        log = self.operations()
        for first, second, third in ((0.2, 0.1, 0.1), (0.5, 0.02, 0.3), (0.8, 0.05, 0.0)):
            with self.subTest(first=first, second=second, third=third):
                self.fresh()
                for share in (first, second, third):
                    if share:
                        self.kill(at=int(len(log) * share))
                self.assert_resumes("killed again", self.expected)

    def test_resumed_with_other_threads_and_tiles(self):
        """Shards written with small tiles are gone on from with large ones, in each scan. Scores write
        files by the genotypes they used, too few here: test_scores, ScoreSink.ResumesBehindCommittedShards."""
        paths = self.stage_paths()
        for stage in ("dosage", "counts", "sample_counts", "recount"):
            with self.subTest(stage=stage):
                self.fresh()
                self.kill(ops="rename", path=f"{paths[stage]}/shard-00002.h5", at=1)
                kept = sorted(p.name for p in
                              (self.dir / "work/artifacts" / paths[stage]).glob("shard-*.h5"))
                kept = [name for name in kept if ".partial." not in name]
                if stage == "recount":  # its shards are made side by side
                    self.assertNotIn("shard-00002.h5", kept)
                else:
                    self.assertEqual(kept, ["shard-00000.h5", "shard-00001.h5"])
                self.settings["resources"].update(threads=3, tile_variants=16)
                self.assert_resumes(stage, self.expected)
                self.settings["resources"].update(threads=2)
                self.settings["resources"].pop("tile_variants")

    def test_only_the_open_shard_is_computed_again(self):
        paths = self.stage_paths()
        self.kill(ops="rename", path=f"{paths['dosage']}/shard-00003.h5", at=1)
        folder = self.dir / "work/artifacts" / paths["dosage"]
        before = {p.name: p.stat().st_ino for p in folder.glob("shard-0000[012].h5")}
        self.assertEqual(len(before), 3)
        self.assert_resumes("dosage", self.expected)
        self.assertEqual(before, {p.name: p.stat().st_ino for p in folder.glob("shard-*[012].h5")})

    def test_tables_of_another_config_do_not_stay(self):
        """Killed while publishing another analysis; back to the first config, its tables return."""
        self.run_ok()
        self.settings["analyses"][0]["covariates"] = []
        self.kill(ops="rename", path="/out/.published.json", at=1)
        self.settings["analyses"][0]["covariates"] = ["m_age"]
        self.run_ok()
        got = digests.table_digests(self.dir / "out")
        self.assert_same(got, {n: d for n, d in self.expected.items() if n in got})


class FailingWrites(ShimTest):
    CODES = {errno.ENOSPC: 7, errno.EDQUOT: 7, errno.EIO: 5, errno.EROFS: 5}

    def check(self, error, sticky, **at):
        """One injected error: its exit code and a message, nothing wrong left, and it resumes."""
        what = f"{errno.errorcode[error]} sticky={sticky} {at}"
        with self.subTest(what):
            self.fresh()
            more = {"sticky": 1} if sticky else {}
            done = self.run_study(env=digests.shim_env(do=error, **at, **more))
            self.assertEqual(done.code, self.CODES[error], f"{what}\n{done.err}")
            self.assertRegex(done.err, r"error\[E0[57]\d\d\]", what)
            self.assertRegex(done.err, r"\n  remedy: ", what)
            self.assert_verifies(what)
            self.assert_resumes(what, self.expected)

    def test_each_call_in_an_artifact(self):
        """Two positions of each call, errors in turn, once and for good."""
        errors, turn = list(self.CODES), 0
        for call in ("write", "fsync", "close", "rename", "mkdir"):
            for path, at in (("/artifacts/counts/", 1), ("/artifacts/scores/", 2)):
                if call == "mkdir":
                    at = 1
                self.check(errors[turn % 4], turn % 3 == 0, ops=call, path=path, at=at)
                turn += 1

    def test_every_write_of_one_shard(self):
        """HDF5 writes a shard in several calls; one failing alone must never seal a wrong file."""
        folder = self.stage_paths()["qc_variants"]
        first = [e for e in self.operations() if folder in e[2] and "shard-00000.h5" in e[2]
                 and e[1] in ("write", "fsync", "close", "rename")]
        self.assertGreaterEqual(len(first), 4)
        for at in sorted({1, 2, len(first) // 2, len(first) - 2, len(first)}):
            self.check(errno.ENOSPC, False, ops="write,fsync,close,rename",
                       path=f"{folder}/shard-00000.h5", at=at)

    def test_manifest_and_tables(self):
        self.check(errno.ENOSPC, False, ops="write", path="manifest.json", at=3)
        self.check(errno.EIO, False, ops="rename", path="manifest.json", at=2)
        self.check(errno.ENOSPC, True, ops="write", path="/out/share/estimates", at=1)
        self.check(errno.EIO, False, ops="fsync", path="/out/private/scores", at=1)

    def test_the_record_of_the_run(self):
        """`status` knows nevertheless how the run ended."""
        self.fresh()
        done = self.run_study(env=digests.shim_env(do=errno.ENOSPC, ops="write", path="/out/run.json",
                                                   at=1, sticky=1))
        self.assertEqual(done.code, 7, done.err)
        self.assertFalse((self.dir / "out/run.json").exists())
        for folder in ("out", "work"):
            told = digests.kinflow("status", self.dir / folder).out
            self.assertRegex(told, r"last run: failed, exit 7, .*: run run\.yaml\n")
            self.assertIn("error[E0711]", told)
        self.assert_resumes("run.json", self.expected)
        self.assertIn("last run: done, exit 0", digests.kinflow("status", self.dir / "out").out)

    def test_caches_may_fail_without_harm(self):
        for name in ("digests.json", "latest.json"):
            with self.subTest(name):
                self.fresh()
                done = self.run_study(env=digests.shim_env(do=errno.EIO, ops="write,rename",
                                                           path=name, at=1, sticky=1))
                self.assertIn(done.code, (0, 5), done.err)
                self.assert_resumes(name, self.expected)

    def test_short_writes(self):
        """write(2) may take half: the rest follows and the bytes are the same."""
        self.run_ok(env=digests.shim_env(do="short", ops="write", path="/artifacts/", at=1,
                                         sticky=1))
        self.assert_same(self.digests(), self.expected)

    def test_file_size_limit(self):
        """RLIMIT_FSIZE (EFBIG, SIGXFSZ) as a quota: exit 7 up to the size that suffices."""
        largest = max(p.stat().st_size for p in self._after_run())
        self.write_config()
        for limit in (1, 512, 2048, 4096, largest // 2, largest - 1, 4 * largest):
            with self.subTest(limit=limit):
                self.fresh()
                done = subprocess.run(
                    [KINFLOW, "run", "run.yaml", "--progress=none"], cwd=self.dir, text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertEqual(done.returncode, 0 if limit > largest else 7, done.stderr)
                self.assert_verifies(limit)
        self.assert_resumes("largest", self.expected)

    def _after_run(self):
        self.run_ok()
        return digests.files_below(self.dir / "work") + digests.files_below(self.dir / "out")


if __name__ == "__main__":
    unittest.main()
