"""kill -9 while rows are written: what was acknowledged is there, and the audit chain is whole."""
import os
import random
import signal
import threading
import time
import unittest

from ledger_test import L, fill
from served import Client, Served, run

ROUNDS = int(os.environ.get("KILL_ROUNDS", "5"))
GARDENS = ["1111020001", "1111020002"]


class Kills(unittest.TestCase):
    def write(self, garden, years, kept):
        client = Client(self.served, "clerk")
        for year in years:
            try:
                r = client.post(f"{L}/rows", {"period": str(year), "values": {
                    "org": garden, "sponsor": "public", "inclusive": True, "children": year - 1000}})
            except OSError:
                return
            except Exception as e:  # the connection ended inside the reply
                if "http" in type(e).__module__:
                    return
                raise
            if r.status == 201:
                kept.append((garden, str(year), r.json()["id"]))

    def test_what_was_acknowledged_outlives_a_kill(self):
        self.served = Served("sqlite", fill, ("--quiet",))
        self.addCleanup(self.served.close)
        kept, year = [], 1001
        for _ in range(ROUNDS):
            threads = [threading.Thread(target=self.write, args=(g, range(year, year + 200), kept)) for g in GARDENS]
            for t in threads:
                t.start()
            time.sleep(random.uniform(1.2, 2.0))
            self.served.stop(signal.SIGKILL)
            for t in threads:
                t.join()
            run("audit", "verify", self.served.place)
            self.served.start()
            year += 200
        head = Client(self.served, "head")
        self.assertGreater(len(kept), ROUNDS)
        for garden, period, number in kept:
            row = head.get(f"{L}/rows/{number}").json()
            self.assertEqual((row["org"]["code"], row["period"]), (garden, period))


if __name__ == "__main__":
    unittest.main()
