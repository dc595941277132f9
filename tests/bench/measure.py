#!/usr/bin/env python3
"""Runs a command and prints what it took, separated by tabs: seconds on the wall, CPU seconds (user
and system, of the command and the children that it waited for), its peak resident set in kB, and
the CPU seconds that PostgreSQL used meanwhile (0 without --postgres).

    measure.py [--peak] [--postgres PID] LOG COMMAND…

The command's output goes to LOG. --peak also reads VmHWM while the command runs; wait4's figure
alone is enough where the command is larger than this program. PID is the postmaster's: its own
time, that of the backends that are there, and that of those that have ended.
Exit status: the command's."""
import os
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """The fields of /proc/PID/stat from the state on, which is number 0."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()


def postgres_seconds(postmaster):
    if not postmaster:
        return 0.0
    ticks = sum(int(field) for field in stat(postmaster)[11:15])  # with its ended children's
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and (fields := stat(name))[1] == postmaster.encode():
                ticks += int(fields[11]) + int(fields[12])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return ticks / TICK


def peak_of(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def wait(pid, sample):
    peak = 0
    while sample:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, usage, max(peak, usage.ru_maxrss)
        peak = max(peak, peak_of(pid))
        time.sleep(0.02)
    _, status, usage = os.wait4(pid, 0)
    return status, usage, usage.ru_maxrss


def main():
    args = sys.argv[1:]
    sample = "--peak" in args[:3]
    if sample:
        args.remove("--peak")
    postmaster = args[1] if args[0] == "--postgres" else None
    if postmaster:
        del args[:2]
    log = os.open(args[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    to_log = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    before = postgres_seconds(postmaster)
    start = time.monotonic()
    pid = os.posix_spawnp(args[1], args[1:], os.environ, file_actions=to_log)
    status, usage, peak = wait(pid, sample)
    wall = time.monotonic() - start
    print(f"{wall:.4f}\t{usage.ru_utime + usage.ru_stime:.4f}\t{peak}\t"
          f"{postgres_seconds(postmaster) - before:.2f}")
    sys.exit(os.waitstatus_to_exitcode(status) and 1)


main()
