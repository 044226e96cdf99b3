"""Long work as jobs: queued, watched, stopped, cut off, fetched; each by who may, on both stores."""
import os
import time
import unittest

from ledger_test import fill
from served import POSTGRES, Client, Served

ENDED = ("done", "failed", "cancelled")


def wait_for(client, job, seconds=60, until=ENDED):
    """The job once its state is one of `until`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = client.get(f"/api/jobs/{job['id']}").json()
        if job["state"] in until:
            return job
        time.sleep(0.05)
    raise AssertionError(f"{job} after {seconds} s")


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, fill)
        cls.clients = {}

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def as_(self, login):
        if login not in self.clients:
            self.clients[login] = Client(self.served, login)
        return self.clients[login]

    def problem(self, reply, status, kind):
        self.assertEqual((reply.status, reply.json().get("type")), (status, "/problems/" + kind), reply.body)
        return reply.json()

    def test_a_backup_as_a_job(self):
        system = self.as_("system")
        r = system.post("/api/backups/job")
        if self.store != "sqlite":
            self.problem(r, 415, "unsupported")
            return
        self.assertEqual(r.status, 202, r.body)
        job = r.json()
        self.assertEqual((job["kind"], job["state"], job["by"], job["total"]), ("backup", "queued", "system", None))
        self.assertEqual(r.headers["Location"], f"/api/jobs/{job['id']}")
        done = wait_for(system, job)
        self.assertEqual((done["state"], done["error"], done["result"]), ("done", None, "/api/backups"))
        self.assertEqual(done["done"], done["total"])
        made = system.get(done["result"]).json()["items"][0]
        self.assertTrue(os.path.exists(os.path.join(self.served.place, "backups", made["name"])))
        self.problem(system.post(f"/api/jobs/{job['id']}/cancel"), 409, "conflict")
        self.problem(system.get(f"/api/jobs/{job['id']}/result"), 404, "not-found")
        self.assertIn(done, system.get("/api/jobs").json()["items"])
        for login in ("clerk", "head"):
            self.problem(self.as_(login).get(f"/api/jobs/{job['id']}"), 404, "not-found")
            self.problem(self.as_(login).post(f"/api/jobs/{job['id']}/cancel"), 404, "not-found")
            self.assertEqual(self.as_(login).get("/api/jobs?own=1").json()["items"], [])
        self.problem(self.as_("clerk").post("/api/backups/job"), 403, "forbidden")
        self.problem(Client(self.served).get("/api/jobs"), 401, "sign-in")
        self.problem(system.get("/api/jobs/none"), 404, "not-found")


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
