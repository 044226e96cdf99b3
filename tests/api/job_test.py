"""Long work as jobs: queued, watched, stopped, cut off, fetched; each by who may, on both stores."""
import functools
import http.client
import json
import os
import signal
import sqlite3
import threading
import time
import unittest

from ledger_test import HEADER, L, fill
from served import POSTGRES, Client, Served, ServedCase, run

ENDED = ("done", "failed", "cancelled")
GARDENS = ["1111020001", "1111020002"]
BIG = HEADER + "".join(f"{g},{year},public,1,100,4,400.5\n" for g in GARDENS for year in range(2100, 9900))
BIG_ROWS = BIG.count("\n") - 1


def wait_for(client, job, seconds=120, until=ENDED):
    """The job once its state is one of `until`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = client.get(f"/api/jobs/{job['id']}").json()
        if job["state"] in until:
            return job
        time.sleep(0.02)
    raise AssertionError(f"{job} after {seconds} s")


class TooFast(Exception):
    """The import had ended before it was seen under way: on a busy machine a look may come late."""

    def __init__(self, client, job):
        super().__init__(job)
        self.client, self.job = client, job


def again_if_too_fast(test):
    @functools.wraps(test)
    def tried(self):
        for _ in range(8):
            try:
                return test(self)
            except TooFast as e:
                outcome = e.client.get(e.client.get(f"/api/jobs/{e.job['id']}").json()["result"]).json()
                assert e.client.post(f"/api/imports/{outcome['import']}/undo").status == 200
        raise AssertionError("never seen under way")
    return tried


def wait_until_under_way(client, job, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = client.get(f"/api/jobs/{job['id']}").json()
        if now["state"] == "running" and now["done"] > 0:
            return now
        if now["state"] == "done":
            raise TooFast(client, job)
        assert now["state"] in ("queued", "running"), now
        time.sleep(0.005)
    raise AssertionError(f"{job} after {seconds} s")


def start_import(client, text, query="name=a.csv"):
    r = client.post(f"{L}/imports/job?{query}", raw=text.encode())
    assert r.status == 202, r.body
    return r.json()


class Events:
    """A stream of server-sent events as it comes in."""

    def __init__(self, client, path):
        self.connection = http.client.HTTPConnection("127.0.0.1", client.served.port, timeout=60)
        self.connection.request("GET", path, headers={"Cookie": "shuren_session=" + client.cookie} if client.cookie else {})
        self.reply = self.connection.getresponse()
        client.served.operation("GET", path)

    def __iter__(self):
        """(event, job) until the stream ends."""
        name = None
        for line in self.reply:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                yield name, json.loads(line[6:])
        self.close()

    def close(self):
        self.reply.close()
        self.connection.close()


class OnSqlite(ServedCase):
    fill = staticmethod(fill)

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


    # ---- exports

    def start_export(self, login, query=""):
        r = self.as_(login).post(f"{L}/export?{query}")
        self.assertEqual(r.status, 202, r.body)
        return r.json()

    def test_an_export_is_cut_by_its_owner_s_scope(self):
        for login, gardens in (("clerk", {"演示一幼", "演示二幼 Rose"}), ("other", {"演示文水幼儿园"})):
            client = self.as_(login)
            job = wait_for(client, self.start_export(login, "format=csv&period=2025"))
            self.assertEqual((job["kind"], job["state"], job["error"], job["by"]), ("export", "done", None, login))
            self.assertEqual((job["done"], job["total"]), (len(gardens), len(gardens)))
            file, direct = client.get(job["result"]), client.get(f"{L}/export?format=csv&period=2025")
            self.assertEqual((file.status, file.body), (200, direct.body))
            self.assertIn("UTF-8", file.headers["Content-Disposition"])
            self.assertTrue(all(g in file.body.decode() for g in gardens))
        job = wait_for(self.as_("clerk"), self.start_export("clerk"))
        self.assertEqual(self.as_("clerk").get(job["result"]).body[:2], b"PK")

    def test_mistakes_are_told_when_it_is_queued(self):
        self.problem(self.as_("clerk").post(f"{L}/export?filter=children:gt:x"), 400, "invalid")
        self.problem(self.as_("clerk").post(f"{L}/export?org=141121"), 404, "not-found")
        self.problem(self.as_("system").post(f"{L}/export"), 403, "forbidden")
        self.problem(self.as_("clerk").post(f"{L}/imports/job?name=a.csv", raw=b""), 400, "invalid")

    def test_ranges_of_a_result(self):
        clerk = self.as_("clerk")
        url = wait_for(clerk, self.start_export("clerk", "format=csv&period=2025"))["result"]
        whole = clerk.get(url)
        etag, size = whole.headers["ETag"], len(whole.body)
        self.assertEqual(whole.headers["Accept-Ranges"], "bytes")
        for given, first, last in (("bytes=0-9", 0, 9), ("bytes=10-", 10, size - 1), ("bytes=-7", size - 7, size - 1),
                                   ("bytes=5-999999", 5, size - 1)):
            for more in ({}, {"If-Range": etag}):
                r = clerk.get(url, headers={"Range": given, **more})
                self.assertEqual((r.status, r.body), (206, whole.body[first:last + 1]), given)
                self.assertEqual(r.headers["Content-Range"], f"bytes {first}-{last}/{size}")
                self.assertEqual(r.headers["ETag"], etag)
        r = clerk.get(url, headers={"Range": f"bytes={size}-"})
        self.assertEqual((r.status, r.body, r.headers["Content-Range"]), (416, b"", f"bytes */{size}"))
        # Another version than the one that was begun with, or what is no single range: the whole file.
        for headers in ({"Range": "bytes=0-9", "If-Range": '"1"'}, {"Range": "bytes=0-9", "If-Range": "W/" + etag},
                        {"Range": "bytes=0-1,3-4"}, {"Range": "bytes=9-2"}, {"Range": "rows=1-2"}):
            r = clerk.get(url, headers=headers)
            self.assertEqual((r.status, r.body), (200, whole.body), headers)
        r = clerk.get(url, headers={"If-None-Match": etag})
        self.assertEqual((r.status, r.body), (304, b""))

    def test_results_are_for_the_owner_and_his_rights_of_now(self):
        self.served.add_user("leaver", "141102", "county-clerk")
        leaver = self.as_("leaver")
        job = wait_for(leaver, self.start_export("leaver"))
        self.assertEqual(leaver.get(job["result"]).status, 200)
        # The officer of the system sees the job, and not what it made.
        self.assertIn(job["id"], [j["id"] for j in self.as_("system").get("/api/jobs").json()["items"]])
        self.problem(self.as_("system").get(job["result"]), 403, "forbidden")
        self.problem(self.as_("clerk").get(job["result"]), 404, "not-found")
        run("user", self.served.place, "roles", "leaver")
        self.problem(leaver.get(job["result"]), 403, "forbidden")

    # ---- imports

    def rows(self, login="clerk", query="period=*"):
        return self.as_(login).get(f"{L}/rows?{query}&count=1&limit=1").json()["count"]

    def files_of(self, *jobs):
        """The uploads that are still there: they may hold what is sealed in the store."""
        if self.store != "sqlite":
            return []
        return [n for n in os.listdir(os.path.join(self.served.place, "jobs")) if n in [j["id"] + ".in" for j in jobs]]

    def drop(self, outcome):
        r = self.as_("clerk").post(f"/api/imports/{outcome['import']}/undo")
        self.assertEqual(r.status, 200, r.body)

    def test_an_import_as_a_job(self):
        clerk, before = self.as_("clerk"), self.rows()
        text = HEADER + "1111020001,2030,public,1,5,1,\n1111020002,2030,private,0,6,1,\n"
        job = wait_for(clerk, start_import(clerk, text, "name=a.csv&check=1"))
        self.assertEqual((job["kind"], job["state"]), ("import", "done"))
        looked = clerk.get(job["result"]).json()
        self.assertEqual((looked["ok"], looked["import"], looked["rows_new"], self.rows()), (True, None, 2, before))
        job = wait_for(clerk, start_import(clerk, text))
        outcome = clerk.get(job["result"]).json()
        self.assertEqual((job["state"], outcome["ok"], outcome["rows_new"], self.rows()), ("done", True, 2, before + 2))
        self.assertEqual(clerk.get(f"/api/imports/{outcome['import']}").json()["by"], "clerk")
        self.drop(outcome)

    def test_a_refused_import_says_why_and_keeps_nothing(self):
        clerk, before = self.as_("clerk"), self.rows()
        text = HEADER + "1111020001,2030,public,1,many,1,\n1111210001,2030,public,1,5,1,\n"
        job = wait_for(clerk, start_import(clerk, text))
        self.assertEqual(job["state"], "failed")
        self.assertIn("2 mistakes", job["error"])
        outcome = clerk.get(job["result"]).json()
        self.assertEqual((outcome["ok"], outcome["error_count"], self.rows()), (False, 2, before))
        self.assertEqual({p["cell"] for p in outcome["problems"]}, {"E2", "A3"})
        check = wait_for(clerk, start_import(clerk, text, "name=a.csv&check=1"))
        self.assertEqual((check["state"], clerk.get(check["result"]).json()["ok"]), ("done", False))

    @again_if_too_fast
    def test_what_is_stopped_in_the_middle_keeps_nothing(self):
        clerk, before = self.as_("clerk"), self.rows()
        imports = len(clerk.get("/api/imports").json()["items"])
        job = start_import(clerk, BIG)
        under_way = wait_until_under_way(clerk, job)
        self.assertLessEqual(under_way["done"], under_way["total"])
        # Only the owner and who has the right for it.
        self.problem(self.as_("other").post(f"/api/jobs/{job['id']}/cancel"), 404, "not-found")
        self.assertIn(clerk.post(f"/api/jobs/{job['id']}/cancel").status, (200, 409))
        job = wait_for(clerk, job)
        if job["state"] == "done":
            raise TooFast(clerk, job)
        self.assertEqual((job["state"], job["result"]), ("cancelled", None))
        self.assertEqual((self.rows(), len(clerk.get("/api/imports").json()["items"])), (before, imports))
        self.assertFalse(self.files_of(job))

    def test_who_waits_is_stopped_at_once(self):
        clerk, system = self.as_("clerk"), self.as_("system")
        running = [start_import(clerk, BIG) for _ in range(2)]
        wait_for(clerk, running[0], until=("running", *ENDED))
        waiting = None
        while waiting is None:  # a short write may find the import in its way
            r = clerk.post(f"{L}/imports/job?name=b.csv&check=1", raw=BIG.encode())
            self.assertIn(r.status, (202, 503))
            waiting = r.json() if r.status == 202 else None
        for job in [waiting, *running]:
            while clerk.get(f"/api/jobs/{job['id']}").json()["state"] in ("queued", "running"):
                self.assertIn(system.post(f"/api/jobs/{job['id']}/cancel").status, (200, 409, 503))
            self.assertIn(clerk.get(f"/api/jobs/{job['id']}").json()["state"], ("cancelled", "done"))
        self.assertFalse(self.files_of(waiting, *running))
        for job in (clerk.get(f"/api/jobs/{j['id']}").json() for j in running):
            if job["state"] == "done":
                self.drop(clerk.get(job["result"]).json())

    @again_if_too_fast
    def test_an_import_lets_others_read_and_write(self):
        """Readers never wait; who writes waits at most 5 s, then it is 503 and nothing has changed."""
        clerk, other = self.as_("clerk"), self.as_("other")
        job = start_import(clerk, BIG)
        wait_until_under_way(clerk, job)
        reads, writes, year = [], [], 1100
        while clerk.get(f"/api/jobs/{job['id']}").json()["state"] == "running":
            began = time.monotonic()
            self.assertEqual(other.get(f"{L}/rows?count=1").status, 200)
            reads.append(time.monotonic() - began)
            began, year = time.monotonic(), year + 1
            r = other.post(f"{L}/rows", {"period": str(year), "values": {
                "org": "1111210001", "sponsor": "public", "inclusive": True, "children": 1}})
            writes.append((r.status, time.monotonic() - began))
            self.assertIn(r.status, (201, 503))
            if r.status == 503:
                self.assertTrue(int(r.headers["Retry-After"]) > 0)
            self.assertEqual(self.rows("other", f"period={year}"), int(r.status == 201))
        done = wait_for(clerk, job)
        self.assertEqual(done["state"], "done", done)
        if not writes:
            raise TooFast(clerk, job)
        self.assertTrue(reads and max(reads) < 3, reads)
        self.assertTrue(max(w[1] for w in writes) < 8, writes)
        r = other.post(f"{L}/rows", {"period": "1999", "values": {
            "org": "1111210001", "sponsor": "public", "inclusive": True, "children": 1}})
        self.assertEqual(r.status, 201, r.body)
        outcome = clerk.get(done["result"]).json()
        self.assertEqual(outcome["rows_new"], BIG_ROWS)
        self.drop(outcome)

    # ---- events

    def test_events_tell_of_one_job_to_its_end(self):
        clerk = self.as_("clerk")
        job = start_import(clerk, BIG)
        listeners = [Events(clerk, f"/api/jobs/{job['id']}/events") for _ in range(3)]
        mine, others = Events(clerk, "/api/jobs/events"), Events(self.as_("other"), "/api/jobs/events")
        for stream in listeners:
            self.assertEqual((stream.reply.status, stream.reply.headers["Content-Type"]), (200, "text/event-stream"))
            told = list(stream)
            self.assertEqual(told[-1][0], "done")
            self.assertEqual({e for e, _ in told[:-1]}, {"progress"})
            done = [j["done"] for _, j in told]
            self.assertEqual(done, sorted(done))
            self.assertEqual(told[-1][1], clerk.get(f"/api/jobs/{job['id']}").json())
        for event, told in mine:
            if told["id"] == job["id"] and event == "done":
                break
        # Whoever comes late hears the end at once.
        self.assertEqual([e for e, _ in Events(clerk, f"/api/jobs/{job['id']}/events")], ["done"])
        # Nobody hears of others' jobs.
        theirs = wait_for(self.as_("other"), self.start_export("other"))
        for _, told in others:
            self.assertEqual(told["id"], theirs["id"])
            if told["state"] == "done":
                break
        self.problem(self.as_("other").get(f"/api/jobs/{job['id']}/events"), 404, "not-found")
        self.problem(Client(self.served).get("/api/jobs/events"), 401, "sign-in")
        self.drop(clerk.get(clerk.get(f"/api/jobs/{job['id']}").json()["result"]).json())
        for stream in (mine, others):
            stream.close()

    def test_listeners_hold_no_worker(self):
        clerk = self.as_("clerk")
        streams = [Events(clerk, "/api/jobs/events") for _ in range(40)]
        began = time.monotonic()
        self.assertEqual(clerk.get("/api/jobs").status, 200)
        self.assertLess(time.monotonic() - began, 5)
        for stream in streams:
            stream.close()


class Stops(unittest.TestCase):
    """The server ends in the middle of jobs."""

    def setUp(self):
        self.served = Served("sqlite", fill)
        self.addCleanup(self.served.close)
        self.clerk = Client(self.served, "clerk")

    def count(self):
        return self.clerk.get(f"{L}/rows?period=*&count=1&limit=1").json()["count"]

    def check_done_once(self, job, before):
        job = wait_for(self.clerk, job)
        self.assertEqual((job["state"], job["error"]), ("done", None), job)
        outcome = self.clerk.get(job["result"]).json()
        self.assertEqual((outcome["import"], outcome["rows_total"], self.count()), (job["id"], BIG_ROWS, before + BIG_ROWS))
        self.assertEqual([i["id"] for i in self.clerk.get("/api/imports").json()["items"]].count(job["id"]), 1)
        run("audit", "verify", self.served.place)

    @again_if_too_fast
    def test_an_import_that_was_killed_is_begun_again_once(self):
        before, job = self.count(), start_import(self.clerk, BIG)
        wait_until_under_way(self.clerk, job)
        self.served.stop(signal.SIGKILL)
        self.served.start()
        self.check_done_once(job, before)

    @again_if_too_fast
    def test_killed_again_and_again_it_has_failed(self):
        before, job = self.count(), start_import(self.clerk, BIG)
        for _ in range(2):
            wait_until_under_way(self.clerk, job)
            self.served.stop(signal.SIGKILL)
            self.served.start()
        job = wait_for(self.clerk, job, 60)
        if job["state"] == "done":
            raise TooFast(self.clerk, job)
        self.assertEqual((job["state"], self.count()), ("failed", before))
        self.assertIn("start it again", job["error"])
        end = time.monotonic() + 20
        while os.path.exists(os.path.join(self.served.place, "jobs", job["id"] + ".in")):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_what_was_committed_is_not_done_twice(self):
        """The server ends between the import's commit and the end of its job."""
        before, job = self.count(), start_import(self.clerk, BIG)
        wait_for(self.clerk, job)
        self.served.stop(signal.SIGKILL)
        self.unfinish(job, tries=1)
        self.served.start()
        self.check_done_once(job, before)

    def unfinish(self, job, tries):
        """The row as it was while the job ran, and the file that came with it."""
        with sqlite3.connect(os.path.join(self.served.place, "shuren.db")) as store:
            store.execute("UPDATE job SET state = 'running', ended_at = NULL, result = '', result_name = '', tries = ?"
                          " WHERE id = ?", (tries, job["id"]))
        store.close()
        with open(os.path.join(self.served.place, "jobs", job["id"] + ".in"), "w") as f:
            f.write(BIG)

    def test_a_backup_that_was_cut_off_has_failed(self):
        system = Client(self.served, "system")
        job = wait_for(system, system.post("/api/backups/job").json())
        self.served.stop(signal.SIGKILL)
        self.unfinish(job, tries=1)
        self.served.start()
        self.assertEqual(system.get(f"/api/jobs/{job['id']}").json()["state"], "failed")

    @again_if_too_fast
    def test_a_stop_in_good_order_puts_jobs_back(self):
        before, job = self.count(), start_import(self.clerk, BIG)
        listener = Events(self.clerk, f"/api/jobs/{job['id']}/events")
        wait_until_under_way(self.clerk, job)
        began = time.monotonic()
        self.assertEqual(self.served.stop(), 0)
        self.assertLess(time.monotonic() - began, 30)
        ended = "done" in [e for e, _ in listener]
        with sqlite3.connect(os.path.join(self.served.place, "shuren.db")) as store:
            kept = store.execute("SELECT state, tries FROM job WHERE id = ?", (job["id"],)).fetchone()
        store.close()
        self.served.start()
        if kept[0] == "done":
            raise TooFast(self.clerk, job)
        self.assertEqual((kept, ended), (("queued", 0), False))
        self.check_done_once(job, before)

    @again_if_too_fast
    def test_one_account_may_not_fill_the_queue(self):
        jobs = [start_import(self.clerk, BIG)]
        wait_until_under_way(self.clerk, jobs[0])
        statuses = []
        while 429 not in statuses and len(statuses) < 60:
            r = self.clerk.post(f"{L}/imports/job?name=a.csv", raw=BIG.encode())
            statuses.append(r.status)
            if r.status == 429:
                self.assertTrue(r.headers["Retry-After"])
        self.assertIn(429, statuses)
        with sqlite3.connect(os.path.join(self.served.place, "shuren.db")) as store:
            known = {str(i) for (i,) in store.execute("SELECT id FROM job")}
        store.close()
        # It goes with the call, which ends a moment behind the reply: when the server has stopped it is gone.
        self.assertEqual(self.served.stop(), 0)
        files = os.listdir(os.path.join(self.served.place, "jobs"))
        self.assertEqual([n for n in files if n.split(".")[0] not in known], [], "what was refused is not kept")
        with sqlite3.connect(os.path.join(self.served.place, "shuren.db")) as store:
            store.execute("UPDATE job SET state = 'cancelled', ended_at = 1 WHERE state = 'queued'")
        store.close()
        self.served.start()


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
