#!/usr/bin/env python3
"""Our facility location beside CBC's, single-source or split, on generated problems and given files.

usage: bench/facility/run.py BUILD_FOLDER [--seconds S] [--split] [FILE[:CAPACITY] ...]

BUILD_FOLDER is a release build of this project; CBC is used by its C interface with the strong
formulation. Both get the same time limit, one after the other. Generated problems: sites and
customers at random in a square, costs by distance and demand, capacities from tight to ample
(demand / capacity 0.4 to 0.85), as in Holmberg, Roennqvist and Yuan (1999). Prints cost and bound
of both; "better" or "same" counts both together.
"""
import argparse
import json
import math
import os
import random
import subprocess
import tempfile

SIZES = [(10, 50), (20, 100), (30, 150), (30, 200), (50, 300), (100, 500)]


def generate(path, sites, customers, load, seed):
    rng = random.Random(seed)
    place = lambda: (rng.random() * 1000, rng.random() * 1000)
    at, to = [place() for _ in range(sites)], [place() for _ in range(customers)]
    demand = [rng.randint(10, 60) for _ in to]
    size = sum(demand) / load / sites
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"{sites} {customers}\n")
        for _ in at:
            out.write(f"{int(size * rng.uniform(0.7, 1.3)) + 60} {rng.randint(2000, 8000)}\n")
        for (x, y), d in zip(to, demand):
            out.write(f"{d}\n" + " ".join(f"{math.hypot(x - a, y - b) * d / 20:.2f}" for a, b in at) + "\n")


def last_json(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("build")
    args.add_argument("--seconds", type=int, default=20)
    args.add_argument("--split", action="store_true")
    args.add_argument("files", nargs="*")
    args = args.parse_intermixed_args()
    subprocess.check_call(["ninja", "-C", args.build, "shuren", "bench/cbc-facility"], stdout=subprocess.DEVNULL)
    mode = [] if args.split else ["--single-source"]
    good = total = 0
    with tempfile.TemporaryDirectory() as folder:
        jobs = [(os.path.basename(f), *(f.split(":") + ["0"])[:2]) for f in args.files]
        for k, (sites, customers) in enumerate(SIZES if not jobs else []):
            for load in 0.4, 0.6, 0.85:
                name = f"{sites}x{customers}-{load}"
                generate(os.path.join(folder, name), sites, customers, load, k * 10 + int(load * 10))
                jobs.append((name, os.path.join(folder, name), "0"))
        print(f"{'problem':18} {'our cost':>14} {'our bound':>14} {'s':>6} {'CBC cost':>14} {'CBC bound':>14} {'s':>6}")
        for name, path, capacity in jobs:
            given = [] if capacity == "0" else ["--capacity", capacity]
            ours = last_json([os.path.join(args.build, "shuren"), "solve", "facility", path, "--time-limit",
                              str(args.seconds), *given, *mode])
            cbc = last_json([os.path.join(args.build, "bench", "cbc-facility"), path, capacity, str(args.seconds), *mode])
            scale = 1e-7 * abs(ours["cost"])
            cost = "better" if not cbc["has_plan"] or ours["cost"] < cbc["cost"] - scale else (
                "same" if ours["cost"] < cbc["cost"] + scale else "WORSE")
            bound = "better" if ours["bound"] > cbc["bound"] + scale else (
                "same" if ours["bound"] > cbc["bound"] - scale else "WORSE")
            total += 1
            good += "WORSE" not in (cost, bound)
            theirs = f"{cbc['cost']:14.2f}" if cbc["has_plan"] else f"{'none':>14}"
            print(f"{name:18} {ours['cost']:14.2f} {ours['bound']:14.2f} {ours['seconds']:6.2f} {theirs} "
                  f"{cbc['bound']:14.2f} {cbc['seconds']:6.2f}  cost {cost}, bound {bound}", flush=True)
    print(f"no worse in both: {good} of {total}")


if __name__ == "__main__":
    main()
