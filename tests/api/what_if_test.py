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

    # ---- scenarios

    def keep(self, name, *changes, client=None, status=201, **more):
        r = (client or self.clerk).post("/api/scenarios", {"name": name, "evaluation": BALANCE, "area": self.served.county,
                                                           "changes": list(changes), **more})
        self.assertEqual(r.status, status, r.body)
        return r

    def test_a_scenario_is_kept_changed_and_dropped(self):
        bad = self.change(equipment_value="1.00", backbone_teachers=0, multimedia_rooms=0)
        made = self.keep("假如", bad).json()
        self.assertEqual(made["result"], self.ask(bad))
        self.assertEqual((made["changes"], made["verdict"], made["version"]), ([bad], "fail", 1))
        path = f"/api/scenarios/{made['id']}"
        for client in (self.clerk, self.head):
            got = client.get(path)
            self.assertEqual(got.headers["ETag"], '"1"')
            self.assertEqual(got.json(), made)
        edit = {"name": "又假如", "changes": []}
        for client, headers, status in ((self.clerk, {}, 428), (self.clerk, {"If-Match": '"9"'}, 412),
                                        (self.other, {"If-Match": '"1"'}, 404), (self.audit, {"If-Match": '"1"'}, 403),
                                        (self.head, {"If-Match": '"1"'}, 403)):
            self.assertEqual(client.put(path, edit, headers=headers).status, status)
        r = self.clerk.put(path, {"name": "x", "changes": [self.change(pupils="many")]}, headers={"If-Match": '"1"'})
        self.assertEqual((r.status, r.json()["errors"][0]["path"]), (400, "/changes/0/values/pupils"))
        r = self.clerk.put(path, edit, headers={"If-Match": '"1"'})
        self.assertEqual(r.status, 200, r.body)
        now = r.json()
        self.assertEqual((now["name"], now["changes"], now["verdict"], now["version"]), ("又假如", [], "pass", 2))
        self.assertEqual(self.clerk.get(path).json(), now)
        self.assertEqual(self.other.delete(path, headers={"If-Match": '"2"'}).status, 404)
        self.assertEqual(self.clerk.delete(path, headers={"If-Match": '"1"'}).status, 412)
        self.assertEqual(self.clerk.delete(path, headers={"If-Match": '"2"'}).status, 204)
        self.assertEqual(self.clerk.get(path).status, 404)
        log = self.audit.get(f"/api/audit?object=scenario/{made['id']}").json()["items"]
        self.assertEqual([(e["action"], e["who"]) for e in log],
                         [("scenario.drop", "clerk"), ("scenario.change", "clerk"), ("scenario.add", "clerk")])
        self.assertIn("又假如", log[0]["detail"])

    def test_those_who_approve_drop_what_others_left(self):
        made = self.keep("留下的").json()
        self.assertEqual(self.head.delete(f"/api/scenarios/{made['id']}", headers={"If-Match": '"1"'}).status, 204)

    def test_lists_are_cut_by_area_and_come_by_pages(self):
        ids = [self.keep(f"第{i}个").json()["id"] for i in range(5)]
        seen, after = [], ""
        while True:
            page = self.clerk.get(f"/api/scenarios?evaluation={BALANCE}&limit=2{after}").json()
            self.assertLessEqual(len(page["items"]), 2)
            seen += [s["id"] for s in page["items"]]
            if not page["next"]:
                break
            after = f"&after={page['next']}"
        self.assertEqual(seen[:5], ids[::-1])
        self.assertEqual(len(set(seen)), len(seen))
        self.assertEqual([s["id"] for s in self.head.get("/api/scenarios").json()["items"]], seen)
        self.assertEqual(self.other.get("/api/scenarios").json()["items"], [])
        self.assertEqual(self.clerk.get("/api/scenarios?evaluation=none").json()["items"], [])
        self.assertEqual(self.audit.get("/api/scenarios").status, 403)
        for i in ids:
            self.clerk.delete(f"/api/scenarios/{i}", headers={"If-Match": '"1"'})

    def test_a_scenario_is_kept_only_when_it_can_be_judged(self):
        self.keep("x", client=self.other, status=404)
        self.keep("x", client=self.audit, status=403)
        self.keep("x", self.change(pupils="many"), status=400)
        self.keep("x", evaluation="none", status=404)
        self.keep("", status=400)

    def test_scenarios_stand_side_by_side(self):
        bad = self.change(equipment_value="1.00", backbone_teachers=0, multimedia_rooms=0)
        a, b = self.keep("坏", bad).json(), self.keep("照旧").json()
        r = self.clerk.post("/api/scenarios/compare", {"ids": [a["id"], b["id"]]})
        self.assertEqual(r.status, 200, r.body)
        columns = r.json()["columns"]
        self.assertEqual([(c["id"], c["verdict"]) for c in columns], [(None, "pass"), (a["id"], "fail"), (b["id"], "pass")])
        self.assertEqual(columns[0]["cells"], columns[2]["cells"])
        self.assertEqual([c["id"] for c in r.json()["clauses"]], [c["clause"] for c in columns[1]["cells"]])
        self.assertNotEqual(columns[0]["cells"], columns[1]["cells"])
        self.assertEqual(self.other.post("/api/scenarios/compare", {"ids": [a["id"]]}).status, 404)
        self.assertEqual(self.clerk.post("/api/scenarios/compare", {"ids": []}).status, 400)
        of_year = self.keep("当年", period="2025").json()
        r = self.clerk.post("/api/scenarios/compare", {"ids": [a["id"], of_year["id"]]})
        self.assertEqual((r.status, r.json()["errors"][0]["path"]), (400, "/ids/1"))

    def test_a_scenario_whose_row_has_gone_says_so(self):
        at = self.clerk.get(f"/api/ledgers/{LEDGER}/rows?filter=org:eq:{self.served.told['schools'][-1]['org']}").json()["items"][0]
        key = {"org": at["values"]["org"], "stage": at["values"]["stage"]}
        made = self.keep("将去", {"ledger": LEDGER, "key": key, "values": {"pupils": 100}}).json()
        row = f"/api/ledgers/{LEDGER}/rows/{at['id']}"
        self.assertEqual(self.clerk.delete(row, headers={"If-Match": f'"{at["version"]}"'}).status, 204)
        got = self.clerk.get(f"/api/scenarios/{made['id']}").json()
        self.assertIsNone(got["result"])
        self.assertIn("/changes/0/key", got["problem"])
        column = self.clerk.post("/api/scenarios/compare", {"ids": [made["id"]]}).json()["columns"][1]
        self.assertEqual((column["verdict"], column["cells"]), (None, []))
        values = {k: v for k, v in at["values"].items() if v is not None}
        self.assertEqual(self.clerk.post(f"/api/ledgers/{LEDGER}/rows", {"period": at["period"], "values": values}).status, 201)
        self.assertIsNotNone(self.clerk.get(f"/api/scenarios/{made['id']}").json()["result"])


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
