#!/usr/bin/env python3
"""usage: bench/forecast/real.py SHUREN      needs Rscript and the R packages forecast, Epi and popEpi (r-cran-forecast, r-cran-epi, r-cran-popepi)

The back-test of run.py on published numbers, people by single age and sex: Denmark 1971 to 2013 (Statistics Denmark) and Finland 1981 to
2016 (Statistics Finland), as two R packages have them. Births are those of age 0 in the next year's table; a school year's grade g is made
of the two ages that a cut at the end of August puts into it. So numbers, and how they move from year to year by birth, death and
migration, are real, the schools are not. Each origin sees SEEN years (8) that have their births, none before 1980 (where the ledger begins),
and is judged by the four years after.

Forecasts of origins close to each other share years, so the standard errors of shares within intervals are those of a bootstrap of blocks
of four origins. SEEN=5, 12… in the environment shows other lengths; PEERS=0 leaves R out.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

import run

SEEN, ENTRY, LEDGER_FROM = int(os.environ.get("SEEN", 8)), 7, 1980
SEXES = "999901", "999902"  # in the place of counties


def tables(folder):
    """{country: (pupils, births)} as run.tables has them."""
    path = os.path.join(folder, "ages.csv")
    subprocess.run(["Rscript", os.path.join(run.HERE, "ages.R"), path], check=True, capture_output=True)
    people = collections.defaultdict(dict)
    for r in run.read(path):
        people[r["country"]][SEXES[int(r["sex"]) - 1], int(r["age"]), int(r["year"])] = float(r["people"])
    return {country: grades(table) for country, table in people.items()}


def grades(people):
    years = sorted({y for _, _, y in people})
    pupils, born = collections.defaultdict(lambda: collections.defaultdict(dict)), collections.defaultdict(dict)
    for sex in SEXES:
        for year in years:
            born[sex][year - 1] = round(people[sex, 0, year])
        for year in years[:-1]:
            for grade in range(1, 13):
                # In the table after, born in year - grade - 5 and in the year before.
                young, old = people[sex, grade + 5, year + 1], people[sex, grade + 6, year + 1]
                pupils[sex][year][grade] = round(run.SAME_YEAR * young + (1 - run.SAME_YEAR) * old)
    return pupils, born


def forecasts(shuren, folder, pupils, born, origin):
    seen = {s: {y: g for y, g in years.items() if y > origin - SEEN} for s, years in pupils.items()}
    told = {"shuren": run.ours(shuren, folder, seen, born, origin)}
    told |= run.r_forecasts(folder, seen, origin) if os.environ.get("PEERS", "1") == "1" else {}
    told["cohort_ratio"] = {(s, stage, y): (run.stage_sum(gs, stage),) for s in seen
                            for y, gs in run.cohort_ratio(seen[s], born[s], origin).items() for stage in run.STAGES}
    told["no_change"] = {(s, stage, y): (run.stage_sum(seen[s][origin], stage),) for s in seen
                         for y in range(origin + 1, origin + run.HORIZON + 1) for stage in run.STAGES}
    return told


def standard_errors(countries, draws=2000):
    """Of the shares within 80 and 95 %, in points: blocks of origins that follow each other are drawn, around the end, in each country."""
    rng, shares = random.Random(1), []
    for _ in range(draws):
        sums = [0, 0, 0]
        for by_origin in countries:
            cells = [by_origin[o] for o in sorted(by_origin)]
            for _ in range(-(-len(cells) // run.HORIZON)):
                start = rng.randrange(len(cells))
                for i in range(run.HORIZON):
                    sums = [a + b for a, b in zip(sums, cells[(start + i) % len(cells)])]
        shares.append((100 * sums[1] / sums[0], 100 * sums[2] / sums[0]))
    spread = lambda values: (sum((v - sum(values) / draws) ** 2 for v in values) / (draws - 1)) ** .5
    return [round(spread([s[i] for s in shares]), 1) for i in (0, 1)]


def main():
    shuren = sys.argv[1]
    scores = collections.defaultdict(lambda: collections.defaultdict(run.Score))
    with tempfile.TemporaryDirectory() as folder:
        for country, (pupils, born) in tables(folder).items():
            for origin in range(max(min(born[SEXES[0]]) + ENTRY, LEDGER_FROM) + SEEN - 1, max(pupils[SEXES[0]])):
                for method, told in forecasts(shuren, folder, pupils, born, origin).items():
                    for (sex, stage, year), values in told.items():
                        if year in pupils[sex] and stage in run.STAGES:
                            scores[method][country].add(origin, year - origin, run.stage_sum(pupils[sex][year], stage), values)
    for method, countries in scores.items():
        told = [score.by_origin for score in countries.values() if score.by_origin]
        for country, score in countries.items():
            line = {"country": country} | score.line(method, 0)
            print(json.dumps(line | ({"standard_errors": standard_errors([score.by_origin])} if told else {})))
        if told:
            sums = [sum(cell[i] for by_origin in told for cell in by_origin.values()) for i in (0, 1, 2)]
            print(json.dumps({"method": method, "forecasts": sums[0], "within_80": 100 * sums[1] / sums[0], "within_95": 100 * sums[2] / sums[0],
                              "standard_errors": standard_errors(told)}))


if __name__ == "__main__":
    main()
