"""Ledgers over HTTP: lists, edits, imports and exports, each cut by the asker's scope; on both stores."""
import io
import os
import unittest
import zipfile

from served import POSTGRES, ServedCase, run

ORGS = """code,name,kind,parent
2111020001,演示一小,primary_school,141102
2111020002,演示二小,primary_school,141102
2111210001,演示文水小学,primary_school,141121
1111020001,演示一幼,kindergarten,141102
1111020002,演示二幼 Rose,kindergarten,141102
1111210001,演示文水幼儿园,kindergarten,141121
"""
HEADER = "org,period,sponsor,inclusive,children,classes,outdoor_area\n"
ROWS = {"1111020001": "1111020001,2025,public,1,100,4,400.5\n", "1111020002": "1111020002,2025,private,0,55,2,\n",
        "1111210001": "1111210001,2025,public,1,70,3,210\n"}
L = "/api/ledgers/kindergartens"


def put(served, ledger, text):
    path = os.path.join(served.folder, "f.csv")
    with open(path, "w") as f:
        f.write(text)
    run("import", served.place, ledger, path)


def fill(served):
    put(served, "orgs", ORGS)
    put(served, "kindergartens", HEADER + "".join(ROWS.values()))
    put(served, "kindergartens", HEADER + "1111020001,2024,public,1,90,4,\n")
    for login, org, role in (("head", "141100", "city-head"), ("clerk", "141102", "county-clerk"),
                             ("other", "141121", "county-clerk"), ("garden", "1111020001", "school-clerk"),
                             ("city", "141100", "city-clerk"), ("system", "141100", "system-officer"),
                             ("auditor", "141100", "audit-officer")):
        served.add_user(login, org, role)


class OnSqlite(ServedCase):
    fill = staticmethod(fill)

    def orgs(self, login, query=""):
        r = self.as_(login).get(f"{L}/rows?{query}")
        self.assertEqual(r.status, 200, r.body)
        return [row["org"]["code"] for row in r.json()["items"]]

    def test_lists_what_one_may_read(self):
        items = {i["id"]: i for i in self.as_("clerk").get("/api/ledgers").json()["items"]}
        self.assertEqual(items["kindergartens"]["latest_period"], "2025")
        self.assertEqual(items["kindergartens"]["row_count"], 2)
        self.assertIn("import", items["kindergartens"]["can"])
        self.assertNotIn("bullying_cases", items)
        self.assertEqual(self.as_("system").get("/api/ledgers").json()["items"], [])
        self.problem(self.as_("system").get(L), 403, "forbidden")
        self.problem(self.as_("head").get("/api/ledgers/none"), 404, "not-found")

    def test_tells_how_a_ledger_is_made(self):
        d = self.as_("head").get(L).json()
        f = {x["name"]: x for x in d["fields"]}
        self.assertEqual(d["periods"][:2], ["2025", "2024"])
        self.assertTrue(f["org"]["is_org"] and f["org"]["is_key"] and f["period"]["is_period"])
        self.assertEqual((f["children"]["minimum"], f["children"]["maximum"]), ("0", "10000"))
        self.assertIn({"code": "public", "title": "公办"}, f["sponsor"]["codes"])
        self.assertEqual(f["org_name"]["from_org"], "name")
        self.assertFalse(f["org_name"]["can_sort"])
        self.assertTrue(self.as_("head").get("/api/codes/sponsor?q=公").json()["items"])

    def test_rows_are_cut_by_scope_in_lists_counts_and_sums(self):
        self.assertEqual(self.orgs("head"), list(ROWS))
        self.assertEqual(self.orgs("clerk"), ["1111020001", "1111020002"])
        self.assertEqual(self.orgs("other"), ["1111210001"])
        self.assertEqual(self.orgs("garden"), ["1111020001"])
        r = self.as_("clerk").get(f"{L}/rows?count=1&totals=children,outdoor_area&limit=1").json()
        self.assertEqual((r["count"], r["totals"]), (2, {"children": 155, "outdoor_area": "400.500000"}))
        self.assertEqual(self.orgs("head", "org=141121"), ["1111210001"])
        self.problem(self.as_("clerk").get(f"{L}/rows?org=141121"), 404, "not-found")
        self.problem(self.as_("garden").get(f"{L}/rows?org=1111020002"), 404, "not-found")
        self.assertEqual(self.orgs("garden", "org=141102"), ["1111020001"])

    def test_an_id_that_is_guessed_tells_nothing(self):
        row = self.as_("other").get(f"{L}/rows").json()["items"][0]
        for login in ("clerk", "garden"):
            c, path = self.as_(login), f"{L}/rows/{row['id']}"
            there, nowhere = c.get(path), c.get(f"{L}/rows/1")
            self.assertEqual(self.problem(there, 404, "not-found")["detail"], nowhere.json()["detail"])
            self.problem(c.get(path + "/history"), 404, "not-found")
            self.problem(c.put(path, {"values": {"classes": 9}}, headers={"If-Match": '"1"'}), 404, "not-found")
            self.problem(c.delete(path, headers={"If-Match": '"1"'}), 404, "not-found")
        self.assertEqual(self.as_("head").get(f"{L}/rows/{row['id']}").status, 200)
        self.problem(self.as_("head").delete(f"{L}/rows/{row['id']}", headers={"If-Match": '"1"'}), 403, "forbidden")

    def test_filters_searches_and_sorts(self):
        self.assertEqual(self.orgs("head", "filter=children:ge:70"), ["1111020001", "1111210001"])
        self.assertEqual(self.orgs("head", "filter=sponsor:eq:公办&filter=children:lt:100"), ["1111210001"])
        self.assertEqual(self.orgs("head", "filter=sponsor:in:private|public&filter=outdoor_area:null"), ["1111020002"])
        self.assertEqual(self.orgs("head", "filter=outdoor_area:eq:400.5"), ["1111020001"])
        self.assertEqual(self.orgs("head", "filter=inclusive:eq:0"), ["1111020002"])
        self.assertEqual(self.orgs("head", "q=文水"), ["1111210001"])
        self.assertEqual(self.orgs("head", "q=rose"), ["1111020002"])
        self.assertEqual(self.orgs("head", "q=%25"), [])
        self.assertEqual(self.orgs("head", "period=2024"), ["1111020001"])
        self.assertEqual(self.orgs("head", "period=*&org=1111020001&sort=-period"), ["1111020001"] * 2)
        for bad in ("filter=children:ge:x", "filter=nothing:eq:1", "filter=children:like:1", "filter=children:has:1",
                    "sort=nothing", "sort=org_name", "totals=sponsor", "period=soon", "limit=501", "skip=-1", "after=x", "import=x"):
            self.problem(self.as_("head").get(f"{L}/rows?{bad}"), 400, "invalid")

    def test_pages_by_every_order_without_loss(self):
        for sort in ("", "children", "-children", "outdoor_area", "-outdoor_area", "sponsor", "-period"):
            whole = self.orgs("head", f"period=*&sort={sort}" if sort else "period=*")
            paged, after = [], ""
            while after is not None:
                r = self.as_("head").get(f"{L}/rows?period=*&limit=1&after={after}" + (f"&sort={sort}" if sort else ""))
                paged += [row["org"]["code"] for row in r.json()["items"]]
                after = r.json()["next"]
            self.assertEqual(paged, whole, sort)
            for skip in range(len(whole) + 2):
                self.assertEqual(self.orgs("head", f"period=*&skip={skip}&limit=2" + (f"&sort={sort}" if sort else "")),
                                 whole[skip:skip + 2], sort)
        self.assertEqual(self.orgs("head", "sort=-outdoor_area"), ["1111020001", "1111210001", "1111020002"])

    def test_a_row_is_made_changed_and_ended(self):
        c = self.as_("clerk")
        r = c.post(f"{L}/rows", {"period": "2023", "values": {"org": "1111020002", "sponsor": "private",
                                                                "inclusive": True, "children": 12}})
        self.assertEqual(r.status, 201, r.body)
        path = r.headers["Location"]
        self.assertEqual(c.get(path).json(), r.json())
        self.assertEqual(r.json()["values"]["inclusive"], True)
        self.assertEqual(r.json()["label"], "演示二幼 Rose")
        self.problem(c.put(path, {"values": {"children": 13}}), 428, "if-match")
        changed = c.put(path, {"values": {"children": 13, "outdoor_area": "7.5"}}, headers={"If-Match": '"1"'})
        self.assertEqual(changed.status, 200, changed.body)
        self.assertEqual((changed.json()["values"]["children"], changed.json()["version"]), (13, 2))
        self.assertEqual(changed.json()["values"]["sponsor"], "private")
        self.problem(c.put(path, {"values": {"children": 14}}, headers={"If-Match": '"1"'}), 412, "stale")
        p = self.problem(c.put(path, {"values": {"children": "many", "nothing": 1}}, headers={"If-Match": '"2"'}), 400,
                         "invalid")
        self.assertEqual(p["errors"][0]["path"], "/values/nothing")
        p = self.problem(c.put(path, {"values": {"children": "many"}}, headers={"If-Match": '"2"'}), 422, "rejected")
        self.assertEqual(p["errors"][0]["path"], "/values/children")
        self.problem(c.put(path, {"values": {"org": "1111020001"}}, headers={"If-Match": '"2"'}), 400, "invalid")
        self.assertEqual(c.put(path, {"values": {"outdoor_area": None}}, headers={"If-Match": '"2"'}).json()
                         ["values"]["outdoor_area"], None)
        history = c.get(path + "/history").json()["items"]
        self.assertEqual([h["version"] for h in history], [3, 2, 1])
        self.assertEqual(sorted(history[1]["changed"]), ["children", "outdoor_area"])
        self.assertEqual(history[2]["values"]["children"], 12)
        self.assertEqual(c.delete(path, headers={"If-Match": '"3"'}).status, 204)
        self.problem(c.get(path), 404, "not-found")
        seen = [e["action"] for e in self.as_("auditor").get("/api/audit?who=clerk").json()["items"]]
        self.assertEqual(seen[:4], ["row.delete", "row.put", "row.put", "row.put"])

    def test_rows_outside_cannot_be_written(self):
        row = {"period": "2023", "values": {"org": "1111210001", "sponsor": "public", "inclusive": True, "children": 1}}
        for login in ("clerk", "garden", "city"):
            self.problem(self.as_(login).post(f"{L}/rows", row), 422, "rejected")
            checked = self.as_(login).post(f"{L}/rows/check", row).json()
            self.assertFalse(checked["ok"])
            self.assertIn("outside your scope", checked["errors"][0]["detail"])
        self.problem(self.as_("head").post(f"{L}/rows", row), 403, "forbidden")
        self.assertTrue(self.as_("other").post(f"{L}/rows/check", row).json()["ok"])
        self.assertEqual(self.orgs("head", "period=2023&org=1111210001"), [])
        org = {"values": {"code": "1111210009", "name": "x", "kind": "kindergarten", "parent": "141121"}}
        self.problem(self.as_("clerk").post("/api/ledgers/orgs/rows", org), 403, "forbidden")

    def test_an_import_is_looked_at_run_listed_and_undone(self):
        c, good = self.as_("clerk"), HEADER + "1111020001,2022,公办,是,10,1,\n1111020002,2022,民办,否,11,1,\n"
        bad = HEADER + "1111020001,2022,公办,是,ten,1,\n1111210001,2022,公办,是,10,1,\n"
        look = c.post(f"{L}/imports/preview?name=a.csv", raw=bad.encode())
        self.assertEqual(look.status, 200, look.body)
        self.assertEqual((look.json()["ok"], look.json()["error_count"]), (False, 2))
        self.assertEqual(look.json()["problems"][0]["cell"], "E2")
        self.assertIn("outside your scope", look.json()["problems"][1]["text"])
        self.assertIn("heads", look.json()["missing"])
        refused = c.post(f"{L}/imports?name=a.csv", raw=bad.encode())
        self.assertEqual((refused.status, refused.json()["import"]), (422, None))
        book = c.post(f"{L}/imports/rejects?name=a.csv", raw=bad.encode())
        self.assertEqual(book.status, 200)
        self.assertIn("xl/workbook.xml", zipfile.ZipFile(io.BytesIO(book.body)).namelist())
        self.assertEqual(c.post(f"{L}/imports/rejects?name=a.csv", raw=good.encode()).status, 204)
        self.assertEqual(c.post(f"{L}/imports/preview?name=a.csv", raw=good.encode()).json()["rows_new"], 2)
        done = c.post(f"{L}/imports?name=a.csv", raw=good.encode())
        self.assertEqual((done.status, done.json()["rows_new"]), (201, 2), done.body)
        number = done.json()["import"]
        self.assertEqual(self.orgs("clerk", f"import={number}"), ["1111020001", "1111020002"])
        listed = c.get("/api/imports?ledger=kindergartens").json()["items"][0]
        self.assertEqual((listed["id"], listed["file"], listed["can_undo"]), (number, "a.csv", True))
        self.problem(self.as_("other").get(f"/api/imports/{number}"), 404, "not-found")
        self.problem(self.as_("other").post(f"/api/imports/{number}/undo"), 404, "not-found")
        self.problem(self.as_("head").post(f"/api/imports/{number}/undo"), 403, "forbidden")
        self.assertEqual(c.post(f"/api/imports/{number}/undo").json()["state"], "undone")
        self.problem(c.post(f"/api/imports/{number}/undo"), 409, "conflict")
        self.assertEqual(self.orgs("clerk", "period=2022"), [])
        self.problem(c.post(f"{L}/imports"), 400, "invalid")
        self.problem(c.post(f"{L}/imports?period=soon", raw=b"x"), 400, "invalid")
        self.problem(self.as_("head").post(f"{L}/imports", raw=b"x"), 403, "forbidden")

    def test_organisations_that_another_program_changed_hold_at_once(self):
        clerk, new = self.as_("clerk"), "1111020009"
        row = {"period": "2022", "values": {"org": new, "sponsor": "public", "inclusive": True, "children": 9}}
        self.problem(clerk.post(f"{L}/rows", row), 422, "rejected")
        put(self.served, "orgs", ORGS + f"{new},演示新园,kindergarten,141102\n")
        made = clerk.post(f"{L}/rows", row)
        self.assertEqual((made.status, made.json()["label"], made.json()["county"]), (201, "演示新园", "141102"), made.body)
        put(self.served, "orgs", ORGS + f"{new},演示旧园,kindergarten,141102\n")
        path = made.headers["Location"]
        self.assertEqual([clerk.get(path).json()["label"] for _ in range(8)], ["演示旧园"] * 8)
        self.assertEqual(clerk.delete(path, headers={"If-Match": '"1"'}).status, 204)

    def test_exports_are_cut_by_scope_and_filter(self):
        def text(login, query):
            r = self.as_(login).get(f"{L}/export?format=csv&{query}")
            self.assertEqual(r.status, 200, r.body)
            return r.body.decode("utf-8-sig")
        self.assertEqual(text("garden", "period=*").count("1111020001"), 2)
        self.assertNotIn("1111020002", text("garden", "period=*"))
        self.assertNotIn("1111210001", text("clerk", ""))
        self.assertIn("1111210001", text("head", "filter=children:eq:70"))
        self.assertNotIn("1111020001", text("head", "filter=children:eq:70"))
        r = self.as_("clerk").get(f"{L}/export?format=xlsx")
        self.assertIn("xl/workbook.xml", zipfile.ZipFile(io.BytesIO(r.body)).namelist())
        part = self.as_("clerk").get(f"{L}/export?format=csv", headers={"Range": "bytes=0-9"})
        self.assertEqual((part.status, len(part.body)), (206, 10))
        self.assertEqual(self.as_("clerk").get(f"{L}/template").body[:2], b"PK")
        self.problem(self.as_("system").get(f"{L}/export"), 403, "forbidden")

    def test_the_chain_is_whole_in_the_end(self):
        self.assertTrue(self.as_("auditor").get("/api/audit/verify").json()["ok"])


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
