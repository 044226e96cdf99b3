"""shuren allocate forecast: back-test, intervals, scenarios from files, bad lines."""
import csv
import json
import os
import random
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]
FIRST, LAST = 2014, 2025


def run(*args):
    return subprocess.run([SHUREN, *args], capture_output=True, text=True)


def write(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def made_up(seed, towns=8, noise=1.0):
    """Two counties of towns whose births fall, with migration and chance: rows of both ledgers."""
    rng = random.Random(seed)
    enrolment, births = [], []
    for z in range(towns):
        county, town = ("141102", "141121")[z % 2], f"{('141102', '141121')[z % 2]}{100 + z}"
        level, stays = rng.uniform(60, 400), rng.uniform(.97, 1.02)
        born = {y: max(1, round(level * .97 ** (y - 2007) * (1 + noise * rng.gauss(0, .05)))) for y in range(2000, LAST + 1)}
        for year in range(2007, LAST + 1):
            births.append({"county": county, "town": town, "year": year, "births": born[year]})
        before = None
        for year in range(FIRST, LAST + 1):
            entrants = (8 * born[year - 6] + 4 * born[year - 7]) / 12
            now = [entrants * (1 + noise * rng.gauss(0, .02))]
            for g in range(1, 12):
                base = before[g - 1] if before else born[max(2000, year - 6 - g)]
                now.append(base * stays * (1 + noise * rng.gauss(0, .015)))
            before = [round(n) for n in now]
            enrolment += [{"county": county, "town": town, "school_year": year, "grade": g + 1, "pupils": n}
                          for g, n in enumerate(before)]
    return enrolment, births


class Base(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def files(self, enrolment, births):
        e = write(self.path("e.csv"), ["county", "town", "school_year", "grade", "pupils"], enrolment)
        b = write(self.path("b.csv"), ["county", "town", "year", "births"], births)
        return ["--from", f"grade_enrolment={e}", "--from", f"births={b}"]

    def forecast(self, files, *more):
        done = run("allocate", "forecast", *files, "--format", "json", *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def scenario(self, *lines):
        path = self.path("scenario.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(["kind,county,town,year,grades,value,to_county,to_town", *lines]) + "\n")
        return path


def cells(run_):
    return {(r.get("county"), r.get("town"), r["stage"], r["year"]): r["pupils"] for r in run_["rows"]}


class Forecasts(Base):
    def test_towns_add_up_to_counties_and_to_all(self):
        files = self.files(*made_up(1))
        towns, counties, whole = (self.forecast(files, "--by", by)["forecasts"][0] for by in ("town", "county", "all"))
        for r in counties["rows"]:
            mine = sum(t["pupils"] for t in towns["rows"]
                       if (t["county"], t["stage"], t["year"]) == (r["county"], r["stage"], r["year"]))
            self.assertAlmostEqual(mine, r["pupils"], places=6)
        for r in whole["rows"]:
            mine = sum(c["pupils"] for c in counties["rows"] if (c["stage"], c["year"]) == (r["stage"], r["year"]))
            self.assertAlmostEqual(mine, r["pupils"], places=6)

    def test_held_out_years_lie_in_the_intervals_and_the_cohort_ratio_errs_more(self):
        enrolment, births = made_up(2, towns=16)
        came = {}
        for r in enrolment:
            stage = "primary" if r["grade"] <= 6 else "junior" if r["grade"] <= 9 else "senior"
            key = (r["town"], stage, r["school_year"])
            came[key] = came.get(key, 0) + r["pupils"]
        files = self.files([r for r in enrolment if r["school_year"] <= LAST - 3], [b for b in births if b["year"] <= LAST - 3])
        out = self.forecast(files, "--by", "town", "--years", "3")
        rows = out["forecasts"][0]["rows"]
        inside = sum(r["low_95"] <= came[r["town"], r["stage"], r["year"]] <= r["high_95"] for r in rows)
        self.assertGreaterEqual(inside, .88 * len(rows))
        for ahead in out["backtest"]["years_ahead"]:
            self.assertLess(ahead["zone"]["forecast"]["error_percent"], ahead["zone"]["cohort_ratio"]["error_percent"])
        for r in rows:
            self.assertLessEqual(r["low_95"], r["low_80"])
            self.assertLess(r["low_80"], r["pupils"])
            self.assertLess(r["pupils"], r["high_80"])

    def test_what_part_is_already_born_is_said(self):
        born = {(r["stage"], r["year"]): r["share"] for r in self.forecast(self.files(*made_up(3)))["forecasts"][0]["already_born"]}
        self.assertEqual(born["primary", LAST + 6], 1)
        self.assertLess(born["primary", LAST + 10], .5)
        self.assertEqual(born["junior", LAST + 10], 1)

    def test_one_year_of_one_county_is_enough_without_intervals(self):
        rows = [{"county": "141102", "town": "", "school_year": LAST, "grade": g, "pupils": 100 + g} for g in range(1, 13)]
        e = write(self.path("e.csv"), list(rows[0]), rows)
        done = run("allocate", "forecast", "--from", f"grade_enrolment={e}", "--format", "json", "--years", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("区间", done.stderr)
        found = {r["stage"]: r for r in json.loads(done.stdout)["forecasts"][0]["rows"]}
        self.assertAlmostEqual(found["primary"]["pupils"], 101 + sum(range(101, 106)), places=6)
        self.assertIsNone(found["primary"]["low_80"])

    def test_a_table_for_people(self):
        done = run("allocate", "forecast", *self.files(*made_up(4)), "--years", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("141121", done.stdout)
        self.assertIn(str(LAST + 2), done.stdout)


class Scenarios(Base):
    def both(self, *lines, by="town"):
        out = self.forecast(self.files(*made_up(5, noise=0)), "--by", by, "--scenario", self.scenario(*lines))
        base, changed = out["forecasts"]
        self.assertIsNone(base["scenario"])
        self.assertIn("scenario.csv", changed["scenario"])
        return cells(base), cells(changed)

    def test_births_falling_by_a_tenth_reach_school_six_years_later(self):
        base, changed = self.both("births,,,2026,,-10%,,", by="all")
        for year in range(LAST + 1, LAST + 7):
            self.assertAlmostEqual(base[None, None, "primary", year], changed[None, None, "primary", year], places=6)
        self.assertLess(changed[None, None, "primary", LAST + 10], base[None, None, "primary", LAST + 10] * .97)
        self.assertAlmostEqual(base[None, None, "junior", LAST + 10], changed[None, None, "junior", LAST + 10], places=6)

    def test_a_housing_estate_brings_pupils_that_move_on(self):
        base, changed = self.both("add,141102,141102100,2028,1-6,40,,")
        key = ("141102", "141102100")
        self.assertAlmostEqual(changed[*key, "primary", 2028] - base[*key, "primary", 2028], 240, places=6)
        self.assertAlmostEqual(changed[*key, "primary", 2027], base[*key, "primary", 2027], places=6)
        self.assertGreater(changed[*key, "junior", 2029] - base[*key, "junior", 2029], 35)
        self.assertAlmostEqual(changed["141121", "141121101", "primary", 2028], base["141121", "141121101", "primary", 2028], places=6)

    def test_a_move_takes_from_one_town_what_it_gives_to_another(self):
        base, changed = self.both("move,141102,141102100,2027,1-6,100%,141102,141102102")
        for year in (2027, 2028, 2032):
            self.assertAlmostEqual(changed["141102", "141102100", "primary", year], 0, places=6)
        self.assertAlmostEqual(changed["141102", "141102102", "primary", 2027],
                               base["141102", "141102102", "primary", 2027] + base["141102", "141102100", "primary", 2027], places=6)

    def test_every_bad_line_is_named(self):
        path = self.scenario("births,,,2026,,-10,,", "fly,,,2026,,1,,", "add,141102,99,2028,1-6,40,,", "add,141102,141102100,2020,1,40,,",
                             "add,141102,141102100,2028,0-6,40,,", "move,141102,141102100,2028,1,150%,141102,141102102")
        done = run("allocate", "forecast", *self.files(*made_up(5)), "--scenario", path)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for line in range(2, 8):
            self.assertIn(f"scenario.csv:{line}:", done.stderr)
        for word in ("-10", "fly", "99", "2020", "0-6", "150%"):
            self.assertIn(word, done.stderr)


class Refusals(Base):
    def test_births_of_an_unknown_town_are_named(self):
        enrolment, births = made_up(6)
        births[3]["town"] = "999"
        done = run("allocate", "forecast", *self.files(enrolment, births))
        self.assertEqual(done.returncode, 1)
        self.assertIn("b.csv:5:", done.stderr)

    def test_a_town_without_the_last_year_is_named(self):
        enrolment, births = made_up(6)
        enrolment = [r for r in enrolment if (r["town"], r["school_year"]) != ("141121101", LAST)]
        done = run("allocate", "forecast", *self.files(enrolment, births))
        self.assertEqual(done.returncode, 1)
        self.assertIn("141121101", done.stderr)

    def test_the_same_grade_twice_is_refused(self):
        enrolment, births = made_up(6)
        done = run("allocate", "forecast", *self.files(enrolment + enrolment[-1:], births))
        self.assertEqual(done.returncode, 1)
        self.assertIn("重复", done.stderr)

    def test_wrong_usage_is_exit_2(self):
        self.assertEqual(run("allocate", "forecast").returncode, 2)
        self.assertEqual(run("allocate", "forecast", *self.files(*made_up(6)), "--by", "village").returncode, 2)
