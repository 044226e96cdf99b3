"""tools/suite.py: what it says at the end and what its exit code is."""
import contextlib
import io
import os
import tempfile
import unittest

import suite
from count_tests import Count


class Suite(unittest.TestCase):
    def run_steps(self, steps, args=()):
        """Run made-up steps in an empty folder: the exit code and the lines printed."""
        kept, root, cwd = suite.STEPS, suite.ROOT, os.getcwd()
        out = io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            suite.STEPS, suite.ROOT = steps, folder
            try:
                with contextlib.redirect_stdout(out):
                    code = suite.main(list(args))
            finally:
                suite.STEPS, suite.ROOT = kept, root
                os.chdir(cwd)
        return code, out.getvalue().splitlines()

    @staticmethod
    def counting(**counts):
        def step(s):
            s.count.add(Count(**counts))
        return step

    def test_the_last_line_sums_all_steps(self):
        code, lines = self.run_steps({"a": self.counting(passed=3), "b": self.counting(passed=4, skipped=2)})
        self.assertEqual((code, lines[-1]), (0, "7 passed, 0 failed, 2 skipped"))

    def test_one_failed_case_fails_the_run(self):
        code, lines = self.run_steps({"a": self.counting(passed=3, failed=1, failures=["x: y"])})
        self.assertEqual((code, lines[-1]), (1, "3 passed, 1 failed"))
        self.assertIn("    x: y", lines)

    def test_a_run_without_any_case_fails(self):
        code, lines = self.run_steps({"a": self.counting()})
        self.assertEqual((code, lines[-1]), (1, "0 passed, 0 failed"))

    def test_a_step_that_breaks_counts_as_failed_and_the_rest_still_runs(self):
        def broken(step):
            step.must(["false"])
        code, lines = self.run_steps({"a": broken, "b": self.counting(passed=1)})
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed"))

    def test_a_command_that_hangs_is_stopped(self):
        def hangs(step):
            step.must(["sleep", "60"], seconds=0.2)
        self.assertEqual(self.run_steps({"a": hangs})[1][-1], "0 passed, 1 failed")

    def test_only_the_named_steps_run(self):
        steps = {"a": self.counting(passed=1), "b": self.counting(passed=10)}
        self.assertEqual(self.run_steps(steps, ["b"])[1][-1], "10 passed, 0 failed")

    def test_a_failed_step_shows_the_errors_of_its_log_once(self):
        def noisy(step):
            step.write("compiling\n" * 100 + "a.c:1:2: error: no\na.c:1:2: error: no\n" + "more\n" * 100)
            step.count.fail("build")
        lines = self.run_steps({"a": noisy})[1]
        self.assertEqual([l for l in lines if l.startswith("    | ")], ["    | a.c:1:2: error: no"])

    def test_an_unknown_step_is_wrong_usage(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(suite.main(["nonsense"]), 2)


if __name__ == "__main__":
    unittest.main()
