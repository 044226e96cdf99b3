"""The CSV files of the packs: whole, unique, and each part below its parent."""
import csv
import glob
import os
import unittest

CITY = "packs/lvliang-2026/"
CODES = "packs/national/codes/"


def table(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


class CityTables(unittest.TestCase):
    def test_the_tree_has_one_city_13_counties_and_154_towns(self):
        kinds = [o["kind"] for o in table(CITY + "orgs.csv")]
        self.assertEqual([kinds.count(k) for k in ("city", "county", "town")], [1, 13, 154])
        self.assertEqual(len(kinds), 168)

    def test_every_parent_stands_above_its_children(self):
        seen = {}
        level = {"city": None, "county": "city", "town": "county"}
        for o in table(CITY + "orgs.csv"):
            self.assertNotIn(o["code"], seen)
            self.assertEqual(seen.get(o["parent"]), level[o["kind"]], o)
            if o["kind"] == "town":
                self.assertTrue(o["code"].startswith(o["parent"]), o)
            seen[o["code"]] = o["kind"]

    def test_every_village_is_in_a_town_of_the_tree(self):
        towns = {o["code"] for o in table(CITY + "orgs.csv") if o["kind"] == "town"}
        villages = table(CITY + "villages.csv")
        self.assertEqual(len(villages), 2456)
        self.assertEqual(len({v["code"] for v in villages}), 2456)
        for v in villages:
            self.assertRegex(v["code"], r"^\d{12}$")
            self.assertTrue(v["town"] in towns and v["code"].startswith(v["town"]), v)
            self.assertTrue(v["name"] and v["name"] == v["name"].strip(), v)

    def test_the_tile_map_has_each_county_once_and_no_tile_twice(self):
        counties = {o["code"] for o in table(CITY + "orgs.csv") if o["kind"] == "county"}
        tiles = table(CITY + "schematic.csv")
        self.assertEqual(sorted(t["code"] for t in tiles), sorted(counties))
        self.assertEqual(len({(t["row"], t["col"]) for t in tiles}), 13)


class CodeTables(unittest.TestCase):
    def test_no_code_stands_twice_and_no_word_means_two_codes(self):
        paths = glob.glob(CODES + "*.csv")
        self.assertGreaterEqual(len(paths), 10)
        for path in paths:
            codes, words = set(), {}
            for row in table(path):
                self.assertEqual(list(row), ["code", "title", "synonyms"], path)
                self.assertNotIn(row["code"], codes, path)
                codes.add(row["code"])
                for word in [row["title"], *filter(None, row["synonyms"].split("|"))]:
                    self.assertNotIn(word, words, (path, row))
                    words[word] = row["code"]

    def test_the_56_ethnic_groups_are_numbered_without_a_gap(self):
        rows = table(CODES + "ethnic.csv")
        self.assertEqual([r["code"] for r in rows], [f"{i:02}" for i in range(1, 57)])

    def test_every_table_names_its_source(self):
        with open(CODES + "SOURCES.md", encoding="utf-8") as f:
            sources = f.read()
        for path in glob.glob(CODES + "*.csv"):
            name = os.path.basename(path)[:-len(".csv")]
            self.assertIn(f"| `{name}` |", sources)


if __name__ == "__main__":
    unittest.main()
