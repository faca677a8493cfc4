#!/usr/bin/env python3
"""Moves bytes over one TCP connection and tells how fast.

  net-flow.py serve ADDRESS PORT    says "ready", takes connections until it is killed
  net-flow.py push ADDRESS PORT BYTES MAX-SECONDS
  net-flow.py pull ADDRESS PORT BYTES MAX-SECONDS
        sends or gets so many bytes, or what goes in that time, and prints Mbit/s
"""
import socket
import sys
import threading
import time

CHUNK = 65536


def answer(c):
    with c:
        head = c.recv(16, socket.MSG_WAITALL).decode()
        left = int(head[1:])
        try:
            while head[0] == "<" and left > 0:
                left -= c.send(bytes(min(left, CHUNK)))
            while head[0] == ">" and left > 0:
                got = len(c.recv(CHUNK))
                if not got:
                    return
                left -= got
            c.sendall(b"!")
        except OSError:
            pass  # the other side has had its time


def serve(address, port):
    s = socket.create_server((address, int(port)))
    print("ready", flush=True)
    while True:
        threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()


def move(address, port, size, seconds, pull):
    size, end = int(size), time.monotonic() + float(seconds)
    moved = 0
    with socket.create_connection((address, int(port))) as c:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)  # what waits there has not moved
        begin = time.monotonic()
        c.sendall((("<" if pull else ">") + str(size)).ljust(16).encode())
        while moved < size and time.monotonic() < end:
            c.settimeout(max(end - time.monotonic(), 0.01))
            try:
                moved += len(c.recv(CHUNK)) if pull else c.send(bytes(min(size - moved, CHUNK)))
            except TimeoutError:
                break
        c.settimeout(max(end - time.monotonic(), 0.01))
        try:  # until the last byte is there, not until it is in a buffer
            if not pull and moved == size:
                c.recv(1)
        except TimeoutError:
            pass
        print("%.1f" % (moved * 8 / 1e6 / (time.monotonic() - begin)))


if sys.argv[1] == "serve":
    serve(*sys.argv[2:])
else:
    move(*sys.argv[2:], pull=sys.argv[1] == "pull")
