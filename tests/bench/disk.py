#!/usr/bin/env python3
"""How long the disk takes to keep 8 KB for good, in microseconds: the median of 200 writes over what
is there already, as PostgreSQL writes its log. What waits for commits is as fast as that, and disks
that are shared change from hour to hour.

disk.py FOLDER"""

import os
import statistics
import sys
import tempfile
import time

BLOCK = 8192
TIMES = 200

with tempfile.TemporaryFile(dir=sys.argv[1], buffering=0) as file:
    file.write(b"\0" * BLOCK * TIMES)
    os.fsync(file.fileno())
    took = []
    for i in range(TIMES):
        os.pwrite(file.fileno(), b"\1" * BLOCK, i * BLOCK)
        begin = time.perf_counter()
        os.fdatasync(file.fileno())
        took.append(time.perf_counter() - begin)
print(round(statistics.median(took) * 1e6))
