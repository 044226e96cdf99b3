"""A place from outside: init, import in all its ways, undo, history, freezing, export, templates; on both stores."""
import csv
import json
import os
import random
import re
import resource
import signal
import subprocess
import tempfile
import time
import unittest
import zipfile

SHUREN = os.environ["SHUREN"]
POSTGRES = os.environ.get("SHUREN_TEST_PG")
PACK = """pack: small
title: 小包
version: "1"
---
org_kind: city
title: 市
is_area: true
---
org_kind: county
title: 县
parents: [city]
is_area: true
---
org_kind: school
title: 学校
parents: [county]
code_pattern: "[0-9]{10}"
---
orgs: all
title: 机构
file: orgs.csv
---
codes: kind
title: 类型
items:
  - {code: city, title: 市}
  - {code: county, title: 县}
  - {code: school, title: 学校}
---
ledger: orgs
title: 机构名录
grain: [code]
fields:
  - {name: code, title: 代码, type: string, constraints: {required: true}}
  - {name: name, title: 名称, type: string, constraints: {required: true}}
  - {name: kind, title: 类型, type: string, codes: kind, constraints: {required: true}}
  - {name: parent, title: 上级, type: string}
  - {name: closed_on, title: 撤销日期, type: date}
  - {name: merged_into, title: 并入, type: string}
  - {name: former_code, title: 原代码, type: string}
---
ledger: rooms
title: 教室
grain: [org, period]
period: year
org_kinds: [school]
fields:
  - {name: org, title: 学校代码, type: org, constraints: {required: true}}
  - {name: org_name, title: 学校名称, type: string, from_org: name}
  - {name: county, title: 县代码, type: string, from_org: county}
  - {name: period, title: 年度, type: period}
  - {name: rooms, title: 教室数, type: integer, unit: 间, constraints: {required: true, minimum: 0, maximum: 500}}
  - {name: multimedia, title: 多媒体教室数, type: integer, unit: 间}
  - {name: area, title: 面积, type: decimal, scale: 2, unit: m2}
  - {name: per_room, title: 每间面积, type: decimal, scale: 2, derive: "area / nullif(rooms, 0)"}
  - {name: checked_on, title: 核实日期, type: date}
  - {name: is_new, title: 新建, type: boolean}
  - {name: head_phone, title: 校长电话, type: string, secrecy: personal}
checks:
  - {id: multimedia, rule: "multimedia <= rooms", message: 多媒体教室多于教室总数}
  - {id: jump, before: previous_period, rule: "before_rooms is null or rooms <= before_rooms * 2", message: 教室数翻倍, level: warning}
  - {id: county, for_each: [period], rule: "sum(rooms) <= 1000", message: 全市教室超过一千间}
---
ledger: bookings
title: 预约
grain: [booking]
fields:
  - {name: booking, title: 预约号, type: string, constraints: {required: true}}
  - {name: org, title: 学校代码, type: org}
  - {name: period, title: 年度, type: period}
  - {name: seal, title: 印章号, type: string, constraints: {unique: true}}
  - {name: seats, title: 人数, type: integer}
  - {name: after, title: 前一预约, type: string}
foreignKeys:
  - {fields: [org, period], reference: {resource: rooms, fields: [org, period]}}
  - {fields: [after], reference: {resource: bookings, fields: [booking]}}
capacities:
  - {sum: seats, of: rooms.rooms, per: [org], message: 人数超过教室数}
---
indicator: rooms.multimedia_share
title: 多媒体教室占比
from: rooms
numerator: "sum(multimedia)"
denominator: "sum(rooms)"
per: 100
unit: "%"
---
promise: share-far
title: 多媒体教室过半
quote: 多媒体教室过半
indicator: rooms.multimedia_share
split_by: county
year: 2025
at_least: 50
unit: "%"
due: 2999-12-31
---
promise: share-past
title: 多媒体教室三成
quote: 多媒体教室三成
indicator: rooms.multimedia_share
year: 2025
at_least: 30
due: 2020-01-01
---
promise: other-year
title: 下一年
quote: 下一年
indicator: rooms.multimedia_share
year: 2026
at_most: 30
due: 2026-12-31
---
promise: only-words
title: 只有话
quote: 只有话
year: 2025
"""
ORGS = """code,name,kind,parent
10,某市,city,
11,甲县,county,10
12,乙县,county,10
"""


def orgs_file(n):
    return "code,name,kind,parent,former_code\n" + "".join(
        f"{2000000000 + i},第{i}学校,school,{11 + i % 2},A{i}\n" for i in range(1, n + 1))


class Place:  # no TestCase: its subclasses are
    """Each test on a place of its own; the stores differ in url() alone."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="shuren-place-")
        self.pack = os.path.join(self.folder.name, "small")
        os.mkdir(self.pack)
        self.write("small/pack.yaml", PACK)
        self.write("small/orgs.csv", ORGS)
        self.place = self.url()
        self.good("init", self.place, "--pack", self.pack)
        self.load("orgs", orgs_file(9))

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as f:
            f.write(text)
        return self.path(name)

    def run_shuren(self, *args, **more):
        return subprocess.run([SHUREN, *args], capture_output=True, text=True, **more)

    def good(self, *args):
        done = self.run_shuren(*args)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def bad(self, code, *args):
        done = self.run_shuren(*args)
        self.assertEqual(done.returncode, code, f"{args}: {done.stdout}{done.stderr}")
        return done.stderr

    def load(self, ledger, text, *more):
        out = self.good("import", self.place, ledger, self.write("rows.csv", text), *more)
        self.last_import = (re.findall(r"\d{15,}", out) or [None])[0]
        return [int(n) for n in re.findall(r"\d+", out)[:4]]

    def refuse(self, ledger, text, *more, code=1):
        return self.bad(code, "import", self.place, ledger, self.write("rows.csv", text), *more)

    def rows(self, ledger="rooms", *more):
        path = self.path("out")
        self.good("export", self.place, ledger, "--to", path, "--unmasked", *more)
        with open(os.path.join(path, ledger + ".csv"), encoding="utf-8", newline="") as f:
            return list(csv.DictReader(f))

    # ---- imports

    def test_new_changed_and_same_rows_are_told_apart_by_the_key(self):
        text = "org,period,rooms,area\n2000000001,2025,10,100.50\n2000000002,2025,20,\n"
        self.assertEqual(self.load("rooms", text), [2, 2, 0, 0])
        self.assertEqual(self.load("rooms", text), [2, 0, 0, 2])
        self.assertEqual(self.load("rooms", text.replace(",20,", ",21,")), [2, 0, 1, 1])
        rows = self.rows()
        self.assertEqual([r["rooms"] for r in rows], ["10", "21"])
        self.assertEqual(rows[0]["per_room"], "10.05")
        self.assertEqual((rows[0]["org_name"], rows[0]["county"]), ("第1学校", "12"))

    def test_columns_that_a_file_lacks_keep_their_values_and_are_checked_with_the_new_ones(self):
        self.load("rooms", "org,period,rooms,multimedia\n2000000001,2025,10,8\n")
        self.assertEqual(self.load("rooms", "org,period,rooms\n2000000001,2025,9\n"), [1, 0, 1, 0])
        self.assertEqual(self.rows()[0]["multimedia"], "8")
        self.assertIn("多媒体教室多于教室总数", self.refuse("rooms", "org,period,rooms\n2000000001,2025,7\n"))
        self.assertEqual(self.rows()[0]["rooms"], "9")

    def test_a_dry_run_writes_nothing(self):
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        self.assertEqual(self.load("rooms", "org,period,rooms\n2000000001,2025,11\n2000000002,2025,1\n",
                                   "--dry-run"), [2, 1, 1, 0])
        self.assertEqual([r["rooms"] for r in self.rows()], ["10"])

    def test_one_bad_row_refuses_all_and_every_reason_is_told(self):
        said = self.refuse("rooms", "org,period,rooms,multimedia\n2000000001,2025,10,11\n2000000019,2025,5,\n"
                           "11,2025,5,\n2000000002,2025,x,\n2000000003,2025,3,\n2000000003,2025,4,\n,2025,4,\n")
        for text in ["D2", "多媒体教室多于教室总数", "A3", "没有这个代码", "最接近的是 2000000009", "A4", "不填这个台账",
                     "C5", "应为数字", "第 7 行", "与第 6 行重复", "A8", "不能为空"]:
            self.assertIn(text, said)
        self.assertEqual(self.rows(), [])

    def long_file(self, change=None):
        """14,000 rows: several batches, read ahead by a thread. change: row of the sheet -> another line."""
        lines = [f"b{i},2025,s{i},{i % 5}" for i in range(2, 14002)]
        for row, line in (change or {}).items():
            lines[row - 2] = line
        return "booking,period,seal,seats\n" + "\n".join(lines) + "\n"

    def test_a_long_file_is_told_as_a_short_one(self):
        said = self.refuse("bookings", self.long_file({
            3: "b3,2025,s3,x", 4100: "b4100,2025,s4100,y", 9000: "b5,2025,s9000,1", 13000: "b13000,2025,s3,1",
            13001: ",2025,s13001,z"}))
        self.assertEqual(re.findall(r"^([A-E]\d+ |第 \d+ 行)", said, re.M), [
            "D3 ", "D4100 ", "第 9000 行", "C13000 ", "A13001 ", "D13001 "])
        self.assertIn("与第 5 行重复", said)
        self.assertIn("与第 3 行相同", said)
        self.assertIn("6 处错误, 一行也没有写入", said)
        self.assertEqual(self.load("bookings", self.long_file()), [14000, 14000, 0, 0])
        self.assertEqual(self.load("bookings", self.long_file({7000: "b7000,2025,s7000,77"})), [14000, 0, 1, 13999])
        kept = {r["booking"]: (r["seal"], r["seats"]) for r in self.rows("bookings")}
        self.assertEqual(len(kept), 14000)
        self.assertEqual((kept["b2"], kept["b7000"], kept["b14001"]),
                         (("s2", "2"), ("s7000", "77"), ("s14001", "1")))

    def test_a_long_file_that_ends_badly_or_is_stopped_leaves_nothing(self):
        self.assertIn("引号没有收尾", self.refuse("bookings", self.long_file({14001: 'b14001,"2025,s1,1'})))
        self.assertEqual(self.rows("bookings"), [])
        self.load("rooms", "org,period,rooms\n2000000001,1500,1\n")
        self.good("snapshot", self.place, "rooms", "--period", "1500")
        rows = "".join(f"200000000{i % 9 + 1},{1400 + i // 9},1\n" for i in range(14000))
        self.assertIn("定稿", self.refuse("rooms", "org,period,rooms\n" + rows, code=3))
        self.assertEqual(len(self.rows()), 1)

    def test_the_period_may_come_from_the_command(self):
        self.assertIn("没有周期", self.refuse("rooms", "org,rooms\n2000000001,10\n"))
        self.load("rooms", "org,rooms\n2000000001,10\n", "--period", "2024年")
        self.assertEqual(self.rows()[0]["period"], "2024")

    def test_a_jump_against_the_year_before_is_a_warning(self):
        self.load("rooms", "org,period,rooms\n2000000001,2024,10\n")
        done = self.run_shuren("import", self.place, "rooms",
                               self.write("rows.csv", "org,period,rooms\n2000000001,2025,30\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("教室数翻倍", done.stderr)

    def test_groups_are_checked_with_the_rows_that_were_there(self):
        self.load("rooms", "org,period,rooms\n" + "".join(f"200000000{i},2025,300\n" for i in (1, 2, 3)))
        said = self.refuse("rooms", "org,period,rooms\n2000000004,2024,500\n2000000004,2025,300\n")
        self.assertIn("第 3 行: 全市教室超过一千间", said)
        self.assertEqual(len(self.rows()), 3)

    def test_references_unique_fields_and_capacities_hold(self):
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        head = "booking,org,period,seal,seats,after\n"
        self.assertIn("台账 rooms 中没有", self.refuse("bookings", head + "a,2000000002,2025,s1,1,\n"))
        self.assertIn("本台账中没有", self.refuse("bookings", head + "a,2000000001,2025,s1,1,zz\n"))
        self.load("bookings", head + "b,2000000001,2025,s2,4,a\na,2000000001,2025,s1,1,\n")
        self.assertIn("本列不得重复", self.refuse("bookings", head + "c,2000000001,2025,s1,1,\n"))
        self.assertIn("与第 2 行相同", self.refuse(
            "bookings", head + "c,2000000001,2025,s9,1,\nd,2000000001,2025,s9,1,\n"))
        said = self.refuse("bookings", head + "c,2000000001,2025,s3,6,\n")
        self.assertIn("人数超过教室数 (已用 11, 可用 10)", said)
        self.load("bookings", head + "c,2000000001,2025,s3,5,\n")
        self.assertEqual(self.load("bookings", head + "a,2000000001,2025,s1,1,\n"), [1, 0, 0, 1])

    def test_the_rejected_csv_comes_back_as_a_marked_workbook(self):
        path = self.path("rejects.xlsx")
        self.refuse("rooms", "org,period,rooms\n2000000001,2025,10\n2000000002,2025,-1\n", "--rejects", path)
        with zipfile.ZipFile(path) as z:
            text = "".join(z.read(n).decode("utf-8") for n in z.namelist() if n.endswith(".xml"))
        self.assertIn("不应小于 0", text)
        self.assertIn("2000000002", text)
        self.assertNotIn("2000000001", text)

    def test_an_import_can_be_taken_back_until_something_stands_on_it(self):
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        first = self.last_import
        self.load("rooms", "org,period,rooms\n2000000001,2025,12\n2000000002,2025,5\n")
        second = self.last_import
        self.assertIn("后来又改过", self.bad(3, "import", self.place, "--undo", first))
        self.good("import", self.place, "--undo", second)
        self.assertEqual([(r["org"], r["rooms"]) for r in self.rows()], [("2000000001", "10")])
        self.assertIn("已经撤销过", self.bad(3, "import", self.place, "--undo", second))
        self.good("import", self.place, "--undo", first)
        self.assertEqual(self.rows(), [])
        self.assertEqual(len(json.loads(self.good("import", self.place, "rooms", "--list", "--format", "json"))), 2)

    def test_every_change_is_in_the_audit_chain(self):
        before = json.loads(self.good("audit", "verify", self.place, "--format", "json"))[0]
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        self.good("import", self.place, "--undo", self.last_import)
        self.refuse("rooms", "org,period,rooms\n2000000001,2025,-1\n")
        after = json.loads(self.good("audit", "verify", self.place, "--format", "json", "--head", before["head"]))[0]
        self.assertEqual(int(after["entries"]) - int(before["entries"]), 2)

    def test_a_frozen_period_does_not_change_until_it_is_released(self):
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        first = self.last_import
        self.good("snapshot", self.place, "rooms", "--period", "2025")
        self.assertIn("定稿", self.refuse("rooms", "org,period,rooms\n2000000001,2025,11\n", code=3))
        self.assertIn("定稿", self.bad(3, "import", self.place, "--undo", first))
        self.load("rooms", "org,period,rooms\n2000000001,2026,11\n")
        self.assertIn("whole", self.good("snapshot", self.place, "--list"))
        self.good("snapshot", self.place, "rooms", "--period", "2025", "--release", "更正")
        self.load("rooms", "org,period,rooms\n2000000001,2025,11\n")

    # ---- organisations

    def test_the_tree_follows_its_registry_and_remembers(self):
        self.load("rooms", "org,period,rooms\nA1,2025,10\n")  # by the code of another system
        self.assertEqual(self.rows()[0]["org"], "2000000001")
        self.load("orgs", "code,name,kind,parent\n2000000001,第一中学,school,11\n")
        self.assertEqual(self.rows()[0]["org_name"], "第一中学")
        self.load("orgs", "code,name,kind,parent,closed_on,merged_into\n"
                  "2000000001,第一中学,school,11,2025-08-31,2000000002\n2000000003,第3学校,school,12,2025-08-31,\n")
        said = self.refuse("rooms", "org,period,rooms\n2000000001,2026,10\n2000000003,2026,1\n")
        self.assertIn("已并入 2000000002", said)
        self.assertIn("已撤销", said)
        self.load("rooms", "org,period,rooms\n2000000001,2024,10\n")  # years before may still come in
        self.assertIn("不得改给其他机构", self.refuse(
            "orgs", "code,name,kind,parent,closed_on\n2000000003,另一所学校,school,12,\n"))

    def test_a_wrong_tree_is_refused_with_the_row(self):
        head = "code,name,kind,parent\n"
        for row, reason in [("2000000077,某校,school,99", "没有上级机构 99"), ("2000000077,某校,school,10", "不能设在"),
                            ("77,某校,school,11", "编码规则"), ("2000000077,某校,school,", "应有上级机构"),
                            ("13,丙县,county,13", "不能设在")]:
            said = self.refuse("orgs", head + row + "\n")
            self.assertIn("第 2 行", said)
            self.assertIn(reason, said)

    def test_organisations_with_rows_do_not_vanish_by_an_undo(self):
        self.load("orgs", orgs_file(11))
        last = self.last_import
        self.load("rooms", "org,period,rooms\n2000000011,2025,10\n")
        rooms = self.last_import
        self.assertIn("属于这些机构", self.bad(3, "import", self.place, "--undo", last))
        self.good("import", self.place, "--undo", rooms)
        self.good("import", self.place, "--undo", last)
        self.refuse("rooms", "org,period,rooms\n2000000011,2025,10\n")

    # ---- out again

    def test_what_goes_out_comes_in_again_unchanged(self):
        self.load("rooms", "org,period,rooms,multimedia,area,checked_on,is_new,head_phone\n"
                  '2000000001,2025,10,3,100.50,2025-09-01,1,"=1+1"\n2000000002,2025,20,,,,,\n')
        for name in ("out.xlsx", "out.csv", "package"):
            path = self.path(name)
            self.good("export", self.place, "rooms", "--to", path, "--unmasked")
            file = path if "." in name else os.path.join(path, "rooms.csv")
            out = self.good("import", self.place, "rooms", file)
            self.assertIn("新增 0, 修改 0, 未变 2", out, name)
        with open(self.path("package/datapackage.json"), encoding="utf-8") as f:
            package = json.load(f)
        schema = package["resources"][0]["schema"]
        self.assertEqual(schema["primaryKey"], ["org", "period"])
        self.assertEqual(schema["fields"][4]["constraints"], {"required": True, "minimum": 0, "maximum": 500})

    def test_personal_fields_are_masked_and_scopes_cut(self):
        self.load("rooms", "org,period,rooms,head_phone\n2000000001,2025,10,13900000000\n2000000002,2025,20,\n")
        self.good("export", self.place, "rooms", "--to", self.path("m.csv"))
        with open(self.path("m.csv"), encoding="utf-8-sig") as f:
            text = f.read()
        self.assertNotIn("13900000000", text)
        self.assertIn("1***0", text)
        self.assertEqual([r["org"] for r in self.rows("rooms", "--org", "11")], ["2000000002"])
        self.assertEqual(len(self.rows("rooms", "--org", "10")), 2)
        self.assertEqual(len(self.rows("rooms", "--org", "2000000001")), 1)

    def test_a_template_is_a_workbook_that_can_be_imported(self):
        path = self.path("template.xlsx")
        self.good("template", self.place, "rooms", "--to", path)
        self.assertIn("共 0 行", self.good("import", self.place, "rooms", path))
        with zipfile.ZipFile(path) as z:
            sheet = z.read("xl/worksheets/sheet1.xml").decode("utf-8")
        self.assertIn("dataValidation", sheet)

    def test_an_indicator_adds_up(self):
        self.load("rooms", "org,period,rooms,multimedia\n2000000001,2025,10,5\n2000000002,2025,30,6\n"
                  "2000000003,2025,10,4\n")
        rows = json.loads(self.good("indicator", self.place, "rooms.multimedia_share", "--by", "county",
                                    "--format", "json"))
        self.assertEqual([(r["group"], r["value"]) for r in rows], [("11", 20), ("12", 45), ("", 30)])

    def test_promises_say_where_they_stand(self):
        def states(text):
            self.load("rooms", "org,period,rooms,multimedia\n" + text)
            rows = json.loads(self.good("promise", self.place, "--split", "--format", "json"))
            return {(r["promise"], r["county"]): (r["state"], r["value"]) for r in rows}

        self.assertEqual(states("2000000001,2025,10,1\n2000000002,2025,10,4\n"), {
            ("share-far", ""): ("on-the-way", 25), ("share-far", "11"): ("value", 40), ("share-far", "12"): ("value", 10),
            ("share-past", ""): ("late", 25), ("other-year", ""): ("no-data", None), ("only-words", ""): ("words", None)})
        now = states("2000000001,2025,10,6\n2000000002,2026,10,4\n")
        self.assertEqual((now["share-far", ""], now["share-past", ""]), (("done", 50), ("done", 50)))
        self.assertEqual(now["other-year", ""][1], 40)
        self.assertEqual(now["other-year", ""][0], "on-the-way" if time.strftime("%Y") < "2027" else "late")

    def test_the_history_of_a_row_names_what_changed(self):
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        self.load("rooms", "org,period,rooms\n2000000001,2025,12\n")
        self.bad(3, "history", self.place, "rooms", "77")
        self.assertIn("10 → 12", self.good("history", self.place, "rooms", self.row_id()))

    def row_id(self):
        raise NotImplementedError

    # ---- when the world fails

    def test_kill_at_any_moment_leaves_all_rows_or_none(self):
        rows = "org,period,rooms\n" + "".join(f"200000000{i % 9 + 1},{1900 + i // 9},1\n" for i in range(900))
        path = self.write("many.csv", rows)
        rng = random.Random(7)
        start = time.monotonic()
        self.good("import", self.place, "rooms", path, "--dry-run")
        whole = time.monotonic() - start
        for _ in range(12):
            child = subprocess.Popen([SHUREN, "import", self.place, "rooms", path], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.2, 1.6) * whole)
            child.send_signal(signal.SIGKILL)
            child.wait()
            kept = len(self.rows())
            self.assertIn(kept, (0, 900))

    def test_kill_while_a_long_file_comes_in_leaves_all_rows_or_none(self):
        path = self.write("long.csv", self.long_file())
        rng = random.Random(11)
        start = time.monotonic()
        self.good("import", self.place, "bookings", path, "--dry-run")
        whole = time.monotonic() - start
        for _ in range(8):
            child = subprocess.Popen([SHUREN, "import", self.place, "bookings", path], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.2, 2.5) * whole)
            child.send_signal(signal.SIGKILL)
            child.wait()
            self.assertIn(len(self.rows("bookings")), (0, 14000))


class OnSqlite(Place, unittest.TestCase):
    def url(self):
        return self.path("place")

    def row_id(self):
        import sqlite3
        with sqlite3.connect(self.path("place/shuren.db")) as db:
            return str(db.execute("SELECT id FROM l_rooms").fetchone()[0])

    def test_a_full_disk_says_so_and_loses_nothing(self):
        self.load("rooms", "org,period,rooms\n2000000001,2025,10\n")
        path = self.write("many.csv", "booking,period,seats\n" + "".join(f"b{i},2025,{i}\n" for i in range(60000)))
        size = os.path.getsize(self.path("place/shuren.db"))

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 500000, size + 500000))

        done = self.run_shuren("import", self.place, "bookings", path, preexec_fn=limit)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.rows("bookings"), [])
        self.assertEqual(self.rows()[0]["rooms"], "10")
        self.load("rooms", "org,period,rooms\n2000000001,2025,11\n")

    def test_a_place_that_is_not_there_is_named(self):
        self.assertIn("nowhere", self.bad(3, "import", self.path("nowhere"), "rooms", "x.csv"))


@unittest.skipUnless(POSTGRES, "no PostgreSQL (tools/with-postgres)")
class OnPostgres(Place, unittest.TestCase):
    number = 0

    def url(self):
        OnPostgres.number += 1
        return f"{POSTGRES}?schema=place_{os.getpid()}_{OnPostgres.number}"

    def row_id(self):
        self.skipTest("covered on SQLite")

