"""Every route × every role × inside and outside of its scope. What must happen is worked out here from the grants that
/api/roles tells, by a reading of scopes of its own; a route of the description that the table lacks fails the test."""
import json
import os
import unittest

from served import POSTGRES, Client, Served, run

ORGS = """code,name,kind,parent
2111020001,演示一小,primary_school,141102
1111020001,演示一幼,kindergarten,141102
1111210001,演示文水幼儿园,kindergarten,141121
"""
# Who asks and what is asked for: the tree above each organisation, lowest first.
PATHS = {"141100": ["141100"], "141102": ["141102", "141100"], "141121": ["141121", "141100"]}
for school, county in (("2111020001", "141102"), ("1111020001", "141102"), ("1111210001", "141121")):
    PATHS[school] = [school] + PATHS[county]
KIND_HOMES = {"city": "141100", "county": "141102", "kindergarten": "1111020001", "primary_school": "2111020001"}
COUNTY = {"inside": "141102", "outside": "141121"}
GARDEN = {"inside": "1111020001", "outside": "1111210001"}
CLERK = {"inside": "clerk-in", "outside": "clerk-out"}
LEDGER, THEME = "kindergartens", "theme:quality"
L, E = "/api/ledgers/" + LEDGER, "/api/evaluations/preschool-universal-2020"


def covers(word, home, org):
    """Is org in the part of the tree that a grant's scope means for a role held at home?"""
    if word == "all":
        return True
    if word == "own":
        return org == home
    if word == "children":
        return org == home or PATHS[org][1:2] == [home]
    path = PATHS[home]
    top = path[-1] if word == "city" else path[-2] if len(path) > 1 else home
    return top in PATHS[org]


class World:
    """Things to ask for, made anew where a call uses them up."""

    def __init__(self, served):
        self.served, self.n, self.clients = served, 0, {}

    def as_(self, login):
        if login not in self.clients:
            self.clients[login] = Client(self.served, login)
        return self.clients[login]

    def next(self):
        self.n += 1
        return self.n

    def year(self):
        return str(1900 + self.next())

    def values(self):
        return {"sponsor": "public", "inclusive": True, "children": 10, "classes": 1}

    def row(self, where):
        r = self.as_(CLERK[where]).post(L + "/rows", {"org": GARDEN[where], "period": self.year(), "values": self.values()})
        assert r.status == 201, r.body
        return r.json()["id"]

    def csv(self, where):
        return f"org,period,sponsor,inclusive,children,classes\n{GARDEN[where]},{self.year()},public,1,9,1\n".encode()

    def imported(self, where):
        r = self.as_(CLERK[where]).post(L + "/imports?name=a.csv", raw=self.csv(where))
        assert r.status == 201, r.body
        return r.json()["import"]

    def scenario(self, where):
        r = self.as_(CLERK[where]).post("/api/scenarios", self.scenario_body(where))
        assert r.status == 201, r.body
        return r.json()["id"]

    def scenario_body(self, where):
        return {"name": f"演示 {self.next()}", "evaluation": "preschool-universal-2020", "area": COUNTY[where], "period": "2025",
                "changes": [{"ledger": LEDGER, "key": {"org": GARDEN[where]}, "values": {"children": 60}}]}

    def plan(self, where):
        r = self.as_(CLERK[where]).post("/api/plans", self.plan_body(where))
        assert r.status == 201, r.body
        return r.json()["id"]

    def plan_body(self, where):
        return {"name": "演示", "kind": "forecast", "area": COUNTY[where], "weights": [], "changes": [], "years": 1}

    def job(self):
        """A job of nobody in the table; on PostgreSQL there is none of the kind, and no such job."""
        r = self.as_("system").post("/api/backups/job")
        return r.json()["id"] if r.status == 202 else "1"

    def user(self, where):
        login = f"u{self.next()}"
        r = self.as_("system").post("/api/users", {"login": login, "name": "演示", "org": COUNTY[where]})
        assert r.status == 201, r.body
        return login


class Ask:
    """A line of the table: what right is asked, where, and the call itself."""

    def __init__(self, op, make=None, on="", may="read", at=None, status=None, rule=None):
        self.method, self.path = op.split(" ")
        self.make = make or (lambda w, where: {})
        self.on, self.may, self.at, self.status, self.rule = on, may, at, status, rule


def call(path=None, body=None, raw=None, headers=None):
    return {"path": path, "body": body, "raw": raw, "headers": headers}


STAR = {"If-Match": '"1"'}


def only_its_maker(role, allowed, where):
    """Nobody of the table made the scenario: who sees it is told that it is another's."""
    return {403} if allowed else None


def maker_or_approver(role, allowed, where):
    return None if not allowed or role.may("evaluations", "approve", COUNTY[where]) else {403}


def whoever_reads_all(role, allowed, where):
    """Another's import is seen by who may read the ledger everywhere."""
    return {200} if role.reads_everywhere() else {404}


def whoever_imports_all(role, allowed, where):
    return {404} if not role.reads_everywhere() else {200, 409} if role.imports_everywhere() else {403}


def who_keeps_jobs(good):
    """Without a job to ask for (PostgreSQL has no backup job) everybody is told that there is none."""
    none = {404} if POSTGRES else set()
    return lambda role, allowed, where: good | none if role.scopes("jobs", "configure") else {404}


ROW, AREA = GARDEN, COUNTY
TABLE = [
    # ledgers
    Ask("GET /api/ledgers"),
    Ask("GET /api/ledgers/{ledger}", lambda w, x: call(L), LEDGER),
    Ask("GET /api/codes/{id}", lambda w, x: call("/api/codes/sex")),
    Ask("GET /api/ledgers/{ledger}/rows", lambda w, x: call(f"{L}/rows?period=*&org={GARDEN[x]}"), LEDGER, "read", ROW),
    Ask("POST /api/ledgers/{ledger}/rows", lambda w, x: call(L + "/rows", {"org": GARDEN[x], "period": w.year(), "values": w.values()}),
        LEDGER, "write", ROW, status={"refused": {422}}),
    Ask("GET /api/ledgers/{ledger}/rows/{id}", lambda w, x: call(f"{L}/rows/{w.row(x)}"), LEDGER, "read", ROW),
    Ask("PUT /api/ledgers/{ledger}/rows/{id}", lambda w, x: call(f"{L}/rows/{w.row(x)}", {"values": {"children": 11}}, headers=STAR),
        LEDGER, "write", ROW),
    Ask("DELETE /api/ledgers/{ledger}/rows/{id}", lambda w, x: call(f"{L}/rows/{w.row(x)}", headers=STAR), LEDGER, "write", ROW),
    Ask("GET /api/ledgers/{ledger}/rows/{id}/history", lambda w, x: call(f"{L}/rows/{w.row(x)}/history"), LEDGER, "read", ROW),
    # no field of this ledger is sealed: wrong input, once the row may be read; seal_test.py has those that are
    Ask("POST /api/ledgers/{ledger}/rows/{id}/unseal",
        lambda w, x: call(f"{L}/rows/{w.row(x)}/unseal", {"fields": ["children"], "reason": "核对这一行的原始记录内容"}),
        LEDGER, "read", ROW, status={"inside": {400}}),
    Ask("POST /api/ledgers/{ledger}/rows/check",
        lambda w, x: call(L + "/rows/check", {"org": GARDEN[x], "period": w.year(), "values": w.values()}), LEDGER, "write", ROW,
        status={"refused": {200}}),
    Ask("GET /api/ledgers/{ledger}/export", lambda w, x: call(f"{L}/export?format=csv&period=*&org={GARDEN[x]}"), LEDGER, "export", ROW),
    Ask("GET /api/ledgers/{ledger}/template", lambda w, x: call(L + "/template"), LEDGER),
    # imports: a file with rows outside is refused whole, as data
    Ask("POST /api/ledgers/{ledger}/imports/preview", lambda w, x: call(L + "/imports/preview?name=a.csv", raw=w.csv(x)), LEDGER, "import"),
    Ask("POST /api/ledgers/{ledger}/imports/rejects", lambda w, x: call(L + "/imports/rejects?name=a.csv", raw=w.csv(x)), LEDGER, "import",
        ROW, status={"inside": {204}, "refused": {200}}),
    Ask("POST /api/ledgers/{ledger}/imports", lambda w, x: call(L + "/imports?name=a.csv", raw=w.csv(x)), LEDGER, "import", ROW,
        status={"refused": {422}}),
    Ask("GET /api/imports"),
    Ask("GET /api/imports/{id}", lambda w, x: call(f"/api/imports/{w.imported(x)}"), rule=whoever_reads_all),
    Ask("POST /api/imports/{id}/undo", lambda w, x: call(f"/api/imports/{w.imported(x)}/undo"), rule=whoever_imports_all),
    # numbers
    Ask("GET /api/indicators", lambda w, x: call(f"/api/indicators?period=2025&org={COUNTY[x]}"), "indicators", "read", AREA),
    Ask("GET /api/indicators/{id}", lambda w, x: call(f"/api/indicators/preschool.public_share?org={COUNTY[x]}"), "indicators", "read", AREA),
    Ask("GET /api/indicators/{id}/trend", lambda w, x: call(f"/api/indicators/preschool.public_share/trend?org={COUNTY[x]}"), "indicators",
        "read", AREA),
    Ask("GET /api/indicators/{id}/rows", lambda w, x: call(f"/api/indicators/preschool.public_share/rows?part=numerator&org={COUNTY[x]}"),
        "indicators", "read", AREA, rule=lambda role, allowed, where: {403} if allowed and not role.may_somewhere(LEDGER, "read") else None),
    Ask("GET /api/evaluations", on="evaluations"),
    Ask("GET /api/evaluations/{id}", lambda w, x: call(E + "?period=2025"), "evaluations"),
    Ask("GET /api/evaluations/{id}/areas/{code}", lambda w, x: call(f"{E}/areas/{COUNTY[x]}?period=2025"), "evaluations", "read", AREA),
    Ask("GET /api/evaluations/{id}/areas/{code}/clauses/{clause}",
        lambda w, x: call(f"{E}/areas/{COUNTY[x]}/clauses/access.public?period=2025"), "evaluations", "read", AREA),
    Ask("GET /api/evaluations/{id}/areas/{code}/report", lambda w, x: call(f"{E}/areas/{COUNTY[x]}/report?period=2025"),
        "evaluations", "export", AREA),
    Ask("GET /api/evaluations/{id}/units/{org}", lambda w, x: call(f"{E}/units/{GARDEN[x]}?period=2025"), "evaluations", "read", AREA),
    Ask("POST /api/evaluations/{id}/what-if", lambda w, x: call(E + "/what-if", {"area": COUNTY[x], "period": "2025", "changes": []}),
        "evaluations", "read", AREA),
    Ask("GET /api/scenarios", on="evaluations"),
    Ask("POST /api/scenarios", lambda w, x: call("/api/scenarios", w.scenario_body(x)), "evaluations", "read", AREA),
    Ask("GET /api/scenarios/{id}", lambda w, x: call(f"/api/scenarios/{w.scenario(x)}"), "evaluations", "read", AREA),
    Ask("PUT /api/scenarios/{id}", lambda w, x: call(f"/api/scenarios/{w.scenario(x)}", {"name": "演示", "changes": []}, headers=STAR),
        "evaluations", "read", AREA, rule=only_its_maker),
    Ask("DELETE /api/scenarios/{id}", lambda w, x: call(f"/api/scenarios/{w.scenario(x)}", headers=STAR), "evaluations", "read", AREA,
        rule=maker_or_approver),
    Ask("POST /api/scenarios/compare", lambda w, x: call("/api/scenarios/compare", {"ids": [w.scenario(x)]}), "evaluations", "read", AREA),
    Ask("GET /api/promises", lambda w, x: call(f"/api/promises?org={COUNTY[x]}"), "promises", "read", AREA),
    Ask("GET /api/promises/{id}", lambda w, x: call("/api/promises/senior-seats-2026"), "promises"),
    Ask("GET /api/overview", lambda w, x: call("/api/overview?period=2025"), "evaluations"),
    # the tree: cut by what one may read at all; the ledgers' scopes differ, so only the clear ends are asked
    Ask("GET /api/orgs"),
    Ask("GET /api/orgs/{code}", lambda w, x: call(f"/api/orgs/{GARDEN[x]}"), rule=lambda role, allowed, where: {200} if role.sees(GARDEN[where]) else {404}),
    # plans: nobody of the table made them, and a draft can only be asked for
    Ask("GET /api/plans", on="plans"),
    Ask("GET /api/plans/options", on="plans"),
    Ask("POST /api/plans", lambda w, x: call("/api/plans", w.plan_body(x)), "plans", "write", AREA),
    Ask("POST /api/plans/job", lambda w, x: call("/api/plans/job", w.plan_body(x)), "plans", "write", AREA),
    Ask("GET /api/plans/{id}", lambda w, x: call(f"/api/plans/{w.plan(x)}"), "plans", "read", AREA),
    Ask("DELETE /api/plans/{id}", lambda w, x: call(f"/api/plans/{w.plan(x)}", headers=STAR), "plans", "write", AREA, rule=only_its_maker),
    Ask("GET /api/plans/{id}/export", lambda w, x: call(f"/api/plans/{w.plan(x)}/export?format=csv"), "plans", "read", AREA),
    Ask("POST /api/plans/compare", lambda w, x: call("/api/plans/compare", {"ids": [w.plan(x), w.plan(x)]}), "plans", "read", AREA),
    Ask("POST /api/plans/{id}/moves", lambda w, x: call(f"/api/plans/{w.plan(x)}/moves", {"move": "approve"}, headers=STAR), "plans", "read",
        AREA, status={"inside": {409}}),
    # the officers'
    Ask("GET /api/packs"),
    Ask("GET /api/packs/{id}/files", lambda w, x: call("/api/packs/national/files")),
    Ask("GET /api/packs/{id}/files/{path}", lambda w, x: call("/api/packs/national/files/pack.yaml")),
    Ask("GET /api/users", on="accounts|role_grants"),
    Ask("POST /api/users", lambda w, x: call("/api/users", {"login": f"n{w.next()}", "name": "演示", "org": COUNTY[x]}), "accounts", "configure"),
    Ask("GET /api/users/{login}", lambda w, x: call(f"/api/users/{w.user(x)}"), "accounts|role_grants"),
    Ask("PUT /api/users/{login}", lambda w, x: call(f"/api/users/{w.user(x)}", {"name": "改"}, headers=STAR), "accounts", "configure"),
    Ask("POST /api/users/{login}/lock", lambda w, x: call(f"/api/users/{w.user(x)}/lock"), "accounts", "configure"),
    Ask("POST /api/users/{login}/unlock", lambda w, x: call(f"/api/users/{w.user(x)}/unlock"), "accounts", "configure"),
    Ask("POST /api/users/{login}/password", lambda w, x: call(f"/api/users/{w.user(x)}/password"), "accounts", "configure"),
    Ask("PUT /api/users/{login}/roles", lambda w, x: call(f"/api/users/{w.user(x)}/roles", {"roles": [{"role": "county-clerk", "org": COUNTY[x]}]}),
        "role_grants", "configure"),
    Ask("GET /api/roles"),
    Ask("GET /api/permissions", on="permission_matrix"),
    Ask("GET /api/password-rules", on="password_rules"),
    Ask("PUT /api/password-rules", lambda w, x: call("/api/password-rules", w.rules), "password_rules", "configure"),
    Ask("GET /api/audit", on="audit_log"),
    Ask("GET /api/audit/verify", on="audit_log", may="audit"),
    Ask("GET /api/audit/export", on="audit_log", may="export"),
    Ask("GET /api/backups", on="backups", status={"inside": {200} if not POSTGRES else {200, 415}}),
    Ask("POST /api/backups", on="backups", may="configure", status={"inside": {201} if not POSTGRES else {201, 415}}),
    # a map that fits no county is refused as wrong input, not for want of a right
    Ask("GET /api/map"),
    Ask("GET /api/map/areas", status={"inside": {404}}),
    Ask("PUT /api/map", lambda w, x: call("/api/map?approval=a&coordinates=wgs84&property=p&name=n",
                                          raw=b'{"type": "FeatureCollection", "features": []}'), "map", "configure", status={"inside": {400}}),
    Ask("DELETE /api/map", on="map", may="configure", status={"inside": {204, 404}}),
    # as jobs: a file is only taken here, its rows are looked at when the job runs
    Ask("POST /api/ledgers/{ledger}/imports/job", lambda w, x: call(L + "/imports/job?name=a.csv&check=1", raw=w.csv(x)), LEDGER, "import"),
    Ask("POST /api/ledgers/{ledger}/export", lambda w, x: call(f"{L}/export?format=csv&period=*&org={GARDEN[x]}"), LEDGER, "export", ROW),
    # jobs: one's own, and all for who keeps them
    Ask("POST /api/backups/job", on="backups", may="configure", status={"inside": {202} if not POSTGRES else {202, 415}}),
    Ask("GET /api/jobs"),
    Ask("GET /api/jobs/{id}", lambda w, x: call(f"/api/jobs/{w.job()}"), rule=who_keeps_jobs({200})),
    Ask("POST /api/jobs/{id}/cancel", lambda w, x: call(f"/api/jobs/{w.job()}/cancel"), rule=who_keeps_jobs({200, 409})),
    Ask("GET /api/jobs/{id}/events", lambda w, x: call(f"/api/jobs/{w.job()}/events"), rule=who_keeps_jobs({200})),
    Ask("GET /api/jobs/{id}/result", lambda w, x: call(f"/api/jobs/{w.job()}/result"), rule=who_keeps_jobs({403})),
    # one's own
    Ask("GET /api/session"),
    Ask("POST /api/session/password", lambda w, x: call(body={"old": "wrong", "new": "Other-2026-word"}), status={"inside": {400}}),
    Ask("POST /api/session/second-factor"),
    Ask("POST /api/session/second-factor/confirm", lambda w, x: call(body={"secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "code": "000000"}),
        status={"inside": {400}}),
    Ask("DELETE /api/session/second-factor", lambda w, x: call(body={"password": "wrong"}), status={"inside": {400}}),
    Ask("GET /api/session/tokens"),
    Ask("POST /api/session/tokens", lambda w, x: call(body={"name": "月报", "days": 1})),
    Ask("DELETE /api/session/tokens/{id}", lambda w, x: call("/api/session/tokens/1"), status={"inside": {404}}),
    # last, since it ends the session
    Ask("DELETE /api/session"),
]
OPEN = {"GET /readyz", "GET /api/about", "POST /api/session"}
ENDLESS = {"GET /api/jobs/events"}  # one's own alone: job_test listens to it


class Role:
    def __init__(self, described, home):
        self.id, self.grants, self.home = described["id"], described["grants"], home

    def scopes(self, resource, action):
        names = set(resource.split("|")) | ({THEME} if resource == LEDGER else set())
        return [g["scope"] for g in self.grants if action in g["may"] and names & set(g["on"]) and not g["where"]]

    def may_somewhere(self, resource, action):
        return resource == "" or bool(self.scopes(resource, action))

    def may(self, resource, action, org):
        return any(covers(s, self.home, org) for s in self.scopes(resource, action))

    def everywhere(self, action):
        return any(s == "all" or s == "city" or (s == "county" and self.home == "141100") for s in self.scopes(LEDGER, action))

    def reads_everywhere(self):
        return self.everywhere("read")

    def imports_everywhere(self):
        return self.everywhere("import")

    def sees(self, org):
        """Some ledger can be read there, or accounts are kept everywhere."""
        platform = {"accounts", "role_grants"}
        others = {"promises", "plans", "evaluations", "indicators", "jobs", "backups", "packs", "password_rules", "unseal_requests", "audit_log",
                  "permission_matrix"}
        return any("read" in g["may"] and not g["where"] and (set(g["on"]) & platform or
                   (set(g["on"]) - others and covers(g["scope"], self.home, org))) for g in self.grants)


class EveryRouteAndRole(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        def fill(served):
            def put(ledger, text):
                path = os.path.join(served.folder, "f.csv")
                with open(path, "w") as f:
                    f.write(text)
                run("import", served.place, ledger, path)
            put("orgs", ORGS)
            put("grade_enrolment", "county,town,school_year,grade,pupils\n141102,全县,2025,1,100\n141121,全县,2025,1,100\n")
            put(LEDGER, "org,period,sponsor,inclusive,children,classes,outdoor_area\n1111020001,2025,public,1,100,4,400.5\n"
                        "1111210001,2025,public,1,70,3,210\n")
            for login, org, role in (("clerk-in", "141102", "county-clerk"), ("clerk-out", "141121", "county-clerk"),
                                     ("system", "141100", "system-officer"), ("security", "141100", "security-officer")):
                served.add_user(login, org, role)
        cls.served = Served(cls.store, fill)
        cls.world = World(cls.served)
        cls.world.rules = cls.world.as_("security").get("/api/password-rules").json()
        cls.roles = [cls.role(r) for r in cls.world.as_("clerk-in").get("/api/roles").json()["items"]]

    @classmethod
    def tearDownClass(cls):
        cls.served.close()

    @classmethod
    def role(cls, described):
        kinds = described["org_kinds"] or ["county"]
        home = next(KIND_HOMES[k] for k in KIND_HOMES if k in kinds)
        cls.served.add_user("as-" + described["id"], home, described["id"])
        return Role(described, home)

    def statuses(self, ask, role, where):
        """The statuses that are right for this role's call."""
        good = int(next(s for s in self.served.description["paths"][ask.path][ask.method.lower()]["responses"] if s != "default"))
        special = (ask.status or {}).get("inside", {good})
        if not role.may_somewhere(ask.on, ask.may):
            return {403}
        allowed = ask.at is None or role.may(ask.on, ask.may, ask.at[where])
        ruled = ask.rule and ask.rule(role, allowed, where)
        if ruled:
            return ruled
        return special if allowed else (ask.status or {}).get("refused", {404})

    def ask(self, client, ask, where):
        c = {**call(), **ask.make(self.world, where)}
        return client.call(ask.method, c["path"] or ask.path, c["body"], headers=c["headers"], raw=c["raw"])

    def test_the_table_has_every_route_that_is_described(self):
        described = {f"{m.upper()} {p}" for p, ops in self.served.description["paths"].items() for m in ops}
        self.assertEqual(described - OPEN - ENDLESS, {f"{a.method} {a.path}" for a in TABLE})

    def test_nothing_is_told_without_signing_in(self):
        nobody = Client(self.served)
        for a in TABLE:
            with self.subTest(route=f"{a.method} {a.path}"):
                self.assertEqual(self.ask(nobody, a, "inside").status, 401)

    def test_each_role_gets_what_its_grants_say_inside_and_outside(self):
        wrong = []
        for role in self.roles:
            client = Client(self.served, "as-" + role.id)
            for a in TABLE:
                for where in ("inside", "outside"):
                    if a.path == "/api/session" and a.method == "DELETE" and where == "inside":
                        continue
                    r, right = self.ask(client, a, where), self.statuses(a, role, where)
                    if r.status not in right:
                        wrong.append(f"{role.id}@{role.home} {where}: {a.method} {a.path}: {r.status}, not {sorted(right)}: {r.body[:200]}")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong[:60]))


@unittest.skipUnless(POSTGRES, "SHUREN_TEST_PG is not set")
class OnPostgres(EveryRouteAndRole):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
