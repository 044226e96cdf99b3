"""Writers and readers at once. Each writer changes its own rows, with the version that it knows, and keeps what was acknowledged;
busy (503 with Retry-After) is asked again. Any other answer but 200 is counted as a failure."""
import asyncio
import json
import random
import time

PAUSE_S = {"writer": 0.2, "reader": 1.0}  # on average, between an answer and the next question
ROWS_EACH = 20


class Person:
    """One connection that stays open."""

    def __init__(self, port, token, tally):
        self.port, self.token, self.tally, self.reader, self.writer = port, token, tally, None, None

    async def call(self, method, path, body=None, version=None):
        if not self.writer:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = json.dumps(body).encode() if body is not None else b""
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer " + self.token]
        if body is not None:
            head += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        if version is not None:
            head.append(f'If-Match: "{version}"')
        self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + data)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        reply = await self.reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.writer.close()
            self.writer = None
        return int(lines[0].split()[1]), headers, reply

    async def ask(self, kind, *args):
        """Until it is answered; the time of each try counts by itself."""
        while True:
            began = time.monotonic()
            status, headers, reply = await self.call(*args)
            if status == 503 and "retry-after" in headers:
                self.tally["busy"] += 1
                await asyncio.sleep(random.uniform(0.5, 1) * int(headers["retry-after"]))
                continue
            self.tally[kind].append((time.monotonic() - began) * 1000)
            if status != 200:
                self.tally["failures"].append(f"{args[0]} {args[1]}: {status} {reply[:300]!r}")
            return status, reply


async def write(person, rows, until):
    """rows: {id: [version, class_no]}, kept as acknowledged."""
    while time.monotonic() < until:
        ident = random.choice(list(rows))
        version, class_no = rows[ident]
        class_no = class_no % 99 + 1
        status, reply = await person.ask("writer", "PUT", f"/api/ledgers/pupils/rows/{ident}", {"values": {"class_no": class_no}}, version)
        if status == 200:
            rows[ident] = [json.loads(reply)["version"], class_no]
            person.tally["acknowledged"].append((ident, *rows[ident]))
        await asyncio.sleep(random.uniform(0, 2 * PAUSE_S["writer"]))


async def read(person, paths, until):
    await asyncio.sleep(random.uniform(0, PAUSE_S["reader"]))
    while time.monotonic() < until:
        await person.ask("reader", "GET", random.choice(paths))
        await asyncio.sleep(random.uniform(0, 2 * PAUSE_S["reader"]))


async def guarded(person, work):
    try:
        await work
    except (OSError, EOFError, ValueError) as e:
        person.tally["failures"].append(f"{type(e).__name__}: {e}")


async def crowd(port, writers, readers, paths, seconds):
    tally = {"writer": [], "reader": [], "busy": 0, "failures": [], "acknowledged": []}
    until = time.monotonic() + seconds
    people = [(p := Person(port, token, tally), write(p, rows, until)) for token, rows in writers]
    people += [(p := Person(port, token, tally), read(p, paths, until)) for token in readers]
    await asyncio.gather(*(guarded(p, work) for p, work in people))
    return tally


def percentile(samples, share):
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * share))] if samples else None


def rows_of(db, period, county, used):
    """Rows for one writer that no other has."""
    found = db.execute("SELECT id, version, class_no FROM l_pupils WHERE county = ? AND period = ? ORDER BY id LIMIT ? OFFSET ?",
                       (county, period, ROWS_EACH, used * ROWS_EACH)).fetchall()
    return {i: [version, class_no] for i, version, class_no in found}


def lost(db, acknowledged):
    """Which acknowledged changes are neither the row's present state nor in its history."""
    missing = []
    for ident, version, class_no in acknowledged:
        kept = db.execute("SELECT class_no FROM l_pupils WHERE id = ? AND version = ?"
                          " UNION ALL SELECT class_no FROM h_pupils WHERE id = ? AND version = ?",
                          (ident, version, ident, version)).fetchall()
        if kept != [(class_no,)]:
            missing.append((ident, version, class_no, kept))
    return missing


def run(city, port, tokens, reader_token, paths, minutes, count=(50, 200)):
    """tokens: {county: token}. Returns the figures and what was acknowledged."""
    counties = sorted(tokens)
    with city.store() as db:
        period, = db.execute("SELECT max(period) FROM l_pupils").fetchone()
        writers = [(tokens[c], rows_of(db, period, c, i // len(counties)))
                   for i in range(count[0]) for c in [counties[i % len(counties)]]]
    before = {i: list(v) for _, rows in writers for i, v in rows.items()}
    tally = asyncio.run(crowd(port, writers, [reader_token] * count[1], paths, minutes * 60))
    figures = {"writers": count[0], "readers": count[1], "seconds": minutes * 60,
               "changes": len(tally["acknowledged"]), "reads": len(tally["reader"]), "busy": tally["busy"],
               "failures": len(tally["failures"]), "first_failures": tally["failures"][:5]}
    for kind in ("writer", "reader"):
        for name, share in (("p50", .5), ("p95", .95), ("p99", .99)):
            figures[f"{kind}_{name}_ms"] = percentile(tally[kind], share)
    return figures, before, tally["acknowledged"]
