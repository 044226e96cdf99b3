#!/usr/bin/env python3
"""A mistake in a .sql file is told with its line, and stops the build:  sqlgen_test.py SQLGEN"""

import os
import subprocess
import sys
import tempfile

BASE = "-- query a :one\n-- in: x i64\n-- out: n i64\n"
CASES = [
    ("SELECT 1;\n", "x.sql:1: SQL before the first -- query"),
    ("-- query a\nSELECT 1\n", "x.sql:1: expected: -- query NAME"),
    ("-- query A :one\n", "x.sql:1: 'A' is no name"),
    ("-- query a :one\n-- out: n int\n", "x.sql:2: unknown type 'int'"),
    ("-- query a :one\n-- out: n i64, n text\n", "x.sql:2: 'n' stands twice"),
    (BASE, "x.sql:1: query a has no SQL"),
    (BASE + "SELECT 1 AS n\n", "x.sql:1: query a: the SQL does not use :x"),
    (BASE + "SELECT :x AS n, :y\n", "x.sql:1: query a: in: lacks :y"),
    (BASE + "SELECT ':x' AS n -- :x\n", "x.sql:1: query a: the SQL does not use :x"),
    ("-- query a :exec\n-- out: n i64\nDELETE FROM t\n", ":exec has no out:"),
    ("-- query a :one\nSELECT 1\n", ":exec has no out:, the others have"),
    (BASE + "SELECT :x AS n\n-- query a :one\n", "x.sql:5: query a is there already"),
    (BASE + "SELECT :x AS n\n-- query b :one @pg\n", "x.sql:5: @pg must follow"),
    (BASE + "SELECT :x AS n\n-- query a :one @pg\n-- in: x i64\n", "x.sql:6: a @pg variant"),
    (BASE + "SELECT :x AS n\n-- query a :one @pg\nSELECT 1\n", "does not use :x"),
    ("-- nothing\n", "no query in it"),
    (BASE + "SELECT :x::int8 AS n;\n", None),
]


def main(sqlgen):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.sql")
        for text, expected in CASES:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            run = subprocess.run(
                [sqlgen, path, path + ".h", path + ".c"], capture_output=True, text=True
            )
            right = run.returncode == 0 if expected is None else (
                run.returncode == 1 and expected in run.stderr
            )
            if not right:
                failed += 1
                print(f"{text!r}: got {run.returncode} {run.stderr!r}, wanted {expected!r}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
