#!/usr/bin/env python3
"""What a program in a zone of ip-type shared may do with the host's network stack.

  stack-probe.py NAME [ARGUMENT]...
        runs the probe NAME; prints what came of it: "ok ...", or the name of the errno
  stack-probe.py serve tcp|udp ADDRESS PORT [COUNT]
        prints "ready ADDRESS" (what the socket says its address is), then "from ADDRESS" for each
        client, COUNT of them (1)
"""
import errno
import socket
import struct
import sys

TIMEOUT = 20


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def kind(name):
    return socket.SOCK_STREAM if name == "tcp" else socket.SOCK_DGRAM


def new(proto, address):
    s = socket.socket(family(address), kind(proto))
    s.settimeout(TIMEOUT)
    return s


def bind(proto, address, port):
    s = new(proto, address)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, int(port)))
    return "ok " + s.getsockname()[0]


def connect(address, port, source=None):
    s = new("tcp", address)
    if source:
        s.bind((source, 0))
    s.connect((address, int(port)))
    return "ok from %s to %s" % (s.getsockname()[0], s.getpeername()[0])


def send(address, port, connected=None):
    s = new("udp", address)
    if connected:
        s.connect((address, int(port)))
        s.send(b"hello")
    else:
        s.sendto(b"hello", (address, int(port)))
    return "ok answer from " + s.recvfrom(10)[1][0]


def pktinfo(address, port, source):
    """Asks for a source address in a control message."""
    s = new("udp", address)
    info = struct.pack("=i4s4s", 0, socket.inet_aton(source), socket.inet_aton("0.0.0.0"))
    s.sendmsg([b"hello"], [(socket.IPPROTO_IP, socket.IP_PKTINFO if hasattr(socket, "IP_PKTINFO") else 8, info)],
              0, (address, int(port)))
    return "ok"


def freebind(address, port):
    s = new("tcp", address)
    s.setsockopt(socket.IPPROTO_IP, 15, 1)
    s.bind((address, int(port)))
    return "ok"


def unbound():
    """Listens without bind(): the kernel would take every address of the host."""
    s = socket.socket()
    s.listen()
    print("ready %d" % s.getsockname()[1], flush=True)
    s.settimeout(8)
    s.accept()
    return "ok accepted"


def listening(proto, address, port, count="1"):
    s = new(proto, address)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.settimeout(60)
    s.bind((address, int(port)))
    if proto == "tcp":
        s.listen()
    print("ready " + s.getsockname()[0], flush=True)
    for _ in range(int(count)):
        if proto == "tcp":
            peer = s.accept()[1]
        else:
            data, peer = s.recvfrom(10)
            s.sendto(data, peer)
        print("from " + peer[0], flush=True)


def make(fam, typ, proto):
    socket.socket(int(fam), int(typ), int(proto))
    return "ok"


def ping(address, source=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    s.settimeout(TIMEOUT)
    if source:
        s.bind((source, 0))
    s.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FF, 0, 0), (address, 0))
    return "ok answer from " + s.recvfrom(100)[1][0]


def abstract(name, typ="stream"):
    s = socket.socket(socket.AF_UNIX, kind("tcp" if typ == "stream" else "udp"))
    s.connect("\0" + name)
    return "ok"


def abstract_send(name):
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"hello", "\0" + name)
    return "ok"


def path(name):
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    s.listen()
    c = socket.socket(socket.AF_UNIX)
    c.connect(name)
    return "ok"


PROBES = {"bind": bind, "connect": connect, "send": send, "pktinfo": pktinfo, "freebind": freebind,
          "unbound": unbound, "socket": make, "ping": ping, "abstract": abstract,
          "abstract-send": abstract_send, "path": path}


def main():
    name, rest = sys.argv[1], sys.argv[2:]
    if name == "serve":
        listening(*rest)
        return
    try:
        print(PROBES[name](*rest), flush=True)
    except socket.timeout:
        print("ETIMEDOUT", flush=True)
    except OSError as e:
        print(errno.errorcode.get(e.errno, str(e)), flush=True)


main()
