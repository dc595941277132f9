#!/usr/bin/env python3
"""A link to a server on 127.0.0.1 that can be cut: link.py PORT DELAY_MS PORTFILE. What the server
says arrives so much later. SIGUSR1 resets all connections at once: what is on its way is lost."""
import heapq
import os
import selectors
import signal
import socket
import struct
import sys
import time

server, delay = int(sys.argv[1]), int(sys.argv[2]) / 1000
selector = selectors.DefaultSelector()
other = {}
waiting = []  # (when, number, socket, bytes): what comes late
number = 0
wake_read, wake_write = os.pipe()
os.set_blocking(wake_write, False)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.set_wakeup_fd(wake_write)


def ended(sock):
    """Nothing more comes from it; what came is on its way still."""
    if sock in selector.get_map():
        selector.unregister(sock)


def drop(sock, reset):
    for end in (sock, other.pop(sock, None)):
        if end is None or end.fileno() < 0:
            continue
        other.pop(end, None)
        ended(end)
        if reset:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()


def take(listening):
    client, _ = listening.accept()
    try:
        peer = socket.create_connection(("127.0.0.1", server), 5)
    except OSError:
        client.close()
        return
    for end in (client, peer):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    other[client], other[peer] = peer, client
    selector.register(client, selectors.EVENT_READ, "client")
    selector.register(peer, selectors.EVENT_READ, "server")


def send(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        drop(sock, False)


def forward(sock, side):
    global number
    try:
        data = sock.recv(65536)
    except OSError:
        data = b""
    if side == "server" and delay and sock in other:
        number += 1
        heapq.heappush(waiting, (time.monotonic() + delay, number, other[sock], data))
        if not data:
            ended(sock)
    elif not data:
        drop(sock, False)
    elif sock in other:
        send(other[sock], data)


listening = socket.create_server(("127.0.0.1", 0), backlog=64)
with open(sys.argv[3] + ".new", "w", encoding="ascii") as file:
    print(listening.getsockname()[1], file=file)
os.rename(sys.argv[3] + ".new", sys.argv[3])
selector.register(listening, selectors.EVENT_READ, "new")
selector.register(wake_read, selectors.EVENT_READ, "cut")
while True:
    left = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
    for key, _ in selector.select(left):
        if key.data == "new":
            take(listening)
        elif key.data == "cut":
            os.read(wake_read, 100)
            for sock in list(other):
                drop(sock, True)
        elif key.fileobj in other:
            forward(key.fileobj, key.data)
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, sock, data = heapq.heappop(waiting)
        if sock in other and data:
            send(sock, data)
        elif sock in other:
            drop(sock, False)
