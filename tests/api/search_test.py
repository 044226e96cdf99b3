"""Searching a large ledger for text, with its index kept up to date: after each of many random changes the rows found are those
that a plain look at all rows finds; on both stores."""
import os
import random
import re
import unittest

from served import POSTGRES, Client, Served, run

SEED = 20261127
ROWS = 20500  # above what is worth an index (text_index.h)
SCHOOLS = {"2111020001": "演示一小", "2111210001": "演示文水小学"}
ORGS = "code,name,kind,parent\n" + "".join(f"{c},{n},primary_school,141{c[3:6]}\n" for c, n in SCHOOLS.items())
HEADER = "pupil_id,name,sex,birth_date,org,period,stage,grade,class_no\n"
# Few letters, so that names meet; one that lower() knows, and one whose bytes others share.
LETTERS = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻Aa·一丁"
L = "/api/ledgers/pupils"


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.rng = random.Random(SEED)
        cls.pupils = {}  # pupil_id: [name, org]
        for i in range(ROWS):
            cls.pupils[f"G{100000000000 + i}"] = [cls.name(), cls.rng.choice(list(SCHOOLS))]

        def fill(served):
            served.import_csv = lambda ledger, text: cls.load(served, ledger, text)
            served.import_csv("orgs", ORGS)
            served.import_csv("pupils", cls.csv(cls.pupils))
            served.add_user("clerk", "141102", "county-clerk")
            served.add_user("head", "141100", "city-head")
        cls.served = Served(cls.store, fill)
        cls.clerk, cls.head = Client(cls.served, "clerk"), Client(cls.served, "head")

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    @classmethod
    def name(cls):
        return "".join(cls.rng.choice(LETTERS) for _ in range(cls.rng.randint(2, 3)))

    @classmethod
    def csv(cls, pupils):
        return HEADER + "".join(f"{i},{n},1,2018-05-01,{o},2025-2026,primary,1,1\n" for i, (n, o) in pupils.items())

    @classmethod
    def load(cls, served, ledger, text):
        path = os.path.join(served.folder, "f.csv")
        with open(path, "w") as f:
            f.write(text)
        return run("import", served.place, ledger, path)

    def found(self, client, text, more=""):
        out, after = [], ""
        while True:
            r = client.get(f"{L}/rows?limit=500&q={text}{more}" + (f"&after={after}" if after else ""))
            self.assertEqual(r.status, 200, r.body)
            out += [(row["id"], row["values"]["pupil_id"], row["values"]["name"]) for row in r.json()["items"]]
            after = r.json()["next"]
            if not after:
                return out

    def expected(self, text, orgs=tuple(SCHOOLS)):
        t = text.lower()
        return sorted(i for i, (n, o) in self.pupils.items()
                      if o in orgs and (t in n.lower() or t in i.lower() or t in SCHOOLS[o]))

    def compare(self, text):
        found = self.found(self.head, text)
        self.assertEqual(sorted(i for _, i, _ in found), self.expected(text), f"{text!r}, seed {SEED}")
        self.assertEqual([x for x, _, _ in found], sorted((x for x, _, _ in found), key=int))

    def some_text(self):
        name = self.pupils[self.rng.choice(list(self.pupils))][0]
        return self.rng.choice([name, name[:2], name[-2:], self.name(), self.rng.choice(LETTERS) + "zz", "文水"])

    def change(self, row, pupil_id):
        new = self.name()
        r = self.clerk.get(f"{L}/rows/{row}")
        r = self.clerk.put(f"{L}/rows/{row}", {"values": {"name": new}}, headers={"If-Match": r.headers["ETag"]})
        self.assertEqual(r.status, 200, r.body)
        self.pupils[pupil_id][0] = new
        return new

    def add(self):
        pupil_id = f"G{200000000000 + self.rng.randrange(10 ** 9)}"
        self.pupils[pupil_id] = [self.name(), "2111020001"]
        r = self.clerk.post(L + "/rows", {"org": "2111020001", "period": "2025-2026", "values": {
            "pupil_id": pupil_id, "name": self.pupils[pupil_id][0], "sex": "1", "birth_date": "2018-05-01", "stage": "primary",
            "grade": 1, "class_no": 1}})
        self.assertEqual(r.status, 201, r.body)
        return self.pupils[pupil_id][0]

    def drop(self, row, pupil_id):
        r = self.clerk.get(f"{L}/rows/{row}")
        self.assertEqual(self.clerk.delete(f"{L}/rows/{row}", headers={"If-Match": r.headers["ETag"]}).status, 204)
        return self.pupils.pop(pupil_id)[0]

    def mine(self):
        """A row of the clerk's that the search itself has found."""
        while True:
            found = self.found(self.clerk, self.some_text())
            if found:
                return self.rng.choice(found)

    def test_what_is_found_is_what_is_there_after_every_change(self):
        for _ in range(25):
            row, pupil_id, name = self.mine()
            self.assertEqual(self.pupils[pupil_id][0], name)
            for text in (name, self.rng.choice([lambda: self.change(row, pupil_id), self.add, lambda: self.drop(row, pupil_id)])(),
                         self.some_text()):
                self.compare(text)

    def test_an_import_beside_the_server_and_its_undo_show_at_once(self):
        before = {i: list(p) for i, p in self.pupils.items()}
        new = {f"G{300000000000 + i}": [self.name() + "龘", "2111020001"] for i in range(90)}
        some = {i: [self.name(), self.pupils[i][1]] for i in list(self.pupils)[:90]}
        out = self.served.import_csv("pupils", self.csv({**new, **some}))
        self.pupils.update({**new, **some})
        for text in ["龘", *(n for n, _ in list(some.values())[:5]), *(before[i][0] for i in list(some)[:5])]:
            self.compare(text)
        run("import", self.served.place, "--undo", re.search(r"\d{15,}", out)[0])
        self.pupils.clear()
        self.pupils.update(before)
        for text in ["龘", *(n for n, _ in list(some.values())[:5]), *(before[i][0] for i in list(some)[:5])]:
            self.compare(text)

    def test_it_stays_within_the_scope_and_the_other_conditions(self):
        for _ in range(5):
            text = self.some_text()
            self.assertEqual(sorted(i for _, i, _ in self.found(self.clerk, text)), self.expected(text, ("2111020001",)))
            self.assertEqual(self.found(self.head, text, "&filter=grade:eq:2"), [])


@unittest.skipUnless(POSTGRES, "SHUREN_TEST_PG is not set")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
