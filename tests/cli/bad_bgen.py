"""A good BGEN file to damage, and what every refusal of it has to say."""
import random
import struct

import bgen_writer as w
from bad_input import CRASH
from support import TempFolderTest, kinflow

PEOPLE = 10
IDS = [f"QZ{i}" for i in range(PEOPLE)]  # may not be seen in a message


class BadBgenTest(TempFolderTest):
    def setUp(self):
        super().setUp()
        rng = random.Random(1)
        self.variants = [w.Variant.random(rng, PEOPLE, pos=10 * (i + 1), rsid=f"r{i}")
                         for i in range(4)]
        self.good = w.bgen(self.variants, ids=IDS)

    def write(self, content, name="x.bgen"):
        (self.dir / name).write_bytes(content)

    def load(self, *settings):
        extra = [a for s in settings for a in ("--set", s)]
        return kinflow("load", "--geno", "x.bgen", "--out", "out", "--progress=none", *extra,
                       cwd=self.dir)

    def assert_refused(self, error_id, *parts, settings=(), done=None):
        done = done or self.load(*settings)
        self.assertNotRegex(done.err, CRASH)
        self.assertEqual(done.code, 4, done.err)
        self.assertIn(f"error[{error_id}]", done.err)
        for part in parts:
            self.assertIn(part, done.err)
        self.assertRegex(done.err, r"(?m)^  remedy: \S.{5,}")
        for secret in IDS:
            self.assertNotIn(secret, done.err + done.out)
        self.assertEqual(list(self.dir.glob("out/work/artifacts/*/*/manifest.json")), [])
        return done

    def put(self, at, fmt, value):
        """The good file with a number changed."""
        content = bytearray(self.good)
        struct.pack_into(fmt, content, at, value)
        self.write(bytes(content))

    def with_block(self, block, variant=2, compression=w.ZLIB):
        """The good file with other genotype data in one variant (from 0)."""
        records = [w.record(v, 2, compression, block if i == variant else None)
                   for i, v in enumerate(self.variants)]
        self.write(w.header(4, PEOPLE, 2, compression, IDS) + b"".join(records))
