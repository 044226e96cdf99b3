"""Signing in, accounts, rights and the audit log over HTTP, on both stores."""
import base64
import hmac
import io
import json
import os
import struct
import time
import unittest
import zipfile

from served import PASSWORD, POSTGRES, Client, Served, run

ACCOUNTS = [("head", "141100", "city-head"), ("clerk", "141102", "county-clerk"), ("system", "141100", "system-officer"),
            ("security", "141100", "security-officer"), ("auditor", "141100", "audit-officer")]


def add_accounts(served):
    for login, org, role in ACCOUNTS:
        served.add_user(login, org, role)


def totp(secret, at):
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), "sha1")
    at = digest[19] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06d}"


class OnSqlite(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.served = Served(cls.store, add_accounts)

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    def client(self, login=None, password=PASSWORD):
        return Client(self.served, login, password)

    def problem(self, reply, status, kind):
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        self.assertEqual(reply.json()["type"], "/problems/" + kind)
        self.assertEqual(reply.json()["status"], status)
        return reply.json()

    def test_signs_in_and_out(self):
        c = self.client()
        self.problem(c.get("/api/session"), 401, "sign-in")
        r = c.post("/api/session", {"login": "head", "password": PASSWORD})
        cookie = r.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie)
        me = c.get("/api/session").json()
        self.assertEqual(me["org"], {"code": "141100", "name": "吕梁市"})
        self.assertEqual(me["roles"], [{"role": "city-head", "title": "市局领导", "org": "141100"}])
        self.assertEqual(me["can"]["resources"]["evaluations"], ["approve", "export", "read"])
        self.assertNotIn("accounts", me["can"]["resources"])
        self.assertEqual(c.delete("/api/session").status, 204)
        c.cookie = cookie.split("=", 1)[1].split(";")[0]
        self.problem(c.get("/api/session"), 401, "sign-in")

    def test_tells_nothing_about_which_part_was_wrong(self):
        c = self.client()
        wrong = [c.post("/api/session", {"login": login, "password": "x"}).json() for login in ("clerk", "nobody")]
        self.assertEqual(wrong[0]["detail"], wrong[1]["detail"])
        self.problem(c.post("/api/session", {"login": "clerk"}), 400, "invalid")
        self.problem(c.post("/api/session", raw=b"{", headers={"Content-Type": "application/json"}), 400, "invalid")

    def test_cookies_need_the_csrf_token(self):
        c = self.client("head")
        c.csrf = None
        self.problem(c.delete("/api/session"), 403, "forbidden")
        c.csrf = "x" * 32
        self.problem(c.delete("/api/session"), 403, "forbidden")

    def test_locks_after_five_failures_and_counts_them(self):
        self.served.add_user("forgetful", "141102", "county-clerk")
        c = self.client()
        for _ in range(5):
            self.problem(c.post("/api/session", {"login": "forgetful", "password": "x"}), 401, "sign-in")
        r = c.post("/api/session", {"login": "forgetful", "password": PASSWORD})
        self.problem(r, 429, "too-many")
        self.assertGreater(int(r.headers["Retry-After"]), 800)
        entries = self.client("auditor").get("/api/audit?object=account/forgetful").json()["items"]
        self.assertEqual([e["action"] for e in entries[:5]], ["sign-in.locked"] + ["sign-in.failed"] * 4)
        admin = self.client("system")
        self.assertEqual(admin.post("/api/users/forgetful/unlock").status, 200)
        self.assertEqual(c.post("/api/session", {"login": "forgetful", "password": PASSWORD}).status, 200)

    def test_a_first_password_must_be_changed_by_the_rules(self):
        admin, c = self.client("system"), self.client()
        r = admin.post("/api/users", {"login": "fresh", "name": "新人", "org": "141102"})
        self.assertEqual(r.status, 201, r.body)
        self.assertEqual(r.headers["Location"], "/api/users/fresh")
        given = r.json()["password"]
        self.assertTrue(c.post("/api/session", {"login": "fresh", "password": given}).json()["must_change_password"])
        self.problem(c.get("/api/orgs"), 403, "password-change")
        self.problem(c.post("/api/session/password", {"old": "no", "new": PASSWORD}), 400, "invalid")
        for bad in ("short1A", "onlysmallletters", "fresh-Fresh-1", "aaaa-Bbbb-1111", given):
            self.problem(c.post("/api/session/password", {"old": given, "new": bad}), 422, "rejected")
        other = self.client()
        other.post("/api/session", {"login": "fresh", "password": given})
        self.assertEqual(c.post("/api/session/password", {"old": given, "new": PASSWORD}).status, 204)
        self.assertEqual(c.get("/api/orgs").status, 200)
        self.problem(other.get("/api/session"), 401, "sign-in")
        self.problem(self.client().post("/api/session", {"login": "fresh", "password": given}), 401, "sign-in")

    def test_a_second_factor_serves_once(self):
        self.served.add_user("careful", "141102", "county-clerk")
        c = self.client("careful")
        secret = c.post("/api/session/second-factor").json()["secret"]
        self.problem(c.post("/api/session/second-factor/confirm", {"secret": secret, "code": "000000"}), 400, "invalid")
        self.assertEqual(c.post("/api/session/second-factor/confirm",
                                {"secret": secret, "code": totp(secret, time.time())}).status, 204)
        fresh = self.client()
        body = {"login": "careful", "password": PASSWORD}
        self.problem(fresh.post("/api/session", body), 401, "second-factor")
        body["code"] = totp(secret, time.time())
        self.assertEqual(fresh.post("/api/session", body).status, 200)
        self.problem(self.client().post("/api/session", body), 401, "sign-in")
        self.problem(fresh.delete("/api/session/second-factor", {"password": "x"}), 400, "invalid")
        self.assertEqual(fresh.delete("/api/session/second-factor", {"password": PASSWORD}).status, 204)
        self.assertEqual(self.client("careful").session["has_second_factor"], False)

    def test_tokens_speak_for_their_owner_until_dropped(self):
        c, script = self.client("clerk"), self.client()
        made = c.post("/api/session/tokens", {"name": "月报", "days": 30})
        self.assertEqual(made.status, 201, made.body)
        script.token = made.json()["token"]
        self.assertEqual(script.get("/api/session").json()["login"], "clerk")
        self.problem(script.post("/api/session/tokens", {"name": "x", "days": 1}), 403, "forbidden")
        self.assertEqual([t["name"] for t in c.get("/api/session/tokens").json()["items"]], ["月报"])
        self.assertEqual(c.delete("/api/session/tokens/" + made.json()["id"]).status, 204)
        self.problem(script.get("/api/session"), 401, "sign-in")
        script.token = run("user", self.served.place, "token", "clerk").strip()
        self.assertEqual(script.get("/api/session").json()["login"], "clerk")

    def test_the_three_officers_do_only_their_own_work(self):
        system, security, auditor = (self.client(x) for x in ("system", "security", "auditor"))
        roles = {"roles": [{"role": "county-clerk", "org": "141121"}]}
        self.assertEqual(system.post("/api/users", {"login": "made", "name": "甲", "org": "141121"}).status, 201)
        self.problem(system.put("/api/users/made/roles", roles), 403, "forbidden")
        self.problem(security.post("/api/users", {"login": "other", "name": "甲", "org": "141121"}), 403, "forbidden")
        r = security.put("/api/users/made/roles", roles)
        self.assertEqual(r.json()["roles"][0]["title"], "县局经办")
        for c, path in ((system, "/api/audit"), (security, "/api/audit"), (auditor, "/api/users"),
                        (system, "/api/permissions"), (system, "/api/password-rules"), (auditor, "/api/password-rules")):
            self.problem(c.get(path), 403, "forbidden")
        self.problem(security.put("/api/users/security/roles", roles), 409, "conflict")
        self.problem(system.post("/api/users/system/lock"), 409, "conflict")

    def test_excluding_roles_are_refused_here_and_on_the_command_line(self):
        security = self.client("security")
        both = [{"role": "system-officer", "org": "141100"}, {"role": "audit-officer", "org": "141100"}]
        self.problem(security.put("/api/users/head/roles", {"roles": both}), 409, "conflict")
        self.problem(security.put("/api/users/head/roles", {"roles": [{"role": "county-clerk", "org": "141100"}]}),
                     409, "conflict")
        self.problem(security.put("/api/users/head/roles", {"roles": [{"role": "king", "org": "141100"}]}), 404,
                     "not-found")
        with self.assertRaises(AssertionError) as caught:
            self.served.add_user("both", "141100", "system-officer", "audit-officer")
        self.assertIn("3\n", str(caught.exception))

    def test_a_change_needs_the_version_that_was_seen(self):
        self.served.add_user("renamed", "141102", "county-clerk")
        admin = self.client("system")
        etag = admin.get("/api/users/renamed").headers["ETag"]
        self.problem(admin.put("/api/users/renamed", {"name": "乙"}), 428, "if-match")
        r = admin.put("/api/users/renamed", {"name": "乙"}, headers={"If-Match": etag})
        self.assertEqual((r.status, r.json()["name"]), (200, "乙"))
        self.problem(admin.put("/api/users/renamed", {"name": "丙"}, headers={"If-Match": etag}), 412, "stale")
        r = admin.get("/api/users/renamed", headers={"If-None-Match": r.headers["ETag"]})
        self.assertEqual((r.status, r.body), (304, b""))

    def test_locking_ends_sessions_and_tokens(self):
        self.served.add_user("leaver", "141102", "county-clerk")
        c, script = self.client("leaver"), self.client()
        script.token = run("user", self.served.place, "token", "leaver").strip()
        self.assertEqual(script.get("/api/session").status, 200)
        run("user", self.served.place, "lock", "leaver")
        self.problem(c.get("/api/session"), 401, "sign-in")
        self.problem(script.get("/api/session"), 401, "sign-in")
        self.problem(self.client().post("/api/session", {"login": "leaver", "password": PASSWORD}), 401, "sign-in")

    def test_pages_through_users(self):
        admin, seen, after = self.client("system"), [], ""
        while after is not None:
            page = admin.get(f"/api/users?limit=2&after={after}").json()
            seen += [u["login"] for u in page["items"]]
            after = page["next"]
        self.assertEqual(seen, sorted(seen))
        self.assertGreaterEqual(set(seen), {a[0] for a in ACCOUNTS})
        self.assertEqual([u["login"] for u in admin.get("/api/users?q=audi").json()["items"]], ["auditor"])
        self.problem(admin.get("/api/users?q=%25"), 400, "invalid")
        self.problem(admin.get("/api/users?limit=0"), 400, "invalid")

    def test_organisations_are_cut_by_scope(self):
        head, clerk = self.client("head"), self.client("clerk")
        self.assertEqual([o["code"] for o in head.get("/api/orgs").json()["items"]], ["141100"])
        self.assertEqual(len(head.get("/api/orgs?parent=141100&kind=county").json()["items"]), 13)
        self.assertEqual([o["code"] for o in clerk.get("/api/orgs").json()["items"]], ["141102"])
        self.assertEqual(clerk.get("/api/orgs/141102").json()["path"][0]["name"], "吕梁市")
        self.problem(clerk.get("/api/orgs/141121"), 404, "not-found")
        self.problem(clerk.get("/api/orgs/141199"), 404, "not-found")
        self.assertEqual(clerk.get("/api/orgs?parent=141121").json()["items"], [])

    def test_the_matrix_says_what_the_roles_say(self):
        auditor = self.client("auditor")
        m = auditor.get("/api/permissions").json()
        cells = {r["id"]: r["cells"] for r in m["roles"]}
        self.assertEqual(cells["audit-officer"]["audit_log"], {"audit": "all", "export": "all", "read": "all"})
        self.assertNotIn("accounts", cells["city-head"])
        ledgers = {r["id"] for r in m["resources"] if r["kind"] == "ledger"}
        for officer in ("system-officer", "security-officer", "audit-officer"):
            self.assertFalse(ledgers & set(cells[officer]), officer)
        text = auditor.get("/api/permissions?format=csv").body.decode("utf-8-sig")
        self.assertIn("audit-officer,安全审计员,audit_log,audit_log,read,all", text)
        book = auditor.get("/api/permissions?format=xlsx")
        self.assertIn("filename", book.headers["Content-Disposition"])
        with zipfile.ZipFile(io.BytesIO(book.body)) as z:
            grid, lines = (z.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
        allowed = sum(len(may) for r in m["roles"] for may in r["cells"].values())
        self.assertEqual(lines.count("<row "), allowed + 1)
        self.assertEqual(grid.count("<row "), len(m["resources"]) + 1)
        self.assertEqual(len(text.splitlines()), allowed + 1)

    def test_the_rules_of_passwords_can_be_changed(self):
        security = self.client("security")
        rules = security.get("/api/password-rules").json()
        self.problem(security.put("/api/password-rules", {**rules, "idle_minutes": 0}), 400, "invalid")
        self.assertEqual(security.put("/api/password-rules", {**rules, "idle_minutes": 20}).json()["idle_minutes"], 20)
        self.assertEqual(self.client("head").session["idle_minutes"], 20)

    def test_the_audit_log_is_whole_and_can_be_taken_along(self):
        auditor = self.client("auditor")
        state = auditor.get("/api/audit/verify").json()
        self.assertTrue(state["ok"], state)
        self.assertGreater(state["entries"], 5)
        self.assertTrue(auditor.get("/api/audit/verify?head=" + state["head"]).json()["ok"])
        self.assertFalse(auditor.get("/api/audit/verify?head=sm3:0").json()["ok"])
        text = auditor.get("/api/audit/export").body.decode("utf-8-sig")
        self.assertIn(state["head"], text)
        self.assertNotIn(PASSWORD, text)
        self.assertIn("yes", run("audit", "verify", self.served.place, "--lang", "en"))
        self.assertEqual(auditor.get("/api/audit?who=nobody").json(), {"items": [], "next": None})

    def test_answers_without_signing_in(self):
        c = self.client()
        self.assertEqual(c.get("/readyz").body, b"ready\n")
        self.assertEqual(c.get("/api/about").json()["city"]["name"], "吕梁市")
        self.assertIn(b"shuren_http_requests_total", c.get("/metrics").body)
        for path in ("/users", "/indicators/preschool.public_share"):
            self.assertIn("text/html", c.get(path).headers["Content-Type"])
        for path in ("/assets/none.js", "/none.html", "/favicon.ico"):
            self.problem(c.get(path), 404, "not-found")
        for path, methods in self.served.description["paths"].items():
            for method, operation in methods.items():
                if operation["security"]:
                    self.problem(c.call(method.upper(), path.replace("{", "").replace("}", "")), 401, "sign-in")

    def test_the_description_is_the_one_that_is_kept(self):
        """docs/openapi.json shows what changes for those who call: UPDATE=1 writes it anew."""
        now = json.dumps(self.served.description, ensure_ascii=False, indent=1) + "\n"
        if os.environ.get("UPDATE"):
            with open("docs/openapi.json", "w") as f:
                f.write(now)
        with open("docs/openapi.json") as f:
            self.assertTrue(f.read() == now, "the routes differ from docs/openapi.json; if meant: UPDATE=1 and read the diff")

    def test_the_log_names_nobody(self):
        self.client("clerk").get("/api/orgs/141102")
        text = self.served.log_text()
        self.assertIn("route=/api/orgs/{code} status=200", text)
        self.assertNotIn("clerk", text)
        self.assertNotIn("141102", text)


@unittest.skipUnless(POSTGRES, "no server")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
