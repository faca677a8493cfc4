#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
A network that gives addresses, and a client of DHCPv6.

  net-dhcp.py serve DEVICE ADDRESS ADDRESS6 PREFIX SECONDS
        answers DHCP with ADDRESS, DHCPv6 with ADDRESS6, both for so many seconds, and routers'
        solicitations with PREFIX ("fd00:9::"). Says "ready", then what it gave.
  net-dhcp.py ask6 DEVICE
        asks for an address by DHCPv6, and prints it.
"""
import os
import select
import socket
import struct
import sys

DEVICE = 25  # SO_BINDTODEVICE
COOKIE = b"\x63\x82\x53\x63"


def udp(family, device, port):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, DEVICE, device.encode())
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.bind(("", port) if family == socket.AF_INET else ("::", port))
    return s


def join(s, device, group):
    index = socket.if_nametoindex(device)
    member = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
    return index


def options4(data):
    found, i = {}, 240
    while i + 1 < len(data) and data[i] != 255:
        if data[i] == 0:
            i += 1
            continue
        found[data[i]] = data[i + 2 : i + 2 + data[i + 1]]
        i += 2 + data[i + 1]
    return found


def answer4(s, data, address, seconds, own):
    kind = options4(data).get(53, b"\0")[0]
    if kind not in (1, 3):
        return
    reply = struct.pack("!BBBB4sHH", 2, 1, 6, 0, data[4:8], 0, 0x8000)
    reply += bytes(4) + socket.inet_aton(address) + own + bytes(4) + data[28:44] + bytes(192)
    reply += COOKIE + bytes([53, 1, 2 if kind == 1 else 5, 54, 4]) + own
    reply += bytes([51, 4]) + struct.pack("!I", seconds) + bytes([1, 4, 255, 255, 255, 0, 255])
    s.sendto(reply.ljust(300, b"\0"), ("255.255.255.255", 68))
    if kind == 3:
        print("gave", address, flush=True)


def answer6(s, data, to, address, seconds):
    kind = data[0]
    if kind not in (1, 3, 5):
        return
    found, i = {}, 4
    while i + 4 <= len(data):
        code, size = struct.unpack_from("!HH", data, i)
        found[code] = data[i + 4 : i + 4 + size]
        i += 4 + size
    addr = struct.pack("!HH", 5, 24) + socket.inet_pton(socket.AF_INET6, address)
    addr += struct.pack("!II", seconds, seconds)
    body = found[3][:12] + addr
    reply = bytes([2 if kind == 1 else 7]) + data[1:4]
    reply += struct.pack("!HH", 1, len(found[1])) + found[1] + struct.pack("!HH", 2, 4) + b"\0\3\0\1"
    reply += struct.pack("!HH", 3, len(body)) + body
    s.sendto(reply, to)
    if kind != 1:
        print("gave", address, flush=True)


def advertise(s, index, prefix):
    message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0)
    message += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 7200, 7200, 0)
    message += socket.inet_pton(socket.AF_INET6, prefix)
    s.sendto(message, ("ff02::1", 0, 0, index))
    print("gave", prefix, flush=True)


def serve(device, address, address6, prefix, seconds):
    v4 = udp(socket.AF_INET, device, 67)
    v6 = udp(socket.AF_INET6, device, 547)
    join(v6, device, "ff02::1:2")
    ra = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    ra.setsockopt(socket.SOL_SOCKET, DEVICE, device.encode())
    ra.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    index = join(ra, device, "ff02::2")
    own = socket.inet_aton("10.9.0.1")
    print("ready", flush=True)
    while True:
        for s in select.select([v4, v6, ra], [], [])[0]:
            data, sender = s.recvfrom(2048)
            if s is v4 and len(data) > 240:
                answer4(s, data, address, seconds, own)
            elif s is v6:
                answer6(s, data, sender, address6, seconds)
            elif s is ra and data[0] == 133:
                advertise(s, index, prefix)


def ask6(device):
    s = udp(socket.AF_INET6, device, 546)
    s.settimeout(2)
    index = socket.if_nametoindex(device)
    xid = os.urandom(3)
    me = struct.pack("!HH", 1, 6) + b"\0\3\0\1ab"
    ia = struct.pack("!HH", 3, 12) + b"\0\0\0\1" + bytes(8)
    for kind, want in ((1, 2), (3, 7)):
        for _ in range(20):
            s.sendto(bytes([kind]) + xid + me + ia, ("ff02::1:2", 547, 0, index))
            try:
                data = s.recv(2048)
            except TimeoutError:
                continue
            if data[0] == want:
                break
        else:
            sys.exit("nobody answers")
    at = data.index(struct.pack("!HH", 5, 24))
    print(socket.inet_ntop(socket.AF_INET6, data[at + 4 : at + 20]))


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5], int(sys.argv[6]))
else:
    ask6(sys.argv[2])
