"""Plans of allocation over HTTP: the answers are the command line's, a clerk plans the own county only, and a plan goes through
its flow into the ledger `proposals`, with versions and audit, and back."""
import csv
import io
import json
import os
import unittest

from job_test import wait_for
from served import POSTGRES, Client, Served, run

def make_poor(served):
    """Three schools of each stage get less than the standard asks, so that there is something to buy."""
    path = os.path.join(served.folder, "resources.csv")
    run("export", served.place, "school_resources", "--to", path)
    with open(path, encoding="utf-8-sig", newline="") as f:
        rows = list(csv.reader(f))
    column = {c: next(i for i, h in enumerate(rows[0]) if h.startswith(c)) for c in ("学段", "教学仪器设备值", "县级以上骨干教师数")}
    seen = {}
    for row in rows[1:]:
        seen[row[column["学段"]]] = seen.get(row[column["学段"]], 0) + 1
        if seen[row[column["学段"]]] <= 3:
            row[column["教学仪器设备值"]], row[column["县级以上骨干教师数"]] = "1000", "0"
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows)
    run("import", served.place, "school_resources", path)


def fill(served):
    run("demo", served.place, "--size", "county")
    make_poor(served)
    served.county = json.loads(run("evaluate", served.place, "compulsory-balance-2017", "--format", "json"))["county"]
    served.outside = "141121" if served.county != "141121" else "141102"
    for login, org, role in (("head", "141100", "city-head"), ("city", "141100", "city-clerk"), ("clerk", served.county, "county-clerk"),
                             ("boss", served.county, "county-head"), ("other", served.outside, "county-clerk"),
                             ("stranger", served.outside, "county-head"), ("audit", "141100", "audit-officer")):
        served.add_user(login, org, role)


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, fill)
        cls.users = {x: Client(cls.served, x) for x in ("head", "city", "clerk", "boss", "other", "stranger", "audit")}

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def make(self, kind="places", client="clerk", status=201, **more):
        body = {"name": "方案", "kind": kind, "area": self.served.county, "weights": [], "changes": [], **more}
        if status == 201 and kind != "forecast":  # the sanitizers' build is too slow for an answer at once
            r = self.users[client].post("/api/plans/job", body)
            self.assertEqual(r.status, 202, r.body)
            job = wait_for(self.users[client], r.json(), seconds=180)
            self.assertEqual(job["state"], "done", job)
            return self.get(job["result"], client)
        r = self.users[client].post("/api/plans", body)
        self.assertEqual(r.status, status, r.body)
        return r.json()

    def get(self, path, client="clerk", status=200):
        r = self.users[client].get(path)
        self.assertEqual(r.status, status, r.body)
        return r.json()

    def move(self, plan, move, client="clerk", status=200, note=None, version=None):
        r = self.users[client].post(f"/api/plans/{plan['id']}/moves", {"move": move, "note": note},
                                    headers={"If-Match": f'"{version or plan["version"]}"'})
        self.assertEqual(r.status, status, r.body)
        return r.json()

    def rows(self, name):
        return self.get(f"/api/ledgers/proposals/rows?limit=500&filter=proposal:eq:{name}")["items"]

    def told(self, *words):
        return json.loads(run("allocate", *words[:1], self.served.place, *words[1:], "--format", "json", "--lang", "en"))

    # ---- the answers

    def test_places_are_the_command_lines(self):
        plan, told = self.make()["result"], self.told("places")
        self.assertEqual((plan["cost"], plan["bound"], plan["unit"]), (told["cost"], told["bound"], "yuan_a_year"))
        self.assertLess(plan["cost"], plan["cost_before"])
        self.assertEqual({(r["item"], r["action"], r["stage"], r["reason"]) for r in plan["rows"]},
                         {(a["site"], a["action"], s["stage"], a["reason"]) for a in told["actions"] for s in a["stages"]})
        after = {(f["stage"], f["figure"]): (f["before"], f["after"]) for f in plan["figures"]}
        for s in told["stages"]:
            self.assertEqual(after[s["stage"], "places"], (s["places_from"], s["places_to"]))
            self.assertEqual(after[s["stage"], "sites"], (s["sites_from"], s["sites_to"]))
            self.assertEqual(after[s["stage"], "children"], (s["children"], s["children"]))
        self.assertEqual(sum(after[s["stage"], "unmet"][1] for s in told["stages"]), told["unmet"])
        self.assertTrue(plan["points"] and all(73 < p["lon"] < 136 for p in plan["points"]))
        moved = {(s["code"], s["stage"], s["to"]) for s in plan["shifts"] if s["to"]}
        served = {(s["community"], s["stage"], s["site"]) for s in told["served"]}
        self.assertTrue(moved and moved <= served)

    def test_places_over_years_are_the_command_lines_and_are_approved(self):
        plan, told = self.make(years=2, name="两年布局"), self.told("places", "--years", "2")
        result = plan["result"]
        self.assertEqual((result["cost"], result["bound"], result["unit"]), (told["cost"], told["bound"], "yuan_of_today"))
        self.assertLess(result["cost"], result["cost_before"])
        self.assertEqual({(s["year"], s["item"], s["action"], s["stage"], s["from"], s["to"], s["into"] or "", s["reason"]) for s in result["steps"]},
                         {(a["year"], a["site"], a["action"], s["stage"], str(s["places_from"]), str(s["places_to"]), a["into"], a["reason"])
                          for a in told["actions"] for s in a["stages"]})
        self.assertAlmostEqual(sum(float(s["once"] or 0) for s in result["steps"]), sum(a["once"] for a in told["actions"]), delta=0.01)
        year = {(y["year"], y["stage"], y["figure"]): y["value"] for y in result["years"]}
        for y in told["years"]:
            for s in y["stages"]:
                for ours, theirs in (("children",) * 2, ("places",) * 2, ("sites",) * 2, ("unmet",) * 2):
                    self.assertEqual(year[y["year"], s["stage"], ours], s[theirs])
        # Who goes elsewhere: from where they went the year before, in a year of the plan, each with its reason.
        went = {}
        for s in result["shifts"]:
            self.assertTrue(s["reason"] and s["people"] > 0)
            self.assertIn(s["year"], {y["year"] for y in told["years"]})
            if s["to"] and (s["code"], s["stage"]) in went:
                self.assertEqual(s["from"], went[s["code"], s["stage"]])
            went[s["code"], s["stage"]] = s["to"] or s["from"]
        self.assertTrue(went)
        closed = {s["item"] for s in result["steps"] if s["to"] == "0"}
        self.assertTrue(any(s["from"] in closed for s in result["shifts"]))
        asked = self.move(plan, "ask")
        done = self.move(asked, "approve", "boss")
        self.assertEqual(done["state"], "approved")
        rows = self.rows("两年布局")
        self.assertEqual(len(rows), result["proposed"])
        self.assertEqual({r["values"]["item"] for r in rows}, {r["item"] for r in result["rows"]})

    def test_more_places_come_where_they_are_cheapest_or_say_what_is_short(self):
        plain, more = self.make()["result"], self.make(additions=[{"stage": "primary", "places": 600}])
        self.assertEqual(more["request"]["additions"], [{"stage": "primary", "places": 600}])
        of = lambda r: next(f for f in r["figures"] if (f["stage"], f["figure"]) == ("primary", "places"))
        self.assertGreaterEqual(of(more["result"])["after"], of(plain)["before"] + 600)
        told = self.told("places", "--add", "primary=600")
        self.assertEqual((more["result"]["cost"], more["result"]["bound"]), (told["cost"], told["bound"]))
        body = {"name": "太多", "kind": "places", "area": self.served.county, "weights": [], "changes": [],
                "additions": [{"stage": "primary", "places": 999999}]}
        failed = wait_for(self.users["clerk"], self.users["clerk"].post("/api/plans/job", body).json(), seconds=180)
        self.assertEqual(failed["state"], "failed")
        self.assertRegex(failed["error"], "999999 are asked for, [0-9]+ are short. To relax")

    def test_the_curve_is_the_command_lines_and_a_point_is_a_plan(self):
        curve, told = self.make("curve")["result"], self.told("places", "--curve")["curve"]
        self.assertGreaterEqual(len(curve["curve"]), 3)
        keys = ("weight", "money", "travel", "sites", "opened", "closed", "unmet")
        self.assertEqual([[p[k] for k in keys] for p in curve["curve"]], [[p[k] for k in keys] for p in told])
        self.assertIsNone(curve["cost"])
        self.assertGreater(curve["curve"][0]["mean_km"], curve["curve"][-1]["mean_km"])
        self.assertLess(curve["curve"][0]["money"], curve["curve"][-1]["money"])
        point = curve["curve"][-1]
        costs = next(p for k in self.get("/api/plans/options")["kinds"] if k["kind"] == "places" for p in k["parameters"]
                     if p["id"] == "places.travel_cost")
        plan = self.make(weights=[{"parameter": costs["id"], "key": v["key"], "value": v["value"] * point["weight"]} for v in costs["values"]])
        there = point["money"] + point["weight"] * point["travel"]
        self.assertLess(abs(plan["result"]["cost"] - there) / there, point["gap"] + plan["result"]["gap"] + 1e-6)

    def test_pass_over_years_buys_what_each_year_needs_and_bans_hold(self):
        plan = self.make("pass", stage="junior", years=3, growth=2, name="三年达标")
        result = plan["result"]
        self.assertEqual(result["unit"], "yuan_of_today")
        self.assertEqual(len({y["year"] for y in result["years"]}), 3)
        self.assertGreater(result["cost"], 0)
        self.assertGreaterEqual(result["cost"], result["bound"])
        once = {}
        for s in sorted(result["steps"], key=lambda s: s["year"]):
            if (s["item"], s["measure"]) in once:
                self.assertEqual(float(s["from"]), once[s["item"], s["measure"]][1])
            money = once.get((s["item"], s["measure"]), (0, 0))[0]
            once[s["item"], s["measure"]] = (money + float(s["once"]), float(s["to"]))
        self.assertEqual({(r["item"], r["measure"]) for r in result["rows"]}, set(once))
        for r in result["rows"]:
            money, to = once[r["item"], r["measure"]]
            self.assertEqual(float(r["to"]), to)
            self.assertAlmostEqual(float(r["once"]), money, delta=0.01)
        self.assertEqual(self.move(plan, "ask")["state"], "asked")
        self.assertEqual(len(self.rows("三年达标")), len(result["rows"]))
        whole = self.make("pass", stage="junior")["result"]
        row = next(r for r in whole["rows"] if r["measure"] == "equipment")
        banned = self.make("pass", stage="junior", changes=[{"type": "forbid", "code": row["item"], "measure": "equipment"}])["result"]
        self.assertNotIn((row["item"], "equipment"), {(r["item"], r["measure"]) for r in banned["rows"]})
        if banned["is_whole"]:
            self.assertGreaterEqual(banned["cost"], whole["bound"])
        else:
            self.assertIn(row["item"], banned["problem"])
        self.assertIn("nowhere", self.make("pass", status=422, changes=[{"type": "forbid", "code": "nowhere"}])["detail"])

    def test_pupils_are_moved_before_anything_is_bought(self):
        prices = os.path.join(self.served.folder, "move-prices.csv")
        options = {k["kind"]: k for k in self.get("/api/plans/options")["kinds"]}
        given = next(p for p in options["pass"]["parameters"] if p["id"] == "pass.price")["values"]
        with open(prices, "w") as f:
            f.write("indicator,price\n" + "".join(f"{v['key']},{v['value']}\n" for v in given))
        plan = self.make("pass", stage="primary", move_percent=10, name="先调整学生")
        result, told = plan["result"], self.told("pass", "--prices", prices, "--stage", "primary", "--move-pupils", "10%")
        self.assertAlmostEqual(result["cost"], told["cost"], delta=0.01)
        self.assertTrue(told["moves"])
        self.assertEqual({(s["from"], s["to"], s["people"]) for s in result["shifts"]},
                         {(m["from"], m["to"], m["pupils"]) for m in told["moves"]})
        self.assertLess(result["cost"], result["cost_before"])
        net = {}
        for s in result["shifts"]:
            net[s["from"]] = net.get(s["from"], 0) - s["people"]
            net[s["to"]] = net.get(s["to"], 0) + s["people"]
        moved = {r["item"]: r for r in result["rows"] if r["action"] == "move"}
        self.assertEqual({i: int(r["to"]) - int(r["from"]) for i, r in moved.items()}, net)
        school = next(iter(moved))
        kept = self.get(f"/api/ledgers/school_resources/rows?limit=10&filter=org:eq:{school}&filter=stage:eq:primary")["items"][0]
        self.assertEqual(kept["values"]["pupils"], int(moved[school]["from"]))
        self.assertEqual(self.move(plan, "ask")["state"], "asked")
        self.assertEqual(len(self.rows("先调整学生")), len(result["rows"]))

    def test_zones_are_the_command_lines(self):
        plan, told = self.make("zone", stage="junior"), self.told("zone", "--stage", "junior")
        result = plan["result"]
        self.assertEqual((result["cost"], result["bound"], result["unit"]), (told["cost"], told["bound"], "child_metres"))
        self.assertEqual({(p["code"], p["zone"]) for p in result["points"] if p["what"] == "home"},
                         {(c["community"], c["site"]) for c in told["communities"]})
        self.assertEqual({(r["item"], r["to"]) for r in result["rows"]},
                         {(c["community"], c["site"]) for c in told["communities"] if c["changed"] or not c["from"]})
        c = told["communities"][0]
        kept = self.make("zone", stage="junior", changes=[{"type": "forbid", "code": c["community"], "to": c["site"]}])["result"]
        self.assertNotEqual(next(p["zone"] for p in kept["points"] if p["code"] == c["community"]), c["site"])

    def test_each_option_that_a_kind_does_not_take_is_named_by_its_path(self):
        stage = [{"stage": "primary", "places": 9}]
        for path, kind, body in (
                ("/years", "teachers", {"years": 2}), ("/years", "zone", {"years": 2}), ("/years", "places", {"years": 31}),
                ("/additions", "places", {"years": 2, "additions": stage}), ("/additions", "pass", {"additions": stage}),
                ("/additions/0/stage", "places", {"additions": [{"stage": "nursery", "places": 9}]}),
                ("/additions/0/places", "places", {"additions": [{"stage": "primary", "places": 0}]}),
                ("/additions", "places", {"additions": stage * 2}),
                ("/stage", "places", {"stage": "primary"}), ("/stage", "zone", {"stage": "nursery"}),
                ("/budget", "places", {"budget": 5}), ("/budget", "pass", {"budget": 5, "years": 2}), ("/budget", "pass", {"budget": -1}),
                ("/move_percent", "pass", {"move_percent": 5, "years": 2}), ("/move_percent", "places", {"move_percent": 5}),
                ("/growth", "pass", {"growth": 2}), ("/growth", "pass", {"growth": 200, "years": 2}),
                ("/weights/0/parameter", "curve", {"weights": [{"parameter": "zone.fill_max", "key": "primary", "value": 1}]}),
                ("/weights/0/key", "zone", {"weights": [{"parameter": "zone.fill_max", "key": "nursery", "value": 1}]}),
                ("/weights/0/value", "places", {"weights": [{"parameter": "places.close_cost", "key": None, "value": -1}]}),
                ("/changes/0/type", "places", {"changes": [{"type": "births", "code": "1", "year": "2027", "value": "-5%"}]}),
                ("/changes/0/type", "zone", {"changes": [{"type": "keep", "code": "1"}]}),
                ("/changes/0/to", "zone", {"changes": [{"type": "pin", "code": "1"}]}),
                ("/changes/0/value", "places", {"changes": [{"type": "keep", "code": "1", "value": "1"}]}),
                ("/changes/0/measure", "pass", {"changes": [{"type": "forbid", "code": "1", "measure": "none"}]}),
                ("/changes/0/code", "pass", {"changes": [{"type": "forbid"}]})):
            said = self.make(kind, status=400, **body)
            self.assertEqual([e["path"] for e in said["errors"]], [path], (kind, body))
            r = self.users["clerk"].post("/api/plans/job", {"name": "错", "kind": kind, "area": self.served.county, "weights": [], "changes": [], **body})
            self.assertEqual(r.status, 400, r.body)

    def test_teachers_are_the_command_lines(self):
        plan, told = self.make("teachers")["result"], self.told("teachers")
        self.assertEqual((plan["cost"], plan["bound"]), (told["cost"], told["bound"]))
        self.assertEqual({(r["item"], r["from"], r["to"], r["reason"]) for r in plan["rows"]},
                         {(m["teacher"], m["from"], m["to"], m["reason"]) for m in told["moves"]})
        missing = [f for f in plan["figures"] if f["figure"] == "missing"]
        self.assertEqual(sum(f["before"] for f in missing), sum(c["missing_before"] for c in told["counties"]))
        self.assertEqual(sum(f["after"] for f in missing), sum(c["missing"] for c in told["counties"]))
        self.assertNotIn("演示张", json.dumps([r["name"] for r in plan["rows"]], ensure_ascii=False))

    def test_pass_is_the_command_lines(self):
        prices = os.path.join(self.served.folder, "prices.csv")
        options = {k["kind"]: k for k in self.get("/api/plans/options")["kinds"]}
        given = next(p for p in options["pass"]["parameters"] if p["id"] == "pass.price")["values"]
        with open(prices, "w") as f:
            f.write("indicator,price\n" + "".join(f"{v['key']},{v['value']}\n" for v in given))
        plan, told = self.make("pass", stage="junior")["result"], self.told("pass", "--prices", prices, "--stage", "junior")
        self.assertAlmostEqual(plan["cost"], told["cost"], delta=0.01)
        self.assertEqual({(r["item"], r["measure"], float(r["to"])) for r in plan["rows"]},
                         {(s["org"], k, float(v["to"])) for s in told["schools"] for k, v in s["raise"].items()})
        self.assertGreater(len(plan["rows"]), 3)
        failing = next(f for f in plan["figures"] if f["figure"] == "failing")
        self.assertGreater(failing["before"], 0)
        self.assertEqual(failing["after"], 0)
        capped = self.make("pass", stage="junior", budget=round(plan["cost"] / 2))["result"]
        self.assertLessEqual(capped["cost"], plan["cost"] / 2 + 1)

    def test_forecast_has_what_was_and_what_will_be(self):
        plan, told = self.make("forecast", years=5)["result"], self.told("forecast", "--years", "5")
        self.assertIsNone(plan["cost"])
        future = {(f["stage"], f["year"]): f for f in plan["futures"]}
        past = self.get("/api/ledgers/grade_enrolment/rows?filter=school_year:eq:2020&filter=grade:le:6&totals=pupils&limit=1")
        self.assertEqual(future["primary", 2020]["value"], past["totals"]["pupils"])
        for row in told["forecasts"][0]["rows"]:
            self.assertAlmostEqual(future[row["stage"], row["year"]]["value"], row["pupils"], delta=1e-3)
            self.assertFalse(future[row["stage"], row["year"]]["is_past"])
        more = self.make("forecast", years=5, changes=[{"type": "add", "code": self.served.county, "town": "全县", "year": "2026", "grades": "1-6",
                                                        "value": "10"}])["result"]
        then = next(f for f in more["futures"] if (f["stage"], f["year"]) == ("primary", 2026))
        self.assertAlmostEqual(then["value"] - future["primary", 2026]["value"], 60, delta=1e-3)

    def test_a_weight_changes_the_plan_and_two_stand_side_by_side(self):
        one = self.make(name="少花钱")
        two = self.make(name="不停办", weights=[{"parameter": "places.close_cost", "key": None, "value": 400000000}])
        self.assertEqual(two["request"]["weights"][0]["value"], 400000000)
        actions = lambda p: {(r["item"], r["stage"]): r["action"] for r in p["result"]["rows"]}
        a, b = actions(one), actions(two)
        self.assertIn("close", a.values())
        self.assertNotIn("close", b.values())
        got = self.users["boss"].post("/api/plans/compare", {"ids": [one["id"], two["id"]]}).json()
        self.assertEqual([p["name"] for p in got["plans"]], ["少花钱", "不停办"])
        self.assertEqual({(r["item"], r["stage"]) for r in got["rows"]}, set(a) | set(b))
        for r in got["rows"]:
            key = (r["item"], r["stage"])
            self.assertEqual([c["is"] and c["is"]["action"] for c in r["cells"]], [a.get(key), b.get(key)])
            if a.get(key) != b.get(key):
                self.assertTrue(r["differs"])
        self.assertTrue(any(f["differs"] for f in got["figures"]))
        closed = next(r["item"] for r in one["result"]["rows"] if r["action"] == "close")
        kept = self.make(changes=[{"type": "keep", "code": closed}])
        self.assertNotEqual(actions(kept).get((closed, "primary")), "close")
        self.assertGreaterEqual(kept["result"]["cost"], one["result"]["bound"])

    def test_what_cannot_be_kept_says_which_rule_to_relax(self):
        limits = next(p for k in self.get("/api/plans/options")["kinds"] for p in k["parameters"] if p["id"] == "places.minutes_max")
        plan = self.make(weights=[{"parameter": "places.minutes_max", "key": v["key"], "value": 3} for v in limits["values"]])
        self.assertFalse(plan["result"]["is_whole"])
        self.assertIn("To relax", plan["result"]["problem"])
        self.assertTrue(any(s["to"] is None for s in plan["result"]["shifts"]))
        self.assertTrue(any(p["action"] == "short" for p in plan["result"]["points"]))
        years = self.make(years=2, weights=[{"parameter": "places.minutes_max", "key": v["key"], "value": 3} for v in limits["values"]])["result"]
        self.assertFalse(years["is_whole"])
        self.assertRegex(years["problem"], r"20\d\d: (.|\n)*To relax")
        self.assertTrue(any(s["to"] is None and "within the time" in s["reason"] for s in years["shifts"]))

    def test_what_is_wrong_is_said(self):
        bad = lambda **more: self.make(status=400, **more)
        self.assertIn("places.none", bad(weights=[{"parameter": "places.none", "key": None, "value": 1}])["detail"])
        bad(weights=[{"parameter": "balance.above_degree", "key": "primary", "value": 0}])
        bad(weights=[{"parameter": "places.speed", "key": "nursery", "value": 1}])
        bad(weights=[{"parameter": "places.close_cost", "key": None, "value": -1}])
        bad(kind="nothing")
        bad(name=" ")
        bad(period="soon")
        bad(kind="pass", stage="senior")
        said = self.make(changes=[{"type": "close", "code": "nowhere"}], status=422)
        self.assertIn("nowhere", said["detail"])

    def test_a_plan_is_a_job_that_can_be_watched_and_stopped(self):
        body = {"name": "任务方案", "kind": "places", "area": self.served.county, "weights": [], "changes": []}
        r = self.users["clerk"].post("/api/plans/job", body)
        self.assertEqual(r.status, 202, r.body)
        job = wait_for(self.users["clerk"], r.json(), seconds=180)
        self.assertEqual((job["kind"], job["title"], job["state"], job["error"]), ("plan", "任务方案", "done", None))
        made = self.get(job["result"])
        self.assertEqual(made["result"]["cost"], self.make()["result"]["cost"])
        self.assertEqual((made["made_by"], made["name"]), ("clerk", "任务方案"))
        self.assertEqual(self.users["other"].post("/api/plans/job", body).status, 404)
        self.assertEqual(self.users["boss"].post("/api/plans/job", body).status, 403)
        failed = wait_for(self.users["clerk"], self.users["clerk"].post("/api/plans/job", {
            **body, "changes": [{"type": "close", "code": "nowhere"}]}).json())
        self.assertEqual(failed["state"], "failed")
        self.assertIn("nowhere", failed["error"])
        plans = len(self.get("/api/plans?kind=places&limit=500")["items"])
        # More than there are threads: the last one waits still, the first may be done already.
        jobs = [self.users["clerk"].post("/api/plans/job", body).json() for _ in range(5)]
        for job in reversed(jobs):
            self.assertIn(self.users["clerk"].post(f"/api/jobs/{job['id']}/cancel").status, (200, 409))
        states = [wait_for(self.users["clerk"], job)["state"] for job in jobs]
        self.assertEqual(states[-1], "cancelled", states)
        self.assertLessEqual(set(states), {"done", "cancelled"})
        self.assertEqual(len(self.get("/api/plans?kind=places&limit=500")["items"]), plans + states.count("done"))

    # ---- who may

    def test_a_clerk_plans_the_own_county_only(self):
        plan = self.make()
        self.make(client="other", status=404)
        self.make(client="boss", status=403)
        self.make(client="audit", status=403)
        self.make(area="141100", status=404)
        self.make(area="nowhere", status=404)
        self.get(f"/api/plans/{plan['id']}", "other", 404)
        self.get(f"/api/plans/{plan['id']}/export", "other", 404)
        self.get(f"/api/plans/{plan['id']}", "audit", 403)
        self.assertNotIn(plan["id"], [p["id"] for p in self.get("/api/plans", "other")["items"]])
        r = self.users["other"].post("/api/plans/compare", {"ids": [plan["id"], plan["id"]]})
        self.assertEqual(r.status, 404)
        self.assertEqual([a["code"] for a in self.get("/api/plans/options")["areas"]], [self.served.county])
        self.assertIn("141100", [a["code"] for a in self.get("/api/plans/options", "city")["areas"]])
        city = self.make(client="city", area="141100", name="全市")
        self.assertEqual(city["result"]["cost"], plan["result"]["cost"])
        self.assertIn(city["id"], [p["id"] for p in self.get("/api/plans", "head")["items"]])
        self.get(f"/api/plans/{city['id']}", "clerk", 404)

    def test_lists_come_by_pages(self):
        mine = [self.make("forecast", years=1, name=f"页{i}")["id"] for i in range(3)]
        page = self.get("/api/plans?kind=forecast&limit=2")
        self.assertEqual([p["id"] for p in page["items"]], mine[:0:-1])
        rest = self.get(f"/api/plans?kind=forecast&limit=2&after={page['next']}")
        self.assertEqual(rest["items"][0]["id"], mine[0])

    # ---- the flow

    def test_a_plan_is_asked_for_approved_and_stands_in_the_ledger(self):
        plan = self.make("pass", stage="primary", name="小学补齐")
        self.assertEqual([m["id"] for m in plan["moves"]], ["ask"])
        self.assertEqual(self.get(f"/api/plans/{plan['id']}", "boss")["moves"], [])
        self.move(plan, "approve", "boss", 409)
        self.move(plan, "ask", "boss", 403)
        self.move(plan, "ask", "other", 404)
        self.move(plan, "ask", version=9, status=412)
        asked = self.move(plan, "ask")
        proposed = [r for r in plan["result"]["rows"] if r["is_proposed"]]
        rows = self.rows("小学补齐")
        self.assertEqual(len(rows), len(proposed))
        self.assertEqual({(r["state"], r["version"], r["county"], r["values"]["decided_on"]) for r in rows},
                         {("asked", 1, self.served.county, None)})
        self.assertEqual({(r["values"]["item"], r["values"]["measure"], r["values"]["to_value"]) for r in rows},
                         {(r["item"], r["measure"], r["to"]) for r in proposed})
        self.move(asked, "approve", "stranger", 404)
        self.move(asked, "approve", "clerk", 403)
        self.assertIn("/note", [e["path"] for e in self.move(asked, "refuse", "boss", 400)["errors"]])
        done = self.move(asked, "approve", "boss", note="同意实施")
        self.assertEqual((done["state"], done["note"], done["moved_by"], done["moves"]), ("approved", "同意实施", "boss", []))
        rows = self.rows("小学补齐")
        self.assertEqual({(r["state"], r["version"], r["values"]["opinion"], r["updated_by"]) for r in rows},
                         {("approved", 2, "同意实施", "boss")})
        self.assertTrue(all(r["values"]["decided_on"] for r in rows))
        audit = self.get("/api/audit?limit=200&object=plan/" + plan["id"], "audit")["items"]
        self.assertEqual([(a["who"], a["action"]) for a in audit], [("boss", "plan.move"), ("clerk", "plan.move"), ("clerk", "plan.add")])
        self.assertTrue(self.get("/api/audit/verify", "audit")["ok"])
        self.move(done, "withdraw", status=409)
        r = self.users["clerk"].delete(f"/api/plans/{plan['id']}", headers={"If-Match": f'"{done["version"]}"'})
        self.assertEqual(r.status, 403)

    def test_a_plan_is_taken_back_and_refused(self):
        plan = self.make("teachers", name="交流")
        asked = self.move(plan, "ask")
        self.assertTrue(self.rows("交流"))
        back = self.move(asked, "withdraw")
        self.assertEqual((back["state"], self.rows("交流")), ("draft", []))
        again = self.move(back, "ask")
        refused = self.move(again, "refuse", "head", note="再议")
        self.assertEqual({r["state"] for r in self.rows("交流")}, {"refused"})
        self.assertEqual(refused["state"], "refused")
        same = self.make("teachers", name="交流")
        self.assertIn("version", self.move(same, "ask", status=409)["detail"])
        self.assertEqual(self.get(f"/api/plans/{same['id']}")["state"], "draft")
        r = self.users["clerk"].delete(f"/api/plans/{same['id']}", headers={"If-Match": '"1"'})
        self.assertEqual(r.status, 204)
        self.get(f"/api/plans/{same['id']}", status=404)

    def test_rows_changed_by_hand_are_not_decided_over(self):
        plan = self.move(self.make("pass", stage="junior", name="手改"), "ask")
        row = self.rows("手改")[0]
        r = self.users["clerk"].put(f"/api/ledgers/proposals/rows/{row['id']}", {"values": {"reason": "改过"}},
                                    headers={"If-Match": '"1"'})
        self.assertEqual(r.status, 200, r.body)
        self.move(plan, "approve", "boss", 409, note="同意")
        self.assertEqual(self.get(f"/api/plans/{plan['id']}")["state"], "asked")
        self.move(plan, "withdraw", status=409)

    def test_a_forecast_has_nothing_to_decide(self):
        self.move(self.make("forecast", years=1, name="预测"), "ask", status=409)

    # ---- as a file

    def test_a_plan_is_a_file(self):
        plan = self.make("teachers", name="成表")
        r = self.users["boss"].get(f"/api/plans/{plan['id']}/export?format=csv")
        lines = list(csv.DictReader(io.StringIO(r.body.decode("utf-8-sig"))))
        self.assertEqual([l["reason"] for l in lines], [x["reason"] for x in plan["result"]["rows"]])
        r = self.users["boss"].get(f"/api/plans/{plan['id']}/export")
        self.assertEqual(r.body[:2], b"PK")
        self.assertGreater(len(r.body), 3000)


@unittest.skipUnless(POSTGRES, "SHUREN_TEST_PG is not set")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
