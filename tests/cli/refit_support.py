"""Scripts that `refit` leaves, run in R: its numbers stand beside ours in what they print."""
import csv
import io
import math
import os
import subprocess

import support


def run_script(folder, name):
    done = subprocess.run([support.program("Rscript"), f"refit_{name}.R"], cwd=folder,
                          encoding="utf-8", env=dict(os.environ, LC_ALL="C.UTF-8"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return list(csv.DictReader(io.StringIO(done.stdout), delimiter="\t"))


class RefitScripts(support.TempFolderTest):
    def compare(self, rows, tolerance, error_tolerance, what):
        self.assertGreater(len(rows), 1, what)
        for row in rows:
            where = f"{what} {row['model_id']} {row['se_type']} {row['term']}"
            none = row["std_error"] == "NA"  # a test, or a value of one of the further tables
            error = 0 if none else float(row["std_error"])
            self.assertNotEqual(row["kinflow_estimate"], "NA", where)
            if row["term"].split()[-1] in ("p", "p_value"):  # far out digits of p are digits of t
                theirs, ours = (math.log10(float(row[name]))
                                for name in ("estimate", "kinflow_estimate"))
                self.assertLessEqual(abs(theirs - ours), tolerance * max(1, abs(theirs)), where)
                continue
            self.assertLessEqual(abs(float(row["estimate"]) - float(row["kinflow_estimate"])),
                                 tolerance * max(abs(float(row["estimate"])), error), where)
            if none:
                continue
            self.assertLess(abs(error - float(row["kinflow_std_error"])), error_tolerance * error,
                            where)
