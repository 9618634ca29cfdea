"""scripts/truth on a few replicates, and that its verdict would find bias and wrong intervals."""
import importlib.machinery
import importlib.util
import random
import subprocess
import sys
import unittest

import support

SCRIPT = support.ROOT / "scripts" / "truth"


def load():
    loader = importlib.machinery.SourceFileLoader("truth", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("truth", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


class TruthTest(unittest.TestCase):
    def verdict(self, shift=0.0, width=1.96, replicates=500, seed=1):
        """Of normal estimates of 1 with SE .1, shifted, with intervals of a width in SE."""
        rng = random.Random(seed)
        drawn = []
        for _ in range(replicates):
            value = 1 + shift + rng.gauss(0, 0.1)
            drawn.append({("m", "b"): (1.0, value, abs(value - 1) <= width * 0.1)})
        return load().judge(drawn)[0]["verdict"]

    def test_the_verdict(self):
        self.assertEqual(self.verdict(), "")
        self.assertEqual(self.verdict(shift=0.03), "biased")  # 6.7 Monte Carlo errors
        self.assertEqual(self.verdict(width=1.6), "coverage")  # .89
        self.assertEqual(self.verdict(width=2.6), "coverage")  # .99
        self.assertEqual(self.verdict(replicates=30), "")
        self.assertAlmostEqual(load().most_mc_errors(500), 4)
        low, high = load().coverage_band(500)
        self.assertAlmostEqual(low, 0.92)
        self.assertAlmostEqual(high, 0.98)

    def test_a_few_replicates(self):
        done = subprocess.run([SCRIPT, "--replicates", "8", "--trios", "250", "--kinflow",
                               support.KINFLOW], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = done.stdout.strip().split("\n")
        models = {line.split()[0] for line in lines[1:-1]}
        self.assertEqual(models, {"ols", "lmm", "family_reml", "riclpm"})
        self.assertEqual(len(lines), 29)


if __name__ == "__main__":
    unittest.main()
