"""The approved map: loaded by the system officer alone, whole or not at all, told in the audit log."""
import json
import unittest

from served import POSTGRES, Client, Served

COUNTIES = ["141102", "141121", "141122", "141123", "141124", "141125", "141126", "141127", "141128", "141129", "141130",
            "141181", "141182"]
QUERY = "approval=晋S(2026)001号&coordinates=cgcs2000&property=adcode&name=counties.geojson"


def square(n):
    x, y = 110 + n * 0.1, 37
    return [[[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]]


def feature(code, n):
    return {"type": "Feature", "properties": {"adcode": code}, "geometry": {"type": "Polygon", "coordinates": square(n)}}


def a_map(codes):
    return {"type": "FeatureCollection", "features": [feature(code, n) for n, code in enumerate(codes)]}


def add_accounts(served):
    for login, role in (("head", "city-head"), ("system", "system-officer"), ("security", "security-officer"),
                        ("auditor", "audit-officer")):
        served.add_user(login, "141100", role)


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, add_accounts)
        cls.head, cls.system, cls.auditor = (Client(cls.served, x) for x in ("head", "system", "auditor"))

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def load(self, what, client=None, query=QUERY):
        raw = what if isinstance(what, bytes) else json.dumps(what).encode()
        return (client or self.system).put("/api/map?" + query, raw=raw, headers={"Content-Type": "application/octet-stream"})

    def refused(self, what, *says, status=400, **kw):
        before = self.head.get("/api/map").json()
        r = self.load(what, **kw)
        self.assertEqual(r.status, status, r.body)
        said = json.dumps(r.json(), ensure_ascii=False)
        for text in says:
            self.assertIn(text, said)
        self.assertEqual(self.head.get("/api/map").json(), before)

    def test_a_map_is_loaded_shown_and_dropped(self):
        self.assertEqual(self.head.get("/api/map").json(), {"map": None})
        self.assertEqual(self.head.get("/api/map/areas").status, 404)
        # Codes may be text or numbers, in any order.
        r = self.load(a_map([int(COUNTIES[0]), *COUNTIES[:0:-1]]))
        self.assertEqual(r.status, 200, r.body)
        told = r.json()["map"]
        self.assertEqual((told["areas"], told["points"], told["approval"], told["loaded_by"], told["coordinates"]),
                         (13, 65, "晋S(2026)001号", "system", "cgcs2000"))
        self.assertEqual(self.head.get("/api/map").json()["map"], told)
        areas = self.head.get("/api/map/areas")
        self.assertEqual(areas.headers["Content-Type"], "application/geo+json")
        self.assertEqual({str(f["properties"]["adcode"]) for f in areas.json()["features"]}, set(COUNTIES))
        self.assertEqual(self.system.delete("/api/map").status, 204)
        self.assertEqual(self.head.get("/api/map").json(), {"map": None})
        entries = self.auditor.get("/api/audit?who=system").json()["items"]
        self.assertEqual([(e["action"], e["object"]) for e in entries if e["action"].startswith("map.")],
                         [("map.drop", "map"), ("map.load", "晋S(2026)001号")])
        self.assertEqual(entries[1]["detail"], told["sha256"])

    def test_only_the_system_officer_loads_and_drops(self):
        for login in ("head", "security", "auditor"):
            client = Client(self.served, login)
            self.assertEqual(self.load(a_map(COUNTIES), client).status, 403, login)
            self.assertEqual(client.delete("/api/map").status, 403, login)

    def test_what_is_wrong_is_named_and_changes_nothing(self):
        self.refused(b"{", "JSON line 1")
        self.refused(a_map(COUNTIES[1:]), "/features", "141102")
        self.refused(a_map([*COUNTIES, "149999"]), "/features/13/properties", "149999")
        self.refused(a_map([*COUNTIES, "141100"]), "/features/13/properties")
        self.refused(a_map([*COUNTIES, COUNTIES[3]]), "/features/13/properties", "twice")
        wild = a_map(COUNTIES)
        wild["features"][4]["geometry"]["coordinates"][0][2] = [999, 0]
        self.refused(wild, "/features/4/geometry")
        self.refused(a_map(COUNTIES), "/features/0/properties", query=QUERY.replace("adcode", "code"))
        self.refused(a_map(COUNTIES), "approval", query="coordinates=wgs84&property=adcode&name=a")
        self.refused(a_map(COUNTIES), "coordinates", query=QUERY.replace("cgcs2000", "mars"))

    def test_a_map_has_a_size(self):
        padded = a_map(COUNTIES)
        padded["features"][0]["properties"]["note"] = "x" * (2 << 20)
        self.refused(padded, status=413)


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
