"""Backups made while people write: what comes back is one moment; what was cut or changed is refused."""
import csv
import os
import shutil
import sqlite3
import stat
import subprocess
import threading
import unittest

from ledger_test import L, fill
from served import POSTGRES, SHUREN, Client, Served, run

GARDENS = ["1111020001", "1111020002"]
LEDGER = L.rsplit("/", 1)[1]


def says(*args, code=3):
    done = subprocess.run([SHUREN, *args, "--lang", "en"], capture_output=True, text=True)
    assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stderr


class Backups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served("sqlite", fill, ("--quiet",))
        cls.admin, cls.clerk = Client(cls.served, "system"), Client(cls.served, "clerk")
        cls.base = 1001

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def path(self, name):
        return os.path.join(self.served.folder, name)

    def years(self, place):
        file = place + ".csv"
        run("export", place, LEDGER, "--to", file)
        with open(file, encoding="utf-8-sig") as f:
            rows = list(csv.DictReader(f))
        os.unlink(file)
        return {g: {int(r[p]) for r in rows for p in r if p in ("period", "周期", "年度", "期间") and g in r.values()} for g in GARDENS}

    def write(self, garden, years, kept, stop):
        client = Client(self.served, "clerk")
        for year in years:
            if stop.is_set():
                return
            r = client.post(f"{L}/rows", {"period": str(year), "values": {
                "org": garden, "sponsor": "public", "inclusive": True, "children": 1}})
            assert r.status == 201, r.body
            kept[garden].append(year)

    def under_load(self, make):
        """make(name) while rows are written; then what is restored is all that was acknowledged before it, and a prefix."""
        kept, stop, first = {g: [] for g in GARDENS}, threading.Event(), self.base
        type(self).base += 400
        threads = [threading.Thread(target=self.write, args=(g, range(first, first + 400), kept, stop)) for g in GARDENS]
        for t in threads:
            t.start()
        try:
            moments = []
            for i in range(3):
                while all(len(k) < (i + 1) * 5 for k in kept.values()):
                    pass
                before = {g: len(kept[g]) for g in GARDENS}
                file = make(i)
                moments.append((file, before, {g: len(kept[g]) + 1 for g in GARDENS}))
        finally:
            stop.set()
            for t in threads:
                t.join()
        for i, (file, before, after) in enumerate(moments):
            place = self.path(f"restored-{first}-{i}")
            run("restore", file, place)
            run("audit", "verify", place)
            there = self.years(place)
            for g in GARDENS:
                got = sorted(y for y in there[g] if first <= y < first + 400)
                self.assertEqual(got, list(range(first, first + len(got))))
                self.assertTrue(before[g] <= len(got) <= after[g], (before[g], len(got), after[g]))
            shutil.rmtree(place)

    def test_a_backup_by_command_is_one_moment(self):
        def make(i):
            file = self.path(f"load-{i}.backup")
            run("backup", self.served.place, file)
            return file
        self.under_load(make)

    def test_a_backup_by_request_is_one_moment(self):
        def make(i):
            r = self.admin.post("/api/backups")
            self.assertEqual(r.status, 201, r.body)
            made = r.json()
            self.assertIn(made, self.admin.get("/api/backups").json()["items"])
            file = os.path.join(self.served.place, "backups", made["name"])
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            return file
        self.under_load(make)

    def test_only_who_may_makes_backups(self):
        self.assertEqual(self.clerk.post("/api/backups").status, 403)
        self.assertEqual(self.clerk.get("/api/backups").status, 403)
        self.assertEqual(Client(self.served).get("/api/backups").status, 401)

    def test_what_was_cut_or_changed_is_refused(self):
        file = self.path("good.backup")
        run("backup", self.served.place, file)
        with open(file, "rb") as f:
            good = f.read()
        bad, place = self.path("bad.backup"), self.path("never")
        size = len(good)
        for what, data in {"cut": good[: size // 2], "cut by one": good[:-1], "empty": b"", "no backup": b"x" * 9000,
                           "a page": good[:5000] + bytes([good[5000] ^ 1]) + good[5001:],
                           "the manifest": good[: size - 300] + bytes([good[size - 300] ^ 1]) + good[size - 299:],
                           "longer": good + b"\n"}.items():
            with self.subTest(what):
                with open(bad, "wb") as f:
                    f.write(data)
                said = says("restore", bad, place)
                self.assertTrue("is no whole backup" in said or "has been changed" in said, said)
                self.assertFalse(os.path.exists(place) or os.path.exists(place + ".restoring"))
        self.assertIn("there is no", says("restore", self.path("none"), place))

    def test_nothing_is_overwritten_unless_told(self):
        file, place = self.path("once.backup"), self.path("again")
        run("backup", self.served.place, file)
        self.assertIn("exists already", says("backup", self.served.place, file))
        run("backup", self.served.place, file, "--force")
        run("restore", file, place)
        self.assertIn("--replace", says("restore", file, place))
        self.assertIn("in use", says("restore", file, self.served.place, "--replace"))
        with sqlite3.connect(os.path.join(place, "shuren.db")) as store:
            store.execute("DELETE FROM audit WHERE seq = 1")
        store.close()
        says("audit", "verify", place, code=1)
        broken = self.path("broken.backup")
        self.assertIn("chain is broken", says("backup", place, broken, code=0))
        self.assertIn("--accept-broken-audit", says("restore", broken, self.path("no")))
        self.assertIn("the former store", says("restore", file, place, "--replace", code=0))
        run("audit", "verify", place)
        self.assertEqual(len([n for n in os.listdir(place) if n.startswith("replaced-")]), 1)
        empty = self.path("empty")
        os.mkdir(empty)
        self.assertIn("is no place", says("restore", file, empty, "--replace"))
        self.assertEqual(Client(self.served).get("/readyz").status, 200)

    def test_a_damaged_store_is_replaced(self):
        file, place = self.path("fine.backup"), self.path("damaged")
        run("backup", self.served.place, file)
        run("restore", file, place)
        with open(os.path.join(place, "shuren.db"), "r+b") as f:
            f.write(b"no database at all" * 100)
        says("audit", "verify", place)
        run("restore", file, place, "--replace")
        run("audit", "verify", place)

    def test_an_older_schema_is_backed_up_before_it_is_brought_forward(self):
        file, place = self.path("older.backup"), self.path("older")
        run("backup", self.served.place, file)
        run("restore", file, place)
        said = says("upgrade", place, code=0)
        self.assertIn("0 steps", said)
        self.assertIn("lacks this store's key", said, "a backup holds no key")
        with sqlite3.connect(os.path.join(place, "shuren.db")) as store:
            store.execute("DROP TABLE job")
            store.execute("DROP TABLE scenario")
            store.execute("DROP TABLE seal_key")
            store.execute("DROP TABLE allocation_plan")
            store.execute("DROP TABLE ledger_change")
            store.execute("DELETE FROM schema_migration WHERE number >= 3")
        store.close()
        self.assertIn("shuren upgrade", says("export", place, LEDGER, "--to", self.path("x.csv")))
        said = says("upgrade", place, code=0)
        self.assertIn("steps made", said)
        (name,) = os.listdir(os.path.join(place, "backups"))
        self.assertTrue(name.startswith("before-upgrade-of-schema-2-"), name)
        run("audit", "verify", place)
        self.assertEqual(self.years(place), self.years(place))
        back = self.path("back")
        self.assertIn("shuren upgrade", says("restore", os.path.join(place, "backups", name), back, code=0))
        run("upgrade", back)
        self.assertEqual(self.years(back), self.years(place))


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(unittest.TestCase):
    def test_it_names_the_tool_of_the_server(self):
        served = Served("postgres", fill, ("--quiet",))
        self.addCleanup(served.close)
        self.assertIn("pg_dump", says("backup", served.place, os.path.join(served.folder, "x.backup")))
        self.assertEqual(Client(served, "system").post("/api/backups").status, 415)
        self.assertIn("0 steps", says("upgrade", served.place, code=0))


if __name__ == "__main__":
    unittest.main()
