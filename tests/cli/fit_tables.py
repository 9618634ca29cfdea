"""What tests of `kinflow fit` share: tables made on the spot, and the run on one."""
import math

import support


def noise(i):
    """Values without a pattern, the same everywhere."""
    return math.sin(37.7 * i) + math.cos(11.3 * i * i)


class FitTest(support.TempFolderTest):
    def table(self, columns):
        """t.tsv; columns: name -> values."""
        lines = ["\t".join(columns)]
        lines += ["\t".join(str(value) for value in row) for row in zip(*columns.values())]
        (self.dir / "t.tsv").write_text("\n".join(lines) + "\n")

    def fit(self, formula, *more, model="ols", code=0):
        """Standard error of a fit of t.tsv into out."""
        arguments = ["--formula", formula] if formula else []
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", model, *arguments,
                               "--out", self.dir / "out", *more)
        self.assertEqual(done.code, code, done.err)
        return done.err

    def rows(self, table, part="share"):
        return support.read_tsv(self.dir / "out" / part / f"{table}.tsv")
