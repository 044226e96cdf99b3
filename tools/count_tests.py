"""Count test cases in what `meson test` logged.

Every suite prints TAP lines (`ok 1 - name`, `not ok 2 - name`, `# SKIP`): cmocka when
CMOCKA_MESSAGE_OUTPUT=TAP is set, the others always. A program that ends badly without a failed
case of its own (a crash, a sanitizer's report, a time-out, fewer cases than planned) is one failed
case. A program without TAP lines, such as a fuzz replay, is one case.

cmocka 1.1.5 prints a skipped case as `not ok N # SKIP name`: it is counted as skipped.
"""
import json
import re

LINE = re.compile(r"^(not )?ok\b[ \t]*(\d*)(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)")
EXIT_SKIP = 77


class Count:
    """Cases passed, failed and skipped, and the names of those that failed."""

    def __init__(self, passed=0, failed=0, skipped=0, failures=()):
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        self.failures = list(failures)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def total(self):
        return self.passed + self.failed + self.skipped

    def fail(self, name):
        self.failed += 1
        self.failures.append(name)


def count_tap(text, program="", clean=True):
    """Count the TAP in text. clean: the program ended well (exit 0, in time)."""
    count, planned, has_plan = Count(), 0, False
    for line in text.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned += int(plan.group(1))
            has_plan = True
            continue
        m = LINE.match(line)
        if not m:
            continue
        rest = m.group(3).strip()
        if re.search(r"#\s*skip", rest, re.I):
            count.skipped += 1
        elif m.group(1):
            count.fail(f"{program}: {rest.lstrip('- ')}")
        else:
            count.passed += 1
    if has_plan and count.total() < planned:
        count.fail(f"{program}: {planned - count.total()} planned cases did not run")
    elif not clean and not count.failed:
        count.fail(f"{program}: ended badly")
    elif not has_plan and count.total() == 0 and clean:
        count.passed += 1
    return count


def count_program(entry):
    """Count one line of meson's testlog.json."""
    name = entry.get("name", "?")
    result = entry.get("result", "")
    code = entry.get("returncode", 0)
    if result == "SKIP" and code == EXIT_SKIP:
        return Count(skipped=1)
    clean = code == 0 and result not in ("TIMEOUT", "ERROR", "INTERRUPT")
    count = count_tap(entry.get("stdout", ""), name, clean)
    if result in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT") and not count.failed:
        # TAP that Meson could not read, or a skip in cmocka's spelling: only the first is a failure.
        if code != 0 or not count.skipped:
            count.fail(f"{name}: {result.lower()}")
    return count


def count_testlog(path):
    """Count all programs of a testlog.json (one JSON object a line)."""
    total = Count()
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip():
                total.add(count_program(json.loads(line)))
    return total
