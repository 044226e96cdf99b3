"""The steps of ./test, one after the other, and the line that sums them up.

Each step says what it found and how long it took; its whole output is in build-test/logs/. A step that
runs test programs counts their cases; any other step counts as one. The last line on standard
output is `N passed, N failed` (and `, N skipped`); the exit code is 1 if anything failed or no test case ran.
"""
import ast
import glob
import os
import re
import shutil
import subprocess
import sys
import time

from count_tests import Count, count_testlog

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
LOGS = "build-test/logs"
SANITIZE = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dwerror=true", "-Dtests=enabled"]
# Slow under valgrind and gaining nothing there stay out: it looks at the code that handles memory.
VALGRIND_PROGRAMS = re.compile(r"^(base|wire|csv|json|yaml|xlsx|db|pack|ledger|rule)")
JOURNEYS = ["web/tests/journeys.mjs", "web/tests/allocate.mjs"]
TIDY_SECONDS = 240  # clang-tidy starts no file after this; the newest files come first
BUILD_SECONDS = 900
TEST_SECONDS = 900

ENV = dict(
    os.environ,
    CMOCKA_MESSAGE_OUTPUT="TAP",
    LC_ALL="C.UTF-8",
    ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:strict_string_checks=1",
    UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1",
    PYTHONDONTWRITEBYTECODE="1",
)


class StepFailed(Exception):
    pass


class Step:
    """A running step: where its log is and what it has counted."""

    def __init__(self, name):
        self.name = name
        self.log = f"{LOGS}/{name}.log"
        self.count = Count()
        self.note = ""
        open(self.log, "w").close()

    def run(self, args, env=None, seconds=BUILD_SECONDS):
        """Run a command into the log; its exit code (124 when it took too long)."""
        with open(self.log, "a", encoding="utf-8") as log:
            log.write("$ " + " ".join(args) + "\n")
            log.flush()
            try:
                done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=env or ENV, timeout=seconds, check=False)
                return done.returncode
            except subprocess.TimeoutExpired:
                log.write(f"stopped after {seconds} s\n")
                return 124

    def must(self, args, **options):
        if self.run(args, **options) != 0:
            raise StepFailed(" ".join(args[:4]))

    def write(self, text):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(text + "\n")

    def verdict(self, good, what):
        """Count the step as one case."""
        if good:
            self.count.passed += 1
        else:
            self.count.fail(what)


def tracked(*patterns):
    """The tracked files that match, as git lists them."""
    out = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "--", *patterns],
        stdout=subprocess.PIPE, check=True, text=True).stdout
    return [f for f in out.splitlines() if os.path.exists(f)]


def build(step, folder, compiler, options):
    """Set up (again, if it is there) and build; a failure ends the step."""
    env = dict(ENV, CC=compiler)
    folder = f"build-test/{folder}"
    if os.path.exists(f"{folder}/build.ninja"):
        if step.run(["meson", "configure", folder, *options], env=env) != 0:
            shutil.rmtree(folder)
    if not os.path.exists(f"{folder}/build.ninja"):
        shutil.rmtree(folder, ignore_errors=True)
        step.must(["meson", "setup", folder, "--wrap-mode=nodownload", *options], env=env)
    step.must(["ninja", "-C", folder], env=env)
    return folder


def run_tests(step, folder, *arguments, before=(), env=None):
    """Run a build's tests and count their cases."""
    for old in glob.glob(f"{folder}/meson-logs/testlog*"):
        os.unlink(old)
    code = step.run([*before, "meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs",
        *arguments], env=env, seconds=TEST_SECONDS)
    count = Count()
    for log in glob.glob(f"{folder}/meson-logs/testlog*.json"):  # testlog-valgrind.json with a wrapper
        count.add(count_testlog(log))
    if code == 124:
        count.fail("the tests took too long")
    elif code != 0 and not count.failed:
        step.write("meson test failed though no program did")
    if count.total() == 0:
        count.fail("no test ran")
    step.count.add(count)


def step_format(step):
    """clang-format finds nothing to change in tracked C files"""
    files = tracked("*.c", "*.h")
    step.verdict(step.run(["clang-format-14", "--dry-run", "-Werror", *files]) == 0, "format")


def step_layers(step):
    """tools/check-layers: who may include whom"""
    step.verdict(step.run(["tools/check-layers"]) == 0, "layers")
    with open(step.log, encoding="utf-8") as log:
        warnings = sum(line.startswith("warning: ") for line in log)
    step.note = f"{warnings} warnings" if warnings else ""


def step_python(step):
    """every Python and shell file parses"""
    bad = []
    for path in tracked("*.py", "tools/*", "tests/**"):
        with open(path, "rb") as f:
            head = f.readline()
        if path.endswith(".py") or head.startswith(b"#!/usr/bin/env python3"):
            try:
                with open(path, encoding="utf-8") as f:
                    ast.parse(f.read(), path)
            except SyntaxError as e:
                bad.append(path)
                step.write(str(e))
    for path in tracked("run", "test", ".ci/run", "*.sh"):
        if step.run(["sh", "-n", path]) != 0:
            bad.append(path)
    step.verdict(not bad, "cannot be parsed: " + ", ".join(bad))


def step_sanitize(step):
    """gcc, warnings as errors, address and undefined sanitizers, all tests on SQLite"""
    run_tests(step, build(step, "sanitize", "gcc", SANITIZE), "--no-suite", "mutation")


def step_postgres(step):
    """the same build, all tests on PostgreSQL"""
    if not os.access("tools/with-postgres", os.X_OK):
        step.note = "there is no tools/with-postgres"
        step.count.skipped += 1
        return
    folder = build(step, "sanitize", "gcc", SANITIZE)
    run_tests(step, folder, "--no-suite", "tools", "--no-suite", "fuzz", "--no-suite", "mutation",
        before=["tools/with-postgres"])


def step_clang(step):
    """clang, warnings as errors, sanitizers, units, properties and the fuzz corpora"""
    # The whole program has been driven by the steps before, on both stores.
    folder = build(step, "clang", "clang-14", [*SANITIZE, "-Dfuzz=true"])
    run_tests(step, folder, "--suite", "unit", "--suite", "prop", "--suite", "fuzz")


def step_mutation(step):
    """a release build notices every change of the packs' rules"""
    options = ["--buildtype=release", "-Db_sanitize=none", "-Dwerror=true", "-Dtests=enabled"]
    run_tests(step, build(step, "release", "gcc", options), "--suite", "mutation")


def step_valgrind(step):
    """a release build's memory code under valgrind"""
    options = ["--buildtype=release", "-Db_sanitize=none", "-Dwerror=true", "-Dtests=enabled"]
    folder = build(step, "release", "gcc", options)
    listed = subprocess.run(["meson", "test", "-C", folder, "--list", "--suite", "unit"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENV, check=True, text=True).stdout
    names = [line.split(" / ")[-1].strip() for line in listed.splitlines() if line.strip()]
    names = [n for n in names if VALGRIND_PROGRAMS.match(n)]
    step.note = " ".join(names)
    wrap = "valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite"
    run_tests(step, folder, "--suite", "unit", "--wrap", wrap, "--timeout-multiplier", "20", *names)


def step_web(step):
    """the page: types, build, and journeys in Chromium through a served demo city"""
    options = ["--buildtype=release", "-Db_sanitize=none", "-Dwerror=true", "-Dtests=enabled"]
    folder = build(step, "release", "gcc", options)
    step.must(["tools/build-web", "--check"])
    env = dict(ENV, SHUREN=f"{folder}/shuren", SCREENS="build-test/screens")
    code = max(step.run(["node", "--test-reporter=tap", file], env=env, seconds=TEST_SECONDS) for file in JOURNEYS)
    with open(step.log, encoding="utf-8", errors="replace") as log:
        for line in log:
            if re.match(r"ok \d+", line):
                step.count.passed += 1
            elif re.match(r"not ok \d+", line):
                step.count.fail(line.strip())
    if code != 0 and not step.count.failed:
        step.count.fail(f"the journeys ended with {code}")
    if step.count.total() == 0:
        step.count.fail("no journey ran")


def newest_first(files):
    """The files ordered by their last commit, newest first; what git does not know comes first."""
    out = subprocess.run(["git", "-c", "safe.directory=*", "log", "-n", "300", "--name-only", "--format="],
        stdout=subprocess.PIPE, check=False, text=True).stdout
    rank = {}
    for path in out.splitlines():
        rank.setdefault(path, len(rank))
    return sorted(files, key=lambda f: (rank.get(f, -1), f))


def step_tidy(step):
    """clang-tidy's short list (.clang-tidy), newest files first, for a limited time"""
    folder = build(step, "clang", "clang-14", [*SANITIZE, "-Dfuzz=true"])
    files = newest_first(tracked("src/*.c"))
    deadline = time.monotonic() + TIDY_SECONDS
    running, bad, left = [], [], 0

    def reap(down_to):
        while len(running) > down_to:
            path, process = running.pop(0)
            out, _ = process.communicate()
            if process.returncode != 0:
                bad.append(path)
                step.write(out)

    for path in files:
        if time.monotonic() > deadline:
            left += 1
            continue
        reap((os.cpu_count() or 2) - 1)
        running.append((path, subprocess.Popen(
            ["clang-tidy-14", "--quiet", "--warnings-as-errors=*", "-p", folder, path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV)))
    reap(0)
    step.note = f"{len(files) - left} of {len(files)} files"
    step.verdict(not bad, "clang-tidy: " + ", ".join(bad))


STEPS = {
    "format": step_format,
    "layers": step_layers,
    "python": step_python,
    "sanitize": step_sanitize,
    "postgres": step_postgres,
    "clang": step_clang,
    "mutation": step_mutation,
    "valgrind": step_valgrind,
    "web": step_web,
    "tidy": step_tidy,
}


TELLING = re.compile(r"\berror: |^ERROR|ERROR: |^FAILED: |^not ok|==ERROR|runtime error|^==\d+== \S|^\[  ERROR")


def telling_lines(path):
    """What a reader of a failure wants of a log: its errors, or its end when none is recognised."""
    with open(path, encoding="utf-8", errors="replace") as log:
        lines = log.read().splitlines()
    errors = list(dict.fromkeys(line for line in lines if TELLING.search(line)))
    return errors[:40] or lines[-40:]


def run_step(name):
    step = Step(name)
    start = time.monotonic()
    try:
        STEPS[name](step)
    except StepFailed as e:
        step.count.fail(f"{name}: failed: {e}")
    except subprocess.CalledProcessError as e:
        step.count.fail(f"{name}: failed: {e}")
    c = step.count
    note = f"  ({step.note})" if step.note else ""
    print(f"{name:<9} {c.passed:5} passed {c.failed:3} failed {c.skipped:3} skipped"
        f" {time.monotonic() - start:6.1f} s{note}", flush=True)
    if c.failed:
        for failure in c.failures:
            print(f"    {failure}")
        print("    | " + "\n    | ".join(telling_lines(step.log)))
        print(f"    all of it: {step.log}", flush=True)
    return c


def usage():
    print("usage: ./test [STEP]...\n\nAll steps, or those named, in this order:")
    for name, function in STEPS.items():
        print(f"  {name:<9} {function.__doc__}")


def main(args):
    if any(a in ("--help", "-h", "--list") for a in args):
        usage()
        return 0
    unknown = [a for a in args if a not in STEPS]
    if unknown:
        print(f"test: no step '{unknown[0]}'", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    os.makedirs(LOGS, exist_ok=True)
    start = time.monotonic()
    total = Count()
    for name in STEPS:
        if not args or name in args:
            total.add(run_step(name))
    print(f"in {time.monotonic() - start:.0f} s")
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {total.failed} failed{skipped}")
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
