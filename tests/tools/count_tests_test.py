"""tools/count_tests.py: no crash, skip or missing case is lost or counted twice."""
import json
import os
import tempfile
import unittest

import count_tests


class CountTests(unittest.TestCase):
    def counts(self, entry):
        c = count_tests.count_program(dict({"name": "p", "result": "OK", "returncode": 0}, **entry))
        return c.passed, c.failed, c.skipped

    def test_passed_and_failed_cases_are_counted(self):
        text = "1..3\nok 1 - a\nnot ok 2 - b\n# t.c:7: error\nok 3 - c\n"
        self.assertEqual(self.counts({"stdout": text, "result": "FAIL", "returncode": 1}), (2, 1, 0))

    def test_a_failed_case_counts_even_if_the_program_says_0(self):
        self.assertEqual(self.counts({"stdout": "1..1\nnot ok 1 - b\n"}), (0, 1, 0))

    def test_a_skip_in_either_spelling_is_a_skip(self):
        text = "1..3\nok 1 - a\nok 2 - b # SKIP no store\nnot ok 3 # SKIP c\n"
        self.assertEqual(self.counts({"stdout": text}), (1, 0, 2))
        self.assertEqual(self.counts({"stdout": text, "result": "FAIL"}), (1, 0, 2))

    def test_several_groups_in_one_program_add_up(self):
        text = "1..1\nok 1 - a\n# ok - g\n1..2\nok 1 - b\nok 2 - c\n"
        self.assertEqual(self.counts({"stdout": text}), (3, 0, 0))

    def test_a_crash_before_any_case_is_one_failure(self):
        self.assertEqual(self.counts({"stdout": "", "result": "FAIL", "returncode": -11}), (0, 1, 0))

    def test_a_crash_after_all_cases_passed_is_a_failure_too(self):
        text = "1..1\nok 1 - a\n"
        self.assertEqual(self.counts({"stdout": text, "result": "FAIL", "returncode": 1}), (1, 1, 0))

    def test_fewer_cases_than_planned_is_a_failure(self):
        self.assertEqual(self.counts({"stdout": "1..3\nok 1 - a\n"}), (1, 1, 0))

    def test_a_time_out_is_a_failure(self):
        self.assertEqual(self.counts({"stdout": "ok 1 - a\n", "result": "TIMEOUT", "returncode": -15}), (1, 1, 0))

    def test_tap_that_meson_could_not_read_is_a_failure(self):
        self.assertEqual(self.counts({"stdout": "ok 1 - a\n", "result": "ERROR"}), (1, 1, 0))

    def test_a_program_without_cases_is_one_case(self):
        self.assertEqual(self.counts({"stdout": "replayed 12 inputs\n"}), (1, 0, 0))
        self.assertEqual(self.counts({}), (1, 0, 0))

    def test_a_plan_of_none_is_no_case(self):
        self.assertEqual(self.counts({"stdout": "1..0\n"}), (0, 0, 0))

    def test_exit_77_is_a_skip(self):
        self.assertEqual(self.counts({"result": "SKIP", "returncode": 77}), (0, 0, 1))

    def test_failures_are_named(self):
        c = count_tests.count_tap("1..1\nnot ok 1 - sums add up\n", "base")
        self.assertEqual(c.failures, ["base: sums add up"])

    def test_a_log_is_the_sum_of_its_programs(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "testlog.json")
            with open(path, "w", encoding="utf-8") as f:
                for text in ("1..1\nok 1 - a\n", "1..2\nok 1 - a\nnot ok 2 - b\n"):
                    f.write(json.dumps({"name": "p", "result": "OK", "returncode": 0, "stdout": text}) + "\n")
            c = count_tests.count_testlog(path)
            self.assertEqual((c.passed, c.failed, c.skipped), (2, 1, 0))


if __name__ == "__main__":
    unittest.main()
