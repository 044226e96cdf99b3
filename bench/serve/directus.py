"""The peer: Directus on PostgreSQL with the same pupils, asked the same. Started by run.py inside tools/with-postgres:
directus.py FOLDER STORE SECONDS; prints one JSON object. Directus is the folder directus/ here after `npm ci` (see its README), or $DIRECTUS."""
import csv
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request

import city
import mix

HERE = os.path.dirname(os.path.abspath(__file__))
DIRECTUS = os.environ.get("DIRECTUS", os.path.join(HERE, "directus"))
URL = os.environ["SHUREN_TEST_PG"]
TOKEN = "bench-static-token"
COLUMNS = {"id": "bigint PRIMARY KEY", "county": "text", "org": "text", "period": "text", "version": "integer", "pupil_id": "text",
           "name": "text", "sex": "text", "birth_date": "date", "ethnic": "text", "stage": "text", "grade": "integer",
           "class_no": "integer", "boarding": "boolean", "left_behind": "boolean", "migrant": "boolean", "disability": "boolean"}


def psql(command, **kw):
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", URL, "-c", command], check=True, stdout=subprocess.DEVNULL, **kw)


def load(db):
    psql("CREATE TABLE pupils (" + ", ".join(f"{k} {v}" for k, v in COLUMNS.items()) + ")")
    copy = subprocess.Popen(["psql", "-q", "-v", "ON_ERROR_STOP=1", URL, "-c", "COPY pupils FROM STDIN WITH (FORMAT csv)"],
                            stdin=subprocess.PIPE, text=True)
    csv.writer(copy.stdin).writerows(db.execute(f"SELECT {', '.join(COLUMNS)} FROM l_pupils"))
    copy.stdin.close()
    if copy.wait():
        raise SystemExit("COPY failed")
    for columns in ("name", "county, period, org", "org, grade"):
        psql(f"CREATE INDEX ON pupils ({columns})")
    psql("ANALYZE pupils")


def call(port, method, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), method=method,
                                     headers={"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as r:
        return r.read()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Directus:
    def __init__(self, folder):
        self.port = free_port()
        self.env = {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.port), "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
                    "DB_CLIENT": "pg", "DB_CONNECTION_STRING": URL, "KEY": "bench", "SECRET": "bench-secret", "LOG_LEVEL": "warn",
                    "ADMIN_EMAIL": "bench@example.com", "ADMIN_PASSWORD": "bench-password", "TELEMETRY": "false", "NODE_ENV": "production",
                    "EXTENSIONS_PATH": os.path.join(folder, "extensions"), "STORAGE_LOCAL_ROOT": os.path.join(folder, "uploads")}
        self.log = open(os.path.join(folder, "directus.log"), "w")
        self.cli = ["node", os.path.join(DIRECTUS, "node_modules", "directus", "cli.js")]
        subprocess.run([*self.cli, "bootstrap"], env=self.env, cwd=folder, check=True, stdout=self.log, stderr=self.log)
        psql(f"UPDATE directus_users SET token = '{TOKEN}' WHERE email = 'bench@example.com'")

    def start(self):
        """Milliseconds to the first answer of the API."""
        began = time.monotonic()
        self.process = subprocess.Popen([*self.cli, "start"], env=self.env, stdout=self.log, stderr=self.log)
        while True:
            try:
                city.get(self.port, "/collections", TOKEN)
                return (time.monotonic() - began) * 1000
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 120:
                    raise SystemExit(f"Directus did not start: see {self.log.name}")
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def main(folder, store, seconds):
    db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    load(db)
    questions = mix.Questions(db)
    server = Directus(folder)
    figures = {"start_to_first_answer_ms": server.start()}
    try:
        call(server.port, "PATCH", "/collections/pupils", {"meta": {}})  # a table becomes a collection
        first = city.get(server.port, questions.directus_path({}), TOKEN)["data"]
        if len(first) != 50 or len(first[0]) != len(COLUMNS):
            raise SystemExit(f"Directus does not list the pupils: {first[:1]}")
        figures["load"] = mix.ask_all(server.port, TOKEN, questions, questions.directus_path, seconds, folder)
        figures["memory"] = city.memory_mb(server.process.pid)
    finally:
        server.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
