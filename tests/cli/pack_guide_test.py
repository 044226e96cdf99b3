"""docs/packs.md: its tables are what the program reads, and its examples are a pack that passes."""
import os
import re
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]


def run(*args):
    return subprocess.run([SHUREN, *args], capture_output=True, text=True)


class Guide(unittest.TestCase):
    def setUp(self):
        with open("docs/packs.md", encoding="utf-8") as f:
            self.guide = f.read()

    def test_the_tables_are_those_of_pack_schema(self):
        schema = run("pack", "schema").stdout.strip()
        self.assertIn("### clause\n", schema)
        self.assertEqual(self.guide.split("<!-- schema -->\n")[1].strip(), schema,
                         "put the output of `shuren pack schema` behind the mark in docs/packs.md")

    def test_the_examples_are_a_pack_whose_cases_pass(self):
        with tempfile.TemporaryDirectory() as root:
            folder = os.path.join(root, "example")
            os.mkdir(folder)
            blocks = re.findall(r"```yaml\n(.*?)```", self.guide, re.S)
            self.assertGreater(len(blocks), 5)
            for i, block in enumerate(blocks):
                name = "pack.yaml" if block.startswith("pack:") else f"{i}.yaml"
                with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                    f.write(block)
            checked = run("pack", "check", folder)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            tested = run("pack", "test", folder, "--strict")
            self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)


if __name__ == "__main__":
    unittest.main()
