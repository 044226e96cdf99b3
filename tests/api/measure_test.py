"""Indicators, evaluations and the overview over HTTP say what the command line says, inside the asker's scope."""
import io
import json
import os
import re
import unittest
import zipfile

from served import Client, Served, run


def fill(served):
    run("demo", served.place, "--size", "county")
    served.county = json.loads(run("evaluate", served.place, "compulsory-balance-2017", "--summary", "--format",
                                   "json"))[0]["county"]
    served.outside = "141121" if served.county != "141121" else "141102"
    results = os.path.join(served.folder, "results.csv")
    with open(results, "w") as f:
        f.write("机构代码,年度,成果编号,成果名称,类别,数量,完成日期,佐证材料\n")
        for org, year, n in ((served.county, 2026, 400), (served.outside, 2026, 350), (served.county, 2025, 90)):
            f.write(f"{org},{year},a{year},演示数据,senior_seats,{n},{year}-06-01,a.pdf\n")
    run("import", served.place, "year_results", results)
    for login, org, role in (("head", "141100", "city-head"), ("clerk", served.county, "county-clerk"),
                             ("other", served.outside, "county-clerk"), ("auditor", "141100", "audit-officer")):
        served.add_user(login, org, role)


class Measures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served("sqlite", fill)
        cls.head, cls.clerk, cls.other, cls.auditor = (
            Client(cls.served, x) for x in ("head", "clerk", "other", "auditor"))

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def get(self, client, path, status=200):
        r = client.get(path)
        self.assertEqual(r.status, status, r.body)
        return r.json()

    def test_a_county_is_judged_as_on_the_command_line(self):
        for evaluation in ("compulsory-balance-2017", "preschool-universal-2020"):
            told = json.loads(run("evaluate", self.served.place, evaluation, "--format", "json", "--lang", "en"))
            for client in (self.head, self.clerk):
                self.assertEqual(self.get(client, f"/api/evaluations/{evaluation}/areas/{self.served.county}"), told)
            self.get(self.other, f"/api/evaluations/{evaluation}/areas/{self.served.county}", 404)
            matrix = self.get(self.head, f"/api/evaluations/{evaluation}")
            self.assertEqual([a["code"] for a in matrix["areas"]], [self.served.county])
            cells = {c["clause"]: c["verdict"] for c in matrix["areas"][0]["cells"]}
            self.assertEqual(cells, {c["id"]: c["verdict"] for c in told["clauses"]})
            clause = told["clauses"][0]["id"]
            why = self.get(self.head, f"/api/evaluations/{evaluation}/areas/{self.served.county}/clauses/{clause}")
            self.assertIn(clause, why["explanation"])
        self.get(self.head, f"/api/evaluations/none/areas/{self.served.county}", 404)
        self.get(self.head, f"/api/evaluations/compulsory-balance-2017/areas/{self.served.county}/clauses/none", 404)

    def test_a_county_s_report_is_a_document_for_those_who_may_export(self):
        path = f"/api/evaluations/compulsory-balance-2017/areas/{self.served.county}/report"
        docx, pdf = (self.clerk.get(f"{path}?format={f}") for f in ("docx", "pdf"))
        self.assertEqual((docx.status, pdf.status), (200, 200))
        self.assertIn("wordprocessingml", docx.headers["Content-Type"])
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertIn("2025.docx", docx.headers["Content-Disposition"])
        with zipfile.ZipFile(io.BytesIO(docx.body)) as z:
            text = re.sub(r"<[^>]*>", "", z.read("word/document.xml").decode())
        told = json.loads(run("evaluate", self.served.place, "compulsory-balance-2017", "--format", "json"))
        for s in told["schools"]:
            self.assertIn(s["org"], text)
        self.assertTrue(pdf.body.startswith(b"%PDF-") and pdf.body.endswith(b"%%EOF\n"))
        part = self.clerk.get(f"{path}?format=pdf", headers={"Range": "bytes=0-4"})
        self.assertEqual((part.status, part.body), (206, b"%PDF-"))
        # Without a format: DOCX, the same file.
        self.assertEqual(self.head.get(path).body, docx.body)
        self.get(self.clerk, f"{path}?format=odt", 400)
        self.get(self.clerk, f"{path}?period=soon", 400)
        self.get(self.clerk, f"{path}?period=2019", 404)
        self.get(self.other, path, 404)
        self.get(self.head, path.replace("compulsory-balance-2017", "none"), 404)
        self.get(self.auditor, path, 403)

    def test_indicators_say_what_the_command_line_says(self):
        told = {r["indicator"]: r for r in json.loads(run("indicator", self.served.place, "--format", "json"))}
        tree = self.get(self.head, "/api/indicators")
        for theme in tree["themes"]:
            for item in theme["items"]:
                self.assertEqual((item["value"], item["state"]), (told[item["id"]]["value"], told[item["id"]]["state"]))
        self.assertEqual(sum(len(t["items"]) for t in tree["themes"]), len(told))

    def test_an_indicator_comes_with_formula_groups_and_trend(self):
        ids = [i["id"] for t in self.get(self.head, "/api/indicators")["themes"] for i in t["items"]]
        for i in ids[:5]:
            d = self.get(self.head, f"/api/indicators/{i}?by=county")
            self.assertTrue(d["formula"]["numerator"])
            self.assertAlmostEqual(sum(g["numerator"] for g in d["groups"]), d["numerator"])
            self.get(self.head, f"/api/indicators/{i}/trend")
        self.get(self.head, "/api/indicators/none", 404)
        self.get(self.head, f"/api/indicators/{ids[0]}?period=soon", 400)
        self.get(self.clerk, f"/api/indicators/{ids[0]}?org={self.served.outside}", 404)

    def test_the_overview_is_cut_by_scope(self):
        o = self.get(self.head, "/api/overview")
        self.assertTrue(o["is_demo"])
        self.assertEqual(o["city"]["code"], "141100")
        self.assertEqual(len(o["schematic"]), 13)
        by_id = {e["id"]: e["areas"] for e in o["evaluations"]}
        self.assertEqual([a["code"] for a in by_id["compulsory-balance-2017"]], [self.served.county])
        self.assertIn("school_resources", [c["ledger"] for c in o["changes"]])
        o = self.get(self.other, "/api/overview")
        self.assertTrue(all(e["areas"] == [] for e in o["evaluations"]))
        self.assertEqual(o["changes"], [])

    def test_promises_stand_as_on_the_command_line(self):
        told = json.loads(run("promise", self.served.place, "--split", "--format", "json"))
        items = self.get(self.head, "/api/promises")["items"]
        whole = [t for t in told if not t["county"]]
        self.assertEqual(len(items), len(whole))
        for got, want in zip(items, whole):
            for key, name in (("id", "promise"), ("state", "state"), ("value", "value"), ("target", "target"),
                              ("due", "due"), ("days_left", "days_left"), ("title", "title")):
                self.assertEqual(got[key], want[name], got["id"])
        with_all = {i["id"]: i for i in self.get(self.head, "/api/promises?whole=1")["items"]}
        for i in items:
            one = self.get(self.head, f"/api/promises/{i['id']}")
            self.assertEqual(with_all[i["id"]], one)
            self.assertEqual({k: one[k] for k in i}, i)
            self.assertEqual([(a["code"], a["state"], a["value"]) for a in one["areas"]],
                             [(t["county"], t["state"], t["value"]) for t in told if t["promise"] == i["id"] and t["county"]])
            for point in one["path"]:
                if point["period"] == one["period"]:
                    self.assertEqual(point["value"], one["value"])

    def test_a_promise_has_areas_and_a_path(self):
        seats = self.get(self.head, "/api/promises/senior-seats-2026")
        self.assertEqual((seats["value"], seats["share"], seats["state"]), (750, 0.75, "on-the-way"))
        self.assertEqual({a["code"]: a["value"] for a in seats["areas"]}, {self.served.county: 400, self.served.outside: 350})
        self.assertEqual(seats["path"], [{"period": "2025", "value": 90}, {"period": "2026", "value": 750}])
        seats = self.get(self.clerk, "/api/promises/senior-seats-2026")
        self.assertEqual([(a["code"], a["value"]) for a in seats["areas"]], [(self.served.county, 400)])
        self.assertEqual(seats["path"][0]["value"], 90)
        balance = self.get(self.head, "/api/promises/balance-2026")
        self.assertEqual(balance["path"][-1]["value"], balance["value"])
        self.get(self.head, "/api/promises/none", 404)
        self.get(self.clerk, f"/api/promises?org={self.served.outside}", 404)
        self.assertEqual(self.get(self.other, "/api/promises/balance-2026")["state"], "no-data")

    def test_the_overview_has_promises_indicators_and_what_is_to_be_done(self):
        o = self.get(self.head, "/api/overview")
        self.assertEqual(o["promises"], self.get(self.head, "/api/promises")["items"])
        tree = {i["id"]: i for t in self.get(self.head, "/api/indicators")["themes"] for i in t["items"]}
        self.assertEqual(set(tree), {i["id"] for i in o["indicators"]})
        for i in o["indicators"]:
            self.assertEqual(i["value"], tree[i["id"]]["value"])
        self.assertIn([self.served.county], [[a["code"] for a in i["areas"]] for i in o["indicators"]])
        todo = {(t["kind"], t["href"]): t["count"] for t in o["todo"]}
        for e in o["evaluations"]:
            href, sums = f"/evaluations/{e['id']}", {k: sum(a[k] for a in e["areas"]) for k in ("fail", "missing")}
            self.assertEqual(todo.get(("failed", href), 0), sums["fail"])
            self.assertEqual(todo.get(("missing", href), 0) + todo.get(("evidence", href), 0), sums["missing"])
        self.assertTrue(todo)
        late = sum(p["state"] == "late" for p in o["promises"])
        self.assertEqual(sum(t["kind"] == "late" for t in o["todo"]), late)


if __name__ == "__main__":
    unittest.main()
