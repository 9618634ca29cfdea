"""Signals: sealed within 10 s, the exit code of the contract, and the same command goes on."""
import os
import signal
import subprocess
import time
import unittest

import digests
from support import KINFLOW

PAUSE_MS = 400  # the shim holds each later rename this long: the run lasts, on any machine


class SignalTest(digests.StudyTest):
    def setUp(self):
        super().setUp()
        self.expected = self.reference()

    def start(self, path="/artifacts/", at=1, pause_ms=PAUSE_MS):
        """A run that stands still at a rename on this path and is slow at later ones; None if it
        ended before."""
        self.write_config()
        return digests.start_and_wait_for_stop(
            self, [KINFLOW, "run", "run.yaml", "--progress=none"], self.dir, ops="rename", path=path,
            at=at, sticky=1, ms=pause_ms)

    def signal(self, process, number):
        """The signal is there when the run goes on."""
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)

    def end(self, process, seconds=10):
        begin = time.monotonic()
        _, err = process.communicate(timeout=seconds + 20)
        self.assertLessEqual(time.monotonic() - begin, seconds, err)
        return err

    def stop_and_resume(self, number, codes, path, at):
        self.fresh()
        process = self.start(path, at)
        self.signal(process, number)
        err = self.end(process)
        self.assertIn(process.returncode, codes, err)
        self.assertEqual(err.rstrip().splitlines()[-1].split()[1], f"exit={process.returncode}")
        verified = digests.kinflow("verify", self.dir / "work")
        self.assertEqual(verified.code, 0, verified.out + verified.err)
        self.assertFalse((self.dir / "work/lock.json").exists())
        self.assert_not_finished()
        self.assert_resumes(f"{number} at {path} {at}", self.expected)

    def status(self, folder):
        return digests.kinflow("status", self.dir / folder).out

    def assert_not_finished(self):
        """Otherwise the signal proved nothing."""
        self.assertLess(len(digests.sealed_stages(self.dir / "work")), len(digests.STAGES))


class Stop(SignalTest):
    MOMENTS = (("/artifacts/dosage/", 1), ("/artifacts/counts/", 9), ("/artifacts/scores/", 3))

    def check(self, number, codes):
        for path, at in self.MOMENTS:
            with self.subTest(signal=number, path=path):
                self.stop_and_resume(number, codes, path, at)

    def test_usr1_is_a_checkpoint(self):
        self.check(signal.SIGUSR1, {75})

    def test_term_is_a_checkpoint(self):
        """143 is for a TERM that left no time; here there is time."""
        self.check(signal.SIGTERM, {75})

    def test_int_is_cancelled(self):
        self.check(signal.SIGINT, {130})

    def test_xcpu_is_as_term(self):
        self.stop_and_resume(signal.SIGXCPU, {75}, "/artifacts/dosage/", 1)

    def test_checkpoint_keeps_sealed_shards(self):
        process = self.start("/artifacts/dosage/", 3)
        self.signal(process, signal.SIGUSR1)
        self.end(process)
        shards = {p.name: p.stat().st_ino
                  for p in (self.dir / "work/artifacts/dosage").glob("*/shard-?????.h5")}
        self.assertGreaterEqual(len(shards), 1)
        self.assertRegex(digests.kinflow("status", self.dir / "work").out,
                         r"(?m)^dosage \(begun\) +[0-9a-f]+ +\d+ ")
        for folder in ("work", "out"):
            self.assertRegex(self.status(folder), r"last run: stopped, exit 75, [\d.]+ s, \d+ of "
                             r"\d+ stages done: run run\.yaml\n  by SIGTERM or SIGUSR1")
        self.assert_resumes("sealed shards", self.expected)
        later = {p.name: p.stat().st_ino
                 for p in (self.dir / "work/artifacts/dosage").glob("*/shard-?????.h5")}
        self.assertGreater(len(later), len(shards))
        self.assertEqual(shards, {name: later[name] for name in shards})

    def test_second_signal_ends_at_once(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                self.fresh()
                process = self.start("/artifacts/dosage/", 1, pause_ms=600_000)
                self.signal(process, signal.SIGUSR1)
                self.wait_until_taken(process, signal.SIGUSR1)
                process.send_signal(number)
                self.end(process, 60)  # a checkpoint would wait for the rename
                self.assertEqual(process.returncode, code)
                self.assert_resumes("second signal", self.expected)

    def wait_until_taken(self, process, number):
        """The kernel no longer lists the signal as pending."""
        deadline = time.monotonic() + 60
        while True:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
                pending = next(line for line in f if line.startswith("ShdPnd:"))
            if not int(pending.split()[1], 16) >> (number - 1) & 1:
                return
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_stopped_again_and_again(self):
        """A short time limit, requeued: every part goes on until the run is done."""
        codes = []
        for _ in range(30):
            process = self.start("/artifacts/", 8)
            if process is None:  # too little was left to reach the moment
                break
            self.signal(process, signal.SIGUSR1)
            self.end(process)
            codes.append(process.returncode)
            if process.returncode == 0:
                break
        self.assertGreaterEqual(codes.count(75), 3, codes)
        self.assertLessEqual(set(codes), {0, 75})
        self.assert_resumes("requeued", self.expected)


class Others(SignalTest):
    def test_status_knows_that_a_killed_run_is_dead(self):
        self.fresh()
        process = self.start("/artifacts/dosage/", 1)
        for folder in ("work", "out"):
            self.assertIn("in use: ", self.status(folder))
            self.assertIn("last run: still running: run run.yaml", self.status(folder))
        process.kill()
        process.wait()
        for folder in ("work", "out"):
            self.assertIn("left by a run that is dead", self.status(folder))
            self.assertRegex(self.status(folder), r"last run: ended without a record \(killed, .*: run run\.yaml")
        self.assertNotIn("the run before it", self.status("out"))
        self.run_ok()
        self.assertRegex(self.status("out"), r"last run: done, exit 0, .*: run run\.yaml\n")
        process = self.start("/out/", 2)  # behind the mark of a run; nothing is computed again
        process.kill()
        process.wait()
        self.assertRegex(self.status("out"), r"last run: ended .*\nthe run before it: done, exit 0, ")

    def test_stop_and_cont(self):
        process = self.start("/artifacts/counts/", 2)
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as f:
            self.assertEqual(f.read().rsplit(")", 1)[1].split()[0], "T")
        process.send_signal(signal.SIGCONT)
        err = self.end(process, 60)
        self.assertEqual(process.returncode, 0, err)
        self.assert_same(self.digests(), self.expected)

    def test_reader_of_standard_error_goes_away(self):
        """SIGPIPE: the log file has the messages, the results are complete."""
        read, write = os.pipe()
        self.write_config()
        process = subprocess.Popen([KINFLOW, "run", "run.yaml", "--progress=plain"], cwd=self.dir,
                                   stdout=subprocess.DEVNULL, stderr=write)
        os.close(write)
        os.close(read)
        self.assertEqual(process.wait(timeout=60), 0)
        self.assert_same(self.digests(), self.expected)
        self.assertIn("exit=0 ", (self.dir / "out/kinflow.log").read_text().splitlines()[-1])

    def test_reader_of_standard_output_goes_away(self):
        """A filter ends as every filter does, by SIGPIPE or with the error of its write."""
        self.run_ok()
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([KINFLOW, "inspect", "out/private/scores.h5"], cwd=self.dir,
                              stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
        os.close(write)
        self.assertIn(done.returncode, (-signal.SIGPIPE, 5), done.stderr)

    def test_nobody_reads_messages_of_other_commands(self):
        """An error message that cannot be written changes no exit code."""
        for args, code in ((["run", "nowhere.yaml"], 3), (["verify", "nowhere"], 4)):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([KINFLOW, *args], cwd=self.dir, stderr=write, timeout=60,
                                  preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
            os.close(write)
            self.assertEqual(done.returncode, code, args)

    def test_full_disk_behind_standard_output(self):
        self.run_ok()
        for args in (["schema"], ["inspect", "out/private/scores.h5"], ["--version"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([KINFLOW, *args], cwd=self.dir, stdout=full, text=True,
                                      stderr=subprocess.PIPE, timeout=60)
            self.assertEqual(done.returncode, 7, f"{args} {done.stderr}")

    def test_hangup_of_the_terminal_loses_at_most_a_shard(self):
        """SIGHUP is not handled: it ends the run as SIGKILL does, and the next one goes on."""
        process = self.start("/artifacts/counts/", 4)
        self.signal(process, signal.SIGHUP)
        self.end(process)
        self.assertEqual(process.returncode, -signal.SIGHUP)
        self.assert_resumes("hangup", self.expected)


if __name__ == "__main__":
    unittest.main()
