"""From an indicator's number to its children's and to the rows that make it, inside the asker's scope; on both stores."""
import os
import unittest

from served import POSTGRES, Client, Served, run

ORGS = """code,name,kind,parent
1111020001,演示一幼,kindergarten,141102
1111020002,演示二幼,kindergarten,141102
1111020003,演示三幼,kindergarten,141102
1111210001,演示文水幼儿园,kindergarten,141121
"""
ROWS = """org,period,sponsor,inclusive,children,classes,oversize_classes,outdoor_area
1111020001,2025,public,1,100,4,1,400
1111020002,2025,private,0,55,2,0,
1111020003,2025,public,1,30,1,,90
1111210001,2025,public,1,70,3,0,210
1111020001,2024,public,1,90,4,0,
1111210001,2024,private,1,60,3,0,
"""
SHARE = "/api/indicators/preschool.public_share"


def fill(served):
    for ledger, text in (("orgs", ORGS), ("kindergartens", ROWS)):
        path = os.path.join(served.folder, ledger + ".csv")
        with open(path, "w") as f:
            f.write(text)
        run("import", served.place, ledger, path)
    for login, org, role in (("head", "141100", "city-head"), ("clerk", "141102", "county-clerk"),
                             ("garden", "1111020001", "school-clerk"), ("system", "141100", "system-officer")):
        served.add_user(login, org, role)


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, fill)
        cls.clients = {login: Client(cls.served, login) for login in ("head", "clerk", "garden", "system")}

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def get(self, login, path, status=200):
        r = self.clients[login].get(path)
        self.assertEqual(r.status, status, r.body)
        return r.json()

    def rows(self, login, query="", indicator=SHARE, status=200):
        return self.get(login, f"{indicator}/rows?{query}", status)

    def orgs(self, login, query="", indicator=SHARE):
        return [r["org"]["code"] for r in self.rows(login, query, indicator)["items"]]

    def test_the_rows_add_up_to_the_number(self):
        ids = [i["id"] for t in self.get("head", "/api/indicators")["themes"] for i in t["items"]]
        readable = {x["id"] for x in self.get("head", "/api/ledgers")["items"]}
        checked = 0
        for i in ids:
            value = self.get("head", f"/api/indicators/{i}")
            if not {value["formula"]["from"], value["formula"]["denominator_from"]} - {None} <= readable:
                continue
            parts = ["numerator"] + (["denominator"] if value["formula"]["denominator"] else [])
            for part in parts:
                r = self.rows("head", f"part={part}&limit=500", f"/api/indicators/{i}")
                self.assertEqual(set(r["adds"]), {x["id"] for x in r["items"]})
                self.assertEqual(r["count"], len(r["items"]))
                if value["state"] == "value":
                    self.assertAlmostEqual(sum(r["adds"].values()), value[part], msg=f"{i} {part}")
                    checked += r["count"] > 0
        self.assertGreater(checked, 5)

    def test_only_rows_that_count_are_listed(self):
        self.assertEqual(self.orgs("head"), ["1111020001", "1111020003", "1111210001"])
        self.assertEqual(self.orgs("head", "part=denominator"),
                         ["1111020001", "1111020002", "1111020003", "1111210001"])
        self.assertEqual(self.orgs("head", "period=2024"), ["1111020001"])
        self.assertEqual(self.orgs("head", "org=141102"), ["1111020001", "1111020003"])
        r = self.rows("head", "org=141121")
        self.assertEqual((r["ledger"], r["period"], r["part"], list(r["adds"].values())),
                         ("kindergartens", "2025", "numerator", [70]))
        self.assertEqual(r["items"][0], self.get("head", f"/api/ledgers/kindergartens/rows/{r['items'][0]['id']}"))
        # A row whose value is empty says nothing: it does not count.
        self.assertEqual(self.orgs("head", "", "/api/indicators/preschool.class_size_met"),
                         ["1111020001", "1111020002", "1111210001"])

    def test_pages_meet_without_gap_or_repeat(self):
        seen, after = [], ""
        for _ in range(5):
            r = self.rows("head", f"part=denominator&limit=1{after}")
            seen += [x["org"]["code"] for x in r["items"]]
            self.assertEqual(r["count"], 4)
            if not r["next"]:
                break
            after = "&after=" + r["next"]
        self.assertEqual(seen, self.orgs("head", "part=denominator"))

    def test_rows_stay_in_the_askers_scope(self):
        self.assertEqual(self.orgs("clerk"), ["1111020001", "1111020003"])
        self.rows("clerk", "org=141121", status=404)
        self.rows("system", status=403)
        garden = self.clients["garden"].get(f"{SHARE}/rows")
        self.assertTrue(garden.status == 403 or
                        all(r["org"]["code"] == "1111020001" for r in garden.json()["items"]), garden.body)

    def test_what_cannot_be_asked_is_refused(self):
        self.rows("head", indicator="/api/indicators/none", status=404)
        self.rows("head", "after=x", status=400)
        self.rows("head", "part=middle", status=400)
        self.rows("head", "period=soon", status=400)
        plain = [i["id"] for t in self.get("head", "/api/indicators")["themes"] for i in t["items"]
                 if not self.get("head", f"/api/indicators/{i['id']}")["formula"]["denominator"]]
        self.rows("head", "part=denominator", f"/api/indicators/{plain[0]}", 400)

    def test_children_add_up_to_their_parent(self):
        city = self.get("head", f"{SHARE}?by=children")
        self.assertEqual([(g["group"], g["numerator"], g["denominator"]) for g in city["groups"]],
                         [("141102", 130, 185), ("141121", 70, 70)])
        county = self.get("head", f"{SHARE}?org=141102&by=children")
        self.assertEqual([(g["group"], g["numerator"]) for g in county["groups"]],
                         [("1111020001", 100), ("1111020002", 0), ("1111020003", 30)])
        for whole in (city, county):
            self.assertEqual(sum(g["rows"] for g in whole["groups"]), whole["rows"])
        self.assertEqual(city["groups"][0]["denominator"], county["denominator"])
        trend = self.get("head", f"{SHARE}/trend?org=141121")["items"]
        self.assertEqual([(p["period"], p["denominator"], p["state"]) for p in trend][1:], [("2025", 70, "value")])


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
