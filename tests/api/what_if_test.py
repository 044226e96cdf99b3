"""What would be if: the API says what the command line says of the same changes, keeps to the asker's area, and writes nothing."""
import csv
import json
import os
import unittest

from served import POSTGRES, Client, Served, run

BALANCE = "compulsory-balance-2017"
LEDGER = "school_resources"


def fill(served):
    run("demo", served.place, "--size", "county")
    told = json.loads(run("evaluate", served.place, BALANCE, "--format", "json"))
    served.county, served.told = told["county"], told
    served.outside = "141121" if served.county != "141121" else "141102"
    for login, org, role in (("head", "141100", "city-head"), ("clerk", served.county, "county-clerk"),
                             ("other", served.outside, "county-clerk"), ("audit", "141100", "audit-officer")):
        served.add_user(login, org, role)


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, fill)
        cls.head, cls.clerk, cls.other, cls.audit = (Client(cls.served, x) for x in ("head", "clerk", "other", "audit"))
        school = next(s for s in cls.served.told["schools"] if s["included"])
        cls.key = {"org": school["org"], "stage": school["stage"]}
        cls.path = f"/api/evaluations/{BALANCE}/what-if"

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def change(self, **values):
        return {"ledger": LEDGER, "key": self.key, "values": values}

    def ask(self, *changes, client=None, status=200, **more):
        r = (client or self.clerk).post(self.path, {"area": self.served.county, "changes": list(changes), **more})
        self.assertEqual(r.status, status, r.body)
        return r.json()

    def faults(self, *changes, **more):
        return {f["path"] for f in self.ask(*changes, status=400, **more)["errors"]}

    def test_a_what_if_is_the_command_lines(self):
        before = self.clerk.get(f"/api/evaluations/{BALANCE}/areas/{self.served.county}").json()
        got = self.ask(self.change(equipment_value="1.00", backbone_teachers=0, multimedia_rooms=0))
        file = os.path.join(self.served.folder, "what-if.csv")
        with open(file, "w") as f:
            w = csv.writer(f)
            w.writerow(["学校标识码", "学段", "教学仪器设备值", "县级以上骨干教师数", "网络多媒体教室数"])
            w.writerow([self.key["org"], self.key["stage"], "1.00", 0, 0])
        told = json.loads(run("evaluate", self.served.place, BALANCE, "--what-if", file, "--format", "json", "--lang", "en"))
        self.assertEqual(got["after"], told)
        self.assertEqual(got["before"], before)
        verdicts = lambda r: {c["id"]: c["verdict"] for c in r["clauses"]}
        a, b = verdicts(before), verdicts(told)
        self.assertEqual(got["changed_clauses"], [{"id": i, "before": a[i], "after": b[i]} for i in a if a[i] != b[i]])
        self.assertIn({"id": "resources.primary" if self.key["stage"] == "primary" else "resources.junior",
                       "before": "pass", "after": "fail"}, got["changed_clauses"])
        self.assertEqual(self.clerk.get(f"/api/evaluations/{BALANCE}/areas/{self.served.county}").json(), before)
        self.assertEqual(self.ask(self.change(equipment_value="1.00"), client=self.head, period="2025")["after"]["period"], "2025")

    def test_no_changes_change_nothing(self):
        got = self.ask()
        self.assertEqual(got["before"], got["after"])
        self.assertEqual(got["changed_clauses"], [])

    def test_an_emptied_value_is_missing(self):
        got = self.ask(self.change(multimedia_rooms=None))
        unit = next(u for u in got["after"]["schools"] if (u["org"], u["stage"]) == (self.key["org"], self.key["stage"]))
        self.assertIsNone(unit["values"]["multimedia"])

    def test_what_is_wrong_has_its_path(self):
        self.assertEqual(self.faults({**self.change(pupils=1), "ledger": "none"}), {"/changes/0/ledger"})
        self.assertEqual(self.faults({"ledger": "pupils", "key": {"id": "1"}, "values": {"name": "x"}}), {"/changes/0/ledger"})
        self.assertEqual(self.faults(self.change(pupils="many", nothing=1, stage="junior", org_name="x", teachers_above_degree=-1)),
                         {f"/changes/0/values/{f}" for f in ("pupils", "nothing", "stage", "org_name", "teachers_above_degree")})
        self.assertEqual(self.faults(self.change(pupils=[1]), self.change(pupils=None)),
                         {"/changes/0/values/pupils", "/changes/1/values/pupils"})
        self.assertEqual(self.faults(self.change()), {"/changes/0/values"})
        self.assertEqual(self.faults({**self.change(pupils=1), "key": {"org": self.key["org"]}}), {"/changes/0/key/stage"})
        self.assertEqual(self.faults({**self.change(pupils=1), "key": {**self.key, "pupils": 1}}), {"/changes/0/key/pupils"})
        self.assertEqual(self.faults({**self.change(pupils=1), "key": {**self.key, "org": "none"}}), {"/changes/0/key"})
        self.assertEqual(self.faults(self.change(pupils=1), period="soon"), {"/period"})
        self.assertEqual(self.faults({"ledger": LEDGER}), {"/changes/0/key", "/changes/0/values"})

    def test_nobody_asks_outside_of_the_scope(self):
        self.ask(self.change(pupils=1), client=self.other, status=404)
        self.ask(self.change(pupils=1), client=self.audit, status=403)
        self.ask(client=self.head, area="141100", status=404)
        self.ask(client=self.head, area="nowhere", status=404)
        r = self.other.post(self.path, {"area": self.served.outside, "changes": [self.change(pupils=1)]})
        self.assertEqual(r.status, 404)
        r = self.clerk.post("/api/evaluations/none/what-if", {"area": self.served.county, "changes": []})
        self.assertEqual(r.status, 404)

    def test_a_school_has_a_page(self):
        org = self.key["org"]
        for client in (self.clerk, self.head):
            page = client.get(f"/api/evaluations/{BALANCE}/units/{org}").json()
            told = [s for s in self.served.told["schools"] if s["org"] == org]
            self.assertEqual([{k: u[k] for k in u if k != "limits"} for u in page["units"]], told)
            self.assertEqual(page["area"]["code"], self.served.county)
            measures = {m["id"] for m in page["measures"]}
            for u in page["units"]:
                self.assertEqual(set(u["limits"]), measures)
                below = {m for m in measures if u["values"][m] < u["limits"][m]}
                self.assertEqual(below, {b["indicator"] for b in u["below"]})
            rows = [r["id"] for r in page["rows"] if r["ledger"] == LEDGER]
            self.assertEqual(len(rows), len(told))
            row = client.get(f"/api/ledgers/{LEDGER}/rows/{rows[0]}").json()
            self.assertEqual(row["org"]["code"], org)
        self.assertEqual(self.other.get(f"/api/evaluations/{BALANCE}/units/{org}").status, 404)
        self.assertEqual(self.audit.get(f"/api/evaluations/{BALANCE}/units/{org}").status, 403)
        self.assertEqual(self.head.get(f"/api/evaluations/{BALANCE}/units/none").status, 404)
        self.assertEqual(self.head.get(f"/api/evaluations/{BALANCE}/units/141100").status, 404)


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
