"""`user PLACE samples`: an account a role in a generated place, and none anywhere else."""
import json
import os
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]


def run(*args):
    return subprocess.run([SHUREN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


class SampleAccounts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.place = os.path.join(self.folder.name, "place")

    def tearDown(self):
        self.folder.cleanup()

    def test_a_generated_place_gets_one_for_each_role(self):
        self.assertEqual(run("demo", self.place, "--size", "sample").returncode, 0)
        made = run("user", self.place, "samples", "--format", "json")
        self.assertEqual(made.returncode, 0, made.stderr)
        listed = json.loads(run("user", self.place, "list", "--format", "json").stdout)
        text = made.stdout
        for login in ("city-head", "county-clerk", "school-clerk", "audit-officer", "system-officer"):
            self.assertIn(f'"{login}"', text)
        self.assertIn("county-clerk@1411", json.dumps(listed))
        again = run("user", self.place, "samples")
        self.assertEqual(again.returncode, 3, again.stdout)

    def test_a_place_of_real_data_gets_none(self):
        self.assertEqual(run("init", self.place, "--pack", "packs/lvliang-2026").returncode, 0)
        refused = run("user", self.place, "samples", "--lang", "en")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("no generated place", refused.stderr)


if __name__ == "__main__":
    unittest.main()
