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

    def people(self, people=60, rows_each=4):
        """t.tsv of people (id) seen in successive years, of different level and slope in t."""
        n = people * rows_each
        person = [i // rows_each for i in range(n)]
        self.table({"id": person, "site": [p % 12 for p in person],
                    "area": [i * 7 % 15 for i in range(n)],
                    "year": [2001 + i % rows_each for i in range(n)],
                    "t": [i % rows_each - 1.5 for i in range(n)],
                    "x": [round(noise(3 * i + 1), 4) for i in range(n)],
                    "g": ["abc"[p % 3] for p in person],
                    "y": [round(noise(i) + 2 * noise(900 + p) + p % 12 / 5
                                + noise(500 + p) * (i % rows_each), 4)
                          for i, p in enumerate(person)]})

    def fit(self, formula, *more, model="ols", code=0):
        """Standard error of a fit of t.tsv into out."""
        arguments = ["--formula", formula] if formula else []
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", model, *arguments,
                               "--out", self.dir / "out", *more)
        self.assertEqual(done.code, code, done.err)
        return done.err

    def rows(self, table, part="share"):
        return support.read_tsv(self.dir / "out" / part / f"{table}.tsv")
