"""A place that is served, for API tests: made once a class, in a folder of its own (or a PostgreSQL schema)."""
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.parse

SHUREN = os.environ["SHUREN"]
POSTGRES = os.environ.get("SHUREN_TEST_PG")
PASSWORD = "Shanxi-2026-demo"


def run(*args, stdin="", code=0):
    done = subprocess.run([SHUREN, *args], input=stdin, capture_output=True, text=True)
    assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """Speaks as one user; checks every JSON reply against the API's description."""

    def __init__(self, served, login=None, password=PASSWORD):
        self.served, self.cookie, self.csrf, self.token = served, None, None, None
        if login:
            r = self.post("/api/session", {"login": login, "password": password})
            assert r.status == 200, r.body
            self.session = r.json()

    def call(self, method, path, body=None, headers=None, raw=None):
        c = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        h = {"Accept-Language": "en", **(headers or {})}
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            h.setdefault("Content-Type", "application/json")
        if self.token:
            h["Authorization"] = "Bearer " + self.token
        elif self.cookie:
            h["Cookie"] = "shuren_session=" + self.cookie
        if self.csrf and method != "GET":
            h.setdefault("X-CSRF-Token", self.csrf)
        c.request(method, urllib.parse.quote(path, safe="/?&=%:*|"), data, h)
        r = c.getresponse()
        reply = Reply(r.status, r.headers, r.read())
        c.close()
        cookie = re.match(r"shuren_session=([^;]*)", r.headers.get("Set-Cookie", ""))
        if cookie:
            self.cookie = cookie[1]
        if r.headers.get("Content-Type") == "application/json" and path.startswith("/api/"):
            self.served.check(method, path, reply)
            if path == "/api/session" and reply.status == 200:
                self.csrf = reply.json()["csrf"]
        return reply

    def get(self, path, **kw):
        return self.call("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.call("POST", path, body, **kw)

    def put(self, path, body=None, **kw):
        return self.call("PUT", path, body, **kw)

    def delete(self, path, body=None, **kw):
        return self.call("DELETE", path, body, **kw)


class Served:
    def __init__(self, store="sqlite", setup=None, options=()):
        self.folder = tempfile.mkdtemp(prefix="shuren-api-")
        self.schema = None
        self.place = os.path.join(self.folder, "place")
        if store == "postgres":
            self.schema = f"api_{random.getrandbits(48):x}"
            self.place = f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}schema={self.schema}"
        run("init", self.place)
        if setup:
            setup(self)
        self.options = options
        self.start()
        self.called, self.description = set(), None
        self.description = Client(self).get("/openapi.json").json()

    def add_user(self, login, org, *roles, name=None, options=("--keep-password",)):
        args = [a for r in roles for a in ("--role", r)]
        run("user", self.place, "add", login, "--org", org, "--name", name or login, "--password-stdin", *args,
            *options, stdin=PASSWORD + "\n")

    def start(self):
        self.log = open(os.path.join(self.folder, "log"), "a")
        self.process = subprocess.Popen([SHUREN, "serve", self.place, "--listen", "127.0.0.1:0", *self.options],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert "http://" in line, self.log_text()
        self.port = int(line.rstrip().rstrip("/").rsplit(":", 1)[1])

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)
        self.process.stdout.close()
        self.log.close()
        return self.process.returncode

    def log_text(self):
        with open(self.log.name) as f:
            return f.read()

    def close(self):
        code = self.stop() if self.process.returncode is None else 0
        if self.schema:
            subprocess.run(["psql", "-q", POSTGRES, "-c", f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"],
                           capture_output=True)
        text = self.log_text()
        shutil.rmtree(self.folder)
        assert code == 0, text

    # ---- every reply fits its shape

    def operation(self, method, path):
        path = urllib.parse.unquote(path.split("?")[0])
        best = None
        for pattern, methods in self.description["paths"].items():
            regex = "/".join("[^/]+" if p.startswith("{") else re.escape(p) for p in pattern.split("/"))
            if pattern.endswith("/{path}"):
                regex = regex[: regex.rindex("[^/]+")] + ".+"
            if re.fullmatch(regex, path) and method.lower() in methods:
                if best is None or best.count("{") > pattern.count("{"):
                    best = pattern
        assert best, f"{method} {path} is not described"
        self.called.add((method, best))
        return self.description["paths"][best][method.lower()]

    def check(self, method, path, reply):
        if self.description is None:
            return
        responses = self.operation(method, path)["responses"]
        content = responses.get(str(reply.status), {}).get("content", {})
        assert "application/json" in content, f"{method} {path}: {reply.status} is not described"
        self.fits(json.loads(reply.body), content["application/json"].get("schema", {}), f"{method} {path}")

    def fits(self, value, schema, where):
        if "$ref" in schema:
            schema = self.description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        for part in schema.get("allOf", []):
            self.fits(value, part, where)
        if "anyOf" in schema:
            errors = []
            for part in schema["anyOf"]:
                try:
                    self.fits(value, part, where)
                    return
                except AssertionError as e:
                    errors.append(str(e))
            raise AssertionError("; ".join(errors))
        types = schema.get("type")
        if types:
            is_a = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
            def one(t):
                if t in ("integer", "number"):
                    return isinstance(value, int if t == "integer" else (int, float)) and not isinstance(value, bool)
                return isinstance(value, is_a[t])
            assert any(one(t) for t in ([types] if isinstance(types, str) else types)), \
                f"{where}: {value!r} is no {types}"
        if "enum" in schema:
            assert value in schema["enum"], f"{where}: {value!r}"
        if isinstance(value, dict) and "properties" in schema:
            for name in schema.get("required", []):
                assert name in value, f"{where}: {name} is missing"
            for name, member in value.items():
                if name in schema["properties"]:
                    self.fits(member, schema["properties"][name], f"{where}.{name}")
                else:
                    assert schema.get("additionalProperties"), f"{where}: {name} is not described"
        if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
            for name, member in value.items():
                self.fits(member, schema["additionalProperties"], f"{where}.{name}")
        if isinstance(value, list):
            for i, item in enumerate(value):
                self.fits(item, schema.get("items", {}), f"{where}[{i}]")


class ServedCase(unittest.TestCase):
    """Cases on one place that is served for all of them: filled by `fill`, asked by one client a login."""

    store = "sqlite"
    fill = None

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, cls.fill)
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
