"""tools/deps.sh reads tools/packages.txt and refuses what it does not know."""
import re
import subprocess
import unittest


def deps(*args):
    return subprocess.run(["sh", "tools/deps.sh", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        check=False, text=True)


class Deps(unittest.TestCase):
    def test_the_test_packages_are_the_run_packages_and_more(self):
        run = deps("--list", "run").stdout.split()
        test = deps("--list", "test").stdout.split()
        self.assertEqual(test[:len(run)], run)
        self.assertIn("meson", run)
        self.assertNotIn("libcmocka-dev", run)
        self.assertIn("libcmocka-dev", test)

    def test_every_package_is_a_name_and_is_listed_once(self):
        names = deps("--list", "test").stdout.split()
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r"^[a-z0-9][a-z0-9.+-]+$")

    def test_an_unknown_section_is_wrong_usage(self):
        done = deps("everything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage", done.stderr)

    def test_run_tells_its_usage_and_refuses_what_it_does_not_know(self):
        good = subprocess.run(["sh", "run", "--help"], stdout=subprocess.PIPE, check=False, text=True)
        self.assertEqual(good.returncode, 0)
        self.assertTrue(re.search("--fresh", good.stdout))
        for args in (["--sizes"], ["--size", "world"], ["--size"]):
            bad = subprocess.run(["sh", "run", *args], stderr=subprocess.PIPE, check=False, text=True)
            self.assertEqual(bad.returncode, 2, args)


if __name__ == "__main__":
    unittest.main()
