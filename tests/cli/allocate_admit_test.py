"""shuren allocate admit: a small city by hand, both orders of seats, ties, bad rows, and many applicants."""
import json
import os
import random
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]
APPLICANTS = "applicant,org,period,score,tie_order\na,2100000001,2026,700,\nb,2100000001,2026,690,\nc,2100000002,2026,650,\n"
CHOICES = "applicant,choice,org,period\n" + "".join(f"{w},{k},{o},2026\n" for w in "abc" for k, o in ((1, "2200000001"), (2, "2200000002")))
PLANS = "org,period,seats\n2200000001,2026,1\n2200000002,2026,5\n"
POOLS = "org,feeder,period,seats,floor\n2200000001,2100000001,2026,0,\n2200000001,2100000002,2026,1,640\n"


class Admit(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.files = {"applicants": APPLICANTS, "choices": CHOICES, "plans": PLANS, "pools": POOLS}

    def tearDown(self):
        self.folder.cleanup()

    def run_admit(self, *more):
        args = []
        for name, text in self.files.items():
            path = os.path.join(self.folder.name, name + ".csv")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            args += ["--from", f"admission_{name}={path}"]
        return subprocess.run([SHUREN, "allocate", "admit", *args, "--format", "json", *more], capture_output=True, text=True)

    def admit(self, *more):
        done = self.run_admit(*more)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        return result, {r["applicant"]: (r["school"], r["seat"], r["choice"]) for r in result["admissions"]}

    def test_a_reserved_seat_goes_to_its_school_before_a_better_score(self):
        result, who = self.admit()
        self.assertEqual(who, {"a": ("2200000001", "open", 1), "b": ("2200000002", "open", 2),
                               "c": ("2200000001", "pool", 1)})
        first = result["schools"][0]
        self.assertEqual((first["cut_off"], first["pools"][1]["cut_off"]), ("700.00", "650.00"))
        self.assertEqual(result["check"], "stable")

    def test_below_the_floor_the_seat_reverts(self):
        self.files["pools"] = POOLS.replace("640", "660")
        _, who = self.admit()
        self.assertEqual(who["b"], ("2200000001", "open", 1))
        self.assertEqual(who["c"], ("2200000002", "open", 2))

    def test_the_order_of_seats_decides_when_the_best_is_of_the_pool_too(self):
        self.files["applicants"] = APPLICANTS.replace("a,2100000001", "a,2100000002")
        _, pools_first = self.admit("--order", "pools-first")
        _, open_first = self.admit("--order", "open-first")
        self.assertEqual((pools_first["a"][1], pools_first["b"][0]), ("pool", "2200000001"))
        self.assertEqual((open_first["a"][1], open_first["c"][0]), ("open", "2200000001"))

    def test_equals_are_ordered_by_the_published_rule_else_by_lot(self):
        self.files["pools"] = POOLS.replace(",1,640", ",0,")
        self.files["applicants"] = APPLICANTS.replace("700,", "690,2").replace("b,2100000001,2026,690,", "b,2100000001,2026,690,1")
        result, who = self.admit()
        self.assertEqual((who["b"][0], result["ties_drawn_by_lot"]), ("2200000001", 0))
        self.files["applicants"] = APPLICANTS.replace("700,", "690,")
        winners = {self.admit("--seed", str(s))[1]["a"][0] for s in range(8)}
        self.assertEqual(len(winners), 2)
        self.assertEqual(self.admit("--seed", "3")[1], self.admit("--seed", "3")[1])

    def test_rows_that_fit_nowhere_are_named(self):
        self.files["choices"] += "z,1,2200000001,2026\na,3,2209999999,2026\na,4,2200000001,2026\n"
        done = self.run_admit()
        self.assertEqual(done.returncode, 1)
        for text in ("choices.csv:8", "z", "2209999999", "choices.csv:10"):
            self.assertIn(text, done.stderr)

    def test_a_city_of_applicants_is_stable(self):
        rng = random.Random(4)
        n, highs, feeders = 4000, [f"22{i:08d}" for i in range(12)], [f"21{i:08d}" for i in range(40)]
        self.files["applicants"] = "applicant,org,period,score\n" + "".join(
            f"p{i},{rng.choice(feeders)},2026,{rng.randint(300, 750)}\n" for i in range(n))
        self.files["choices"] = "applicant,choice,org,period\n" + "".join(
            f"p{i},{k + 1},{o},2026\n" for i in range(n) for k, o in enumerate(rng.sample(highs, 6)))
        self.files["plans"] = "org,period,seats\n" + "".join(f"{h},2026,120\n" for h in highs)
        self.files["pools"] = "org,feeder,period,seats,floor\n" + "".join(
            f"{h},{f},2026,4,{rng.choice(['', '450'])}\n" for h in highs for f in feeders)
        result, _ = self.admit()
        self.assertEqual(result["check"], "stable")
        self.assertEqual(result["admitted"], sum(s["open_taken"] + sum(p["taken"] for p in s["pools"]) for s in result["schools"]))
