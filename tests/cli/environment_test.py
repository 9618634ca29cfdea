"""Disks, folders, locks and limits that fail under a run: its exit code, and what comes next.

The small disks are tmpfs mounts, which need root; without it those tests are skipped.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import unittest

import digests
from bad_input import CRASH, BadInputTest
from support import KINFLOW, kinflow


class EnvironmentTest(BadInputTest):
    def mount(self, name, size, options="rw"):
        """A tmpfs of this size at self.dir/name until the test ends."""
        folder = self.dir / name
        folder.mkdir()
        os.chmod(folder, 0o700)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700,{options}",
                               "tmpfs", str(folder)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode != 0:
            self.skipTest("mounting a tmpfs is not permitted here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=False)
        return folder

    def remount(self, folder, options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)

    def tables(self, folder):
        """Every table of an output folder; inputs.tsv names paths, so it stays out."""
        found = {str(p.relative_to(folder)): p.read_bytes()
                 for p in sorted(pathlib.Path(folder).rglob("*.tsv*"))
                 if p.name != "inputs.tsv" and not p.is_symlink()}
        self.assertIn("share/estimates.tsv", found)
        self.assertIn("private/scores.tsv", found)
        return found

    def refused(self, result, code, error_id, *parts):
        self.assert_clean_end(result, code)
        text = self.message(result, error_id)
        for part in parts:
            self.assertIn(part, text)
        self.assertRegex(text, r"(?m)^  remedy: \S.{5,}")
        return text


class DiskFull(EnvironmentTest):
    def reference(self):
        self.settings["output"] = {"folder": "reference"}
        self.settings["resources"]["work"] = "work0"
        self.assert_clean_end(self.run_study(), 0)
        # Folders take nothing of the disks that are mounted here.
        size = sum(p.stat().st_blocks * 512 for p in (self.dir / "work0").rglob("*") if p.is_file())
        return self.tables(self.dir / "reference"), size

    def test_work_folder_fills_up(self):
        """At several sizes, so that early and late stages are hit; space freed, the run goes on."""
        want, size = self.reference()
        places = set()
        for percent in (10, 35, 60, 80):
            with self.subTest(percent=percent):
                name = f"disk{percent}"
                disk = self.mount(name, size * percent // 100)
                self.settings["output"] = {"folder": f"out{percent}"}
                self.settings["resources"]["work"] = f"{name}/work"
                result = self.run_study()
                text = self.refused(result, 7, "E0711", "No space left", f"{name}/work")
                places.add(re.search(r"artifacts/\w+|\w+\.json", text).group())
                record = self.run_json(f"out{percent}")
                self.assertEqual((record["exit_code"], record["status"]), (7, "failed"))
                self.assertFalse((self.dir / f"out{percent}/share/estimates.tsv").exists())
                self.remount(disk, "size=64m")
                self.check_what_is_sealed(disk / "work")
                again = self.run_study()
                self.assert_clean_end(again, 0)
                self.assertEqual(self.tables(self.dir / f"out{percent}"), want)
                self.assertEqual(self.run_json(f"out{percent}")["exit_code"], 0)
        self.assertGreater(len(places), 1, f"all sizes failed at {places}")

    def check_what_is_sealed(self, work):
        """Nothing half-written passes for an artifact."""
        if any(work.rglob("manifest.json")):
            self.assert_clean_end(kinflow("verify", work), 0)

    def test_sealed_stages_are_not_run_again(self):
        _, size = self.reference()
        disk = self.mount("disk", size * 80 // 100)
        self.settings["output"] = {"folder": "out"}
        self.settings["resources"]["work"] = "disk/work"
        self.refused(self.run_study(), 7, "E0711")
        done = [s["id"] for s in self.run_json()["stages"] if s["status"] == "done"]
        self.assertTrue(done)
        self.remount(disk, "size=64m")
        self.assert_clean_end(self.run_study(), 0)
        states = {s["id"]: s["status"] for s in self.run_json()["stages"]}
        self.assertEqual({states[s] for s in done}, {"cached"})

    def test_output_folder_fills_up(self):
        want, _ = self.reference()
        disk = self.mount("disk", 64 << 10)
        self.settings["output"] = {"folder": "disk/out"}
        self.refused(self.run_study(), 7, "E0711", "disk/out")
        self.assertFalse((disk / "out/run.json").exists() and
                         self.run_json("disk/out")["exit_code"] == 0)
        told = kinflow("status", disk / "out").out
        self.assertIn("last run: failed, exit 7", told)
        self.remount(disk, "size=64m")
        self.assert_clean_end(self.run_study(), 0)
        self.assertEqual(self.tables(disk / "out"), want)

    def test_file_size_limit(self):
        """The signal of the limit does not kill the run; it ends with the contract's code."""
        path = self.config(json.dumps(self.settings))
        done = subprocess.run(
            [KINFLOW, "run", path.name, "--progress=none"], cwd=self.dir, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (12 << 10, 12 << 10)))
        done.code, done.err = done.returncode, done.stderr
        self.refused(done, 7, "E0712", "ulimit -f")
        self.assert_clean_end(self.run_study(), 0)


class ReadOnly(EnvironmentTest):
    def test_output_on_a_read_only_disk(self):
        disk = self.mount("disk", 1 << 20)
        (disk / "out").mkdir()
        self.remount(disk, "ro")
        self.settings["output"] = {"folder": "disk/out"}
        self.refused(self.run_study(), 5, "E0505", "disk/out")
        self.assertEqual(list((disk / "out").iterdir()), [])

    def test_work_on_a_read_only_disk(self):
        disk = self.mount("disk", 1 << 20)
        self.remount(disk, "ro")
        self.settings["resources"]["work"] = "disk/work"
        self.refused(self.run_study(), 5, "E0505", "disk/work")
        self.assertFalse((self.dir / "out/share/estimates.tsv").exists())

    def test_folder_without_write_permission(self):
        """The modes say nothing to root, so another user runs the program."""
        command = self.command_of_nobody()
        (self.dir / "closed").mkdir()
        self.settings["output"] = {"folder": "closed/out"}
        self.config(json.dumps(self.settings))
        self.give_to_nobody()
        os.chmod(self.dir / "closed", 0o500)
        done = subprocess.run(command, cwd=self.dir, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)
        done.code, done.err = done.returncode, done.stderr
        self.refused(done, 5, "E0505", "closed/out")

    def test_output_folder_open_to_everybody(self):
        (self.dir / "out").mkdir()
        os.chmod(self.dir / "out", 0o777)
        self.refused(self.run_study(), 5, "E0505", "./out", "chmod o-w")
        self.assertEqual(list((self.dir / "out").iterdir()), [])

    def test_output_folder_is_a_file(self):
        (self.dir / "out").write_text("mine")
        result = self.run_study()
        self.assert_clean_end(result, 5)
        self.assertRegex(result.err, r"out.*: error\[E05\d\d\]")
        self.assertEqual((self.dir / "out").read_text(), "mine")


class OneWorkFolder(EnvironmentTest):
    def start(self):
        """A run that holds its work folder and stands still."""
        path = self.config(json.dumps(self.settings))
        first = digests.start_and_wait_for_stop(
            self, [KINFLOW, "run", path.name, "--progress=none"], self.dir, ops="rename",
            path="/artifacts/", at=1, ms=0)
        self.assertIsNotNone(first)
        return first

    def test_second_run_is_refused_and_the_first_completes(self):
        first = self.start()
        second = self.run_study("--set", "output.folder=other")
        self.refused(second, 7, "E0721", "work", str(first.pid), "--break-lock")
        self.assertFalse((self.dir / "other/run.json").exists())
        same_output = self.run_study()
        self.refused(same_output, 7, "E0721")
        first.send_signal(signal.SIGCONT)
        error = first.communicate(timeout=60)[1]
        self.assertEqual(first.returncode, 0, error)
        self.assertNotRegex(error, CRASH)
        self.assertEqual(self.run_json()["exit_code"], 0)
        self.assert_clean_end(self.run_study("--set", "output.folder=other"), 0)
        self.assertEqual(self.tables(self.dir / "other"), self.tables(self.dir / "out"))

    def test_another_work_folder_is_free(self):
        first = self.start()
        self.assert_clean_end(self.run_study("--set", "output.folder=o2", "--work", "w2"), 0)
        first.send_signal(signal.SIGCONT)
        self.assertEqual(first.wait(60), 0)

    def test_a_killed_run_leaves_no_lock(self):
        first = self.start()
        first.kill()
        first.wait(60)
        self.assert_clean_end(self.run_study(), 0)


class Limits(EnvironmentTest):
    def test_memory_too_small(self):
        result = self.run_study("--memory", "4M")
        text = self.refused(result, 7, "E0701")
        self.assertRegex(text, r"\d+(\.\d+)? [KMG]iB")
        self.assertEqual(self.run_json()["exit_code"], 7)
        self.assertFalse((self.dir / "out/share/estimates.tsv").exists())

    def test_damaged_artifact(self):
        self.assert_clean_end(self.run_study(), 0)
        shard = next((self.dir / "work/artifacts/dosage").rglob("*.h5"))
        content = bytearray(shard.read_bytes())
        content[len(content) // 2] ^= 1
        shard.write_bytes(bytes(content))
        result = kinflow("verify", self.dir / "work")
        self.refused(result, 6, "E0601")
        self.assertIn(f"{shard.parent.name}/{shard.name}", result.out + result.err)
        shutil.rmtree(shard.parent)
        self.assert_clean_end(self.run_study(), 0)


if __name__ == "__main__":
    unittest.main()
