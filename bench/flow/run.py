#!/usr/bin/env python3
"""Our network simplex beside LEMON's on generated DIMACS problems.

usage: bench/flow/run.py BUILD_FOLDER [--largest ARCS] [FILE.min ...]

BUILD_FOLDER is a release build of this project. LEMON (Debian: liblemon-dev) is compiled here with
the same -O2. Both solve the same files one after the other; times are of the solve alone (LEMON:
construction of the solver and run), memory is the peak of the process above what it takes for a
problem of one arc (for the smallest problems that is noise of a few pages). The cost must agree
and our answer is proved by flow_check. Prints time and memory ratios (ours / LEMON) of each file
and their medians.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FAMILIES = ["grid", "netgen", "netgen-dense", "transport"]


def last_json(command):
    return json.loads(subprocess.check_output(command).splitlines()[-1])


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("build")
    args.add_argument("--largest", type=int, default=1000000)
    args.add_argument("files", nargs="*")
    args = args.parse_intermixed_args()
    subprocess.check_call(["ninja", "-C", args.build, "bench/flow-gen", "bench/flow-bench"],
                          stdout=subprocess.DEVNULL)
    ours = os.path.join(args.build, "bench", "flow-bench")
    with tempfile.TemporaryDirectory() as folder:
        lemon = os.path.join(folder, "lemon")
        subprocess.check_call(["g++", "-O2", "-DNDEBUG", "-w", "-o", lemon,
                               os.path.join(HERE, "lemon_flow.cpp")])
        tiny = os.path.join(folder, "tiny.min")
        with open(tiny, "w") as out:
            out.write("p min 2 1\nn 1 1\nn 2 -1\na 1 2 0 1 1\n")
        floors = [last_json([program, tiny])["peak_kb"] for program in (ours, lemon)]
        jobs = [(os.path.basename(f), f) for f in args.files]
        arcs = 1000
        while arcs <= args.largest:
            jobs += [(f"{family}-{arcs}", (family, arcs)) for family in FAMILIES]
            arcs *= 10
        times, memories = [], []
        print(f"{'problem':24} {'ours s':>9} {'LEMON s':>9} {'ratio':>6} {'64-bit':>6} {'memory':>6}")
        for name, job in jobs:
            path = job
            if isinstance(job, tuple):
                path = os.path.join(folder, "problem.min")
                with open(path, "w") as out:
                    subprocess.check_call([os.path.join(args.build, "bench", "flow-gen"), job[0],
                                           str(job[1]), "7"], stdout=out)
            rounds = 5 if os.path.getsize(path) < 5e6 else 1
            mine = [last_json([ours, path]) for _ in range(rounds)]
            theirs = [last_json([lemon, path]) for _ in range(rounds)]
            wide = [last_json([lemon, "--wide", path]) for _ in range(rounds)] if rounds > 1 else []
            proved = last_json([ours, "--check", path]) if rounds > 1 else mine[0]
            assert mine[0]["cost"] == theirs[0]["cost"], (name, mine[0], theirs[0])
            assert proved.get("proved", True), name
            a, b = (statistics.median(r["seconds"] for r in runs) for runs in (mine, theirs))
            c = statistics.median(r["seconds"] for r in wide) if wide else None
            used = [max(runs[0]["peak_kb"] - floor, 1) for runs, floor in
                    zip((mine, theirs), floors)]
            memory = used[0] / used[1]
            times.append(a / b)
            if used[1] > 1000:
                memories.append(memory)
            print(f"{name:24} {a:9.4f} {b:9.4f} {a / b:6.2f} {a / c if c else float('nan'):6.2f} "
                  f"{memory:6.2f}", flush=True)
        print(f"median time {statistics.median(times):.2f}, worst {max(times):.2f}; "
              f"median memory {statistics.median(memories):.2f}, worst {max(memories):.2f}")


if __name__ == "__main__":
    main()
