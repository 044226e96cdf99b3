"""shuren solve: published problems with their optimal values, and what is said when there is no answer."""
import csv
import json
import math
import os
import random
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]
FIXTURES = os.path.join(os.path.dirname(__file__), "..", "fixtures")


def run(*args):
    return subprocess.run([SHUREN, "solve", *args, "--lang", "en"], capture_output=True, text=True)


class Flow(unittest.TestCase):
    def solve(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.min")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            return run("flow", path)

    def test_published_problems_have_their_published_cost(self):
        for name, cost in ("netgen_8_08a", 142274536), ("netgen_8_10a", 369269289):
            done = run("flow", os.path.join(FIXTURES, "mcf", name + ".min"))
            answer = json.loads(done.stdout)
            self.assertEqual((done.returncode, answer["status"], answer["cost"]), (0, "optimal", cost))
            self.assertGreaterEqual(answer["seconds"], 0)

    def test_too_little_capacity_is_told_with_the_cut(self):
        done = self.solve("p min 4 3\nn 1 10\nn 3 -6\nn 4 -4\na 1 2 0 7 1\na 2 3 0 9 1\na 2 4 0 9 1\n")
        answer = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertEqual((answer["status"], answer["need"], answer["capacity"]), ("infeasible", 10, 7))
        self.assertEqual(answer["nodes"], [2, 3, 4])
        self.assertEqual(sum(u["amount"] for u in answer["unmet"] if u["amount"] > 0), 3)
        self.assertIn("need more", done.stderr)

    def test_costs_beyond_64_bits_are_exact(self):
        done = self.solve(f"p min 2 1\nn 1 {2**58}\nn 2 -{2**58}\na 1 2 0 {2**58} {2**40 + 1}\n")
        self.assertEqual(json.loads(done.stdout)["cost"], 2**58 * (2**40 + 1))

    def test_sums_that_do_not_fit_are_refused(self):
        done = self.solve(f"p min 2 1\nn 1 {2**60}\nn 2 -{2**60}\na 1 2 0 {2**60} 1\n")
        self.assertEqual((done.returncode, json.loads(done.stdout)["status"]), (3, "too-large"))

    def test_a_broken_file_names_the_line(self):
        done = self.solve("c\np min 2 1\na 1 2 0 -4 1\n")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"t\.min:3: negative capacity -4")
        self.assertEqual(done.stdout, "")

    def test_a_missing_file_and_a_folder_are_refused(self):
        self.assertEqual(run("flow", "no-such-file.min").returncode, 3)
        self.assertEqual(run("flow", FIXTURES).returncode, 3)


class Facility(unittest.TestCase):
    def solve(self, text, *more):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.txt")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            return run("facility", path, *more)

    def test_the_or_library_problems_have_their_published_optimum(self):
        with open(os.path.join(FIXTURES, "cflp", "optima.csv"), encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(len(rows), 37)
        for row in rows:
            done = run("facility", os.path.join(FIXTURES, "cflp", row["instance"] + ".txt"))
            self.assertEqual(done.returncode, 0, done.stderr)
            answer = json.loads(done.stdout)
            with self.subTest(row["instance"]):
                self.assertEqual(answer["status"], "optimal")
                self.assertAlmostEqual(answer["cost"], float(row["optimum"]), delta=0.002)
                self.assertLessEqual(answer["bound"], answer["cost"])
                self.assertLess(answer["gap"], 2e-9)

    def test_single_source_problems_have_their_best_known_cost(self):
        with open(os.path.join(FIXTURES, "cflp", "optima.csv"), encoding="utf-8") as f:
            rows = [r for r in csv.DictReader(f) if r["best_known_single_source"] and r["instance"] != "cap64"]
        self.assertEqual(len(rows), 23)
        for row in rows:
            done = run("facility", os.path.join(FIXTURES, "cflp", row["instance"] + ".txt"), "--single-source")
            answer = json.loads(done.stdout)
            with self.subTest(row["instance"]):
                self.assertEqual(answer["status"], "optimal")
                self.assertAlmostEqual(answer["cost"], float(row["best_known_single_source"]), delta=0.011)
                self.assertLess(answer["gap"], 2e-9)

    def test_whole_customers_at_prices_in_cents_are_proved_to_the_cent(self):
        rng = random.Random(24)
        at, to = ([(rng.random() * 1000, rng.random() * 1000) for _ in range(n)] for n in (20, 100))
        demand = [rng.randint(10, 60) for _ in to]
        lines = ["20 100"] + [f"{int(sum(demand) / 8 * rng.uniform(0.7, 1.3)) + 60} {rng.randint(2000, 8000)}" for _ in at]
        for c, d in zip(to, demand):
            lines += [str(d), " ".join(f"{math.dist(c, a) * d / 20:.2f}" for a in at)]
        answer = json.loads(self.solve("\n".join(lines), "--single-source").stdout)
        self.assertEqual((answer["status"], answer["bound"], answer["gap"]), ("optimal", answer["cost"], 0))

    def test_a_time_limit_still_leaves_a_plan_and_a_bound(self):
        answer = json.loads(run("facility", os.path.join(FIXTURES, "cflp", "cap64.txt"), "--single-source",
                                "--time-limit", "1").stdout)
        self.assertLess(answer["gap"], 0.005)
        self.assertLessEqual(answer["bound"], 1053197.44)
        self.assertGreaterEqual(answer["cost"], 1053197.43)

    def test_the_capacity_given_stands_for_all(self):
        text = "2 2\ncapacity 10\ncapacity 1\n3\n8 2\n4\n8 0.25\n"
        self.assertEqual(self.solve(text).returncode, 1)
        answer = json.loads(self.solve(text, "--capacity", "7").stdout)
        self.assertEqual((answer["cost"], answer["open"]), (3.25, [2]))
        # Site 2 holds 5 of 7: two units of the second customer go to site 1, 8.25 / 2 for both halves.
        answer = json.loads(self.solve(text, "--capacity", "5").stdout)
        self.assertEqual((answer["cost"], answer["open"]), (17.125, [1, 2]))

    def test_too_little_capacity_is_told(self):
        done = self.solve("1 1\n5 10\n6\n1\n")
        self.assertEqual((done.returncode, json.loads(done.stdout)["status"]), (1, "infeasible"))
        self.assertIn("the demand is 6 in all, the sites hold 5: 1 are short", done.stderr)
        self.assertEqual((json.loads(done.stdout)["need"], json.loads(done.stdout)["capacity"]), (6, 5))

    def test_customers_that_do_not_fit_whole_are_told_how_much_more_would_do(self):
        def text(capacity):
            return f"2 3\n{capacity} 10\n{capacity} 10\n6\n1 2\n6\n3 4\n6\n1 1\n"
        done = self.solve(text(10), "--single-source")
        answer = json.loads(done.stdout)
        # Two of 6 must share a site of 10.
        self.assertEqual((done.returncode, answer["status"], answer["extra_at_each_site"]), (1, "infeasible", 2))
        self.assertIn("with 2 more at each site they do, or let them be split", done.stderr)
        self.assertEqual(json.loads(self.solve(text(12), "--single-source").stdout)["status"], "optimal")
        self.assertEqual(json.loads(self.solve(text(10)).stdout)["status"], "optimal")

    def test_nonsense_names_its_line(self):
        for text, says in ((
            ("1 1\n5 10\n6\n", "t.txt:4: the file ends here"),
            ("1 1\n-5 10\n6\n1\n", "t.txt:2: '-5' cannot be a capacity"),
            ("1 1\n5 10\n0\n1\n", "t.txt:3: '0' cannot be a demand"),
            ("1 1\n5 10\n6\nx\n", "t.txt:4: 'x' cannot be a serving cost"),
            ("1 1\n5 10\n6\n1\n7\n", "t.txt:5: more than the 1 customers"),
            ("9999 9999\n5 10\n", "t.txt:1: 9999 sites and 9999 customers do not fit"),
            ("1 1\ncapacity 10\n6\n1\n", "t.txt:2: the file leaves the capacity open"),
        )):
            done = self.solve(text)
            self.assertEqual((done.returncode, done.stdout), (1, ""), text)
            self.assertIn(says, done.stderr)


if __name__ == "__main__":
    unittest.main()
