"""shuren evaluate: published examples, random counties against a second implementation, bad files."""
import csv
import io
import json
import os
import pty
import random
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
import zipfile

sys.path.insert(0, os.path.dirname(__file__))
import balance_reference  # noqa: E402

SHUREN = os.environ["SHUREN"]
COLUMNS = ["org", "org_name", "county", "structure", "stage", "pupils", "teachers_above_degree", "backbone_teachers",
           "pe_art_teachers", "teaching_area", "indoor_sports_area", "sports_ground_area", "equipment_value",
           "multimedia_rooms"]


def run(*args):
    return subprocess.run([SHUREN, *args], capture_output=True, text=True)


def evaluate(evaluation, path, *more):
    done = run("evaluate", evaluation, "--from", f"school_resources={path}", "--format", "json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def clauses(result):
    return {c["id"]: c for c in result["clauses"]}


def write(folder, rows, columns=COLUMNS):
    path = os.path.join(folder, "rows.csv")
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def random_county(rng):
    rows = []
    for i in range(rng.randint(2, 25)):
        structure = rng.choice(["primary", "primary", "junior", "nine_year", "teaching_point", "complete_secondary",
                                "twelve_year", "special"])
        stages = {"primary": ["primary"], "teaching_point": ["primary"], "special": ["primary"], "junior": ["junior"],
                  "nine_year": ["primary", "junior"], "complete_secondary": ["junior", "senior"],
                  "twelve_year": ["primary", "junior", "senior"]}[structure]
        size = rng.randint(10, 1500)
        assets = {"teaching_area": round(size * rng.uniform(4, 9), 2), "indoor_sports_area": round(rng.uniform(0, 50), 1),
                  "sports_ground_area": round(size * rng.uniform(7, 14), 1),
                  "equipment_value": round(size * rng.uniform(1700, 4000), 2), "multimedia_rooms": rng.randint(1, 60)}
        for stage in stages:
            pupils = max(0, round(size / len(stages)) + rng.randint(-9, 9))
            rows.append({"org": f"21{i:08d}", "org_name": f"第{i}校", "county": "141102", "structure": structure,
                         "stage": stage, "pupils": pupils, "teachers_above_degree": round(pupils * rng.uniform(.03, .09)),
                         "backbone_teachers": round(pupils * rng.uniform(.005, .03)),
                         "pe_art_teachers": round(pupils * rng.uniform(.006, .02)), **assets})
    return rows


class PublishedExamples(unittest.TestCase):
    def test_books_of_five_schools_disperse_by_0_515257(self):
        found = clauses(evaluate("compulsory-balance-2012", "tests/fixtures/evaluate/five_schools.csv"))
        self.assertAlmostEqual(found["composite.primary.books"]["value"], 0.515257, places=6)

    def test_a_nine_year_school_is_split_by_weighted_pupils(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = [{"org": "2100000001", "structure": "nine_year", "stage": s, "pupils": n, "books": 23226}
                    for s, n in (("primary", 166), ("junior", 210))]
            result = evaluate("compulsory-balance-2012",
                              write(folder, rows, ["org", "structure", "stage", "pupils", "books"]))
        books = {u["stage"]: u["values"]["books"] * n for u, n in zip(result["schools"], (166, 210))}
        self.assertAlmostEqual(books["primary"], 23226 * 166 / 397, places=6)
        self.assertAlmostEqual(books["junior"], 23226 * 231 / 397, places=6)

    def test_published_coefficients_of_a_county_get_the_published_verdicts(self):
        published = {"primary": [.677, .674, .618, .519, .597, .167, .759],
                     "junior": [.542, 1.055, .507, .587, .686, .254, .496]}
        fields = ["teachers_above_degree", "backbone_teachers", "pe_art_teachers", "teaching_area",
                  "sports_ground_area", "equipment_value", "multimedia_rooms"]
        rows = []
        for stage, cvs in published.items():
            # n equal schools, one of them with all: cv of (1 ± d) halves is d; use 9:1 pupils for d > 1
            for k in range(2):
                row = {"org": f"21{stage == 'junior':d}000000{k}", "county": "341881", "structure": stage, "stage": stage,
                       "pupils": (50000, 25000)[k], "indoor_sports_area": 0}
                for field, cv in zip(fields, cvs):
                    # weights 2/3 and 1/3: values 1 - t and 1 + 2t have mean 1 and cv sqrt(2) t
                    t = cv / 2 ** .5
                    row[field] = round((1 - t if k == 0 else 1 + 2 * t) * row["pupils"] * 100)
                rows.append(row)
        with tempfile.TemporaryDirectory() as folder:
            columns = ["org", "county", "structure", "stage", "pupils", "indoor_sports_area", *fields]
            found = clauses(evaluate("compulsory-balance-2017", write(folder, rows, columns)))
        names = ["above_degree", "backbone", "pe_art", "teaching_area", "sports_area", "equipment", "multimedia"]
        for stage, cvs in published.items():
            for name, cv in zip(names, cvs):
                clause = found[f"dispersion.{stage}.{name}"]
                self.assertAlmostEqual(clause["value"], cv, places=4)
                self.assertEqual(clause["verdict"], "pass" if name == "equipment" else "fail", clause)


class RandomCounties(unittest.TestCase):
    def test_two_hundred_counties_equal_the_reference(self):
        seed = int(os.environ.get("SEED", "20261124"))
        for case in range(200):
            rows = random_county(random.Random(seed + case))
            with tempfile.TemporaryDirectory() as folder:
                result = evaluate("compulsory-balance-2017", write(folder, rows))
            expected, found = balance_reference.evaluate(rows), clauses(result)
            for stage, e in expected.items():
                where = f"seed {seed + case}, {stage}"
                if e["units"]:
                    self.assertEqual(found[f"resources.{stage}"]["value"], e["failed"], where)
                for measure, cv in e["cv"].items():
                    clause = found[f"dispersion.{stage}.{measure}"]
                    if cv is None:
                        self.assertNotEqual(clause["verdict"], "pass", where)
                        continue
                    self.assertAlmostEqual(clause["value"], cv, places=12, msg=where)
                    limit = float(balance_reference.CV_LIMIT[stage])
                    self.assertEqual(clause["verdict"], "pass" if cv <= limit else "fail", where)
                for school in result["schools"]:
                    if school["stage"] != stage or not school["included"]:
                        continue
                    for measure, (value, _) in e["schools"][school["org"]].items():
                        self.assertAlmostEqual(school["values"][measure] / max(float(value), 1), float(value) /
                                               max(float(value), 1), places=12, msg=where)


class Files(unittest.TestCase):
    def refuse(self, text, *words, code=1):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.csv")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            done = run("evaluate", "compulsory-balance-2017", "--from", f"school_resources={path}")
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_bad_cell_is_named(self):
        self.refuse("学校标识码,学段,在校生数\n2100000001,小学,12a\n", "C2", "在校生数", "12a", "应为数字")

    def test_a_missing_column_is_named(self):
        self.refuse("学校标识码,学段\n2100000001,小学\n", "在校生数")

    def test_an_unknown_column_gets_its_nearest_title(self):
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, [{"org": "1", "stage": "小学", "pupils": 5, "图书册书": 3}], ["org", "stage", "pupils", "图书册书"])
            done = run("evaluate", "compulsory-balance-2012", "--from", f"school_resources={path}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("图书册数", done.stderr)

    def test_a_row_twice_is_refused(self):
        self.refuse("org,stage,pupils\n1,primary,5\n1,primary,6\n", "重复")

    def test_ten_thousand_yuan_are_converted(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.csv")
            with open(path, "w", encoding="utf-8") as f:
                f.write("学校标识码,学段,在校生数,教学仪器设备资产值（万元）\n2100000001,小学,100,20\n")
            result = evaluate("compulsory-balance-2017", path)
        self.assertEqual(result["schools"][0]["values"]["equipment"], 2000)

    def test_a_file_that_is_not_there_is_exit_3(self):
        done = run("evaluate", "compulsory-balance-2017", "--from", "school_resources=nowhere.csv")
        self.assertEqual(done.returncode, 3)

    def test_an_unknown_evaluation_is_named(self):
        done = run("evaluate", "balance", "--from", "school_resources=tests/fixtures/evaluate/five_schools.csv")
        self.assertEqual(done.returncode, 3)
        self.assertIn("balance", done.stderr)

    def test_a_what_if_turns_a_verdict(self):
        with tempfile.TemporaryDirectory() as folder:
            change = os.path.join(folder, "change.csv")
            with open(change, "w", encoding="utf-8") as f:
                f.write("org,stage,books\n2141000004,primary,608\n")
            before = clauses(evaluate("compulsory-balance-2012", "tests/fixtures/evaluate/five_schools.csv"))
            after = clauses(evaluate("compulsory-balance-2012", "tests/fixtures/evaluate/five_schools.csv",
                                     "--what-if", change))
        self.assertLess(after["composite.primary.books"]["value"], before["composite.primary.books"]["value"])


class Explanations(unittest.TestCase):
    def test_a_dispersion_is_explained_down_to_its_schools(self):
        done = run("evaluate", "compulsory-balance-2012", "--from",
                   "school_resources=tests/fixtures/evaluate/five_schools.csv", "--explain", "composite.primary.books")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("差异系数（小学）生均图书册数", "教督〔2012〕3号", "分子: 图书册数", "分母: 在校生数", "0.51525", "2141000004  76 2.105"):
            self.assertIn(words, done.stdout)

    def test_a_clause_that_is_not_there_is_said(self):
        done = run("evaluate", "compulsory-balance-2012", "--from",
                   "school_resources=tests/fixtures/evaluate/five_schools.csv", "--explain", "composite.books")
        self.assertEqual(done.returncode, 3)


class Preschool(unittest.TestCase):
    def test_the_three_rates(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = os.path.join(folder, "k.csv")
            facts = os.path.join(folder, "f.csv")
            with open(rows, "w", encoding="utf-8") as f:
                f.write("org,county,sponsor,inclusive,children,fulltime_teachers\n"
                        "1,141102,public,0,500,40\n2,141102,private,1,300,20\n3,141102,private,0,200,10\n")
            with open(facts, "w", encoding="utf-8") as f:
                f.write("county,population_3_5,recognition\n141102,1100,85\n")
            done = run("evaluate", "preschool-universal-2020", "--from", f"kindergartens={rows}", "--from",
                       f"county_facts={facts}", "--format", "json")
        found = clauses(json.loads(done.stdout))
        self.assertAlmostEqual(found["access.enrolment"]["value"], 1000 / 11, places=10)
        self.assertEqual(found["access.inclusive"]["value"], 80)
        self.assertEqual(found["access.inclusive"]["verdict"], "pass")
        self.assertEqual(found["access.public"]["verdict"], "pass")
        self.assertAlmostEqual(found["quality.teacher_ratio"]["value"], 1000 / 70, places=10)
        self.assertEqual(found["recognition"]["verdict"], "pass")
        self.assertEqual(found["guarantee.1"]["verdict"], "missing")


class Packs(unittest.TestCase):
    def test_every_pack_passes_its_check(self):
        done = run("pack", "check", "packs/lvliang-2026")
        self.assertEqual(done.returncode, 0, done.stderr)


class Workbook(unittest.TestCase):
    FIVE = ["evaluate", "compulsory-balance-2012", "--from", "school_resources=tests/fixtures/evaluate/five_schools.csv"]

    def read(self, book):
        """The rows of the first sheet: {column: (type, text)}."""
        ns = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        with zipfile.ZipFile(io.BytesIO(book)) as z:
            sheet = ET.fromstring(z.read("xl/worksheets/sheet1.xml"))
            shared = []
            if "xl/sharedStrings.xml" in z.namelist():
                shared = ["".join(t.text or "" for t in si.iter(ns + "t"))
                          for si in ET.fromstring(z.read("xl/sharedStrings.xml")).findall(ns + "si")]
        rows = []
        for row in sheet.iter(ns + "row"):
            rows.append({})
            for c in row.iter(ns + "c"):
                kind, text = c.get("t", "n"), "".join(t.text or "" for t in c.iter() if t.tag in (ns + "v", ns + "t"))
                rows[-1][ord(c.get("r")[0]) - ord("A")] = (kind, shared[int(text)] if kind == "s" else text)
        return rows

    def test_xlsx_holds_what_csv_says(self):
        book = subprocess.run([SHUREN, *self.FIVE, "--format", "xlsx"], capture_output=True)
        self.assertEqual((book.returncode, book.stderr), (0, b""))
        rows = self.read(book.stdout)
        told = list(csv.reader(io.StringIO(run(*self.FIVE, "--format", "csv").stdout)))
        self.assertEqual(len(rows), len(told))
        self.assertEqual(rows[0][1][1], "条款")
        numbers = 0
        for cells, line in zip(rows[1:], told[1:]):
            for at, text in enumerate(line):
                kind, cell = cells.get(at, ("n", ""))
                if at in (3, 5, 6) and text:  # value, limit, short_by: numbers that a workbook can add
                    self.assertEqual(kind, "n")
                    self.assertAlmostEqual(float(cell), float(text), places=12)
                    numbers += 1
                else:
                    self.assertEqual(cell, text)
        self.assertGreater(numbers, 4)

    def test_xlsx_is_not_for_a_terminal(self):
        ours, theirs = pty.openpty()
        try:
            done = subprocess.run([SHUREN, *self.FIVE, "--format", "xlsx", "--lang", "en"], stdout=theirs,
                                  stderr=subprocess.PIPE, text=True)
        finally:
            os.close(theirs)
            os.close(ours)
        self.assertEqual(done.returncode, 2)
        self.assertIn("terminal", done.stderr)
