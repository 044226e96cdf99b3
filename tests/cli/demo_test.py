"""`shuren demo` from outside: the same seed gives the same files, they add up, and a place takes them without a word."""
import csv
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from collections import Counter
from datetime import date

SHUREN = os.environ["SHUREN"]
SMALL = """pack: small
title: 小包
version: "1"
---
ledger: things
title: 物品
grain: [code]
fields:
  - {name: code, title: 代码, type: string, constraints: {required: true}}
  - {name: weight, title: 重量, type: decimal, scale: 2}
  - {name: made_on, title: 日期, type: date}
  - {name: total, title: 合计, type: integer}
---
demo: small
title: 演示
notice: 演示数据
day: 2025-01-01
sizes: [{id: one, title: 一, values: {boxes: 3}}, {id: two, title: 二, values: {boxes: 5}}]
outputs: [{ledger: things, as: csv}]
tables:
"""
TABLES = """  - id: box
    count: size_boxes
    fields:
      - {name: total, rule: "0"}
  - id: thing
    of: box
    until: pieces
    reach: 10
    ledger: things
    keep: pieces > 1
    fields:
      - {name: code, text: "7{box_number}{number:3}", check: mod_11_2}
      - {name: pieces, least: 1, most: 4}
      - {name: weight, type: decimal, scale: 2, rule: "pieces * 1.25 / 3"}
      - {name: made_on, since: 2025-01-01, rule: "pieces - 1"}
    adds:
      - {to: box_total, value: pieces}
  - id: end
    of: box
    count: 1
    ledger: things
    fields:
      - {name: code, text: "E{box_number}"}
      - {name: total, rule: box_total}
"""


def mod_11_2(digits):
    rest = 0
    for d in digits:
        rest = (rest + int(d)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


def plain(cell):
    """What CSV for people writes as ="text" is text."""
    found = re.fullmatch('="(.*)"', cell)
    return found.group(1) if found else cell


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as f:
        rows = [[plain(c) for c in row] for row in csv.reader(f)]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


class Base(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def run_shuren(self, *words):
        return subprocess.run([SHUREN, *words], capture_output=True, text=True)

    def good(self, *words):
        done = self.run_shuren(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def bad(self, code, *words):
        done = self.run_shuren(*words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr

    def files(self, name, *more):
        self.good("demo", "--files-only", "--files", self.path(name), *more)
        return self.path(name)


class City(Base):
    def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_rows(self):
        a, b, c = (self.files(n, "--size", "sample", "--seed", s) for n, s in (("a", "5"), ("b", "5"), ("c", "6")))
        names = sorted(os.listdir(a))
        self.assertIn("pupils.csv", names)
        self.assertIn("orgs.xlsx", names)
        for name in names:
            with open(os.path.join(a, name), "rb") as x, open(os.path.join(b, name), "rb") as y:
                self.assertEqual(x.read(), y.read(), name)
        with open(os.path.join(a, "pupils.csv"), "rb") as x, open(os.path.join(c, "pupils.csv"), "rb") as y:
            self.assertNotEqual(x.read(), y.read())
        with open(os.path.join(a, "README.txt"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "演示数据\n")

    def test_a_county_has_35000_children_and_identity_numbers_that_nobody_has(self):
        pupils = table(os.path.join(self.files("county", "--size", "county"), "pupils.csv"))
        self.assertLess(abs(len(pupils) - 35000), 35000 * 0.04)
        numbers = [p["身份证件号"] for p in pupils]
        self.assertEqual(len(set(numbers)), len(numbers))
        for p in pupils[::97]:
            number = p["身份证件号"]
            self.assertTrue(number.startswith("0"))
            self.assertEqual(number[17], mod_11_2(number[:17]))
            self.assertEqual(number[6:14], p["出生日期"].replace("-", ""))
            self.assertEqual(int(number[16]) % 2, int(p["性别"]) % 2)
            born = date.fromisoformat(p["出生日期"])
            if p["学段"] != "preschool":
                self.assertLess(abs((date(2025, 8, 31) - born).days / 365.25 - (int(p["年级"]) + 5.5)), 0.6)
        sizes = Counter((p["学校标识码"], p["年级"], p["班号"]) for p in pupils)
        self.assertLessEqual(max(sizes.values()), 45)

    def test_a_place_takes_all_of_it_the_rows_add_up_and_counties_pass_and_fail(self):
        place = self.path("place")
        said = self.good("demo", place, "--size", "sample").stderr.splitlines()
        self.assertTrue(said[0].startswith("新密钥 ") and said[1].startswith("请另存一份"), said)
        said = said[2:]
        self.assertTrue(all(line.startswith("导入 ") or line == "演示数据" for line in said), said)
        rows = {}
        for ledger in ("pupils", "teachers", "school_resources", "county_facts", "kindergartens"):
            out = self.path(ledger)
            self.good("export", place, ledger, "--to", out, "--unmasked")
            with open(os.path.join(out, ledger + ".csv"), encoding="utf-8", newline="") as f:
                rows[ledger] = list(csv.DictReader(f))
        self.check_sums(rows)
        seen = set()
        for evaluation in ("compulsory-balance-2017", "preschool-universal-2020"):
            results = json.loads(self.good("evaluate", place, evaluation, "--format", "json").stdout)
            self.assertEqual(len(results), 13)
            seen |= {r["verdict"] for r in results}
        self.assertLessEqual({"pass", "fail"}, seen)
        self.good("demo", place, "--size", "sample")  # again: the same rows

    def check_sums(self, rows):
        pupils = Counter((p["org"], p["stage"]) for p in rows["pupils"])
        teachers, counts = Counter(), Counter()
        arts = ("pe", "music", "fine_art")
        for t in rows["teachers"]:
            key = (t["org"], t["stage"])
            teachers[key] += 1
            counts[key, "backbone"] += t["backbone"] == "1"
            counts[key, "above"] += t["above_degree"] == "1"
            counts[key, "arts"] += t["subject"] in arts
            counts[key, "midlevel"] += int(t["title_level"]) >= 3
        for r in rows["school_resources"]:
            key = (r["org"], r["stage"])
            self.assertEqual(int(r["pupils"]), pupils[key])
            self.assertEqual(int(r["fulltime_teachers"]), teachers[key])
            for field, name in (("backbone_teachers", "backbone"), ("teachers_above_degree", "above"),
                                ("pe_art_teachers", "arts"), ("midlevel_teachers", "midlevel")):
                self.assertEqual(int(r[field]), counts[key, name], (key, name))
        for k in rows["kindergartens"]:
            key = (k["org"], "preschool")
            self.assertEqual((int(k["children"]), int(k["fulltime_teachers"])), (pupils[key], teachers[key]))
        compulsory = sum(n for (_, stage), n in teachers.items() if stage != "preschool")
        self.assertEqual(sum(int(f["teachers"]) for f in rows["county_facts"]), compulsory)

    def test_made_up_rows_do_not_go_where_people_have_given_theirs(self):
        place = self.path("place")
        self.good("init", place)
        with open(self.path("facts.csv"), "w", encoding="utf-8") as f:
            f.write("county,period,recognition\n141102,2025,90\n")
        self.good("import", place, "county_facts", self.path("facts.csv"))
        self.assertIn("新的存放处", self.bad(3, "demo", place, "--size", "sample"))

    def test_wrong_words_are_refused(self):
        self.bad(2, "demo")
        self.bad(2, "demo", "--files-only")
        self.assertIn("huge", self.bad(3, "demo", "--files-only", "--files", self.path("x"), "--size", "huge"))


class Recipe(Base):
    def write(self, tables):
        os.makedirs(self.path("small"), exist_ok=True)
        with open(self.path("small/pack.yaml"), "w", encoding="utf-8") as f:
            f.write(SMALL + tables)
        return self.path("small")

    def test_rows_come_as_the_recipe_says(self):
        out = self.files("out", "--pack", self.write(TABLES), "--size", "two")
        rows = table(os.path.join(out, "things.csv"))
        ends = [r for r in rows if r["代码"].startswith("E")]
        self.assertEqual([r["代码"] for r in ends], ["E1", "E2", "E3", "E4", "E5"])
        self.assertTrue(all(10 <= int(r["合计"]) <= 13 for r in ends))
        for r in rows:
            if r in ends:
                continue
            self.assertEqual(r["代码"][-1], mod_11_2(r["代码"][:-1]))
            pieces = date.fromisoformat(r["日期"]).day
            self.assertIn(pieces, (2, 3, 4))
            self.assertEqual(r["重量"], {2: "0.83", 3: "1.25", 4: "1.67"}[pieces])

    def test_mistakes_are_named_with_their_line(self):
        for old, new, what in [
                ("least: 1, most: 4", "least: 1, most: 4, rule: '2'", "之一"),
                ("pieces * 1.25 / 3", "peices * 1.25 / 3", "pieces"),
                ('text: "7{box_number}{number:3}"', 'text: "{pieces}"', "{pieces}"),
                ("least: 1", 'least: "weight"', "在它后面"),
                ("check: mod_11_2", "check: luhn", "mod_11_2"),
                ("of: box\n    until", "of: bax\n    until", "bax"),
                ("until: pieces", "until: parts", "until"),
                ("to: box_total", "to: size_boxes", "上级"),
                ("ledger: things\n    keep", "ledger: thongs\n    keep", "thongs")]:
            self.assertIn(old, TABLES)
            said = self.bad(1, "pack", "check", self.write(TABLES.replace(old, new)))
            self.assertRegex(said, r"pack\.yaml:\d+:\d+: .*" + re.escape(what))

    def test_what_only_shows_when_it_runs_is_told_too(self):
        for old, new, what in [("least: 1, most: 4", "least: 4, most: 1", "least"),
                               ("least: 1, most: 4", "least: 0, most: 0", "达不到")]:
            folder = self.write(TABLES.replace(old, new))
            said = self.bad(3, "demo", "--files-only", "--files", self.path("out"), "--pack", folder)
            self.assertIn(what, said)


if __name__ == "__main__":
    unittest.main()
