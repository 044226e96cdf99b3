"""The questions that are asked, drawn from the pupils that are there, and asking them with wrk."""
import json
import os
import random
import subprocess
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = {"list": 30, "next page": 20, "filter": 20, "name search": 30}  # percent
CONNECTIONS = 8
# Given names that nobody in the city has.
ABSENT = ["欧阳锋", "诸葛亮", "司马懿", "鑫淼焱", "龘靐"]


class Questions:
    """Questions as (kind, what): shuren_path and directus_path say them to each of the two."""

    def __init__(self, db, seed=20260901):
        random.seed(seed)
        self.period, = db.execute("SELECT max(period) FROM l_pupils").fetchone()
        pupils = db.execute("SELECT id, name, org, county, grade FROM l_pupils WHERE period = ? ORDER BY random() LIMIT 3000",
                            (self.period,)).fetchall()
        kinds = [k for k, share in KINDS.items() for _ in range(share)]
        self.list = [self.one(random.choice(kinds), random.choice(pupils)) for _ in range(4000)]

    def one(self, kind, pupil):
        ident, name, org, county, grade = pupil
        if kind == "list":
            return kind, random.choice([{}, {"county": county}])
        if kind == "next page":
            return kind, {"after": ident}
        if kind == "filter":
            return kind, random.choice([{"org": org}, {"org": org, "grade": grade}, {"county": county, "grade": grade},
                                        {"county": county, "sex": random.choice("12"), "boarding": 1}])
        if random.random() < 0.2:
            return kind, {"q": random.choice(ABSENT)}
        return kind, {"q": random.choice([name, name, name[1:]])}

    def shuren_path(self, what):
        parts = [("limit", 50)]
        for k, v in what.items():
            if k in ("after", "q"):
                parts.append((k, v))
            elif k in ("org", "county"):
                parts.append(("org", v))
            else:
                parts.append(("filter", f"{k}:eq:{v}"))
        return "/api/ledgers/pupils/rows?" + urllib.parse.urlencode(parts)

    def directus_path(self, what):
        parts = [("limit", 50), ("sort", "id"), ("filter[period][_eq]", self.period)]
        for k, v in what.items():
            name = {"after": "filter[id][_gt]", "q": "filter[name][_icontains]"}.get(k, f"filter[{k}][_eq]")
            parts.append((name, v))
        return "/items/pupils?" + urllib.parse.urlencode(parts)

    def of(self, kind):
        return [what for k, what in self.list if kind in (None, k)]


def wrk(port, token, paths, seconds, folder):
    name = os.path.join(folder, "paths")
    with open(name, "w") as f:
        f.write("\n".join(paths) + "\n")
    done = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", os.path.join(HERE, "mix.lua"),
                           f"http://127.0.0.1:{port}"], capture_output=True, text=True,
                          env={**os.environ, "MIX": name, "TOKEN": token})
    if done.returncode:
        raise SystemExit(f"wrk: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def ask_all(port, token, questions, path_of, seconds, folder):
    """The mix, then each kind alone for a third of the time."""
    wrk(port, token, [path_of(w) for w in questions.of(None)], 2, folder)  # both begin warm
    figures = {"mix": wrk(port, token, [path_of(w) for w in questions.of(None)], seconds, folder)}
    for kind in KINDS:
        figures[kind] = wrk(port, token, [path_of(w) for w in questions.of(kind)], max(2, seconds // 3), folder)
    return figures
