"""shuren pack test: the national cases notice every change of a number, operator or switch of the three evaluations."""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]
NATIONAL = "packs/national"
# File -> the cases that speak of it.
FILES = {
    "evaluations/compulsory_balance_2017.yaml": "balance2017.",
    "evaluations/compulsory_balance_2012.yaml": "balance2012.",
    "evaluations/preschool_universal_2020.yaml": "preschool2020.",
    "parameters/balance.yaml": "balance",
    "parameters/preschool.yaml": "preschool2020.",
}
# What those need of the pack; the rest would only be read again for each change.
NEEDED = ["pack.yaml", "codes/*", "orgs/*", "evaluations/*", *(n for n in FILES if n.startswith("parameters")),
          "cases/*_20*.yaml", *(f"ledgers/{n}.yaml" for n in (
              "orgs", "school_resources", "school_conditions", "county_facts", "kindergartens", "evaluation_evidence"))]
# What is no rule: words for people, names, places in the law, days, list dashes, comments.
NO_RULE = re.compile(
    r"#.*|^\s*- |>-|\b(title|source|note|reason|unit|id|resource|effective_from|confidence|documents|help|evaluation"
    r"|evidence(?=: [a-z])|group|raise|parameter|area|from|denominator_from|show)\s*: *(\"[^\"]*\"|\[[^]]*\]|[^,}\n]*)", re.M)
NUMBER = re.compile(r"(?<![\w.-])\d+(\.\d+)?(?![\w.])")
SWAPS = [(r" >= ", " > "), (r" <= ", " < "), (r" > ", " >= "), (r" < ", " <= "), (r" = ", " <> "), (r" <> ", " = "),
         (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " + "), (r"\band\b", "or"), (r"\bor\b", "and"),
         (r"\bat_least:", "above:"), (r"\bat_most:", "below:"), (r"\bbelow:", "at_most:"),
         (r"must_be_no: true", ""), (r"\bevidence: \{(?!must)", "evidence: {must_be_no: true, "),
         (r"is_shared: true", "is_shared: false"), (r"is_information: true", "is_information: false")]
# Changes that change nothing, with the reason.
SAME = [
    ("compulsory_balance_2012.yaml", "is_information: false\n    dispersion",
     "a dispersion without a limit passes whenever the composite that decides has a value"),
    ("compulsory_balance_2012.yaml", "numerator: computers, denominator: pupils, per: ",
     "a coefficient of variation does not know the unit"),
    ("compulsory_balance_2017.yaml", 'at_most: "case when built_year',
     "how large plans make a school is no verdict: allocate_move_test.py holds plans against it"),
    ("compulsory_balance_2017.yaml", 'at_most: "classes', "the same"),
]


def step(text, up):
    digits = len(text.split(".")[1]) if "." in text else 0
    return f"{float(text) + (1 if up else -1) / 10 ** digits:.{digits}f}"


def mutants(text):
    """(line, what was changed, the changed text)"""
    # Same length, so that positions stay.
    rules = NO_RULE.sub(lambda m: re.sub(r"[^\n]", "_", m.group()), text)
    for m in NUMBER.finditer(rules):
        for up in (True, False):
            yield m.start(), m.end(), step(m.group(), up)
    for pattern, other in SWAPS:
        for m in re.finditer(pattern, rules):
            yield m.start(), m.end(), other


def pack_test(folder, only):
    # Leaks and their places are the other tests' to find; here they would take half the time.
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=0:quarantine_size_mb=1"}
    return subprocess.run([SHUREN, "pack", "test", folder, "--only", only, "--lang", "en"], capture_output=True,
                          text=True, env=env)


def copy_needed(folder):
    for pattern in NEEDED:
        for path in glob.glob(os.path.join(NATIONAL, pattern)):
            to = os.path.join(folder, os.path.relpath(path, NATIONAL))
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(path, to)


class NationalCases(unittest.TestCase):
    def test_the_cases_pass(self):
        done = subprocess.run([SHUREN, "pack", "test", NATIONAL], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout.splitlines()[-1], r"^\d+ passed, 0 failed$")

    def test_every_changed_rule_fails_a_case(self):
        with tempfile.TemporaryDirectory() as root, concurrent.futures.ThreadPoolExecutor(2) as pool:
            # A folder a worker; each mutant is written, tried and taken back.
            folders = [os.path.join(root, str(i), "national") for i in range(2)]
            for folder in folders:
                copy_needed(folder)
            for name, only in FILES.items():
                done = pack_test(folders[0], only)
                self.assertEqual(done.returncode, 0, f"{name}: a case that always fails notices nothing\n{done.stdout}")
            free, work, unnoticed, refused = list(folders), [], [], []

            def attempt(name, text, start, end, other):
                folder = free.pop()
                path = os.path.join(folder, name)
                changed = text[:start] + other + text[end:]
                with open(path, "w", encoding="utf-8") as f:
                    f.write(changed)
                done = pack_test(folder, FILES[name])
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                free.append(folder)
                self.assertIn(done.returncode, (0, 1, 3), done.stderr)
                if done.returncode == 3:
                    refused.append(f"{name}: {other} {done.stderr}")
                around = changed[max(0, start - 60):start + len(other) + 40]
                if done.returncode == 0 and not any(name.endswith(n) and s in around for n, s, _ in SAME):
                    line = text.count("\n", 0, start) + 1
                    unnoticed.append(f"{name}:{line}: '{text[start:end].strip()}' -> '{other.strip()}'")

            for name in FILES:
                with open(os.path.join(NATIONAL, name), encoding="utf-8") as f:
                    text = f.read()
                work += [pool.submit(attempt, name, text, *m) for m in mutants(text)]
            for done in work:
                done.result()
            self.assertGreater(len(work), 400)
            # A change that makes no rule any more says nothing of the cases.
            self.assertLess(len(refused), len(work) / 20, refused[:9])
            self.assertEqual(unnoticed, [], f"{len(unnoticed)} of {len(work)} changes went unnoticed")


if __name__ == "__main__":
    unittest.main()
