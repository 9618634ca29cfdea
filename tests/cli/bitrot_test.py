"""Bit rot in the work folder: found by `kinflow verify` and before use, never turned into results.

Flips are of one bit. Parts that verify does not look at, because nothing is read from them once an
artifact is sealed or because they are only caches: shard-*.json, digests.json, latest.json. For
those the claim tested is that runs give the same results whatever they hold.
"""
import random
import shutil
import unittest

import digests

SEED = 20261122
POSITIONS = 200


def flip(path, position, bit):
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << bit
    path.write_bytes(content)


class BitRotTest(digests.StudyTest):
    def setUp(self):
        super().setUp()
        self.expected = self.reference()
        self.run_ok()
        self.work = self.dir / "work"

    def sealed_files(self, pattern):
        return sorted((self.work / "artifacts").rglob(pattern))

    def verify(self):
        return digests.kinflow("verify", self.work)

    def assert_found(self, path, what):
        done = self.verify()
        self.assertEqual(done.code, 6, f"{what}: not found\n{done.out}")
        self.assertIn(str(path.relative_to(self.work)), done.out, what)
        self.assertRegex(done.err, r"error\[E06\d\d\]", what)

    def refresh_tables(self):
        shutil.rmtree(self.dir / "out")

    def assert_never_silent(self, what):
        """A run that reads the damaged artifact: exit 6, or the right results."""
        self.refresh_tables()
        done = self.run_study()
        self.assertIn(done.code, (0, 6), f"{what}\n{done.err}")
        if done.code == 6:
            self.assertRegex(done.err, r"error\[E06\d\d\]", what)
            self.assertRegex(done.err, r"\n  remedy: rebuild it: rm -r ", what)
        tables = digests.table_digests(self.dir / "out")
        wrong = [name for name, digest in tables.items() if self.expected[name] != digest]
        self.assertEqual(wrong, [], what)
        return done.code


class Flips(BitRotTest):
    def test_random_flips_are_all_found_by_verify(self):
        """Several files are damaged at a time and each must be named, no other may be."""
        files = self.sealed_files("shard-*.h5") + self.sealed_files("manifest.json")
        draw = random.Random(SEED)
        done = 0
        while done < POSITIONS:
            hit = {}
            by_folder = {path.parent: path for path in draw.sample(files, len(files))}
            for path in by_folder.values():
                original = path.read_bytes()
                position, bit = draw.randrange(len(original)), draw.randrange(8)
                flip(path, position, bit)
                hit[path] = (original, position, bit)
            report = self.verify()
            self.assertEqual(report.code, 6)
            named = {line.split(": ", 1)[0] for line in report.out.splitlines()[:-1]}
            self.assertEqual({str(p) for p in hit}, named, {p: h[1:] for p, h in hit.items()})
            for path, (original, _, _) in hit.items():
                path.write_bytes(original)
            done += len(hit)
        self.assertEqual(self.verify().code, 0)

    def test_every_byte_of_a_manifest(self):
        """A copy of the smallest one for each byte, one bit flipped, all looked at by one verify.

        A copy lies in a folder of another kind, which is a fault by itself: only the message of
        the checksum counts, and the unharmed copy must not have it.
        """
        path = min(self.sealed_files("manifest.json"), key=lambda p: p.stat().st_size)
        root = self.dir / "copies"
        size = path.stat().st_size
        for position in range(size + 1):
            copy = root / "artifacts" / f"byte{position:05}" / path.parent.name / "manifest.json"
            copy.parent.mkdir(parents=True)
            shutil.copy(path, copy)
            if position < size:
                flip(copy, position, position % 8)
        done = digests.kinflow("verify", root)
        self.assertEqual(done.code, 6, done.err)
        found = {int(line.split("/byte")[1][:5]) for line in done.out.splitlines()
                 if "manifest does not fit its checksum" in line}
        self.assertEqual(found, set(range(size)))

    def test_a_run_never_uses_a_damaged_shard(self):
        draw, codes = random.Random(SEED + 1), []
        for kind in ("qc", "scores", "match", "family"):
            for path in self.sealed_files(f"{kind}/*/shard-*.h5")[-1:]:
                with self.subTest(kind=kind):
                    original = path.read_bytes()
                    flip(path, draw.randrange(len(original)), draw.randrange(8))
                    codes.append(self.assert_never_silent(kind))
                    path.write_bytes(original)
        self.assertIn(6, codes)

    def test_damage_below_a_stage_that_has_to_run(self):
        """The dosages are read again for a new threshold: exit 6, then the remedy helps."""
        path = self.sealed_files("dosage/*/shard-00001.h5")[0]
        flip(path, path.stat().st_size // 2, 3)
        self.settings["qc"]["variant"]["maf"] = 0.03
        done = self.run_study()
        self.assertEqual(done.code, 6, done.err)
        self.assertIn("shard-00001.h5", done.err)
        shutil.rmtree(path.parent)  # the printed remedy
        self.run_ok()
        got = self.digests()
        self.fresh()
        self.run_ok()
        fresh = self.digests()
        self.assert_same({n: got[n] for n in fresh}, fresh)

    def test_manifests_before_a_run(self):
        for kind in ("dosage", "scores"):
            path = self.sealed_files(f"{kind}/*/manifest.json")[0]
            original = path.read_bytes()
            flip(path, original.index(b'"digest"') + 15, 0)
            self.assertEqual(self.assert_never_silent(kind), 6)
            path.write_bytes(original)


class OtherDamage(BitRotTest):
    def test_truncated_shards(self):
        for cut in (1, 512, 1 << 30):
            path = self.sealed_files("counts/*/shard-*.h5")[0]
            original = path.read_bytes()
            path.write_bytes(original[:max(0, len(original) - cut)])
            self.assert_found(path, f"cut by {cut}")
            path.write_bytes(original)

    def test_appended_bytes(self):
        path = self.sealed_files("scores/*/shard-*.h5")[0]
        path.write_bytes(path.read_bytes() + b"\0")
        self.assert_found(path, "a byte more")

    def test_missing_shard(self):
        path = self.sealed_files("match/*/shard-*.h5")[0]
        path.unlink()
        self.assert_found(path, "missing")
        self.assertEqual(self.assert_never_silent("missing"), 6)

    def test_swapped_shards(self):
        """Each is a good file with good checksums, only in the other's place."""
        first, second = self.sealed_files("dosage/*/shard-*.h5")[:2]
        a, b = first.read_bytes(), second.read_bytes()
        self.assertNotEqual(a, b)
        first.write_bytes(b), second.write_bytes(a)
        self.assert_found(first, "swapped")
        self.assert_found(second, "swapped")

    def test_manifest_of_another_artifact(self):
        first, second = self.sealed_files("counts/*/manifest.json")[:2]
        shutil.copy(first, second)
        self.assert_found(second, "manifest copied over another")
        self.assertEqual(self.assert_never_silent("copied manifest"), 6)

    def test_what_verify_does_not_read_changes_no_result(self):
        draw = random.Random(SEED + 2)
        caches = [self.work / "digests.json", self.work / "latest.json",
                  *self.sealed_files("shard-*.json")]
        for path in filter(lambda p: p.exists(), caches):
            flip(path, draw.randrange(path.stat().st_size), draw.randrange(8))
        self.refresh_tables()
        self.run_ok()
        self.assert_same(self.digests(), self.expected)

    def test_unfinished_artifact_with_a_damaged_shard(self):
        """No manifest yet: the shard that does not fit its record is made again."""
        folder = self.sealed_files("dosage/*/manifest.json")[0].parent
        (folder / "manifest.json").unlink()
        path = folder / "shard-00001.h5"
        flip(path, path.stat().st_size // 3, 5)
        self.assert_found(path, "unfinished")
        self.refresh_tables()
        self.assert_resumes("unfinished", self.expected)

    def test_lost_digest_cache_and_side_records(self):
        (self.work / "digests.json").write_text("{")
        for path in self.sealed_files("shard-*.json"):
            path.unlink()
        self.refresh_tables()
        self.run_ok()
        self.assert_same(self.digests(), self.expected)


if __name__ == "__main__":
    unittest.main()
