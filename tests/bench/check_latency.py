#!/usr/bin/env python3
"""Whether the latency proxy does what the benchmark says of it: check_latency.py PROGRAM DELAY_MS

It holds back by the delay and not much more, loses and changes no byte, passes the end on, and
does not add up the delays of what follows closely. Prints one line; fails when one is not so."""
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

PROGRAM, DELAY = sys.argv[1], float(sys.argv[2]) / 1000


def echo(listener):
    def serve(connection):
        while data := connection.recv(65536):
            connection.sendall(data)
        connection.close()

    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def read(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError("the proxy closed too early")
        data += more
    return data


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), 20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def pings(connection, count):
    times = []
    for _ in range(count):
        start = time.monotonic()
        connection.sendall(b"ping")
        read(connection, 4)
        times.append(time.monotonic() - start)
    return times


def whole(connection, data):
    """Sends all and the end, while it reads all back and the end."""
    def send():
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    back = read(connection, len(data))
    at_end = connection.recv(1) == b""
    sender.join()
    return back == data and at_end


def stream(connection, count):
    """The time for pings that leave a fifth of the delay apart and do not wait."""
    start = time.monotonic()
    for _ in range(count):
        connection.sendall(b"ping")
        time.sleep(DELAY / 5)
    read(connection, 4 * count)
    return time.monotonic() - start


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=echo, args=(listener,), daemon=True).start()
    proxy = subprocess.Popen([PROGRAM, str(listener.getsockname()[1]), sys.argv[2]],
                             stdout=subprocess.PIPE)
    try:
        port = int(proxy.stdout.readline())
        times = pings(connect(port), 40)
        intact = whole(connect(port), os.urandom(4 << 20))
        streamed = stream(connect(port), 50)
    finally:
        proxy.kill()
        proxy.wait()
    median = statistics.median(times)
    print(f"# latency proxy: of 40 pings the fastest {min(times) * 1000:.2f} ms, the median "
          f"{median * 1000:.2f} ms; 4 MiB back {'as they were' if intact else 'CHANGED'}; "
          f"50 pings {DELAY * 200:.0f} ms apart in {streamed * 1000:.0f} ms")
    if min(times) < DELAY or median > 2 * DELAY or not intact or streamed > 25 * DELAY:
        sys.exit("the latency proxy is not what it should be")


main()
