"""Imports and exports of a place beside their peers: run.py BUILD [ROUNDS [PUPILS]].

- 100,000 x 20 workbook: `shuren import --dry-run` (parsed and fully checked) beside exceljs merely reading it
- 1,000,000 pupils of CSV: `shuren import` beside a bare `sqlite3 .import`, with identity numbers plain and sealed
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
PUPILS = sys.argv[3] if len(sys.argv) > 3 else "1000000"
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
    ours, theirs, out, written, whole, checked = [], [], [], [], [], []
    empty = os.path.join(folder, "empty")
    timed(SHUREN, "init", empty, "--pack", os.path.join(HERE, "wide"))
    for _ in range(ROUNDS):
        out.append(timed(SHUREN, "export", place, "wide", "--to", book))
        written.append(timed(*EXCELJS, "write", os.path.join(folder, "theirs.xlsx"), "100000"))
        ours.append(timed(SHUREN, "import", place, "wide", book, "--dry-run"))
        theirs.append(timed(*EXCELJS, "read", book))
        checked.append(timed(SHUREN, "import", empty, "wide", book, "--dry-run"))
        fresh = os.path.join(folder, "fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        timed(SHUREN, "init", fresh, "--pack", os.path.join(HERE, "wide"))
        whole.append(timed(SHUREN, "import", fresh, "wide", book))
    return {"import_xlsx_100k_x_20": {
                "shuren_whole_import": median(whole), "shuren_whole_import_mb": max(m for _, m, _ in whole),
                "shuren_checked": median(checked), "shuren_checked_mb": max(m for _, m, _ in checked),
                "shuren_checked_against_kept_rows": median(ours), "exceljs_read": median(theirs),
                "ratio_whole_import": median(whole) / median(theirs)},
            "export_xlsx_100k_x_20": {"shuren": median(out), "exceljs_write": median(written),
                                      "ratio": median(out) / median(written), "shuren_mb": max(m for _, m, _ in out)}}


def plain_packs(folder):
    """The national pack with nothing sealed: what the check of a million rows takes without encryption."""
    pack = os.path.join(folder, "national")
    shutil.copytree(os.path.join(ROOT, "packs", "national"), pack)
    ledger = os.path.join(pack, "ledgers", "pupils.yaml")
    with open(ledger, encoding="utf-8") as f:
        text = f.read()
    with open(ledger, "w", encoding="utf-8") as f:
        f.write(text.replace("secrecy: sealed", "secrecy: personal"))
    shutil.copytree(os.path.join(ROOT, "packs", "lvliang-2026"), os.path.join(folder, "lvliang-2026"))
    return os.path.join(folder, "lvliang-2026")


def pupils(folder):
    subprocess.run([sys.executable, os.path.join(HERE, "pupils.py"), PUPILS, folder], check=True)
    rows = os.path.join(folder, "pupils.csv")
    packs = {"plain": ["--pack", plain_packs(folder)], "sealed": []}
    ours, theirs = {name: [] for name in packs}, []
    for _ in range(ROUNDS):
        for name, pack in packs.items():
            place = os.path.join(folder, "place")
            shutil.rmtree(place, ignore_errors=True)
            timed(SHUREN, "init", place, *pack)
            timed(SHUREN, "import", place, "orgs", os.path.join(folder, "orgs.csv"))
            ours[name].append(timed(SHUREN, "import", place, "pupils", rows))
        bare = os.path.join(folder, "bare.db")
        if os.path.exists(bare):
            os.unlink(bare)
        theirs.append(timed("sqlite3", bare, "create table p(a,b,c,d,e,f,g,h,i,j,k,l,m,n)", ".mode csv",
                            f".import --skip 1 {rows} p"))
    return {f"import_csv_pupils_{name}": {"rows": int(PUPILS), "shuren": median(s), "sqlite3_import": median(theirs),
                                          "ratio": median(s) / median(theirs), "shuren_mb": max(m for _, m, _ in s)}
            for name, s in ours.items()}


with tempfile.TemporaryDirectory(prefix="shuren-bench-") as folder:
    print(json.dumps({"rounds": ROUNDS, **workbook(folder), **pupils(folder)}, indent=1))
