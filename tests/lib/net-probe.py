#!/usr/bin/env python3
"""Frames as a hostile root writes them, and who sees them.

  net-probe.py listen DEVICE [promiscuous]
        prints "ready", then the name of each probe frame it sees, until the one named "last"
  net-probe.py send DEVICE MAC IP4 IP6 OTHER-MAC OTHER-IP4 OTHER-IP6
        sends one frame of each kind below as who has MAC, IP4 and IP6, then "last"
  net-probe.py ask DEVICE MAC
        sends one DHCP request of each kind below as who has MAC, then "last"
  net-probe.py to DEVICE MAC NAME [MAC NAME]...
        sends a frame of that name to each address

Every frame carries its name where no filter looks: behind the packet is not good, a bridge
cuts that off.
"""
import socket
import struct
import sys

BROADCAST = b"\xff" * 6
MARK = b"<zones-probe:"
name = ""  # of the frame that is being made


def mac_bytes(text):
    return bytes(int(part, 16) for part in text.split(":"))


def mark():
    return MARK + name.encode() + b">"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ether(src, kind, payload, dst=BROADCAST):
    return dst + src + struct.pack("!H", kind) + payload


def arp(op, sha, spa, tpa):
    return struct.pack("!HHBBH", 1, 0x800, 6, 4, op) + sha + spa + bytes(6) + tpa + mark()


def ip4(src, dst, payload, proto=17, fragment=0):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, fragment, 64, proto, 0) + src + dst
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(sport, dport, payload=b"hello"):
    payload += mark()
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def bootp(op, chaddr):
    return struct.pack("!BBBB", op, 1, 6, 0) + bytes(24) + chaddr + bytes(202) + b"\x63\x82\x53\x63\xff"


def ip6(src, dst, payload, header=17):
    return struct.pack("!IHBB", 0x60000000, len(payload), header, 255) + src + dst + payload


def icmp6(src, dst, kind, body):
    option = mark().ljust(38, b"\0")  # one that nobody knows
    data = struct.pack("!BBH", kind, 0, 0) + body + bytes([253, 5]) + option
    pseudo = src + dst + struct.pack("!II", len(data), 58)
    return data[:2] + struct.pack("!H", checksum(pseudo + data)) + data[4:]


def neighbour(src, kind, target, mac, dst):
    option = (b"\x01\x01" if kind == 135 else b"\x02\x01") + mac
    flags = struct.pack("!I", 0x20000000 if kind == 136 else 0)
    return ip6(src, dst, icmp6(src, dst, kind, flags + target + option), 58)


def frames(mac, a, p, other, b, q):
    """Name and frame of each; the names tell what should stop it."""
    zero4, zero6 = bytes(4), bytes(16)
    all4, all6 = b"\xff" * 4, socket.inet_pton(socket.AF_INET6, "ff02::1")
    local = b"\xfe\x80" + bytes(6) + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    hop = struct.pack("!BBBBI", 58, 0, 1, 4, 0)

    def na():
        return icmp6(p, all6, 136, struct.pack("!I", 0x20000000) + q + b"\x02\x01" + mac)

    def ra():
        return icmp6(local, all6, 134, struct.pack("!BBHII", 64, 0, 1800, 0, 0))

    def spoof4():
        return ip4(b, all4, udp(1, 2))

    return [
        ("ok-arp", lambda: ether(mac, 0x806, arp(1, mac, a, b))),
        ("ok-arp-probe", lambda: ether(mac, 0x806, arp(1, mac, zero4, a))),
        ("ok-ip4", lambda: ether(mac, 0x800, ip4(a, all4, udp(1, 2)))),
        ("ok-dhcp-ask", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(68, 67, bootp(1, mac))))),
        ("ok-ip6", lambda: ether(mac, 0x86DD, ip6(p, all6, udp(1, 2)))),
        ("ok-local6", lambda: ether(mac, 0x86DD, ip6(local, all6, udp(1, 2)))),
        ("ok-solicit", lambda: ether(mac, 0x86DD, neighbour(p, 135, q, mac, all6))),
        ("ok-advertise", lambda: ether(mac, 0x86DD, neighbour(p, 136, p, mac, all6))),
        ("ok-duplicate", lambda: ether(mac, 0x86DD, ip6(zero6, all6, icmp6(zero6, all6, 135, bytes(4) + p), 58))),
        ("mac-ip4", lambda: ether(other, 0x800, ip4(a, all4, udp(1, 2)))),
        ("mac-arp", lambda: ether(other, 0x806, arp(1, other, a, b))),
        ("mac-type", lambda: ether(other, 0x88B5, b"anything" + mark())),
        ("ip-source", lambda: ether(mac, 0x800, spoof4())),
        ("ip-fragment", lambda: ether(mac, 0x800, ip4(b, all4, bytes(16) + mark(), 17, 0x2003))),
        ("ip-nobody", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(1, 2)))),
        ("ip-arp-sender", lambda: ether(mac, 0x806, arp(1, mac, b, a))),
        ("ip-arp-reply", lambda: ether(mac, 0x806, arp(2, mac, b, b))),
        ("ip-arp-hardware", lambda: ether(mac, 0x806, arp(2, other, a, a))),
        ("ip-arp-probe", lambda: ether(mac, 0x806, arp(1, mac, zero4, b))),
        ("ip-arp-odd", lambda: ether(mac, 0x806, struct.pack("!HHBBH", 1, 0x800, 8, 4, 2) + bytes(24) + mark())),
        ("ip-source6", lambda: ether(mac, 0x86DD, ip6(q, all6, udp(1, 2)))),
        ("ip-local6", lambda: ether(mac, 0x86DD, ip6(b"\xfe\x80" + bytes(13) + b"\x07", all6, udp(1, 2)))),
        ("ip-nobody6", lambda: ether(mac, 0x86DD, ip6(zero6, all6, udp(1, 2)))),
        ("ip-advertise", lambda: ether(mac, 0x86DD, neighbour(p, 136, q, mac, all6))),
        ("ip-advertise-hop", lambda: ether(mac, 0x86DD, ip6(p, all6, hop + na(), 0))),
        ("ip-duplicate", lambda: ether(mac, 0x86DD, ip6(zero6, all6, icmp6(zero6, all6, 135, bytes(4) + q), 58))),
        ("ip-vlan", lambda: ether(mac, 0x8100, struct.pack("!HH", 5, 0x800) + spoof4())),
        ("ip-qinq", lambda: ether(mac, 0x88A8, struct.pack("!HHHH", 5, 0x8100, 6, 0x800) + spoof4())),
        ("dhcp-offer", lambda: ether(mac, 0x800, ip4(a, all4, udp(67, 68, bootp(2, other))))),
        ("dhcp-relayed", lambda: ether(mac, 0x800, ip4(a, all4, udp(67, 67, bootp(2, other))))),
        ("dhcp-chaddr", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(68, 67, bootp(1, other))))),
        ("dhcp-vlan", lambda: ether(mac, 0x8100, struct.pack("!HH", 5, 0x800) + ip4(a, all4, udp(67, 68, bootp(2, other))))),
        ("dhcp-reply6", lambda: ether(mac, 0x86DD, ip6(p, all6, udp(547, 546)))),
        ("dhcp-router6", lambda: ether(mac, 0x86DD, ip6(local, all6, ra(), 58))),
        ("type-lldp", lambda: ether(mac, 0x88CC, b"anything" + mark())),
        ("last", lambda: ether(mac, 0x800, ip4(a, all4, udp(1, 2)))),
    ]


def requests(mac):
    """Name and frame of requests of DHCP; allowed is "zone-7" and DUIDs of enterprise 9 and type 3."""
    zero4, all4 = bytes(4), b"\xff" * 4
    local = b"\xfe\x80" + bytes(6) + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    servers = socket.inet_pton(socket.AF_INET6, "ff02::1:2")
    foreign = bytes([2, 8, 32, 0, 0, 0x99])

    def option4(code, value):
        return bytes([code, len(value)]) + value

    def message4(options, cookie=b"\x63\x82\x53\x63"):
        return struct.pack("!BBBBI", 1, 1, 6, 0, 7) + bytes(20) + mac + bytes(202) + cookie + options

    def v4(options, **how):
        return ether(mac, 0x800, ip4(zero4, all4, udp(68, 67, message4(options, **how))))

    def discover(cid, rest=b""):
        return v4(option4(53, b"\x01") + option4(61, cid) + rest + b"\xff")

    def option6(code, value):
        return struct.pack("!HH", code, len(value)) + value

    def marked6(payload, port=547):
        payload += option6(65001, mark())  # behind what is not looked at, and well-formed
        return struct.pack("!HHHH", 546, port, 8 + len(payload), 0) + payload

    def v6(options, kind=1, headers=b"", first=17):
        return ether(mac, 0x86DD, ip6(local, servers, headers + marked6(bytes([kind, 0, 0, 7]) + options), first))

    def solicit(duid, **how):
        return v6(option6(8, b"\0\0") + option6(1, duid), **how)

    def duid_ll(addr, hardware=1):
        return struct.pack("!HH", 3, hardware) + addr

    def duid_llt(addr):
        return struct.pack("!HHI", 1, 1, 0x12345678) + addr

    def duid_en(number, rest):
        return struct.pack("!HI", 2, number) + rest

    def cut(frame, n):
        """The UDP length says n bytes less than the options need."""
        at = 14 + 20 + 4
        return frame[:at] + struct.pack("!H", struct.unpack("!H", frame[at:at + 2])[0] - n) + frame[at + 2:]

    hop = struct.pack("!BBBBI", 17, 0, 1, 4, 0)
    deep = struct.pack("!BBBBI", 60, 0, 1, 4, 0) * 9 + hop
    whole = struct.pack("!BBHI", 17, 0, 0, 5)  # a fragment header of a packet in one piece
    first = struct.pack("!BBHI", 17, 0, 1, 5)
    return [
        ("own-none", lambda: v4(option4(53, b"\x01") + b"\xff")),
        ("own-bootp", lambda: v4(bytes(60), cookie=bytes(4))),
        ("own-mac", lambda: discover(b"\x01" + mac)),
        ("own-padded", lambda: v4(bytes(50) + option4(61, b"\x01" + mac) + b"\xff")),
        ("own-open", lambda: cut(v4(option4(61, b"\x01" + mac)), len(mark()))),
        ("own-ll6", lambda: solicit(duid_ll(mac))),
        ("own-llt6", lambda: solicit(duid_llt(mac))),
        ("own-none6", lambda: v6(option6(8, b"\0\0"), kind=11)),
        ("own-hop6", lambda: solicit(duid_ll(mac), headers=hop, first=0)),
        ("own-whole6", lambda: solicit(duid_ll(mac), headers=whole, first=44)),
        ("own-other-port", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(68, 69, message4(b"\x3d"))))),
        ("own-fragment", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(1, 2), 17, 0x2000))),
        ("list-text", lambda: discover(b"zone-7")),
        ("list-en", lambda: discover(duid_en(9, b"\x0c\xc0"))),
        ("list-en6", lambda: solicit(duid_en(9, b"\x0c\xc0"))),
        ("list-ll6", lambda: solicit(duid_ll(foreign))),
        ("list-long", lambda: discover(b"L" * 255)),
        ("other-text", lambda: discover(b"zone-8")),
        ("other-longer", lambda: discover(b"zone-77")),
        ("other-shorter", lambda: discover(b"zone-")),
        ("other-zero", lambda: discover(b"zone-7\0")),
        ("other-mac", lambda: discover(b"\x01" + foreign)),
        ("other-mac-longer", lambda: discover(b"\x01" + mac + b"\x01")),
        ("other-type", lambda: discover(b"\x06" + mac)),
        ("other-long", lambda: discover(b"M" * 255)),
        ("other-behind", lambda: v4(bytes(200) + option4(12, b"h" * 100) + option4(61, b"zone-8") + b"\xff")),
        ("other-en6", lambda: solicit(duid_en(10, b"\x0c\xc0"))),
        ("other-llt6", lambda: solicit(duid_llt(foreign))),
        ("other-hop6", lambda: solicit(duid_en(10, b"\x0c\xc0"), headers=hop, first=0)),
        ("other-whole6", lambda: solicit(duid_en(10, b"\x0c\xc0"), headers=whole, first=44)),
        ("other-huge6", lambda: solicit(b"\0\x02" + bytes(300))),
        ("bad-empty", lambda: discover(b"")),
        ("bad-twice", lambda: discover(b"zone-7", option4(61, b"zone-7"))),
        ("bad-overload", lambda: discover(b"zone-7", option4(52, b"\x01"))),
        ("bad-length", lambda: v4(option4(53, b"\x01") + b"\x3d\xf0zone-7")),
        ("bad-code", lambda: cut(v4(option4(53, b"\x01") + b"\x3d"), len(mark()))),
        ("bad-cut", lambda: cut(v4(option4(53, b"\x01") + option4(61, b"zone-7")), len(mark()) + 3)),
        ("bad-short", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(68, 67, message4(b"")[:200])))),
        ("bad-udp", lambda: cut(discover(b"zone-7"), -40)),
        ("bad-fragment", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(68, 67, message4(b"\xff")), 17, 0x2000))),
        ("bad-pads", lambda: v4(bytes(2300) + option4(61, b"zone-7") + b"\xff")),
        ("bad-empty6", lambda: solicit(b"")),
        ("bad-twice6", lambda: v6(option6(1, duid_ll(mac)) * 2)),
        ("bad-length6", lambda: v6(option6(8, b"\0\0") + b"\0\x01\xff\xff" + duid_ll(mac))),
        ("bad-relay6", lambda: v6(bytes(30) + option6(9, b"\x01\0\0\x07" + option6(1, duid_ll(foreign))), kind=12)),
        ("bad-first6", lambda: solicit(duid_ll(mac), headers=first, first=44)),
        ("bad-deep6", lambda: solicit(duid_ll(mac), headers=deep, first=60)),
        ("last", lambda: ether(mac, 0x800, ip4(zero4, all4, udp(1, 2)))),
    ]


def raw(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((device, 0))
    return s


def listen(device, promiscuous=""):
    s = raw(device)
    if promiscuous:
        index = socket.if_nametoindex(device)
        s.setsockopt(263, 1, struct.pack("IHH8s", index, 1, 0, b""))  # SOL_PACKET, PACKET_MR_PROMISC
    s.setsockopt(263, 23, 1)  # PACKET_IGNORE_OUTGOING
    print("ready", flush=True)
    seen = ""
    while seen != "last":
        frame = s.recv(4096)
        if MARK in frame:
            seen = frame.split(MARK)[1].split(b">")[0].decode()
            print(seen, flush=True)


def send(device, mac, a, p, other, b, q):
    global name
    s = raw(device)
    for name, frame in frames(mac_bytes(mac), socket.inet_aton(a), socket.inet_pton(socket.AF_INET6, p),
                              mac_bytes(other), socket.inet_aton(b), socket.inet_pton(socket.AF_INET6, q)):
        s.send(frame())


def ask(device, mac):
    global name
    s = raw(device)
    for name, frame in requests(mac_bytes(mac)):
        if name == "last":
            ask_in_segments(device, mac_bytes(mac))
            name = "last"
        s.send(frame())


def ask_in_segments(device, mac):
    """Two requests that the kernel hands on as one frame, the second with a foreign client id."""
    global name
    name = "bad-segments"
    head = struct.pack("!BBBBI", 1, 1, 6, 0, 7) + bytes(20) + mac + bytes(202) + b"\x63\x82\x53\x63"
    first = (head + b"\xff" + mark()).ljust(300, b"\0")
    second = (head + b"\x3d\x06zone-8\xff").ljust(300, b"\0")
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.setsockopt(socket.SOL_SOCKET, 25, device.encode() + b"\0")  # SO_BINDTODEVICE
    s.setsockopt(socket.IPPROTO_UDP, 103, 300)  # UDP_SEGMENT
    s.bind(("", 68))
    s.sendto(first + second, ("255.255.255.255", 67))


def send_to(device, *pairs):
    global name
    s = raw(device)
    src = s.getsockname()[4]
    for mac, name in zip(pairs[::2], pairs[1::2]):
        s.send(ether(src, 0x88B5, mark(), mac_bytes(mac)))


{"listen": listen, "send": send, "ask": ask, "to": send_to}[sys.argv[1]](*sys.argv[2:])
