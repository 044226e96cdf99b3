#!/usr/bin/env python3
"""usage: bench/forecast/run.py SHUREN [SEED...]      needs Rscript and the R package forecast (r-base-core, r-cran-forecast)

Held-out years of the demo city's enrolment, by county and stage: from each origin the four methods see only what was known then. For
each horizon the sum of absolute errors over the sum of what came, and how often what came lay within the intervals. With NOISE in the
environment (a standard deviation, say 0.03) every grade's ratio gets chance of its own, since the demo's own series have little. With
TOWNS (say 12) every county is split into so many made-up towns, unequal, whose children come, stay and go by chance, of that size.
PEERS=0 leaves R out. Shares within intervals are given by origin too (`by_origin`), since what one origin missed it missed everywhere.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict

STAGES = {"primary": range(1, 7), "junior": range(7, 10), "senior": range(10, 13)}
SAME_YEAR, HORIZON, LEAST = 8 / 12, 4, 4
HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def write(path, columns, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def city(shuren, folder, seed):
    place = os.path.join(folder, f"city{seed}")
    subprocess.run([shuren, "demo", place, "--size", "city", "--seed", str(seed)], check=True, capture_output=True)
    out = []
    for ledger in ("grade_enrolment", "births"):
        path = os.path.join(folder, f"{ledger}{seed}.csv")
        subprocess.run([shuren, "export", place, ledger, "--to", path], check=True, capture_output=True)
        out.append(read(path))
    return out


def column(rows, names):
    """The column under its name or its title, which may have a unit behind it."""
    return next(c for c in rows[0] if c.startswith(names))


def tables(enrolment, births, noise, rng):
    """{county: {year: {grade: pupils}}} and {county: {year: births}}."""
    c, y, g, p = [column(enrolment, n) for n in (("county", "县区代码"), ("school_year", "学年"), ("grade", "年级"), ("pupils", "在校生数"))]
    pupils, born = defaultdict(lambda: defaultdict(dict)), defaultdict(dict)
    for r in enrolment:
        pupils[r[c]][int(r[y])][int(r[g])] = int(r[p])
    c, y, b = [column(births, n) for n in (("county", "县区代码"), ("year", "年份"), ("births", "出生人数", "出生人口"))]
    for r in births:
        born[r[c]][int(r[y])] = int(r[b])
    luck = {}
    for county, years in pupils.items() if noise else ():
        for year in sorted(years):
            for grade in sorted(years[year]):
                # What chance did to a cohort stays with it.
                luck[county, year, grade] = luck.get((county, year - 1, grade - 1), 1) * (1 + rng.gauss(0, noise))
                years[year][grade] = round(years[year][grade] * luck[county, year, grade])
    return pupils, born


def split(pupils, born, towns, noise, rng):
    """The same by town, "county/town": shares are lognormal, a cohort's children are drawn, and a few of them come or go each year."""
    draw = lambda mean: max(round(rng.gauss(mean, max(mean, 0) ** .5)), 0)
    town_pupils, town_born = defaultdict(lambda: defaultdict(dict)), defaultdict(dict)
    for county, years in pupils.items():
        weights = [rng.lognormvariate(0, 1) for _ in range(towns)]
        for t, weight in enumerate(weights):
            town, share, luck = f"{county}/{county}{100 + t}", weight / sum(weights), {}
            for year, births in sorted(born[county].items()):
                town_born[town][year] = draw(share * births)
            for year in sorted(years):
                for grade, n in sorted(years[year].items()):
                    mean, first = share * n, town_born[town].get(year - grade - 5)
                    # A cohort keeps what chance did to it; one in ten moves in a year.
                    before = luck.get((year - 1, grade - 1)) or (first / (share * born[county][year - grade - 5]) if first else 1)
                    luck[year, grade] = max(before + rng.gauss(0, (.1 / max(mean, 1)) ** .5 + noise), 0)
                    town_pupils[town][year][grade] = round(mean * luck[year, grade])
    return town_pupils, town_born


def entrants(born, year, known):
    at = lambda y: born[min(y, known)]
    return SAME_YEAR * at(year - 6) + (1 - SAME_YEAR) * at(year - 7)


def cohort_ratio(pupils, born, origin):
    """The last year's ratios as they are: {year: {grade: pupils}}."""
    last, before = pupils[origin], pupils[origin - 1]
    ratio = lambda above, below: above / below if below else 1
    first = ratio(last[1], entrants(born, origin, origin))
    out, now = {}, last
    for year in range(origin + 1, origin + HORIZON + 1):
        now = {1: first * entrants(born, year, origin)} | {g: now[g - 1] * ratio(last[g], before[g - 1]) for g in range(2, 13)}
        out[year] = now
    return out


def ours(shuren, folder, pupils, born, origin):
    is_town = any("/" in c for c in pupils)
    name = lambda c: dict(zip(("county", "town"), c.split("/")))
    extra = ["town"] if is_town else []
    e = write(os.path.join(folder, "e.csv"), ["county", *extra, "school_year", "grade", "pupils"], [
        name(c) | {"school_year": y, "grade": g, "pupils": n} for c, years in pupils.items() for y, gs in years.items() if y <= origin
        for g, n in gs.items()])
    b = write(os.path.join(folder, "b.csv"), ["county", *extra, "year", "births"], [
        name(c) | {"year": y, "births": n} for c, years in born.items() for y, n in years.items() if y <= origin])
    done = subprocess.run([shuren, "allocate", "forecast", "--from", f"grade_enrolment={e}", "--from", f"births={b}", "--by", "town" if is_town else "county",
                           "--years", str(HORIZON), "--format", "json"], check=True, capture_output=True, text=True)
    return {("/".join([r["county"], r["town"]] if is_town else [r["county"]]), r["stage"], int(r["year"])): (r["pupils"], r["low_80"], r["high_80"], r["low_95"], r["high_95"])
            for r in json.loads(done.stdout)["forecasts"][0]["rows"]}


def stage_sum(grades, stage):
    return sum(grades[g] for g in STAGES[stage])


def r_forecasts(folder, pupils, origin):
    rows = [{"id": f"{c}/{s}", "year": y, "value": stage_sum(gs, s), "h": HORIZON}
            for c, years in pupils.items() for y, gs in years.items() if y <= origin for s in STAGES]
    series = write(os.path.join(folder, "series.csv"), ["id", "year", "value", "h"], rows)
    out = os.path.join(folder, "peers.csv")
    subprocess.run(["Rscript", os.path.join(HERE, "peers.R"), series, out], check=True, capture_output=True)
    told = defaultdict(dict)
    for r in read(out):
        county, stage = r["id"].rsplit("/", 1)
        told[r["method"]][county, stage, int(r["year"])] = tuple(
            float(r[k]) if r[k] not in ("NA", "") else None for k in ("value", "low_80", "high_80", "low_95", "high_95"))
    return told


class Score:
    def __init__(self):
        self.error, self.came, self.count = defaultdict(float), defaultdict(float), defaultdict(int)
        self.within = {80: defaultdict(int), 95: defaultdict(int)}
        self.told, self.by_origin = defaultdict(int), defaultdict(lambda: [0, 0, 0])

    def add(self, origin, h, came, told):
        self.error[h] += abs(told[0] - came)
        self.came[h] += came
        self.count[h] += 1
        if len(told) > 1 and None not in told:
            self.told[h] += 1
            self.within[80][h] += told[1] <= came <= told[2]
            self.within[95][h] += told[3] <= came <= told[4]
            for i, one in enumerate((1, told[1] <= came <= told[2], told[3] <= came <= told[4])):
                self.by_origin[origin][i] += one

    def line(self, name, seconds):
        share = lambda level: 100 * sum(self.within[level].values()) / sum(self.told.values()) if self.told else None
        return {"method": name, "error_pct": {h: round(100 * self.error[h] / self.came[h], 2) for h in sorted(self.came)},
                "within_80": share(80), "within_95": share(95),
                "by_origin": {o: (round(100 * a / n), round(100 * b / n)) for o, (n, a, b) in sorted(self.by_origin.items())}, "forecasts": sum(self.count.values()), "seconds": round(seconds, 1)}


def main():
    shuren, seeds, noise = sys.argv[1], [int(s) for s in sys.argv[2:]] or [1], float(os.environ.get("NOISE", 0))
    towns, peers = int(os.environ.get("TOWNS", 0)), os.environ.get("PEERS", "1") == "1"
    scores, seconds = defaultdict(Score), defaultdict(float)
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            pupils, born = tables(*city(shuren, folder, seed), noise, random.Random(seed))
            if towns:
                pupils, born = split(pupils, born, towns, noise, random.Random(seed))
            years = sorted(next(iter(pupils.values())))
            for origin in years[LEAST - 1:-1]:
                start = time.monotonic()
                told = {"shuren": ours(shuren, folder, pupils, born, origin)}
                seconds["shuren"] += time.monotonic() - start
                start = time.monotonic()
                told |= r_forecasts(folder, pupils, origin) if peers else {}
                seconds["ets"] = seconds["arima"] = seconds["ets"] + time.monotonic() - start  # both at once
                told["cohort_ratio"] = {(c, s, y): (stage_sum(gs, s),) for c in pupils
                                        for y, gs in cohort_ratio(pupils[c], born[c], origin).items() for s in STAGES}
                told["no_change"] = {(c, s, y): (stage_sum(pupils[c][origin], s),) for c in pupils
                                     for y in range(origin + 1, origin + HORIZON + 1) for s in STAGES}
                for method, forecasts in told.items():
                    for (c, s, y), values in forecasts.items():
                        if y in pupils[c] and s in STAGES:
                            scores[method].add(f"{seed}-{origin}", y - origin, stage_sum(pupils[c][y], s), values)
    for method, score in scores.items():
        print(json.dumps(score.line(method, seconds[method])))


if __name__ == "__main__":
    main()
