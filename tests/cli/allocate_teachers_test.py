"""shuren allocate teachers: each hard rule by hand, the shares of moves, pins and bans, bad rows, and random staffs."""
import csv
import io
import json
import os
import random
import subprocess
import tempfile
import unittest
from datetime import date, timedelta

SHUREN = os.environ["SHUREN"]
LONG, NEW = "2010-09-01", (date.today() - timedelta(days=400)).isoformat()
RANK = {"preschool": 1, "primary": 2, "junior": 3, "senior": 4}
FIELDS = ["teacher_id", "name", "sex", "birth_date", "org", "period", "stage", "subject", "licence_stage", "licence_subject",
          "licensed", "backbone", "on_quota", "service_from"]


def teacher(id, org, **more):
    row = dict(teacher_id=id, name="演示", sex="1", birth_date="1985-05-05", org=org, period="2025-2026", stage="primary",
               subject="maths", licence_stage="primary", licence_subject="maths", licensed=1, backbone=1, on_quota=1, service_from=LONG)
    return row | more


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.sites = {"9900000001": 37.50, "9900000002": 37.52, "9900000003": 37.95}
        self.classes = [("9900000001", "primary", 0), ("9900000002", "primary", 6), ("9900000003", "primary", 0)]
        self.teachers = [teacher("t1", "9900000001"), teacher("t2", "9900000001")]
        self.rotation = []

    def tearDown(self):
        self.folder.cleanup()

    def file(self, name, header, rows):
        path = os.path.join(self.folder.name, name + ".csv")
        with open(path, "w", encoding="utf-8", newline="") as f:
            csv.writer(f).writerows([header, *rows])
        return path

    def run_teachers(self, *more):
        files = {
            "school_sites": self.file("school_sites", ["site", "name", "county", "lon", "lat"],
                                      [(s, "校" + s[-1], "141102", 111.0, lat) for s, lat in self.sites.items()]),
            "school_resources": self.file("school_resources", ["org", "stage", "period", "pupils", "classes"],
                                          [(o, s, 2025, n * 30, n) for o, s, n in self.classes]),
            "teachers": self.file("teachers", FIELDS, [[t[f] for f in FIELDS] for t in self.teachers]),
            "teacher_rotation": self.file("teacher_rotation", ["teacher_id", "org", "period", "excused"], self.rotation)}
        args = [w for name, path in files.items() for w in ("--from", f"{name}={path}")]
        return subprocess.run([SHUREN, "allocate", "teachers", *args, *more], capture_output=True, text=True)

    def plan(self, *more, code=0):
        done = self.run_teachers("--format", "json", *more)
        self.assertEqual(done.returncode, code, done.stderr)
        result = json.loads(done.stdout)
        return result, {m["teacher"]: m["to"] for m in result["moves"]}, done.stderr


class Rules(Base):
    def test_people_go_where_their_subject_is_missing_and_the_figures_add_up(self):
        result, moves, _ = self.plan()
        self.assertEqual(moves, {"t1": "9900000002", "t2": "9900000002"})
        county = result["counties"][0]
        # Six classes of 24.8 lessons over a load of 10 are 15 heads, 3 of them for maths (2.58).
        self.assertEqual((county["missing_before"], county["missing"], county["moves"]), (15, 13, 2))
        self.assertEqual(result["gap"], 0)

    def test_none_of_the_hard_rules_is_broken_for_a_missing_head(self):
        bars = {"new": dict(service_from=NEW), "unlicensed": dict(licence_stage="", licence_subject="", licensed=0),
                "lower": dict(licence_stage="preschool"), "other": dict(licence_subject="chinese"),
                "old": dict(birth_date="1968-01-01"), "temporary": dict(on_quota=0), "unknown": dict(service_from="")}
        for why, change in bars.items():
            self.teachers = [teacher("t1", "9900000001", **change), teacher("t2", "9900000001")]
            _, moves, _ = self.plan()
            # Chinese is missing there too.
            self.assertEqual("t1" in moves, why == "other", why)
            self.assertIn("t2", moves, why)
        self.teachers[0] = teacher("t1", "9900000001")
        self.rotation = [("t1", "9900000001", "2025-2026", 1)]
        self.assertNotIn("t1", self.plan()[1])
        self.rotation = []
        self.sites["9900000001"] = 37.80
        done = self.run_teachers("--format", "json", "--lang", "en")
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 moves are due and the rules let 0 at most: 1 are short; relax rotation.km_max", done.stderr)
        self.assertEqual(json.loads(done.stdout)["moves"], [])

    def test_a_higher_licence_serves_a_lower_stage(self):
        self.teachers = [teacher("t1", "9900000001", stage="junior", licence_stage="junior")]
        self.assertEqual(self.plan()[1], {"t1": "9900000002"})

    def test_a_tenth_of_those_due_moves_and_a_fifth_of_them_is_of_the_backbone(self):
        self.classes[0] = ("9900000001", "primary", 6)
        self.teachers = [teacher(f"t{i}", o, backbone=int(i in (3, 4))) for i, o in enumerate(
            ["9900000001"] * 10 + ["9900000002"] * 10)]
        result, moves, _ = self.plan("--weight", "short=0", "--weight", "over=0")
        county = result["counties"][0]
        self.assertEqual((county["due"], county["moves_least"]), (20, 2))
        self.assertGreaterEqual(county["moves_due"], 2)
        self.assertGreaterEqual(5 * county["moves_backbone"], county["moves_due"])
        # Two moves of 3.0 km by road at 40 points and 2 a km; nothing cheaper keeps the rows.
        self.assertEqual(len(moves), 2)
        self.assertAlmostEqual(result["cost"], 2 * (40 + 2 * 0.02 * 111.1949 * 1.35), delta=0.02)

    def test_pins_and_bans_are_kept_and_the_impossible_is_refused(self):
        def change(*rows):
            return self.file("change", ["type", "teacher", "org"], rows)
        _, moves, _ = self.plan("--change", change(("pin", "t1", ""), ("forbid", "t2", "9900000001")))
        self.assertEqual(moves, {"t2": "9900000002"})
        _, moves, _ = self.plan("--change", change(("forbid", "t1", "9900000002")))
        self.assertEqual(moves, {"t2": "9900000002"})
        done = self.run_teachers("--change", change(("pin", "t1", "9900000003")), "--lang", "en")
        self.assertEqual(done.returncode, 1)
        self.assertIn("do not let teacher t1 be at school 9900000003", done.stderr)
        done = self.run_teachers("--change", change(("pin", "zz", ""), ("push", "t1", "9900000009")))
        self.assertEqual(done.returncode, 1)
        for text in ("change.csv:2", "zz", "change.csv:3", "push", "9900000009"):
            self.assertIn(text, done.stderr)

    def test_rows_that_make_no_sense_are_named(self):
        self.teachers.append(teacher("t9", "9900000099"))
        done = self.run_teachers()
        self.assertEqual(done.returncode, 1)
        self.assertIn("teachers.csv:4", done.stderr)
        self.assertIn("9900000099", done.stderr)

    def test_the_table_says_why(self):
        rows = list(csv.DictReader(io.StringIO(self.run_teachers("--format", "csv").stdout)))
        self.assertEqual([r["teacher"] for r in rows], ["t1", "t2"])
        self.assertIn("缺 3 人", rows[0]["reason"])


class Random(Base):
    def test_no_hard_rule_is_broken_in_random_staffs(self):
        for seed in range(25):
            rng = random.Random(seed)
            schools = [f"99000001{i:02d}" for i in range(12)]
            self.sites = {s: round(37.4 + rng.random() * 0.3, 6) for s in schools}
            self.classes = [(s, stage, rng.randint(0, 12)) for s in schools for stage in ("primary", "junior")]
            self.teachers = [teacher(
                f"t{i}", rng.choice(schools), stage=rng.choice(["primary", "junior"]), subject=rng.choice(["maths", "chinese", "pe"]),
                licence_stage=rng.choice(["primary", "junior", "senior", ""]), licence_subject=rng.choice(["maths", "chinese", "pe"]),
                birth_date=f"{rng.randint(1966, 1995)}-03-01", sex=rng.choice("12"), backbone=int(rng.random() < 0.3),
                on_quota=int(rng.random() < 0.9), service_from=rng.choice([NEW, LONG, "2021-09-01"])) for i in range(150)]
            who = {t["teacher_id"]: t for t in self.teachers}
            excused = {t for t in who if rng.random() < 0.1}
            self.rotation = [(t, who[t]["org"], "2025-2026", 1) for t in sorted(excused)]
            result, _, _ = self.plan()
            county = result["counties"][0]
            self.assertGreaterEqual(county["moves_due"], county["moves_least"])
            self.assertGreaterEqual(5 * county["moves_backbone"], county["moves_due"])
            self.assertLessEqual(result["bound"], result["cost"])
            self.assertEqual(len({m["teacher"] for m in result["moves"]}), len(result["moves"]))
            for m in result["moves"]:
                t = who[m["teacher"]]
                age = (date.today() - date.fromisoformat(t["birth_date"])).days / 365.25
                km = abs(self.sites[m["from"]] - self.sites[m["to"]]) * 111.1949 * 1.35
                self.assertTrue(t["on_quota"] and t["service_from"] != NEW and m["teacher"] not in excused, (seed, m))
                self.assertTrue(RANK[t["licence_stage"]] >= RANK[m["stage"]] and t["licence_subject"] == m["subject"], (seed, m))
                self.assertTrue(age < (56 if t["sex"] == "1" else 51) and km <= 30.01 and m["from"] != m["to"], (seed, m))
