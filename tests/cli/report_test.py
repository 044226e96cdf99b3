"""shuren report: the tables of the document say what `evaluate --format json` says, as DOCX and as PDF."""
import csv
import glob
import json
import math
import os
import re
import sqlite3
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ET
import zipfile

SHUREN = os.environ["SHUREN"]
BALANCE, PRESCHOOL, COUNTY = "compulsory-balance-2017", "preschool-universal-2020", "141125"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VERDICTS = {"pass": "达标", "fail": "不达标", "missing": "缺数据", "undefined": "无法计算"}
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
NASTY = 'R&D <证明> "甲" 文件'


def run(*args):
    return subprocess.run([SHUREN, *args], capture_output=True, text=True)


def good(*args):
    done = run(*args)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout


def text_of(element):
    """Paragraphs and breaks as lines."""
    lines = []
    for p in element.iter(W + "p"):
        lines.append("".join("\n" if e.tag == W + "br" else e.text or "" for e in p.iter() if e.tag in (W + "br", W + "t")))
    return "\n".join(lines)


def read_docx(path):
    """(whole text, tables as lists of rows of cells, header rows a table)"""
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        for name in z.namelist():
            ET.fromstring(z.read(name))
        body = ET.fromstring(z.read("word/document.xml"))[0]
    tables = [[[text_of(c) for c in r.iter(W + "tc")] for r in t.iter(W + "tr")] for t in body.iter(W + "tbl")]
    headers = [len(list(t.iter(W + "tblHeader"))) for t in body.iter(W + "tbl")]
    return text_of(body), tables, headers


def table(tables, title):
    """The rows below the header of the table with that title in its header."""
    return next(t[1:] for t in tables if title in t[0])


def holds(op, value, limit):
    return {">=": value >= limit, "<=": value <= limit, ">": value > limit, "<": value < limit}[op]


def figure(value, op=None, limit=None):
    """As the document promises: four decimals, two from 1,000 on, all where fewer change the verdict."""
    digits = 4 if abs(value) < 1000 else 2
    if op and holds(op, round(value, digits), limit) != holds(op, value, limit):
        return repr(value)
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(text, unit, is_difference=False):
    if not unit:
        return text
    if unit == "%":
        return text + (" 个百分点" if is_difference else "%")
    return f"{text} {unit}"


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.place = os.path.join(cls.folder.name, "place")
        good("demo", cls.place, "--size", "sample")
        cls.change_schools()
        cls.change_evidence()
        cls.told = {e: json.loads(good("evaluate", cls.place, e, "--org", COUNTY, "--format", "json"))
                    for e in (BALANCE, PRESCHOOL)}
        cls.path = cls.write(BALANCE, "a.docx")
        cls.text, cls.tables, cls.headers = read_docx(cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def write(cls, evaluation, name, *more):
        path = os.path.join(cls.folder.name, name)
        good("report", cls.place, evaluation, "--org", COUNTY, "--to", path, "--date", "2026-03-01", *more)
        return path

    @classmethod
    def rows(cls, ledger):
        path = os.path.join(cls.folder.name, ledger + ".csv")
        good("export", cls.place, ledger, "--to", path)
        with open(path, encoding="utf-8-sig", newline="") as f:
            return path, list(csv.DictReader(f))

    @staticmethod
    def save(path, rows):
        with open(path, "w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    @classmethod
    def change_schools(cls):
        """One school without backbone teachers, and equipment so uneven that two decimals hide it."""
        path, rows = cls.rows("school_resources")
        mine = [r for r in rows if r["县区代码"] == COUNTY]
        small, large = [r for r in mine if r["学制结构"] == "小学"]
        large["县级以上骨干教师数（人）"] = "0"
        # Of two schools with n and m pupils the coefficient is sqrt(n m) |x - y| / (n x + m y): 0.502.
        n, m = int(small["在校生数（人）"]), int(large["在校生数（人）"])
        k = math.sqrt(n * m)
        x, y = 1000.0, 1000.0 * (k + 0.502 * n) / (k - 0.502 * m)
        small["教学仪器设备值（元）"], large["教学仪器设备值（元）"] = f"{n * x:.2f}", f"{m * y:.2f}"
        cls.save(path, mine)
        good("import", cls.place, "school_resources", path)

    @classmethod
    def change_evidence(cls):
        """Two clauses without evidence, and a document with a name that must not break the file."""
        path, rows = cls.rows("evaluation_evidence")
        with sqlite3.connect(glob.glob(os.path.join(cls.place, "*.db"))[0]) as db:
            batch, = db.execute("SELECT id FROM import_batch WHERE ledger = 'evaluation_evidence'").fetchone()
        good("import", cls.place, "--undo", str(batch))
        kept = [r for r in rows if r["条款"] not in ("guarantee.1", "guarantee.2")]
        for r in kept:
            if r["条款"] == "guarantee.10":
                r["佐证材料"] = NASTY
        cls.save(path, kept)
        good("import", cls.place, "evaluation_evidence", path)

    def test_the_title_page_names_county_evaluation_period_day_and_demo(self):
        for words in ("吕梁市柳林县", "县域义务教育优质均衡发展督导评估", "自评报告", "教督〔2017〕6号", "评估周期：2025",
                      "报告日期：2026年3月1日", "演示数据", "自评结论：不达标"):
            self.assertIn(words, self.text)

    def test_every_clause_stands_in_the_table(self):
        rows = [r for r in table(self.tables, "差距") if len(r) > 1]
        told = self.told[BALANCE]["clauses"]
        self.assertEqual(len(rows), len(told))
        for row, c in zip(rows, told):
            number, title, required, value, verdict, short, state, source = row
            self.assertTrue(c["title"] in title, (c, row))
            self.assertEqual(verdict, VERDICTS[c["verdict"]])
            self.assertEqual(source, c.get("source", ""))
            if "value" in c:
                self.assertEqual(value, with_unit(figure(c["value"], c["op"], c["limit"]), c.get("unit")), c)
            if "limit" in c:
                self.assertTrue(required.endswith(SIGNS[c["op"]] + " " + with_unit(figure(c["limit"]), c.get("unit"))), row)
            if "short_by" in c:
                self.assertEqual(short, with_unit(figure(c["short_by"]), c.get("unit"), True), c)
            else:
                self.assertEqual(short, "")
        bands = [r[0] for r in table(self.tables, "差距") if len(r) == 1]
        self.assertEqual(bands, ["资源配置", "政府保障", "教育质量", "社会认可度", "一票否决"])

    def test_the_summary_counts_the_clauses(self):
        counts = {v: 0 for v in VERDICTS}
        informative = {c["id"] for c in self.told[BALANCE]["clauses"] if c.get("information")}
        numbered = [r for r in table(self.tables, "差距") if len(r) > 1 and r[0]]
        ids = {c["title"]: c["id"] for c in self.told[BALANCE]["clauses"]}
        for r in numbered:
            if ids[r[1].replace("（仅供参考）", "")] not in informative:
                counts[next(k for k, v in VERDICTS.items() if v == r[4])] += 1
        total = table(self.tables, "条款数")[-1]
        self.assertEqual(total, ["合计", str(sum(counts.values())), *(str(counts[v]) for v in VERDICTS)])
        self.assertGreater(counts["fail"], 0)
        self.assertGreater(counts["missing"], 0)
        summary = json.loads(good("evaluate", self.place, BALANCE, "--org", COUNTY, "--summary", "--format", "json"))[0]
        self.assertEqual([int(x) for x in total[2:]], [summary[v] for v in VERDICTS])

    def test_dispersions_are_unrounded_and_warn_where_a_rounded_reading_lies(self):
        rows = table(self.tables, "差异系数（未取整）")
        told = [c for c in self.told[BALANCE]["clauses"] if c["id"].startswith("dispersion.")]
        self.assertEqual(len(rows), len(told))
        warned = []
        for row, c in zip(rows, told):
            if "value" not in c:
                self.assertEqual(row[2:5], ["", "", ""])
                continue
            self.assertEqual(float(row[2]), c["value"])
            self.assertEqual(row[3:5], [f"{c['value']:.2f}", f"{c['value']:.3f}"])
            lies = [d for d in (2, 3) if holds(c["op"], round(c["value"], d), c["limit"]) != holds(c["op"], c["value"], c["limit"])]
            self.assertEqual(bool(row[7]), bool(lies), row)
            warned += [c["id"]] * bool(lies)
        self.assertEqual(warned, ["dispersion.primary.equipment"])

    def test_every_school_stands_with_its_values_and_needs(self):
        schools = self.told[BALANCE]["schools"]
        tables = [t for t in self.tables if "达标项数" in t[0]]
        rows = {r[1].split("\n")[-1]: r for t in tables for r in t[1:]}
        self.assertEqual(sorted(rows), sorted(s["org"] for s in schools if s["included"]))
        needs = 0
        for s in (s for s in schools if s["included"]):
            row, below = rows[s["org"]], {b["indicator"]: b for b in s["below"]}
            self.assertEqual(row[1].split("\n")[0], s["name"])
            for text, (measure, value) in zip(row[3:], s["values"].items()):
                b = below.get(measure)
                self.assertEqual(text, "缺" if value is None else figure(value, ">=" if b else None, b and b["limit"]))
            self.assertEqual(row[-3:-1], [f"{s['met']}/{len(s['values'])}", VERDICTS[s["verdict"]]])
            for line, b in zip(row[-1].split("\n"), s["below"]):
                least = math.ceil(b["needs"] * 100 - 1e-7) / 100
                self.assertTrue(line.startswith(f"需增 {figure(least)} {b['resource']}"), (line, b))
                self.assertEqual("底线" in line, b["value"] >= b["floor"])
                needs += 1
        self.assertGreater(needs, 1)

    def test_exclusions_come_with_their_reason(self):
        rows = table(self.tables, "原因")
        told = [s for s in self.told[BALANCE]["schools"] if not s["included"]]
        self.assertEqual([(r[1].split("\n")[-1], r[-1]) for r in rows], [(s["org"], s["reason"]) for s in told])
        self.assertEqual(len(rows), 1)

    def test_evidence_is_listed_as_given_or_missing(self):
        rows = table(self.tables, "已提供的文件")
        self.assertEqual({r[5] for r in rows}, {"已提供", "缺"})
        self.assertEqual(sum(r[5] == "缺" for r in rows), 2)
        self.assertEqual(sum(r[3] == NASTY for r in rows), 1)
        self.assertIn("学校布局专项规划", {r[2] for r in rows})
        self.assertIn("否", {r[4] for r in rows})

    def test_header_rows_repeat(self):
        self.assertEqual(set(self.headers), {1})

    def test_the_pdf_holds_the_same_text(self):
        path = self.write(BALANCE, "a.pdf")
        done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        # Cells wrap: what is left when blanks go is each cell's letters, line by line.
        letters = re.sub(r"\s", "", done.stdout)
        for word in ("吕梁市柳林县", "演示数据", "缺数据", "佐证材料清单", "—1—", "R&D<证明>"):
            self.assertIn(word, letters)
        for c in self.told[BALANCE]["clauses"]:
            if "value" in c:
                self.assertIn(figure(c["value"], c["op"], c["limit"]), letters)
        for s in self.told[BALANCE]["schools"]:
            self.assertIn(s["org"], letters)
        info = subprocess.run(["pdfinfo", path], capture_output=True, text=True).stdout
        self.assertGreater(int(re.search(r"Pages:\s+(\d+)", info).group(1)), 5)
        fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True).stdout.splitlines()[2:]
        self.assertTrue(fonts)
        for line in fonts:
            self.assertRegex(line, r"\+Noto\S*CJK\S*.*\byes +yes +yes\b")

    def test_an_evaluation_without_units_is_a_document_too(self):
        text, tables, _ = read_docx(self.write(PRESCHOOL, "b.docx"))
        rows = [r for r in table(tables, "差距") if len(r) > 1]
        self.assertEqual([r[4] for r in rows], [VERDICTS[c["verdict"]] for c in self.told[PRESCHOOL]["clauses"]])
        self.assertNotIn("差异系数", text)
        self.assertIn("县域学前教育普及普惠督导评估", text)

    def test_units_of_which_nothing_is_asked_have_values_but_no_verdict(self):
        text, tables, _ = read_docx(self.write("compulsory-balance-2012", "c.docx"))
        told = json.loads(good("evaluate", self.place, "compulsory-balance-2012", "--org", COUNTY, "--format", "json"))
        units = next(t for t in tables if t[0][1:3] == ["学校", "在校生数"])
        self.assertEqual(len(units[0]), 3 + len(told["schools"][0]["values"]))
        self.assertEqual([r[3:] for r in units[1:]],
                         [[figure(v) for v in s["values"].values()] for s in told["schools"] if s["included"]])
        self.assertNotIn("达标项数", text)

    def test_equal_input_gives_equal_bytes(self):
        for ending in ("docx", "pdf"):
            with open(self.write(BALANCE, "x." + ending), "rb") as f, open(self.write(BALANCE, "y." + ending), "rb") as g:
                self.assertEqual(f.read(), g.read())

    def test_english_frame(self):
        text, tables, _ = read_docx(self.write(BALANCE, "e.docx", "--lang", "en"))
        self.assertIn("Self-evaluation report", text)
        self.assertIn("DEMO DATA", text)
        self.assertEqual({r[4] for r in table(tables, "Short by") if len(r) > 1} - {"pass", "fail", "missing", "undefined"}, set())

    def test_refusals(self):
        to = os.path.join(self.folder.name, "no.docx")
        for code, words, args in (
                (2, "FILE.docx", [BALANCE, "--org", COUNTY, "--to", "a.txt"]),
                (2, "--org", [BALANCE, "--to", to]),
                (2, "--date", [BALANCE, "--org", COUNTY, "--to", to, "--date", "2026-02-30"]),
                (3, "none", ["none", "--org", COUNTY, "--to", to]),
                (3, "141100", [BALANCE, "--org", "141100", "--to", to]),
                (3, "999999", [BALANCE, "--org", "999999", "--to", to]),
                (3, "2019", [BALANCE, "--org", COUNTY, "--to", to, "--period", "2019"]),
                (3, "no/such", [BALANCE, "--org", COUNTY, "--to", "/no/such/folder/a.pdf"])):
            done = run("report", self.place, *args)
            self.assertEqual(done.returncode, code, (args, done.stderr))
            if words != "2019":
                self.assertIn(words, done.stderr)
            self.assertFalse(os.path.exists(to))


if __name__ == "__main__":
    unittest.main()
