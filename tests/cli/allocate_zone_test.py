"""shuren allocate zone: zones by hand along a road, what is short and why, rivers, pins, groups, bad rows, and a generated county."""
import csv
import io
import json
import os
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]
# 0.01 degrees of latitude are 1,111.95 m, times 1.35 by road.
STEP = 0.01 * 111194.9 * 1.35


class Road(unittest.TestCase):
    """Five communities in a line, a school at each end: C1 C2 C3 C4 C5."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.communities = [(f"C{n}", "141102", 111.0, 37.50 + n / 100) for n in range(1, 6)]
        self.children = [(f"C{n}", "141102", "primary", 2025, 40) for n in range(1, 6)]
        self.sites = [("S1", "141102", 111.0, 37.51), ("S5", "141102", 111.0, 37.55)]
        self.places = [("S1", "141102", "primary", 2025, 120), ("S5", "141102", "primary", 2025, 120)]
        self.more = {}

    def tearDown(self):
        self.folder.cleanup()

    def file(self, name, header, rows):
        path = os.path.join(self.folder.name, name + ".csv")
        with open(path, "w", encoding="utf-8", newline="") as f:
            csv.writer(f).writerows([header.split(","), *rows])
        return path

    def run_zone(self, *words):
        files = {
            "communities": self.file("communities", "community,name,county,lon,lat", [
                (c, "村" + c, county, lon, f"{lat:.6f}") for c, county, lon, lat in self.communities]),
            "community_children": self.file("community_children", "community,county,stage,period,children", self.children),
            "school_sites": self.file("school_sites", "site,name,county,lon,lat", [
                (s, "校" + s, county, lon, f"{lat:.6f}") for s, county, lon, lat in self.sites]),
            "site_places": self.file("site_places", "site,county,stage,period,places", self.places)} | self.more
        args = [w for name, path in files.items() for w in ("--from", f"{name}={path}")]
        return subprocess.run([SHUREN, "allocate", "zone", "--stage", "primary", *args, *words], capture_output=True, text=True)

    def plan(self, *words, code=0):
        done = self.run_zone("--format", "json", *words)
        self.assertEqual(done.returncode, code, done.stderr)
        result = json.loads(done.stdout)
        return result, {c["community"]: c["site"] for c in result["communities"]}, done.stderr

    def neighbours(self, *rows):
        self.more["community_neighbours"] = self.file("community_neighbours", "community,neighbour,county,kind", [
            (a, b, "141102", kind) for a, b, kind in rows])

    def current(self, *sites):
        self.more["school_zones"] = self.file("school_zones", "community,county,stage,site", [
            (f"C{n + 1}", "141102", "primary", s) for n, s in enumerate(sites)])

    def test_each_community_goes_to_the_nearer_school_and_the_cost_adds_up(self):
        result, zones, _ = self.plan()
        self.assertEqual((zones["C1"], zones["C2"], zones["C4"], zones["C5"]), ("S1", "S1", "S5", "S5"))
        # Two communities are a step away, C3 two steps from both.
        self.assertAlmostEqual(result["cost"], 40 * 4 * STEP, delta=200)
        self.assertEqual(result["cost"], result["bound"])
        self.assertEqual(result["gap"], 0)

    def test_places_are_kept_and_zones_stay_whole(self):
        self.places[0] = ("S1", "141102", "primary", 2025, 40)
        self.places[1] = ("S5", "141102", "primary", 2025, 160)
        _, zones, _ = self.plan()
        self.assertEqual(zones, {"C1": "S1", "C2": "S5", "C3": "S5", "C4": "S5", "C5": "S5"})
        # C1 and C2 are many: S1 has room for C1 or C3, but C3 alone would not be joined to S1.
        self.children[0] = ("C1", "141102", "primary", 2025, 30)
        _, zones, _ = self.plan()
        self.assertEqual(zones["C1"], "S1")

    def test_a_change_counts_as_metres_and_may_not_be_worth_it(self):
        self.current("S1", "S5", "S5", "S5", "S5")
        self.places[1] = ("S5", "141102", "primary", 2025, 200)
        result, zones, _ = self.plan()
        # C2 would save two steps (3,002 m) by a change that counts 500 m.
        self.assertEqual(zones["C2"], "S1")
        self.assertEqual(result["counties"][0]["changed_communities"], 1)
        self.assertEqual(result["counties"][0]["changed_children"], 40)
        result, zones, _ = self.plan("--change-weight", "4000")
        self.assertEqual(zones["C2"], "S5")
        self.assertEqual(result["counties"][0]["changed_children"], 0)

    def test_a_river_is_crossed_only_when_it_pays_and_neighbours_can_be_cut_and_added(self):
        self.neighbours(("C1", "C2", "river"))
        self.places = [("S1", "141102", "primary", 2025, 200), ("S5", "141102", "primary", 2025, 200)]
        result, zones, _ = self.plan()
        # C2: 1,501 m and a crossing of 1,000 m are less than 4,503 m; C3 stays on its side.
        self.assertEqual((zones["C2"], zones["C3"]), ("S1", "S5"))
        self.assertEqual([c["crossings"] for c in result["communities"]], [0, 1, 0, 0, 0])
        self.neighbours(("C1", "C2", "apart"))
        _, zones, _ = self.plan()
        self.assertEqual(zones["C2"], "S5")
        self.neighbours(("C1", "C2", "apart"), ("C1", "C3", "adjacent"))
        _, zones, _ = self.plan("--pin", "C3=S1", "--pin", "C2=S1")
        self.assertEqual((zones["C2"], zones["C3"]), ("S1", "S1"))

    def test_pins_bans_and_groups(self):
        _, zones, _ = self.plan("--pin", "C3=S1")
        self.assertEqual(zones["C3"], "S1")
        _, zones, _ = self.plan("--ban", "C3=S1")
        self.assertEqual(zones["C3"], "S5")
        result, zones, _ = self.plan("--group", "S1+S5")
        self.assertEqual(set(zones.values()), {"S1"})
        self.assertEqual(result["schools"][0]["places"], 240)
        for words, text in ((("--pin", "C9=S1"), "C9"), (("--ban", "C1=S9"), "S9"), (("--group", "S1+S8"), "S8"),
                            (("--pin", "C3=S1", "--ban", "C3=S1"), "C3"), (("--stage", "nosuch"), "nosuch")):
            done = self.run_zone(*words)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(text, done.stderr)

    def test_what_cannot_be_says_which_rule_to_relax_and_by_how_much(self):
        self.places[0] = ("S1", "141102", "primary", 2025, 60)
        result, _, said = self.plan("--lang", "en", code=1)
        self.assertIn("the 5 communities", said)
        self.assertIn("200 children and can reach only schools with 180 places: 20 places are missing", said)
        self.assertIsNone(result["cost"])
        self.places = [("S1", "141102", "primary", 2025, 120), ("S5", "141102", "primary", 2025, 120)]
        self.children[2] = ("C3", "141102", "primary", 2025, 130)
        self.children[0] = ("C1", "141102", "primary", 2025, 0)
        self.children[1] = ("C2", "141102", "primary", 2025, 0)
        _, _, said = self.plan("--lang", "en", code=1)
        self.assertIn("村C3 has 130 children, the largest school that it can reach 120", said)
        self.children[2] = ("C3", "141102", "primary", 2025, 40)
        self.communities.append(("C6", "141102", 111.0, 37.95))
        self.children.append(("C6", "141102", "primary", 2025, 5))
        # S5 is 0.4 degrees away: 60.05 km at 28 km an hour.
        _, _, said = self.plan("--lang", "en", code=1)
        self.assertIn("村C6", said)
        self.assertIn("with 129 they reach one", said)

    def test_a_town_that_is_not_joined_is_named(self):
        self.neighbours(("C1", "C2", "adjacent"), ("C2", "C3", "adjacent"), ("C4", "C5", "adjacent"))
        self.communities.append(("C6", "141102", 111.0, 37.56))
        self.children.append(("C6", "141102", "primary", 2025, 5))
        _, _, said = self.plan("--neighbours", "given", "--lang", "en", code=1)
        self.assertIn("1 communities (村C6) are not joined to any school", said)
        self.neighbours(("C1", "C2", "adjacent"), ("C2", "C3", "adjacent"), ("C4", "C5", "adjacent"), ("C6", "C5", "main_road"))
        _, zones, _ = self.plan("--neighbours", "given")
        self.assertEqual((zones["C3"], zones["C6"]), ("S1", "S5"))

    def test_limits_hold_for_each_grade(self):
        # C1 and C5 fill grade 1 of their schools, C3 has grade 2 only; C2 and C4 nothing.
        self.more["community_cohorts"] = self.file("community_cohorts", "community,county,stage,grade,period,children", [
            ("C1", "141102", "primary", 1, 2025, 60), ("C5", "141102", "primary", 1, 2025, 50), ("C3", "141102", "primary", 2, 2025, 60),
            ("C4", "141102", "primary", 1, 2025, 20)])
        self.places = [("S1", "141102", "primary", 2025, 160), ("S5", "141102", "primary", 2025, 120)]
        _, zones, _ = self.plan()
        # S5 holds 60 of a grade: C4 with C5 are 70, so C4 goes to S1, and all between with it.
        self.assertEqual(zones, {"C1": "S1", "C2": "S1", "C3": "S1", "C4": "S1", "C5": "S5"})
        self.places[0] = ("S1", "141102", "primary", 2025, 120)
        _, _, said = self.plan("--lang", "en", code=1)
        self.assertIn("grade 1: the 3 communities", said)
        self.assertIn("130 children and can reach only schools with 120 places: 10 places are missing", said)

    def test_rows_that_make_no_sense_are_named(self):
        self.places.append(("S9", "141102", "primary", 2025, 10))
        self.neighbours(("C1", "C9", "adjacent"), ("C2", "C2", "river"))
        self.current("S7")
        done = self.run_zone()
        self.assertEqual(done.returncode, 1)
        self.assertIn("site_places.csv:4", done.stderr)
        self.places.pop()
        done = self.run_zone()
        for text in ("community_neighbours.csv:2", "C9", "community_neighbours.csv:3", "school_zones.csv:2", "S7"):
            self.assertIn(text, done.stderr)
        self.more = {}
        self.places[0] = ("S1", "141102", "primary", 2025, -5)
        done = self.run_zone()
        self.assertEqual(done.returncode, 1)
        self.assertIn("site_places.csv", done.stderr)
        self.assertIn("-5", done.stderr)

    def test_tables(self):
        self.current("S1", "S1", "S1", "S1", "S5")
        rows = list(csv.DictReader(io.StringIO(self.run_zone("--format", "csv").stdout.lstrip("\ufeff"))))
        self.assertEqual([(r["community"], r["site"], r["from"]) for r in rows][3], ("C4", "S5", "S1"))
        rows = list(csv.DictReader(io.StringIO(self.run_zone("--format", "csv", "--show", "schools").stdout.lstrip("\ufeff"))))
        self.assertEqual(sum(int(r["children"]) for r in rows), 200)
        self.assertEqual([r["places"] for r in rows], ["120", "120"])


class Generated(unittest.TestCase):
    def check(self, result):
        """Every rule, counted from the answer alone."""
        site = {c["community"]: c["site"] for c in result["communities"]}
        near = {c["community"]: c["neighbours"] for c in result["communities"]}
        places = {s["site"]: s["places"] for s in result["schools"]}
        load, parts = dict.fromkeys(places, 0), dict.fromkeys(places, 0)
        for c in result["communities"]:
            load[c["site"]] += c["children"]
        seen = set()
        for start in site:
            if start in seen:
                continue
            parts[site[start]] += 1
            todo = [start]
            while todo:
                at = todo.pop()
                if at not in seen:
                    seen.add(at)
                    todo += [n for n in near[at] if site[n] == site[start]]
        for s in places:
            self.assertLessEqual(load[s], places[s])
        return parts

    def test_a_county_of_the_demo(self):
        with tempfile.TemporaryDirectory() as folder:
            place, saved = os.path.join(folder, "place"), os.path.join(folder, "plan.csv")
            done = subprocess.run([SHUREN, "demo", place, "--size", "county"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            words = [SHUREN, "allocate", "zone", place, "--format", "json", "--save", saved, "--name", "学区方案"]
            for stage in ("primary", "junior"):
                done = subprocess.run([*words, "--stage", stage], capture_output=True, text=True)
                result = json.loads(done.stdout)
                self.assertEqual(done.returncode, 0 if result["has_zones"] else 1, done.stderr)
                if result["has_zones"]:
                    self.check(result)
                    self.assertLess(result["gap"], 0.05)
                else:
                    self.assertTrue(result["shortages"])
                with open(saved, encoding="utf-8-sig") as f:
                    self.assertEqual(sum("学区方案" in line for line in f), len(result["communities"]) if result["has_zones"] else 0)
            again = subprocess.run([*words, "--stage", stage], capture_output=True, text=True)
            same = json.loads(again.stdout)
            self.assertEqual(same["communities"], result["communities"])
            done = subprocess.run([SHUREN, "import", place, "proposals", saved], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
