"""shuren allocate teachers: each hard rule by hand, the shares of moves, pins and bans, bad rows, and random staffs."""
import csv
import io
import json
import math
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
          "licensed", "backbone", "above_degree", "on_quota", "service_from"]


def teacher(id, org, **more):
    row = dict(teacher_id=id, name="演示", sex="1", birth_date="1985-05-05", org=org, period="2025-2026", stage="primary",
               subject="maths", licence_stage="primary", licence_subject="maths", licensed=1, backbone=1, above_degree=0, on_quota=1, service_from=LONG)
    return row | more


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.sites = {"9900000001": 37.50, "9900000002": 37.52, "9900000003": 37.95}
        self.classes = [("9900000001", "primary", 0), ("9900000002", "primary", 6), ("9900000003", "primary", 0)]
        self.teachers = [teacher("t1", "9900000001"), teacher("t2", "9900000001")]
        self.rotation, self.family, self.supply = [], [], []

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
            "teacher_rotation": self.file("teacher_rotation", ["teacher_id", "org", "period", "excused", "spouse", "km_max"],
                                          [(*r, "", "") for r in self.rotation] + [(t, o, "2025-2026", 0, s, km) for t, o, s, km in self.family])}
        if self.supply:
            files["teacher_supply"] = self.file("teacher_supply", ["program", "county", "stage", "subject", "period", "count"],
                                                [(p, "141102", stage, subject, "2025-2026", n) for p, stage, subject, n in self.supply])
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

    def test_of_a_couple_one_moves_at_most_and_not_far_from_the_other(self):
        self.family = [("t1", "9900000001", "t2", "")]
        _, moves, _ = self.plan()
        # Both are due; the first may go, 3 km from where the other one stays.
        self.assertEqual(moves, {"t1": "9900000002"})
        # 15 km along the road at most: 0.12 degrees are 18 km.
        self.sites["9900000002"] = 37.62
        done = self.run_teachers("--format", "json")
        self.assertEqual(json.loads(done.stdout)["moves"], [])
        self.family = []
        self.assertEqual(set(self.plan()[1]), {"t1", "t2"})

    def test_a_carer_goes_no_further_than_noted(self):
        self.family = [("t1", "9900000001", "", "2.9")]
        self.assertEqual(set(self.plan()[1]), {"t2"})
        self.family = [("t1", "9900000001", "", "3.1")]
        self.assertEqual(set(self.plan()[1]), {"t1", "t2"})

    def test_retraining_leads_to_subjects_and_stages_that_the_pack_lists_and_only_when_it_is_asked_for(self):
        # Maths needs three there and has them; labour, it and science are missing.
        self.teachers = [teacher(f"t{i}", "9900000002", service_from="2021-09-01") for i in range(5)]
        result, moves, _ = self.plan()
        self.assertEqual(moves, {})
        result, moves, _ = self.plan("--retrain")
        county = result["counties"][0]
        self.assertEqual((county["moves"], county["retrained"], county["missing_before"] - county["missing"]), (0, 2, 2))
        self.assertEqual({m["subject"] for m in result["moves"]} - {"science", "it", "labour"}, set())
        self.assertTrue(all(m["retrain_months"] > 0 and m["from"] == m["to"] for m in result["moves"]))
        could = {s["subject"]: s["could_retrain"] for s in county["subjects"]}
        self.assertEqual((could["science"], could["labour"], could["chinese"], could["music"]), (5, 5, 0, 0))
        # One stage up in the same subject, twelve months; not two.
        self.classes = [("9900000002", "junior", 6)]
        self.assertEqual(self.plan()[1], {})
        result, moves, _ = self.plan("--retrain")
        self.assertEqual({(m["subject"], m["stage"], m["retrain_months"]) for m in result["moves"]}, {("maths", "junior", 12)})
        self.classes = [("9900000002", "primary", 0)]
        self.teachers = [teacher("t1", "9900000001", licence_stage="")]
        self.assertEqual(self.plan("--retrain", code=0)[1], {})

    def test_programmes_send_people_where_their_subject_is_missing(self):
        self.teachers = [teacher("t0", "9900000002", service_from="2021-09-01")]
        self.supply = [("银龄", "primary", "chinese", 2), ("优师", "primary", "music", 4)]
        result, moves, _ = self.plan()
        county = result["counties"][0]
        sent = {}
        for m in result["moves"]:
            self.assertTrue(m["supply"])
            self.assertEqual((m["to"], m["stage"]), ("9900000002", "primary"))
            sent[m["from"]] = sent.get(m["from"], 0) + 1
        # Six classes need 3.9 heads of Chinese and 0.9 of music.
        self.assertEqual(sent, {"银龄": 2, "优师": 1})
        self.assertEqual((county["supplied"], county["moves"], county["missing_before"] - county["missing"]), (3, 0, 3))
        self.supply = [("银龄", "college", "chinese", 2)]
        done = self.run_teachers()
        self.assertEqual(done.returncode, 1)
        for text in ("teacher_supply.csv", "C2", "college"):
            self.assertIn(text, done.stderr)

    def test_balance_moves_the_backbone_to_where_it_is_thin_and_its_bound_holds(self):
        self.classes = [("9900000001", "primary", 6), ("9900000002", "primary", 6)]
        self.teachers = [teacher(f"t{i}", "9900000001" if i < 8 else "9900000002", backbone=int(i < 8), subject=s, licence_subject=s)
                         for i, s in enumerate(["chinese", "maths", "pe", "english"] * 4)]
        plain, _, _ = self.plan("--weight", "short=0", "--weight", "over=0")
        even, _, _ = self.plan("--weight", "short=0", "--weight", "over=0", "--weight", "balance=20000")

        def cv(result, when):
            return [e[when] for e in result["counties"][0]["evenness"] if (e["column"], e["stage"]) == ("backbone", "primary")][0]
        # All eight at one of two schools of the same size: 1. Four and four: 0.
        self.assertAlmostEqual(cv(even, "cv_before"), 1, delta=1e-6)
        self.assertLess(cv(even, "cv_after"), 0.3)
        self.assertLess(cv(even, "cv_after"), cv(plain, "cv_after"))
        self.assertLessEqual(even["bound"], even["cost"])
        # Four moves of 3 km at 40 points and 2 a km make it even.
        self.assertLess(even["cost"], 4 * 46.1 + 1)

    def test_strict_puts_one_goal_before_the_other(self):
        rng = random.Random(3)
        for _ in range(5):
            schools = [f"99000001{i:02d}" for i in range(8)]
            self.sites = {s: round(37.4 + rng.random() * 0.2, 6) for s in schools}
            self.classes = [(s, "primary", rng.randint(1, 10)) for s in schools]
            self.teachers = [teacher(f"t{i}", rng.choice(schools), backbone=int(rng.random() < .3), subject=s, licence_subject=s)
                             for i, s in enumerate(rng.choice(["maths", "chinese", "pe"]) for _ in range(80))]
            strict, _, _ = self.plan("--strict")
            only, _, _ = self.plan(*[w for g in ("over", "move", "move_other", "km") for w in ("--weight", g + "=0")])
            # Nobody else could leave fewer posts empty (half-empty ones count twice).
            missing = sum(s["missing"] for s in only["counties"][0]["subjects"])
            self.assertLessEqual(sum(s["missing"] for s in strict["counties"][0]["subjects"]), missing * 1.02)
            self.assertLessEqual(strict["gap"], 0.01)
            no_balance, _, _ = self.plan("--strict", "--weight", "balance=0")
            self.assertGreaterEqual(strict["counties"][0]["moves"] + 1, no_balance["counties"][0]["moves"])

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


class County(Base):
    """The demo county's staff, changed at random: SHUREN_INSTANCES of them (12 if not said)."""

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        place = os.path.join(cls.place.name, "place")
        done = subprocess.run([SHUREN, "demo", place, "--size", "county"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        cls.ledgers = {}
        for ledger in ("teachers", "school_resources", "school_sites"):
            path = os.path.join(cls.place.name, ledger + ".csv")
            done = subprocess.run([SHUREN, "export", place, ledger, "--to", path], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            with open(path, encoding="utf-8-sig") as f:
                cls.ledgers[ledger] = list(csv.reader(f))

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def test_no_hard_rule_is_broken_in_perturbed_staffs_of_the_demo_county(self):
        everything = [[plain(c) for c in r] for r in self.ledgers["teachers"]]
        # What is masked in an export is left out.
        keep = [k for k, title in enumerate(everything[0]) if title not in ("姓名", "出生日期")]
        header, *people = [[r[k] for k in keep] for r in everything]
        header, people = [*header, "姓名"], [[*r, "演示"] for r in people]
        sites = [[plain(c) for c in r] for r in self.ledgers["school_sites"]]
        resources = [[plain(c) for c in r] for r in self.ledgers["school_resources"]]
        at = {name: header.index(title) for name, title in (
            ("id", "教师编号"), ("sex", "性别"), ("org", "学校标识码"), ("stage", "任教学段"), ("subject", "任教学科"),
            ("licence_stage", "教师资格学段"), ("licence_subject", "教师资格学科"), ("quota", "在编"), ("from", "到本校年月"))}
        where = {r[0]: (float(r[sites[0].index("经度")]), float(r[sites[0].index("纬度")])) for r in sites[1:]}
        rank = {"学前教育": 1, "小学": 2, "初中": 3, "普通高中": 4}
        stage = {"preschool": 1, "primary": 2, "junior": 3, "senior": 4}
        for n in range(int(os.environ.get("SHUREN_INSTANCES", "12"))):
            rng = random.Random(20261127 + n)
            rows = [list(r) for r in people]
            schools = sorted({r[at["org"]] for r in rows})
            for r in rng.sample(rows, len(rows) // 5):
                change = rng.choice(["from", "licence_stage", "licence_subject", "quota", "org"])
                r[at[change]] = {"from": rng.choice(["2024-09-01", "2021-09-01", "2012-09-01"]), "licence_stage": rng.choice(list(rank)),
                                 "licence_subject": rng.choice(rows)[at["licence_subject"]], "quota": "否",
                                 "org": rng.choice(schools)}[change]
            who = {r[at["id"]]: r for r in rows}
            chosen = rng.sample(sorted(who), 120)
            excused, carers, first, second = set(chosen[:30]), chosen[30:60], chosen[60:90], chosen[90:120]
            self.rotation = [(t, who[t][at["org"]], "2025-2026", 1) for t in sorted(excused)]
            self.family = [(t, who[t][at["org"]], "", 6) for t in carers] + [
                (a, who[a][at["org"]], b, "") for a, b in zip(first, second)]
            files = {
                "teachers": self.file("teachers", header, rows), "school_sites": self.file("school_sites", sites[0], sites[1:]),
                "school_resources": self.file("school_resources", resources[0], resources[1:]),
                "teacher_rotation": self.file("teacher_rotation", ["teacher_id", "org", "period", "excused", "spouse", "km_max"],
                                              [(*r, "", "") for r in self.rotation] + [(t, o, "2025-2026", 0, s, km) for t, o, s, km in self.family])}
            done = subprocess.run([SHUREN, "allocate", "teachers", *[w for k, v in files.items() for w in ("--from", f"{k}={v}")],
                                   "--format", "json"], capture_output=True, text=True)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            result = json.loads(done.stdout)
            county = result["counties"][0]
            if not county["relaxed"]:
                self.assertGreaterEqual(county["moves_due"], county["moves_least"])
                self.assertGreaterEqual(5 * county["moves_backbone"], county["moves_due"])
            moved = {m["teacher"]: m["to"] for m in result["moves"]}
            spouse = dict(zip(first, second)) | dict(zip(second, first))
            for m in result["moves"]:
                r, seed = who[m["teacher"]], (n, m)
                km = road(where[r[at["org"]]], where[m["to"]])
                served = (date.today() - date.fromisoformat(r[at["from"]])).days / 365.25
                self.assertEqual(r[at["quota"]], "是", seed)
                self.assertEqual(m["from"], r[at["org"]], seed)
                self.assertNotIn(m["teacher"], excused, seed)
                self.assertGreaterEqual(served, 3 - 0.01, seed)
                self.assertGreaterEqual(rank[r[at["licence_stage"]]], stage[m["stage"]], seed)
                self.assertLessEqual(km, 30.01, seed)
                if m["teacher"] in carers:
                    self.assertLessEqual(km, 6.01, seed)
                other = spouse.get(m["teacher"])
                if other and who[other][at["quota"]] == "是":
                    self.assertNotIn(other, moved, seed)
                    self.assertLessEqual(road(where[who[other][at["org"]]], where[m["to"]]), 15.01, seed)


def plain(cell):
    return cell[2:-1] if cell.startswith('="') else cell


def road(a, b):
    rad = math.pi / 180
    h = math.sin((a[1] - b[1]) * rad / 2) ** 2 + math.cos(a[1] * rad) * math.cos(b[1] * rad) * math.sin((a[0] - b[0]) * rad / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h)) * 1.35
