"""A served city under load, beside a peer in the same run: run.py BUILD [--minutes 5] [--seconds 15] [--city FOLDER] [--no-peer].

Makes the demo city (454,000 pupils; kept in FOLDER for the next run), serves it on loopback and measures
- the first page from a cold start: /, /api/session and /api/overview, with nothing of the store in memory
- lists, next pages, filters and name searches by wrk, mixed and each alone: requests a second, p50, p95, p99
- 50 writers and 200 readers for MINUTES; afterwards each acknowledged change is looked up in the store
- resident memory after all that
and the same questions to Directus on PostgreSQL (`npm ci` in directus/ first, or DIRECTUS=FOLDER).
Prints one JSON object; ends with 1 when a change was lost or an answer was a failure. Takes MINUTES and about two more."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import city as cities
import mix
import writers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIRST_PAGE = ("/api/session", "/api/overview")


def say(text):
    print(text, file=sys.stderr, flush=True)


def first_page(city, log, token):
    """A start of its own; server time is what the log says of the calls."""
    served = cities.Served(city, log)
    for path in FIRST_PAGE:
        served.get(path, token)
    served.stop()
    took = {path: served.server_ms(path)[0] for path in FIRST_PAGE}
    return {"start_ms": served.start_ms, **took, "server_ms": sum(took.values())}


def verify(city, before, acknowledged):
    """What of the acknowledged is in the store, after the server has stopped."""
    newest = {i: v for i, (v, _) in before.items()}
    for ident, version, _ in acknowledged:
        newest[ident] = max(newest[ident], version)
    with city.store() as db:
        missing = writers.lost(db, acknowledged)
        kept = dict(db.execute(f"SELECT id, version FROM l_pupils WHERE id IN ({','.join(map(str, newest))})"))
        whole = db.execute("PRAGMA quick_check").fetchone()[0]
    return {"acknowledged": len(acknowledged), "lost": len(missing), "first_lost": missing[:5],
            "rows_with_another_version": sum(kept.get(i) != v for i, v in newest.items()), "quick_check": whole}


def peer(city, seconds, folder):
    done = subprocess.run([os.path.join(ROOT, "tools", "with-postgres"), sys.executable, os.path.join(HERE, "directus.py"), folder,
                           city.file, str(seconds)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the peer failed: {done.stdout[-1000:]}{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(city, options, folder):
    log = os.path.join(folder, "serve.log")
    token = city.token("bench-city")
    tokens = {c: city.token("bench-" + c) for c in city.counties()}
    with city.store() as db:
        questions = mix.Questions(db)
        pupils, = db.execute("SELECT count(*) FROM l_pupils WHERE period = ?", (questions.period,)).fetchone()
    figures = {"pupils": pupils, "connections": mix.CONNECTIONS}
    say("the first page from a cold start")
    figures["first_page"] = [first_page(city, log, token) for _ in range(3)]
    served = cities.Served(city, log)
    try:
        say("lists, filters and searches")
        figures["load"] = mix.ask_all(served.port, token, questions, questions.shuren_path, options.seconds, folder)
        figures["memory_after_load"] = served.memory_mb()
        say(f"50 writers and 200 readers for {options.minutes:g} minutes")
        paths = [questions.shuren_path(w) for w in questions.of(None)] + ["/api/overview"] * 40
        figures["crowd"], before, acknowledged = writers.run(city, served.port, tokens, token, paths, options.minutes)
        figures["memory"] = served.memory_mb()
    finally:
        served.stop()
    figures["crowd"]["failures_in_the_log"] = served.failures()[:5]
    figures["store"] = verify(city, before, acknowledged)
    return figures


def is_sound(figures):
    crowd, store = figures["crowd"], figures["store"]
    failed = sum(f["failed"] for f in figures["load"].values())
    return not (failed or crowd["failures"] or crowd["failures_in_the_log"] or store["lost"] or store["rows_with_another_version"]
                or store["quick_check"] != "ok" or not crowd["changes"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build", help="the folder of a release build")
    p.add_argument("--minutes", type=float, default=5, help="of writers and readers")
    p.add_argument("--seconds", type=int, default=15, help="of the mix; each kind alone a third of it")
    p.add_argument("--city", metavar="FOLDER", help="keep the city here; default: made anew and removed")
    p.add_argument("--no-peer", action="store_true")
    options = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="shuren-bench-") as folder:
        kept = options.city or folder
        os.makedirs(kept, exist_ok=True)
        say("the city")
        city = cities.City(os.path.join(os.path.abspath(options.build), "shuren"), kept)
        figures = {"shuren": measure(city, options, folder)}
        if not options.no_peer:
            say("Directus on PostgreSQL")
            figures["directus"] = peer(city, options.seconds, folder)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    return 0 if is_sound(figures["shuren"]) else 1


if __name__ == "__main__":
    sys.exit(main())
