"""shuren allocate pass --move-pupils: cheaper or equal, fed back it passes, and no limit of a school is broken."""
import csv
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import allocate_pass_test as single  # noqa: E402

COLUMNS = [*single.COLUMNS, "classes", "built_year"]


def county(rng, scatter):
    rows = single.random_county(rng, scatter, nine_year=.2)
    for row in rows:
        row["classes"] = max(1, -(-row["pupils"] // rng.choice((38, 42, 45, 50))))
        row["built_year"] = rng.choice(("", 1995, 2015))
    return rows


def school(number, pupils, assets_of, **more):
    """A school whose resources are right for another number of pupils."""
    n = assets_of
    return {"org": f"21{number:08d}", "org_name": f"第{number}校", "county": "141102", "structure": "primary", "stage": "primary",
            "pupils": pupils, "teachers_above_degree": -(-n * 42 // 1000), "backbone_teachers": -(-n // 100),
            "pe_art_teachers": -(-n * 9 // 1000), "teaching_area": n * 4.5, "indoor_sports_area": 0, "sports_ground_area": n * 7.5,
            "equipment_value": n * 2000, "multimedia_rooms": -(-n * 23 // 1000), "classes": 100, "built_year": 2015, **more}


class Base(single.Base):
    def move(self, rows, limit, pairs=None, *more, code=0):
        source = single.write(self.path("rows.csv"), COLUMNS, rows)
        if pairs is None:
            orgs = sorted({r["org"] for r in rows})
            pairs = [(a, b) for a in orgs for b in orgs if a < b]
        near = single.write(self.path("near.csv"), ["org", "neighbour"], [{"org": a, "neighbour": b} for a, b in pairs])
        done = single.run("allocate", "pass", "--from", f"school_resources={source}", "--prices", self.prices, "--stage", "primary",
                          "--format", "json", "--move-pupils", limit, "--neighbours", near, "--time-limit", "20", *more)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def failed(self, rows, *more):
        source = single.write(self.path("after.csv"), COLUMNS, rows)
        done = single.run("evaluate", "compulsory-balance-2017", "--from", f"school_resources={source}", "--format", "json", *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [c["id"] for c in json.loads(done.stdout)["clauses"] if c["verdict"] != "pass" and
                (c["id"] == "resources.primary" or c["id"].startswith("dispersion.primary."))]

    def after(self, rows, plan):
        """Pupils of each school after the moves."""
        pupils = {r["org"]: r["pupils"] for r in rows if r["stage"] == "primary"}
        for m in plan["moves"]:
            self.assertGreater(m["pupils"], 0)
            pupils[m["from"]] -= m["pupils"]
            pupils[m["to"]] += m["pupils"]
        return pupils


class Moves(Base):
    def test_two_schools_that_fit_once_pupils_have_moved_need_nothing(self):
        rows = [school(1, 300, 250), school(2, 200, 250)]
        plan = self.move(rows, "50")
        self.assertGreater(plan["cost_without_moves"], 0)
        self.assertEqual((plan["cost"], plan["bound_with_moves"], plan["gap"], plan["search"]), (0, 0, 0, "proven"))
        self.assertEqual({m["from"] for m in plan["moves"]}, {rows[0]["org"]})
        self.assertTrue(plan["plan"]["confirmed"])

    def test_fewer_may_move_than_would_have_to(self):
        rows = [school(1, 300, 250), school(2, 200, 250)]
        plan = self.move(rows, "5%")
        self.assertGreater(plan["cost"], 0)
        self.assertLess(plan["cost"], plan["cost_without_moves"])
        self.assertLessEqual(plan["moved"], 15)
        self.assertLessEqual(plan["bound_with_moves"], plan["cost"])
        self.assertEqual(plan["search"], "proven" if plan["gap"] <= 1e-5 else "local")

    def test_nobody_moves_into_a_school_that_is_full(self):
        for more in ({"classes": 4}, {"pupils": 2000}):
            rows = [school(1, 300, 250), school(2, **{"pupils": 200, "assets_of": 2500, **more})]
            plan = self.move(rows, "100")
            room = min(4 * 45, 2000) - 200 if "classes" in more else 0
            self.assertLessEqual(self.after(rows, plan)[rows[1]["org"]], max(rows[1]["pupils"], rows[1]["pupils"] + room))
            free = self.move([rows[0], {**rows[1], "classes": 100, "pupils": 200}], "100")
            self.assertGreater(free["moved"], 0)

    def test_an_old_school_may_be_larger(self):
        for year, limit in ((2010, 2400), (2011, 2000)):
            rows = [school(1, 900, 300), school(2, 1990, 2800, built_year=year)]
            plan = self.move(rows, "600")
            self.assertEqual(self.after(rows, plan)[rows[1]["org"]], limit, year)

    def test_only_neighbours_exchange(self):
        rows = [school(1, 300, 250), school(2, 200, 250), school(3, 200, 250)]
        plan = self.move(rows, "50", [(rows[2]["org"], rows[0]["org"])])
        self.assertEqual({(m["from"], m["to"]) for m in plan["moves"]}, {(rows[0]["org"], rows[2]["org"])})

    def test_random_counties_never_cost_more_and_pass_with_the_changes(self):
        seed = int(os.environ.get("SEED", "20261127"))
        cheaper = 0
        for case in range(6):
            rng = random.Random(seed + case)
            rows = county(rng, (.2, .5, .8)[case % 3])
            where, changes = f"seed {seed + case}", self.path("changes.csv")
            plan = self.move(rows, "10%", None, "--changes", changes)
            self.assertLessEqual(plan["cost"], plan["cost_without_moves"] + 1e-6, where)
            self.assertLessEqual(plan["bound_with_moves"], plan["cost"] + 1e-6, where)
            self.assertTrue(plan["plan"]["confirmed"], where)
            self.assertNotEqual(self.failed(rows), [], where)
            self.assertEqual(self.failed(rows, "--what-if", changes), [], where)
            cheaper += plan["cost"] < plan["cost_without_moves"]
            pupils, gives = self.after(rows, plan), {}
            for m in plan["moves"]:
                gives[m["from"]] = gives.get(m["from"], 0) + m["pupils"]
            nine_year = {r["org"] for r in rows if r["structure"] == "nine_year"}
            self.assertEqual(plan["schools_left_out"] >= len(nine_year), True, where)
            for row in rows:
                if row["stage"] != "primary":
                    continue
                now, was = pupils[row["org"]], row["pupils"]
                self.assertGreaterEqual(now, 1, where)
                self.assertLessEqual(gives.get(row["org"], 0), was * .1, where)
                limit = min(row["classes"] * 45, 2400 if row["built_year"] == 1995 else 2000)
                self.assertLessEqual(now, max(was, limit), where)
                if row["org"] in nine_year:
                    self.assertEqual(now, was, where)
            with open(changes, encoding="utf-8-sig") as f:
                written = {r["org"]: int(r["pupils"]) for r in csv.DictReader(f) if r["pupils"]}
            self.assertEqual(written, {o: n for o, n in pupils.items() if o in {m[k] for m in plan["moves"] for k in ("from", "to")}})
        self.assertGreater(cheaper, 3)

    def test_a_teaching_point_is_not_pushed_out_of_the_evaluation(self):
        rows = [school(1, 300, 250), school(2, 52, 20, structure="teaching_point"), school(3, 260, 300)]
        plan = self.move(rows, "50%")
        self.assertGreaterEqual(self.after(rows, plan)[rows[1]["org"]], 50)
        self.assertTrue(plan["plan"]["confirmed"])


class Texts(Base):
    def test_the_table_names_who_gives_to_whom_and_says_that_it_is_local(self):
        rows = county(random.Random(20261129), .8)
        plan = self.move(rows, "5%")
        self.assertEqual(plan["search"], "local")
        self.assertGreater(plan["moved"], 0)
        for words, said in (((), ("局部最优", "下界")), (("--lang", "en"), ("local optimum", "bound"))):
            done = single.run("allocate", "pass", "--from", f"school_resources={self.path('rows.csv')}", "--prices", self.prices,
                              "--stage", "primary", "--move-pupils", "5%", "--neighbours", self.path("near.csv"),
                              "--time-limit", "20", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            for word in (*said, str(plan["moved"])):
                self.assertIn(word, done.stdout)
            for m in plan["moves"]:
                self.assertRegex(done.stdout, rf"{m['from']}.*pupils.*{m['to']} +{m['pupils']}\b")


class Places(Base):
    def test_in_a_place_schools_of_one_town_or_within_reach_exchange_and_others_do_not(self):
        place = self.path("place")
        towns = {"1": "141102101", "2": "141102101", "3": "141102102", "4": "141102103"}
        points = {"1": (111.10, 37.50), "2": "", "3": (111.12, 37.51), "4": (112.90, 38.90)}
        rows = [{**school(1, 400, 300), "period": "2025"}] + [{**school(n, 200, 250), "period": "2025"} for n in (2, 3, 4)]
        orgs = [{"code": t, "name": f"镇{t[-1]}", "kind": "town", "parent": "141102", "lon": "", "lat": ""}
                for t in sorted(set(towns.values()))]
        for row in rows:
            n = row["org"][-1]
            lon, lat = points[n] or ("", "")
            orgs.append({"code": row["org"], "name": row["org_name"], "kind": "primary_school", "parent": towns[n],
                         "lon": lon, "lat": lat})
        single.write(self.path("orgs.csv"), list(orgs[0]), orgs)
        single.write(self.path("rows.csv"), [*COLUMNS, "period"], rows)
        for command in (("init", place), ("import", place, "orgs", self.path("orgs.csv")),
                        ("import", place, "school_resources", self.path("rows.csv"))):
            done = single.run(*command)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = single.run("allocate", "pass", place, "--org", "141102", "--prices", self.prices, "--stage", "primary",
                          "--format", "json", "--move-pupils", "100")
        self.assertEqual(done.returncode, 0, done.stderr)
        plan = json.loads(done.stdout)
        self.assertEqual(plan["pairs"], 2)
        self.assertGreater(plan["moved"], 0)
        self.assertLessEqual({m["to"][-1] for m in plan["moves"]}, {"2", "3"})
        self.assertTrue(plan["plan"]["confirmed"])


class Refusals(Base):
    def test_what_does_not_go_together_is_wrong_usage(self):
        rows = [school(1, 300, 250), school(2, 200, 250)]
        for limit in ("0", "-3", "x", "101%", "%"):
            self.assertIn("--move-pupils", self.move(rows, limit, code=2))
        self.move(rows, "5", None, "--budget", "5", code=2)
        self.move(rows, "5", None, "--years", "3", code=2)
        source = self.path("rows.csv")
        for words in (("--move-pupils", "5"), ("--neighbours", self.path("near.csv"))):
            done = single.run("allocate", "pass", "--from", f"school_resources={source}", "--prices", self.prices,
                              "--stage", "primary", *words)
            self.assertEqual(done.returncode, 2, done.stderr)

    def test_bad_neighbours_are_named_by_line(self):
        rows = [school(1, 300, 250), school(2, 200, 250)]
        said = self.move(rows, "5", [(rows[0]["org"], "99"), (rows[0]["org"], rows[0]["org"])], code=1)
        for word in ("near.csv:2:", "'99'", "near.csv:3:"):
            self.assertIn(word, said)


if __name__ == "__main__":
    unittest.main()
