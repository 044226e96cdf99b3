"""Sealed fields from outside: nothing in the clear in the store, keys, rotation, unsealing; on both stores."""
import csv
import os
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]
POSTGRES = os.environ.get("SHUREN_TEST_PG")
PACK = """pack: sealed
title: 密封包
version: "1"
---
org_kind: city
title: 市
is_area: true
---
org_kind: school
title: 学校
parents: [city]
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
ledger: cases
title: 事件
grain: [org, case_no]
fields:
  - {name: org, title: 学校, type: org, constraints: {required: true}}
  - {name: case_no, title: 编号, type: string, constraints: {required: true}}
  - {name: period, title: 学年, type: period, constraints: {required: true}}
  - {name: size, title: 人数, type: integer}
  - {name: who, title: 姓名, type: string SECRET}
  - {name: number, title: 证件号, type: string, constraints: {unique: true, max_length: 40} SECRET}
---
role: keeper
title: 管理人
grants:
  - {on: [cases], may: [read, write], scope: own, unseal: [who]}
"""
ORGS = "code,name,kind,parent\n1400000000,某市,city,\n1401000001,一小,school,1400000000\n1401000002,二小,school,1400000000\n"
NAME, OTHER, NUMBER = "欧阳密封甲", "欧阳密封乙", "ZZSECRET001"
REASON = "家长来访核对本人记录内容"
# What a program from before the short form made of NAME and NUMBER in the row 17, with the bytes 0 to 31 as the key.
FORMER_KEY = "4adb810c434c"
FORMER_LINE = FORMER_KEY + " xchacha20 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
FORMER = {"who": "v1:4adb810c434c:VJXSs5Xb6ZmuVDi6oY9NoI64tggZUL6iylEXJBLALjl6u+ZdGFuCeoR0wEX9/FMDXPrvYI7+yy8",
          "number": "v1:4adb810c434c:Ja4UwUmM/S8CDXh7x4hSuJzT4A08k/YKg/BJChR+t8XM8tyW3uq7/83bWlVB4lqRvqJc9Gniptw",
          "number__print": "5b86be202b1eb9983ab2af3d6a68d5ba"}


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="shuren-seal-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.place = self.at("place")
        self.keys = self.at("place/keys/seal.keys")
        self.env = dict(os.environ)
        self.env.pop("SHUREN_KEY_FILE", None)
        self.store_up()
        self.pack(", secrecy: sealed")

    def store_up(self):
        pass

    def at(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.at(name), "w") as f:
            f.write(text)
        return self.at(name)

    def pack(self, secret):
        os.makedirs(self.at("pack"), exist_ok=True)
        self.write("pack/pack.yaml", PACK.replace(" SECRET", secret))
        self.write("pack/orgs.csv", ORGS)

    def run_(self, *args, code=0, stdin=""):
        done = subprocess.run([SHUREN, *args, "--lang", "en"], capture_output=True, text=True, env=self.env,
                              input=stdin)
        self.assertEqual(done.returncode, code, f"{args}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def init(self):
        return self.run_("init", self.place, "--pack", self.at("pack"))

    def put(self, text, code=0):
        return self.run_("import", self.place, "cases", self.write("rows.csv", text), code=code)

    def fill(self):
        self.init()
        self.put(f"org,case_no,period,size,who,number\n1401000001,A,2026,3,{NAME},{NUMBER}\n"
                 f"1401000002,B,2026,4,{OTHER},ZZSECRET002\n1401000002,C,2026,5,,\n")

    def sql(self, text):
        db = sqlite3.connect(self.at("place/shuren.db"))
        rows = db.execute(text).fetchall()
        db.commit()
        db.close()
        return "\n".join("|".join(str(v) for v in row) for row in rows)

    def dump(self):
        """All that a thief of the store has: raw bytes, or what pg_dump gives."""
        data = b""
        for name in os.listdir(self.at("place")):
            if os.path.isfile(self.at("place/" + name)):
                with open(self.at("place/" + name), "rb") as f:
                    data += f.read()
        return data

    def assert_nothing_clear(self, *texts):
        data = self.dump()
        self.assertIn("1401000001".encode(), data)
        for text in texts:
            self.assertNotIn(text.encode(), data)

    def row(self, case):
        return self.sql(f"SELECT id FROM l_cases WHERE case_no = '{case}'")

    def add_user(self, org="1401000001", login="keeper"):
        self.run_("user", self.place, "add", login, "--org", org, "--name", "张三", "--role", "keeper",
                  "--password-stdin", stdin="Shanxi-2026-demo\n")

    def unseal(self, case, *fields, reason=REASON, login="keeper", code=0):
        return self.run_("unseal", self.place, "cases", self.row(case), *fields, "--reason", reason, "--as", login,
                         code=code)

    def test_the_store_has_nothing_in_the_clear(self):
        self.fill()
        self.put("org,case_no,period,size,who\n1401000001,A,2026,3,欧阳改名\n")
        self.assertEqual(self.sql("SELECT count(*) FROM h_cases"), "1")
        self.assert_nothing_clear(NAME, OTHER, NUMBER, "欧阳改名")
        self.assertIn("欧阳改名", self.open_as_keeper("A"))

    def open_as_keeper(self, case):
        self.add_user()
        return self.unseal(case, "who")

    def test_the_key_is_in_a_file_of_its_own(self):
        said = self.init()
        self.assertIn(self.keys_path(), said)
        self.assertIn("are lost", said)
        self.assertEqual(os.stat(self.keys_path()).st_mode & 0o777, 0o600)
        with open(self.keys_path()) as f:
            key = f.read().split()[-1]
        self.assert_nothing_clear_text(key)
        self.assertIn(self.keys_path(), self.run_("key", self.place, "list"))
        self.assertNotIn("new key", self.init(), "a second init keeps the key")

    def keys_path(self):
        return self.keys

    def assert_nothing_clear_text(self, text):
        self.assertNotIn(text.encode(), self.dump())

    def test_a_partial_file_keeps_what_is_sealed(self):
        self.fill()
        self.assertIn("1 changed, 0 same", self.put("org,case_no,period,size\n1401000001,A,2026,7\n"))
        self.assertIn("0 changed, 1 same", self.put(f"org,case_no,period,size,who\n1401000001,A,2026,7,{NAME}\n"))
        self.assertIn("1 changed, 0 same", self.put(f"org,case_no,period,size,who\n1401000001,A,2026,7,{OTHER}\n"))
        said = self.run_("history", self.place, "cases", self.row("A"))
        self.assertIn("人数 3 → 7", said)
        self.assertEqual(said.count("姓名 ****"), 1, said)
        self.assertNotIn("~1", said)

    def test_uniqueness_holds_by_the_keyed_hash(self):
        self.fill()
        said = self.put(f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}\n", code=1)
        self.assertIn("this column must differ", said)
        self.assertNotIn(NUMBER, said)
        said = self.put(f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}{'9' * 60}\n", code=1)
        self.assertIn("E2", said)
        self.assertNotIn(NUMBER, said)
        self.put(f"org,case_no,period,size,number\n1401000002,D,2025,1,{NUMBER}\n")
        said = self.put("org,case_no,period,size,number\n1401000002,E,2026,1,Q1\n1401000002,F,2026,1,Q1\n", code=1)
        self.assertIn("the same as in row 2", said)

    def test_an_undone_import_gives_the_former_value_back(self):
        self.fill()
        said = self.put(f"org,case_no,period,size,who\n1401000001,A,2026,3,{OTHER}\n")
        self.run_("import", self.place, "--undo", re.search(r"import (\d+)", said)[1])
        self.assertIn(NAME, self.open_as_keeper("A"))

    def test_exports_leave_sealed_fields_out_and_come_back(self):
        self.fill()
        out = self.at("out.csv")
        self.run_("export", self.place, "cases", "--to", out, "--unmasked")
        with open(out, encoding="utf-8-sig") as f:
            text = f.read()
        self.assertEqual(next(csv.reader([text.splitlines()[0]])), ["学校", "编号", "学年", "人数"])
        self.assertIn("0 new, 0 changed, 3 same", self.run_("import", self.place, "cases", out))
        self.run_("export", self.place, "cases", "--to", self.at("package"), "--unmasked")
        for name in ("datapackage.json", "cases.csv"):
            with open(self.at("package/" + name)) as f:
                text = f.read()
            self.assertNotIn("~1", text)
            self.assertNotIn("number", text)

    def test_reading_needs_a_right_a_scope_and_a_reason(self):
        self.fill()
        self.add_user()
        self.assertIn("10 to 500", self.unseal("A", "who", reason="为了看", code=2))
        self.assertIn("do not open number", self.unseal("A", "who", "number", code=3))
        self.assertIn("no such row", self.unseal("B", "who", code=3))
        self.assertIn("no sealed field", self.unseal("A", "size", code=2))
        self.assertIn("no account", self.unseal("A", "who", login="nobody", code=3))
        self.assertNotIn("row.unseal", self.sql("SELECT action FROM audit"))
        self.assertIn(NAME, self.unseal("A", "who"))
        said = self.sql("SELECT who, action, object, detail FROM audit WHERE action = 'row.unseal'")
        self.assertIn(f"cases/{self.row('A')}", said)
        self.assertTrue(said.startswith("keeper|row.unseal|"), said)
        self.assertIn("who: " + REASON, said)
        self.assertNotIn(NAME, said)
        self.run_("audit", "verify", self.place)
        self.run_("user", self.place, "lock", "keeper")
        self.assertIn("locked", self.unseal("A", "who", code=3))

    def test_what_is_changed_or_moved_does_not_open(self):
        self.fill()
        self.add_user()
        mine, other = self.row("A"), self.row("B")
        kept = self.sql(f"SELECT who FROM l_cases WHERE id = {mine}")
        self.sql(f"UPDATE l_cases SET who = (SELECT who FROM l_cases WHERE id = {other}) WHERE id = {mine}")
        self.assertIn("changed or moved", self.unseal("A", "who", code=3))
        self.sql(f"UPDATE l_cases SET who = number WHERE id = {mine}")
        self.assertIn("changed or moved", self.unseal("A", "who", code=3))
        middle = len(kept) - 20
        bent = kept[:middle] + ("A" if kept[middle] != "A" else "B") + kept[middle + 1:]
        self.sql(f"UPDATE l_cases SET who = '{bent}' WHERE id = {mine}")
        self.assertIn("changed or moved", self.unseal("A", "who", code=3))
        self.sql(f"UPDATE l_cases SET who = '{kept}' WHERE id = {mine}")
        self.assertIn(NAME, self.unseal("A", "who"))

    def test_a_rotation_reseals_rows_history_and_frozen_periods(self):
        self.fill()
        self.put(f"org,case_no,period,size,who\n1401000001,A,2026,3,{OTHER}\n")
        self.run_("snapshot", self.place, "cases", "--period", "2026")
        first = self.sql("SELECT id FROM seal_key")
        said = self.run_("key", self.place, "rotate", "--suite", "sm4")
        second = self.sql("SELECT id FROM seal_key WHERE used_until IS NULL")
        self.assertNotEqual(first, second)
        self.assertIn("6 values sealed", said)  # two columns of two rows, two of the former version
        left = self.sql("SELECT count(*) FROM l_cases WHERE substr(who, 1, 2) <> '~2' OR substr(number, 1, 2) <> '~2'")
        self.assertEqual(left, "0")
        self.assertEqual(self.sql("SELECT count(*) FROM h_cases WHERE substr(who, 1, 2) = '~2'"), "1")
        self.assertIn("whole", self.run_("snapshot", self.place, "--list"))
        self.assertIn("ledger.reseal", self.sql("SELECT action FROM audit"))
        listed = self.run_("key", self.place, "list")
        self.assertIn("sm4", listed)
        self.assertIn("xchacha20", listed)
        # The former key is needed no more: only the new one's line stays.
        with open(self.keys_path()) as f:
            lines = [line for line in f if not line.startswith(first)]
        with open(self.keys_path(), "w") as f:
            f.writelines(lines)
        self.assertIn("missing", self.run_("key", self.place, "list"))
        self.assertIn(OTHER, self.open_as_keeper("A"))
        self.run_("snapshot", self.place, "cases", "--release", "再次核对之后更正", "--period", "2026")
        said = self.put(f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}\n", code=1)
        self.assertIn("this column must differ", said)

    def many(self, n, name="学生", number="N", empty=7):
        """n rows: every so many have no name, others no number."""
        lines = [f"1401000001,M{i:05d},2026,{i % 50},{name + str(i) if i % empty else ''},"
                 f"{number + str(i) if i % empty != 1 else ''}" for i in range(n)]
        return "org,case_no,period,size,who,number\n" + "\n".join(lines) + "\n"

    def test_many_rows_are_sealed_each_in_its_place(self):
        self.init()
        self.add_user()
        n = 4096 * 2 + 300  # a thread seals two whole batches and one that is not
        self.assertIn(f"{n} new", self.put(self.many(n)))
        self.assertEqual(self.sql("SELECT count(*) FROM l_cases WHERE who IS NULL"), str(-(-n // 7)))
        self.assertEqual(self.sql("SELECT count(*) FROM l_cases WHERE (number IS NULL) <> (number__print IS NULL)"), "0")
        self.assertEqual(self.sql("SELECT count(DISTINCT who) FROM l_cases"), self.sql("SELECT count(who) FROM l_cases"))
        for i in (1, 63, 64, 65, 4095, 4097, 8192, n - 1):
            if i % 7:
                self.assertIn(f"学生{i}\n", self.unseal(f"M{i:05d}", "who") + "\n")
        # Every value is opened and compared, or opened and sealed anew: one out of its place would not open.
        self.assertIn(f"0 changed, {n} same", self.put(self.many(n)))
        text = self.many(n).split("\n")
        for i in range(1, n + 1, 3):
            text[i] = text[i].replace("学生", "改名")
        said = self.put("\n".join(text))
        changed = sum(1 for i in range(0, n, 3) if i % 7)
        self.assertIn(f"0 new, {changed} changed", said)
        self.assertIn("改名3000\n", self.unseal("M03000", "who") + "\n")
        self.assertEqual(self.sql("SELECT count(*) FROM h_cases"), str(changed))
        self.assertIn("values sealed", self.run_("key", self.place, "rotate"))
        self.assertIn(f"0 changed, {n} same", self.put("\n".join(text)))

    def test_many_rows_with_a_fault_leave_nothing(self):
        self.init()
        n = 4096 * 2
        good = self.many(n).split("\n")
        for at, why, bad in ((5000, "the same as in row 11", good[10].replace("M00009", "Z")),
                             (100, "number", "1401000001,Z,2026,x,a,b")):
            text = list(good)
            text[at] = bad
            said = self.put("\n".join(text), code=1)
            self.assertIn(why, said)
            self.assertEqual(self.sql("SELECT count(*) FROM l_cases"), "0")
        self.assertIn(f"{n} new", self.put("\n".join(good)))
        said = self.put(self.many(5000).replace(",M", ",X"), code=1)  # other rows with the same numbers
        self.assertIn("this column must differ", said)
        self.assertEqual(self.sql("SELECT count(*) FROM l_cases"), str(n))

    def former_place(self):
        """A place as a program from before the short form left it: its key, and a row with its sealed values."""
        self.init()
        os.makedirs(os.path.dirname(self.keys_path()), exist_ok=True)
        with open(self.keys_path(), "w") as f:
            f.write(FORMER_LINE + "\n")
        self.sql(f"UPDATE seal_key SET id = '{FORMER_KEY}'")
        names, values = zip(*FORMER.items())
        self.sql("INSERT INTO l_cases (id, county, org, period, state, version, updated_at, updated_by, case_no, size, "
                 + ", ".join(names) + ") VALUES (17, '', '1401000001', '2026', '', 1, 1, '', 'A', 3, '"
                 + "', '".join(values) + "')")

    def test_what_was_sealed_in_the_former_form_goes_on(self):
        self.former_place()
        self.add_user()
        self.assertIn(NAME, self.unseal("A", "who"))
        said = self.run_("init", self.place, "--pack", self.at("pack"))
        self.assertNotIn("sealed", said, "nothing is sealed anew without a reason")
        taken = f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}\n"
        self.assertIn("this column must differ", self.put(taken, code=1))
        same = f"org,case_no,period,size,who,number\n1401000001,A,2026,3,{NAME},{NUMBER}\n"
        self.assertIn("0 changed, 1 same", self.put(same))
        self.assertEqual(self.sql("SELECT who FROM l_cases"), FORMER["who"])
        # A changed row is sealed in the new form; its former version stays as it was, and both are still compared.
        self.assertIn("1 changed", self.put("org,case_no,period,size\n1401000001,A,2026,7\n"))
        self.assertRegex(self.sql("SELECT who FROM l_cases"), r"^~1StuBDENM[\w+/]{54,}$")
        self.assertRegex(self.sql("SELECT number__print FROM l_cases"), r"^[\w+/]{22}$")
        self.assertEqual(self.sql("SELECT who FROM h_cases"), FORMER["who"])
        self.assertNotIn("姓名", self.run_("history", self.place, "cases", "17"))
        self.assertIn("this column must differ", self.put(taken, code=1))
        self.assertIn(NAME, self.unseal("A", "who"))
        # An undone import brings the former form back.
        said = self.put("org,case_no,period,size\n1401000001,A,2026,8\n")
        self.run_("import", self.place, "--undo", re.search(r"import (\d+)", said)[1])
        self.assertIn(NAME, self.unseal("A", "who"))

    def test_a_rotation_brings_the_former_form_to_the_new_one(self):
        self.former_place()
        self.put("org,case_no,period,size,who\n1401000001,A,2026,3,欧阳改名\n")
        self.assertIn("4 values sealed", self.run_("key", self.place, "rotate"))
        for table in ("l_cases", "h_cases"):
            for field in ("who", "number"):
                self.assertRegex(self.sql(f"SELECT {field} FROM {table}"), r"^~1[\w+/]{62,}$")
        self.assertNotIn("v1:", self.dump().decode(errors="replace"))
        self.assertIn("欧阳改名", self.open_as_keeper("A"))
        said = self.put(f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}\n", code=1)
        self.assertIn("this column must differ", said)

    def test_without_the_key_nothing_is_written_or_read(self):
        self.fill()
        self.add_user()
        os.rename(self.keys_path(), self.at("away.keys"))
        said = self.put("org,case_no,period,size\n1401000001,A,2026,9\n", code=3)
        self.assertIn("lacks this store's key", said)
        self.assertIn("lacks the key", self.unseal("A", "who", code=3))
        self.assertIn("missing", self.run_("key", self.place, "list", code=1))
        self.assertIn("lacks this store's key", self.run_("key", self.place, "make", code=3))
        os.chmod(self.at("away.keys"), 0o644)
        self.env["SHUREN_KEY_FILE"] = self.at("away.keys")
        self.assertIn("everybody may read", self.unseal("A", "who", code=3))
        os.chmod(self.at("away.keys"), 0o600)
        self.assertIn(NAME, self.unseal("A", "who"))
        self.env["SHUREN_KEY_FILE"] = self.at("nowhere.keys")
        said = self.run_("unseal", self.place, "cases", self.row("A"), "who", "--reason", REASON, "--as", "keeper",
                         "--key-file", self.at("away.keys"))
        self.assertIn(NAME, said, "an option stands over the environment")
        # Another place's key does not help.
        self.env["SHUREN_KEY_FILE"] = self.at("other.keys")
        self.run_("init", self.at("elsewhere"), "--pack", self.at("pack"))
        self.assertIn("lacks the key", self.unseal("A", "who", code=3))

    def test_a_field_that_becomes_sealed_is_sealed_with_its_history(self):
        self.pack("")
        self.fill()
        self.put("org,case_no,period,size,who\n1401000001,A,2026,3,欧阳改名\n")
        self.assertIn(NAME.encode(), self.dump())
        self.pack(", secrecy: sealed")
        self.assertIn("values sealed", self.init())
        self.assert_nothing_clear(NAME, OTHER, NUMBER, "欧阳改名")
        self.assertIn("欧阳改名", self.open_as_keeper("A"))
        said = self.put(f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}\n", code=1)
        self.assertIn("this column must differ", said)
        self.pack("")
        said = self.run_("init", self.place, "--pack", self.at("pack"), code=3)
        self.assertIn("is sealed and stays so", said)

    def test_an_upgrade_seals_what_older_programs_kept_in_the_clear(self):
        if self.store != "sqlite":
            self.skipTest("made by hand in the file")
        self.pack("")
        self.fill()
        self.put("org,case_no,period,size,who\n1401000001,A,2026,3,欧阳改名\n")
        self.add_user()
        self.pack(", secrecy: sealed")
        with open(self.at("pack/pack.yaml"), "rb") as f:
            text = f.read()
        db = sqlite3.connect(self.at("place/shuren.db"))
        db.execute("UPDATE pack_file SET content = ? WHERE path LIKE '%pack.yaml'", (text,))
        db.execute("UPDATE account SET second_factor = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'")
        db.execute("DROP TABLE seal_key")
        db.execute("DROP TABLE ledger_change")
        db.execute("DELETE FROM schema_migration WHERE number >= 6")
        db.commit()
        db.close()
        shutil.rmtree(self.at("place/keys"))
        self.assertIn("shuren upgrade", self.put("org,case_no,period,size\n1401000001,A,2026,7\n", code=3))
        said = self.run_("upgrade", self.place)
        self.assertIn("new key", said)
        self.assertIn("7 values sealed", said)  # two columns of two rows and of a former version, a second factor
        self.assertIn("in the clear", said)
        self.assert_nothing_clear(NAME, OTHER, NUMBER, "欧阳改名", "GEZDGNBVGY3TQOJQ")
        self.assertIn("欧阳改名", self.unseal("A", "who"))
        said = self.put(f"org,case_no,period,size,number\n1401000002,D,2026,1,{NUMBER}\n", code=1)
        self.assertIn("this column must differ", said)
        backup = os.path.join(self.at("place/backups"), os.listdir(self.at("place/backups"))[0])
        with open(backup, "rb") as f:
            self.assertIn(NAME.encode(), f.read(), "the backup from before is as the store was")
        self.assertNotIn("values sealed", self.run_("upgrade", self.place))

    def test_a_backup_has_no_key(self):
        if self.store != "sqlite":
            self.skipTest("pg_dump's")
        self.fill()
        self.add_user()
        self.run_("backup", self.place, self.at("b.backup"))
        with open(self.keys) as f:
            key = f.read().split()[-1]
        with open(self.at("b.backup"), "rb") as f:
            self.assertNotIn(key.encode(), f.read())
        row = self.row("A")
        self.run_("restore", self.at("b.backup"), self.at("back"))
        again = ("unseal", self.at("back"), "cases", row, "who", "--reason", REASON, "--as", "keeper")
        self.assertIn("lacks the key", self.run_(*again, code=3))
        os.makedirs(self.at("back/keys"))
        shutil.copy(self.keys, self.at("back/keys/seal.keys"))
        self.assertIn(NAME, self.run_(*again))

    def test_pack_check_says_what_cannot_be_sealed(self):
        text = PACK.replace(" SECRET", ", secrecy: sealed").replace(
            "type: integer}", "type: integer, secrecy: sealed}").replace("grain: [org, case_no]",
                                                                          "grain: [org, case_no]\nlabel: who")
        text += """---
indicator: named
title: 有姓名
from: cases
numerator: "count(*) filter (where who = '甲')"
denominator: "count(*)"
"""
        self.write("pack/pack.yaml", text)
        said = self.run_("pack", "check", self.at("pack"), code=1)
        at = next(n for n, line in enumerate(text.splitlines(), 1) if "numerator" in line)
        self.assertRegex(said, rf"pack.yaml:{at}:\d+: column 'who' is sealed: rules cannot read it")
        self.assertRegex(said, r"pack.yaml:\d+:\d+: field 'who' is sealed: it cannot be the label")
        self.assertRegex(said, r"pack.yaml:\d+:\d+: a sealed field is a string, a text or a file")


@unittest.skipUnless(POSTGRES, "no PostgreSQL: tools/with-postgres")
class OnPostgres(OnSqlite):
    store = "postgres"

    def store_up(self):
        self.schema = f"seal_{random.getrandbits(48):x}"
        self.place = f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}schema={self.schema}"
        self.env["XDG_CONFIG_HOME"] = self.at("config")
        self.keys = self.at("config/shuren/seal.keys")
        self.addCleanup(subprocess.run, ["psql", "-q", POSTGRES, "-c", f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"],
                        capture_output=True)

    def sql(self, text):
        done = subprocess.run(["psql", "-qtA", POSTGRES, "-v", "ON_ERROR_STOP=1", "-c",
                               f"SET search_path = {self.schema}", "-c", text], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def dump(self):
        done = subprocess.run(["pg_dump", "-n", self.schema, POSTGRES], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
