"""Imports and exports of a place beside their peers: run.py BUILD [ROUNDS].

- 100,000 x 20 workbook: `shuren import --dry-run` (parsed and fully checked) beside exceljs merely reading it
- 1,000,000 pupils of CSV: `shuren import` beside a bare `sqlite3 .import`
- export of the 100,000 x 20 as a workbook beside exceljs writing one of that size
Needs `npm install` in bench/import_read. Prints one JSON object; read the ratios."""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHUREN = os.path.join(os.path.abspath(sys.argv[1]), "shuren")
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
EXCELJS = ["node", os.path.join(HERE, "..", "import_read", "exceljs_child.mjs")]


def timed(*command):
    """Seconds and peak memory (MB) of a command, and what it printed."""
    done = subprocess.run(["/usr/bin/time", "-f", "\n%e %M", *command], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr[-2000:]}")
    seconds, kb = re.search(r"([\d.]+) (\d+)\s*$", done.stderr).groups()
    return float(seconds), int(kb) / 1024, done.stdout


def median(samples):
    return statistics.median(s for s, _, _ in samples)


def wide_rows(path):
    with open(path, "w", encoding="utf-8") as f:
        f.write("number,org,period,name,level,born_on,is_new,a1,a2,a3,a4,a5,b1,b2,b3,b4,c1,c2,c3,c4\n")
        for i in range(100000):
            f.write(f"A{i:08d},{100 + i % 500},2025,学生{i},{'ABCD'[i % 4]},20{10 + i % 9}-0{1 + i % 9}-1{i % 9},{i % 2},"
                    f"{i},{i * 7 % 99991},{i % 13},{i % 1009},{i % 777},{i / 4:.2f},{i / 8:.2f},{i * 1.5:.2f},{i % 100}.25,"
                    f"说明{i % 97},备注{i % 1013},一段较长的文字用来说明情况{i % 31},{i * 31 % 100003}\n")


def workbook(folder):
    place, book = os.path.join(folder, "wide"), os.path.join(folder, "wide.xlsx")
    wide_rows(os.path.join(folder, "wide.csv"))
    timed(SHUREN, "init", place, "--pack", os.path.join(HERE, "wide"))
    timed(SHUREN, "import", place, "wide", os.path.join(folder, "wide.csv"))
    ours, theirs, out, written, whole = [], [], [], [], []
    for _ in range(ROUNDS):
        out.append(timed(SHUREN, "export", place, "wide", "--to", book))
        written.append(timed(*EXCELJS, "write", os.path.join(folder, "theirs.xlsx"), "100000"))
        ours.append(timed(SHUREN, "import", place, "wide", book, "--dry-run"))
        theirs.append(timed(*EXCELJS, "read", book))
        fresh = os.path.join(folder, "fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        timed(SHUREN, "init", fresh, "--pack", os.path.join(HERE, "wide"))
        whole.append(timed(SHUREN, "import", fresh, "wide", book))
    return {"import_xlsx_100k_x_20": {
                "shuren_whole_import": median(whole), "shuren_whole_import_mb": max(m for _, m, _ in whole),
                "shuren_checked_against_kept_rows": median(ours), "exceljs_read": median(theirs),
                "ratio_whole_import": median(whole) / median(theirs)},
            "export_xlsx_100k_x_20": {"shuren": median(out), "exceljs_write": median(written),
                                      "ratio": median(out) / median(written), "shuren_mb": max(m for _, m, _ in out)}}


def pupils(folder):
    subprocess.run([sys.executable, os.path.join(HERE, "pupils.py"), "1000000", folder], check=True)
    rows = os.path.join(folder, "pupils.csv")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        place, bare = os.path.join(folder, "place"), os.path.join(folder, "bare.db")
        shutil.rmtree(place, ignore_errors=True)
        timed(SHUREN, "init", place)
        timed(SHUREN, "import", place, "orgs", os.path.join(folder, "orgs.csv"))
        ours.append(timed(SHUREN, "import", place, "pupils", rows))
        if os.path.exists(bare):
            os.unlink(bare)
        theirs.append(timed("sqlite3", bare, "create table p(a,b,c,d,e,f,g,h,i,j,k,l,m,n)", ".mode csv",
                            f".import --skip 1 {rows} p"))
    return {"import_csv_1m_pupils": {"shuren": median(ours), "sqlite3_import": median(theirs),
                                     "ratio": median(ours) / median(theirs), "shuren_mb": max(m for _, m, _ in ours)}}


with tempfile.TemporaryDirectory(prefix="shuren-bench-") as folder:
    print(json.dumps({"rounds": ROUNDS, **workbook(folder), **pupils(folder)}, indent=1))
