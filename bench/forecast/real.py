#!/usr/bin/env python3
"""usage: bench/forecast/real.py SHUREN      needs Rscript and the R packages forecast and Epi (r-cran-forecast, r-cran-epi)

The back-test of run.py on published numbers: Denmark's people by single age and sex, 1971 to 2013 (Statistics Denmark, as the R package
Epi has them). Births are those of age 0 on the 1 January after; a school year's grade g is made of the two ages that a cut at the end
of August puts into it. So numbers, and how they move from year to year by birth, death and migration, are real, the schools are not.
Each origin from 1987 on sees the eight years before it and is judged by the four after it.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile

import run

SEEN, FIRST = 8, 1987
SEXES = "999901", "999902"  # in the place of counties


def tables(folder):
    path = os.path.join(folder, "ages.csv")
    subprocess.run(["Rscript", os.path.join(run.HERE, "ages.R"), path], check=True, capture_output=True)
    people = {(SEXES[int(r["sex"]) - 1], int(r["A"]), int(r["P"])): float(r["N"]) for r in run.read(path)}
    years = sorted({p for _, _, p in people})
    pupils, born = collections.defaultdict(lambda: collections.defaultdict(dict)), collections.defaultdict(dict)
    for sex in SEXES:
        for year in years[1:]:
            born[sex][year - 1] = round(people[sex, 0, year])
        for year in years[:-1]:
            for grade in range(1, 13):
                young, old = people[sex, grade + 5, year + 1], people[sex, grade + 6, year + 1]
                # On the 1 January after, born in year - grade - 5 and in the year before.
                pupils[sex][year][grade] = round(run.SAME_YEAR * young + (1 - run.SAME_YEAR) * old)
    return pupils, born


def main():
    shuren = sys.argv[1]
    scores = collections.defaultdict(run.Score)
    with tempfile.TemporaryDirectory() as folder:
        pupils, born = tables(folder)
        for origin in range(FIRST, max(pupils[SEXES[0]])):
            seen = {s: {y: g for y, g in years.items() if y > origin - SEEN} for s, years in pupils.items()}
            told = {"shuren": run.ours(shuren, folder, seen, born, origin)}
            told |= run.r_forecasts(folder, seen, origin) if os.environ.get("PEERS", "1") == "1" else {}
            told["cohort_ratio"] = {(s, stage, y): (run.stage_sum(gs, stage),) for s in seen
                                    for y, gs in run.cohort_ratio(seen[s], born[s], origin).items() for stage in run.STAGES}
            told["no_change"] = {(s, stage, y): (run.stage_sum(seen[s][origin], stage),) for s in seen
                                 for y in range(origin + 1, origin + run.HORIZON + 1) for stage in run.STAGES}
            for method, forecasts in told.items():
                for (sex, stage, year), values in forecasts.items():
                    if year in pupils[sex] and stage in run.STAGES:
                        scores[method].add(origin, year - origin, run.stage_sum(pupils[sex][year], stage), values)
    for method, score in scores.items():
        print(json.dumps(score.line(method, 0)))


if __name__ == "__main__":
    main()
