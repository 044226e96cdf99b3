"""shuren pack test: the national cases notice a wrong column, a wrong word and a rule that is left out."""
import concurrent.futures
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from pack_cases_test import FILES, NATIONAL, NO_RULE, copy_needed, pack_test  # noqa: E402

EVALUATIONS = [name for name in FILES if name.startswith("evaluations")]
LEDGERS = ["school_resources", "school_conditions", "county_facts", "kindergartens"]
# Codes that stand for each other when somebody errs.
POOLS = [["primary", "junior"], ["primary", "junior", "nine_year", "twelve_year", "complete_secondary", "special",
                                 "vocational", "teaching_point"], ["rural", "town"], ["public", "private"], ["music", "art"]]
FIELD = re.compile(r"\{name: (\w+),.*?type: (\w+)")
WORD = re.compile(r"(?<![\w.'-])[a-z][a-z0-9_]*(?![\w.'(:])")
# What is taken out whole, and what is left in its place.
DROPS = [
    (re.compile(r"^ +- \{when: .*\n", re.M), ""),                       # an exclusion
    (re.compile(r"^ +where: .*\n", re.M), ""),                          # the scope of a clause
    (re.compile(r"where: \"[^\"]*\", "), ""),
    (re.compile(r" filter \(where [^)]*\)"), ""),
    (re.compile(r"^ +apportion:\n(      .*\n)+", re.M), ""),
    (re.compile(r", share: \d+"), ""),
    (re.compile(r"(^ +|, )is_counted: true(?=\n|\})", re.M), ""),
    (re.compile(r"^ +is_shared: true\n", re.M), ""),
    (re.compile(r", per: \d+"), ""),
    (re.compile(r", at_(least|most): (\"[^\"]*\"|[^,}\n]*)"), ""),      # a limit
    (re.compile(r"(dispersion|composite): \{at_most: .*\}"), r"\1: {}"),
    (re.compile(r"^ +is_information: true\n", re.M), ""),
]
# Changes that change nothing: what the line holds, what is changed, the reason.
SAME = [
    (r"when structure in \('junior', 'complete_secondary'\) then 'junior' else 'primary'", "junior|complete_secondary|primary",
     "primary and junior schools have the same limit; that each has its own is seen when one of the numbers changes"),
    ("numerator: computers, denominator: pupils", ", per: 100", "a coefficient of variation does not know the unit"),
    ("denominator: pupils, .*is_counted", ", is_counted: true", "nothing is bought where a measure has no limit of its own"),
    ("at_most: .*reason: (学校规模上限|班额上限)", ".*",
     "how large plans make a school is no verdict: tests/cli/allocate_move_test.py holds plans against it"),
    ("is_information: true\n    dispersion: \\{\\}", "is_information: true",
     "a dispersion without a limit passes whenever the composite that decides has a value"),
]


def fields():
    """column -> those of the same type, in each ledger that has it"""
    out = {}
    for ledger in LEDGERS:
        by_type = {}
        with open(f"{NATIONAL}/ledgers/{ledger}.yaml", encoding="utf-8") as f:
            for name, kind in FIELD.findall(f.read()):
                by_type.setdefault({"integer": "number", "decimal": "number"}.get(kind, kind), []).append(name)
        for names in by_type.values():
            for i, name in enumerate(names):
                out.setdefault(name, []).extend(names[i + 1:i + 3] + names[max(0, i - 1):i])
    return out


def mutants(text):
    """(start, end, texts to try until one is a rule)"""
    rules = NO_RULE.sub(lambda m: re.sub(r"[^\n]", "_", m.group()), text)
    others = fields()
    for m in WORD.finditer(rules):
        if m.group() in others:
            yield m.start(), m.end(), others[m.group()]
    for m in re.finditer(r"'(\w+)'", rules):
        yield m.start(1), m.end(1), [w for pool in POOLS if m.group(1) in pool for w in pool if w != m.group(1)]
    for pattern, instead in DROPS:
        for m in pattern.finditer(text):
            yield m.start(), m.end(), [m.expand(instead)]


def is_same(text, start, end):
    lines = text[text.rindex("\n", 0, start + 1) + 1:text.index("\n", end)]
    return any(re.search(line, lines) and re.fullmatch(words, text[start:end].strip()) for line, words, _ in SAME)


def attempt(folder, name, text, start, end, candidates):
    """None: noticed, or the candidate that no case noticed; "refused" when none makes a rule"""
    path = os.path.join(folder, name)
    try:
        for other in candidates:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text[:start] + other + text[end:])
            code = pack_test(folder, FILES[name]).returncode
            if code != 3:
                return None if code == 1 else other or "nothing"
        return "refused"
    finally:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


class NationalWords(unittest.TestCase):
    def test_every_changed_word_fails_a_case(self):
        with tempfile.TemporaryDirectory() as root, concurrent.futures.ThreadPoolExecutor(2) as pool:
            free = [os.path.join(root, str(i), "national") for i in range(2)]
            for folder in free:
                copy_needed(folder)

            for name in EVALUATIONS:
                done = pack_test(free[0], FILES[name])
                self.assertEqual(done.returncode, 0, f"{name}: a case that always fails notices nothing\n{done.stdout}")

            def one(name, text, start, end, candidates):
                folder = free.pop()
                try:
                    return attempt(folder, name, text, start, end, candidates)
                finally:
                    free.append(folder)

            tried, unnoticed, refused = 0, [], []
            work = []
            for name in EVALUATIONS:
                with open(os.path.join(NATIONAL, name), encoding="utf-8") as f:
                    text = f.read()
                work += [(name, text, m, pool.submit(one, name, text, *m)) for m in mutants(text)]
            for name, text, (start, end, _), future in work:
                tried += 1
                answer = future.result()
                line = text.count("\n", 0, start) + 1
                what = f"{os.path.basename(name)}:{line}: '{text[start:end].strip()}' -> '{answer}'"
                if answer == "refused":
                    refused.append(what)
                elif answer and not is_same(text, start, end):
                    unnoticed.append(what)
            self.assertGreater(tried, 200)
            self.assertLess(len(refused), tried / 10, refused)
            self.assertEqual(unnoticed, [], f"{len(unnoticed)} of {tried} changes went unnoticed:\n" + "\n".join(unnoticed))


if __name__ == "__main__":
    unittest.main()
