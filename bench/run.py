#!/usr/bin/env python3
"""All races, one table: bench/run.py BUILD [RACE ...] [--rounds N] [--quick]

BUILD is a release build. Each race runs the scripts of its own folder, ours and the peer in turns, and gives ratios, ours over the
peer's. A race whose peer is missing is left out, with the reason; npm packages come with `npm install` in bench/import_read and
bench/measure. --quick takes a tenth of the rows, to try it out. What is quoted stands in RESULTS.md.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
args.add_argument("build")
args.add_argument("races", nargs="*")
args.add_argument("--rounds", type=int, default=3)
args.add_argument("--quick", action="store_true")
args = args.parse_args()
BUILD = os.path.abspath(args.build)
Missing = type("Missing", (Exception,), {})


def run(*command, **more):
    try:
        done = subprocess.run(command, capture_output=True, text=True, **more)
    except OSError as e:
        raise Missing(str(e)) from e
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or str(command)).splitlines()
        raise Missing(next((line for line in said if "Error" in line), said[-1]))
    return done.stdout


def tool(name):
    """A program of the benches, built when asked for."""
    run("ninja", "-C", BUILD, f"bench/{name}")
    return os.path.join(BUILD, "bench", name)


def here(*path):
    return os.path.join(HERE, *path)


def last_json(text):
    return json.loads(text[text.index("{"):]) if text.lstrip().startswith("{") else json.loads(text.splitlines()[-1])


def rows(n):
    return str(n // 10 if args.quick else n)


def place(folder):
    r = json.loads(run(sys.executable, here("place", "run.py"), BUILD, str(args.rounds), rows(1000000)))
    book = r["import_xlsx_100k_x_20"]
    yield "workbook 100,000 x 20: whole import / exceljs reading", book["ratio_whole_import"], 0.4
    yield "the same checked only, MB", book["shuren_checked_mb"], 40
    yield "export 100,000 x 20 / exceljs writing", r["export_xlsx_100k_x_20"]["ratio"], 1.0
    for name in ("plain", "sealed"):
        yield f"CSV of pupils, {name} / sqlite3 .import", r[f"import_csv_pupils_{name}"]["ratio"], 2.5


def growth(folder):
    per_row = []
    for size in ("county", "city") if args.quick else ("county", "city", "province"):
        before = os.times()
        out = run(os.path.join(BUILD, "shuren"), "demo", os.path.join(folder, size), "--size", size, "--format", "json")
        after = os.times()
        count = sum(ledger["rows"] for ledger in json.loads(out))
        per_row.append((after.children_user + after.children_system - before.children_user - before.children_system) / count)
        yield f"demo {size}: CPU microseconds a row", per_row[-1] * 1e6, None
    yield "growth of import, county to largest", per_row[-1] / per_row[0], 1.3


def measure(folder):
    per_row = {}
    for n in (40000, 500000, 1000000) if args.quick else (40000, 1000000, 5000000):
        csv = os.path.join(folder, "rows.csv")
        run(sys.executable, here("measure", "rows.py"), str(n), csv)
        r = last_json(run(tool("measure-bench"), csv, here("measure", "rules.txt"), "9"))
        per_row[n] = r["shuren"] / n
        if n == 1000000:
            yield "16 indicators of 1,000,000 rows / SQLite", r["shuren"] / r["sqlite"], 0.1
            million = r["shuren"]
            os.rename(csv, os.path.join(folder, "million.csv"))
    yield "growth of measuring, county to largest", per_row[max(per_row)] / per_row[min(per_row)], 1.3
    duck = run("node", here("measure", "duck.mjs"), os.path.join(folder, "million.csv"), here("measure", "rules.txt"), "9")
    yield "16 indicators of 1,000,000 rows / DuckDB", million / last_json(duck)["duckdb"], 2.0


def flow(folder):
    run("ninja", "-C", BUILD, "bench/flow-gen", "bench/flow-bench")
    out = run(sys.executable, here("flow", "run.py"), BUILD, "--largest", rows(1000000))
    yield "min-cost flow / LEMON, median", float(re.search(r"median time ([\d.]+)", out)[1]), 1.0


def facility(folder):
    run("ninja", "-C", BUILD, "bench/cbc-facility")
    out = run(sys.executable, here("facility", "run.py"), BUILD, *(["--seconds", "5"] if args.quick else []))
    good, total = re.search(r"no worse in both: (\d+) of (\d+)", out).groups()
    yield "facility: share of problems no worse than CBC", int(good) / int(total), None


def uplift(folder):
    r = last_json(run(tool("uplift-bench"), rows(800), "20260901", "5"))
    yield "uplift: " + ", ".join(f"{k} {v}" for k, v in list(r.items())[:8]), None, None


def transport(folder):
    r = last_json(run(tool("transport-bench"), "4000", "1500", "30", "1"))
    yield "serving 12,000 points x 1,500 sites / CBC's LP", r["seconds"] / r["cbc_seconds"], 0.33


def layout(folder):
    out = run(tool("layout-bench"), "13", "1500", "3000", "60", "1", "0.004")
    yield "layout: " + " ".join(re.findall(r'"(?:gap|seconds)":[\d.]+', out)[:2]), None, None


def database(folder):
    bulk, csv = tool("db_bulk"), os.path.join(folder, "bulk.csv")
    with open(csv, "w", encoding="utf-8") as f:
        f.write(run(bulk, "csv", rows(1000000), "14", "none"))
    ours, peers = [], []
    for i in range(args.rounds):
        ours.append(float(run(bulk, os.path.join(folder, f"bulk{i}"), rows(1000000), "14", "none").split()[0]))
        before = os.times().elapsed
        run("sqlite3", os.path.join(folder, f"peer{i}.db"), f"create table p({','.join(f'c{c}' for c in range(14))})",
            ".mode csv", f".import {csv} p")
        peers.append(os.times().elapsed - before)
    yield "bulk load of 14 columns / sqlite3 .import", statistics.median(ours) / statistics.median(peers), 1.0


RACES = [place, growth, measure, flow, facility, uplift, transport, layout, database]
unknown = set(args.races) - {race.__name__ for race in RACES}
if unknown:
    sys.exit(f"no race {', '.join(sorted(unknown))}; there are {', '.join(race.__name__ for race in RACES)}")
print("| race | figure | ratio | goal |\n|---|---|---|---|")
for race in RACES:
    if args.races and race.__name__ not in args.races:
        continue
    with tempfile.TemporaryDirectory(prefix="shuren-race-") as folder:
        try:
            for what, ratio, goal in race(folder):
                met = "" if goal is None else f"{goal}" if ratio <= goal else f"{goal}, **not met**"
                print(f"| {race.__name__} | {what} | {'' if ratio is None else f'{ratio:.3g}'} | {met} |", flush=True)
        except Missing as e:
            print(f"| {race.__name__} | left out: {e} | | |", flush=True)
