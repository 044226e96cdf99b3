"""Sealed fields over HTTP: shown nowhere, opened by who may for a reason, each reading in the audit log; on both stores."""
import base64
import hmac
import json
import os
import sqlite3
import struct
import subprocess
import time
import unittest

from served import PASSWORD, POSTGRES, Client, ServedCase, run

ORGS = """code,name,kind,parent
2111020001,演示一小,primary_school,141102
2111020002,演示二小,primary_school,141102
2111210001,演示文水小学,primary_school,141121
"""
REPORTER, ACCOUNT, NEWS = "欧阳举报甲", "午休时在操场推搡同学", "又在校门口拦截同学"
REASON = "县级申诉复核需要核对情况记录"
L = "/api/ledgers/bullying_cases"
CASES = f"""org,case_no,stage,period,reported_on,channel,reporter,account
2111020001,A-1,primary,2025-2026,2026-03-02,parent,{REPORTER},{ACCOUNT}
2111210001,B-1,primary,2025-2026,2026-03-03,parent,,文水的记录
"""


def fill(served):
    for ledger, text in (("orgs", ORGS), ("bullying_cases", CASES)):
        path = os.path.join(served.folder, "f.csv")
        with open(path, "w") as f:
            f.write(text)
        run("import", served.place, ledger, path)
    os.remove(path)
    for login, org, role in (("member", "2111020001", "bullying-committee"), ("county", "141102", "bullying-county"),
                             ("far", "141121", "bullying-county"), ("head", "141100", "city-head"),
                             ("auditor", "141100", "audit-officer"), ("second", "141102", "county-clerk")):
        served.add_user(login, org, role)


def totp(secret, at):
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


class OnSqlite(ServedCase):
    fill = staticmethod(fill)

    def row(self, login="member", case="A-1"):
        rows = self.as_(login).get(f"{L}/rows?period=*").json()["items"]
        return next(r for r in rows if r["values"]["case_no"] == case)

    def open_(self, login, row, *fields, reason=REASON):
        return self.as_(login).post(f"{L}/rows/{row['id']}/unseal", {"fields": list(fields), "reason": reason})

    def unsealings(self):
        items = self.as_("auditor").get("/api/audit?action=row.unseal&limit=100").json()["items"]
        return [i for i in items if i["action"] == "row.unseal"]

    def everything(self):
        """What a thief of the store has."""
        if self.store == "postgres":
            return subprocess.run(["pg_dump", "-n", self.served.schema, POSTGRES], capture_output=True,
                                  check=True).stdout
        data = b""
        for name in os.listdir(self.served.place):
            path = os.path.join(self.served.place, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    data += f.read()
        return data

    def test_is_shown_nowhere(self):
        m = self.as_("member")
        row = self.row()
        self.assertEqual(row["values"]["reporter"], None)
        self.assertEqual(set(row["masked"]), {"reporter", "account"})
        r = m.put(f"{L}/rows/{row['id']}", {"values": {"account": NEWS, "place": "校门口"}},
                  headers={"If-Match": f'"{row["version"]}"'})
        self.assertEqual(r.status, 200, r.body)
        texts = [r.body]
        for path in (f"{L}/rows?period=*&count=1", f"{L}/rows/{row['id']}", f"{L}/rows/{row['id']}/history",
                     f"{L}/export?format=csv&period=*", f"{L}/rows?period=*&q=拦截"):
            got = m.get(path)
            self.assertIn(got.status, (200, 403), got.body)
            texts.append(got.body)
        for text in texts:
            for secret in (REPORTER, ACCOUNT, NEWS, "~1"):
                self.assertNotIn(secret.encode(), text)
        history = m.get(f"{L}/rows/{row['id']}/history").json()["items"]
        self.assertEqual(set(history[0]["changed"]), {"account", "place"})
        for query in ("filter=account:has:推", "filter=reporter:eq:" + REPORTER, "sort=reporter", "totals=account"):
            self.assertEqual(m.get(f"{L}/rows?{query}").status, 400, query)
        self.assertEqual(m.get(f"{L}/rows?period=*&q=推搡&count=1").json()["count"], 0)
        back = m.put(f"{L}/rows/{row['id']}", {"values": {"account": ACCOUNT, "place": None}},
                     headers={"If-Match": f'"{row["version"] + 1}"'})
        self.assertEqual(back.status, 200, back.body)

    def test_a_whole_row_sent_back_keeps_what_is_sealed(self):
        row = self.row()
        values = {**row["values"], "category": row["values"]["category"], "investigators": 3}
        r = self.as_("member").put(f"{L}/rows/{row['id']}", {"values": values},
                                   headers={"If-Match": f'"{row["version"]}"'})
        self.assertEqual(r.status, 200, r.body)
        got = self.open_("member", row, "reporter").json()["values"]
        self.assertEqual(got, {"reporter": REPORTER})

    def test_a_row_is_made_with_them(self):
        r = self.as_("member").post(f"{L}/rows", {
            "org": "2111020001", "period": "2025-2026",
            "values": {"case_no": "A-2", "stage": "primary", "reported_on": "2026-03-09", "channel": "box",
                       "account": NEWS}})
        self.assertEqual(r.status, 201, r.body)
        self.assertEqual(r.json()["masked"], ["account"])
        self.assertNotIn(NEWS.encode(), r.body)
        self.assertEqual(self.open_("member", r.json(), "account").json()["values"], {"account": NEWS})

    def test_opens_for_who_may_and_writes_it_down_first(self):
        row, before = self.row(), len(self.unsealings())
        r = self.open_("member", row, "reporter", "account")
        self.assertEqual(r.status, 200, r.body)
        self.assertEqual(r.json()["values"], {"reporter": REPORTER, "account": ACCOUNT})
        self.assertEqual(r.headers["Cache-Control"], "no-store")
        entries = self.unsealings()
        self.assertEqual(len(entries), before + 1)
        last = entries[0]
        self.assertEqual((last["who"], last["object"]), ("member", f"bullying_cases/{row['id']}"))
        self.assertEqual(last["detail"], f"reporter,account: {REASON}")
        self.assertEqual(self.open_("county", row, "account").json()["values"], {"account": ACCOUNT})
        empty = self.row("far", "B-1")
        self.assertEqual(self.open_("far", empty, "minutes").json()["values"], {"minutes": None})
        run("audit", "verify", self.served.place)

    def test_who_may_not_gets_nothing_and_no_entry(self):
        row, before = self.row(), len(self.unsealings())
        self.problem(self.open_("county", row, "reporter"), 403, "forbidden")  # not in the role's list
        self.problem(self.open_("county", row, "account", "reporter"), 403, "forbidden")  # all or nothing
        self.problem(self.open_("far", row, "account"), 404, "not-found")  # another county's
        self.assertEqual(self.open_("head", row, "account").status, 403)
        self.assertEqual(self.open_("auditor", row, "account").status, 403)
        self.assertEqual(Client(self.served).post(f"{L}/rows/{row['id']}/unseal",
                                                  {"fields": ["account"], "reason": REASON}).status, 401)
        for reason in ("", "短", "不够十个字的", "          " + "短" + "          ", "长" * 501):
            fault = self.problem(self.open_("member", row, "account", reason=reason), 400, "invalid")
            self.assertEqual(fault["errors"][0]["path"], "/reason")
        fault = self.problem(self.open_("member", row, "place"), 400, "invalid")
        self.assertEqual(fault["errors"][0]["path"], "/fields/0")
        self.problem(self.open_("member", row), 400, "invalid")
        self.assertEqual(len(self.unsealings()), before)

    def test_tells_what_one_may_open(self):
        def fields(login):
            got = self.as_(login).get(L).json()["fields"]
            return {f["name"] for f in got if f["can_unseal"]}
        self.assertEqual(fields("member"), {"reporter", "account", "screening_note", "evidence", "minutes", "measures"})
        self.assertEqual(fields("county"), {"account", "evidence", "minutes", "measures"})

    def test_the_store_and_the_log_have_nothing_in_the_clear(self):
        c = self.as_("second")
        secret = c.post("/api/session/second-factor").json()["secret"]
        done = c.post("/api/session/second-factor/confirm", {"secret": secret, "code": totp(secret, time.time())})
        self.assertEqual(done.status, 204)
        body = {"login": "second", "password": PASSWORD, "code": totp(secret, time.time())}
        self.assertEqual(Client(self.served).post("/api/session", body).status, 200)
        body["code"] = "000000"
        self.assertEqual(Client(self.served).post("/api/session", body).status, 401)
        data = self.everything()
        self.assertIn(b"A-1", data)
        for text in (REPORTER, ACCOUNT, NEWS, secret):
            self.assertNotIn(text.encode(), data)
            self.assertNotIn(text, self.served.log_text())

    def test_z_a_rotation_while_serving_goes_unnoticed(self):
        row = self.row()
        run("key", self.served.place, "rotate")
        self.assertEqual(self.open_("member", row, "account").json()["values"], {"account": ACCOUNT})
        row = self.row()
        r = self.as_("member").put(f"{L}/rows/{row['id']}", {"values": {"reporter": "欧阳举报乙"}},
                                   headers={"If-Match": f'"{row["version"]}"'})
        self.assertEqual(r.status, 200, r.body)
        self.assertEqual(self.open_("member", row, "reporter").json()["values"], {"reporter": "欧阳举报乙"})


@unittest.skipUnless(POSTGRES, "no PostgreSQL: tools/with-postgres")
class OnPostgres(OnSqlite):
    store = "postgres"


if __name__ == "__main__":
    unittest.main()
