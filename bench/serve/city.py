"""The demo city for the bench: made once, with accounts of its own, served on loopback."""
import contextlib
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

PASSWORD = "Bench-2026-lvliang"
CITY = "141100"


class City:
    """A place of `shuren demo --size city` in `folder`; made when it is not there."""

    def __init__(self, shuren, folder):
        self.shuren, self.place = shuren, os.path.join(folder, "city")
        self.file = os.path.join(self.place, "shuren.db")
        if not os.path.exists(os.path.join(folder, "made")):
            self.run("demo", self.place, "--size", "city")
            self.run("user", self.place, "add", "bench-city", "--org", CITY, "--name", "bench", "--role", "city-clerk",
                     "--password-stdin", "--keep-password", text=PASSWORD + "\n")
            for county in self.counties():
                self.run("user", self.place, "add", "bench-" + county, "--org", county, "--name", "bench",
                         "--role", "county-clerk", "--password-stdin", "--keep-password", text=PASSWORD + "\n")
            with open(os.path.join(folder, "made"), "w") as f:
                f.write("this place is whole\n")

    def run(self, *args, text=""):
        done = subprocess.run([self.shuren, *args], input=text, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"shuren {' '.join(args)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def store(self):
        """A connection that reads beside the server; closed at the end of the with, since SQLite's locks are the process's."""
        return contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True))

    def counties(self):
        with self.store() as db:
            return [c for c, in db.execute("SELECT DISTINCT county FROM l_pupils ORDER BY 1")]

    def token(self, login):
        return re.findall(r"\S{30,}", self.run("user", self.place, "token", login))[-1]


class Served:
    def __init__(self, city, log):
        self.log = log
        forget_pages(city.place)
        began = time.monotonic()
        self.process = subprocess.Popen([city.shuren, "serve", city.place, "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=open(log, "w"), text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise SystemExit(f"shuren serve: {line}{open(log).read()}")
        self.start_ms = (time.monotonic() - began) * 1000
        self.port = int(line.rstrip().rstrip("/").rsplit(":", 1)[1])

    def get(self, path, token):
        return get(self.port, path, token)

    def server_ms(self, route):
        """What the log says of the calls of a route."""
        with open(self.log) as f:
            return [float(m) for m in re.findall(rf"route={re.escape(route)} status=200 ms=([\d.]+)", f.read())]

    def failures(self):
        """Lines of the log about failures of the server itself; 503 is an answer, not a failure."""
        with open(self.log) as f:
            return [line for line in f if re.search(r"status=5(?!03)\d\d|database is locked|SQLITE_BUSY|level=error", line)]

    def memory_mb(self):
        return memory_mb(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        if code:
            raise SystemExit(f"shuren serve ended with {code}: {open(self.log).read()[-2000:]}")


def get(port, path, token):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request("GET", path, headers={"Authorization": "Bearer " + token})
    r = c.getresponse()
    body = r.read()
    c.close()
    if r.status != 200:
        raise SystemExit(f"GET {path}: {r.status} {body[:500]!r}")
    return body if "json" not in r.headers["Content-Type"] else json.loads(body)


def memory_mb(pid):
    """Resident memory: all of it, and what is not a file's pages; the most so far."""
    with open(f"/proc/{pid}/status") as f:
        kb = {k: int(v) for k, v in re.findall(r"^(VmHWM|VmRSS|RssAnon):\s+(\d+) kB", f.read(), re.M)}
    return {"resident_mb": kb["VmRSS"] / 1024, "of_it_anonymous_mb": kb["RssAnon"] / 1024, "peak_mb": kb["VmHWM"] / 1024}


def forget_pages(folder):
    """The system forgets what it holds of these files, so that the next start reads from the disk. In a process of its own:
    closing a file of SQLite would drop the locks of this one."""
    subprocess.run([sys.executable, "-c", FORGET, folder], check=True)


FORGET = """
import os, sys
for at, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(at, name), "rb") as f:
            os.fsync(f.fileno())
            os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
"""
