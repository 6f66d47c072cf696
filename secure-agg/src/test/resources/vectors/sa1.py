#!/usr/bin/env python3
"""SA1 a second time, written from secure-agg/PROTOCOL.md and not from the Java code.

  sa1.py write           writes v1/*.properties: primitives, whole rounds, and messages that must be refused
  sa1.py unmask FILE     computes the sum of a round on the complete graph from what a coordinator sees, in either
                         suite, and compares: recorded_n12, round_n3, round_n5_drop1, round_n7_drop3, round_pq_n4_drop1

Needs Python 3 and the package `cryptography`. A change of any byte is a change of the wire and needs a v2
directory beside v1. v1/recorded_n12.properties is not written here: it was recorded from the Java code.
"""
import hashlib
import hmac
import os
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import mlkem768

P = (1 << 61) - 1
RAW = (Encoding.Raw, PublicFormat.Raw)
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "v1")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u32(x):
    return struct.pack(">I", x)


def label(name, *fields):
    name = name.encode()
    return struct.pack(">H", len(name)) + name + b"".join(fields)


def hkdf(salt, ikm, info, length=32):
    prk = hmac.new(salt, ikm, hashlib.sha256).digest()
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([i]), hashlib.sha256).digest()
        out, i = out + block, i + 1
    return out[:length]


def stream(key, length):
    return Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor().update(bytes(length))


def mask(key, d, w):
    """Element i: bytes [4i, 4i+4) little-endian, low w bits."""
    return [x & ((1 << w) - 1) for x in struct.unpack("<%dI" % d, stream(key, 4 * d))]


def pack(values, w):
    bits = 0
    for i, v in enumerate(values):
        bits |= v << (i * w)
    return bits.to_bytes((len(values) * w + 7) // 8, "little")


def bitmap(indices, n):
    return sum(1 << i for i in indices).to_bytes((n + 7) // 8, "little")


def merkle(leaves):
    """RFC 6962, section 2.1, by its own recursion."""
    if len(leaves) == 1:
        return sha(b"\0", leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha(b"\1", merkle(leaves[:k]), merkle(leaves[k:]))


def path(leaves, i):
    """RFC 6962, section 2.1.1: the audit path of leaf i, the lowest sibling first."""
    if len(leaves) == 1:
        return b""
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return path(leaves[:k], i) + merkle(leaves[k:]) if i < k else path(leaves[k:], i - k) + merkle(leaves[:k])


def below(key):
    """A function that draws uniform numbers below a bound, one after the other, from a key's stream."""
    data, at = stream(key, 1 << 16), [0]

    def draw(bound):
        while True:
            value = int.from_bytes(data[at[0] : at[0] + 8], "big") & (1 << 63) - 1
            at[0] += 8
            if value < (1 << 63) - (1 << 63) % bound:
                return value % bound

    return draw


def lattice(n, k, key):
    """Neighbours of each on the ring of a Fisher-Yates permutation."""
    p, draw = list(range(n)), below(key)
    for i in range(n - 1, 0, -1):
        j = draw(i + 1)
        p[i], p[j] = p[j], p[i]
    return {p[r]: sorted(p[(r + s) % n] for s in range(-k // 2, k // 2 + 1) if s) for r in range(n)}


def choice(n, i, k, key):
    """k others of n, without replacement."""
    draw, chosen = below(key), set()
    while len(chosen) < k:
        j = draw(n - 1)
        chosen.add(j + (j >= i))
    return sorted(chosen)


def split(secret, t, n, draw):
    """Limbs of 7 bytes, the last 4; all coefficients of a limb before those of the next."""
    limbs = [int.from_bytes(secret[7 * k : min(7 * k + 7, 32)], "big") for k in range(5)]
    shares = [b""] * n
    for limb in limbs:
        poly = [limb] + [draw() for _ in range(t - 1)]
        for x in range(1, n + 1):
            shares[x - 1] += sum(c * pow(x, k, P) for k, c in enumerate(poly)).__mod__(P).to_bytes(8, "big")
    return shares


def coefficients(key):
    data = stream(key, 1 << 16)
    at = 0
    while True:
        v = int.from_bytes(data[at : at + 8], "big") & P
        at += 8
        if v != P:
            yield v


def varint(x):
    out = b""
    while x > 127:
        out += bytes([x & 127 | 128])
        x >>= 7
    return out + bytes([x])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    return varint(number << 3 | 2) + varint(len(value)) + value if value else b""


def message(number, *fields):
    body = b"".join(fields)
    return varint(number << 3 | 2) + varint(len(body)) + body


def seed(name):
    return sha(b"vector", name.encode())


def derive(s, name):
    return hmac.new(s, label(name), hashlib.sha256).digest()


def ed(secret):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return key, key.public_key().public_bytes(*RAW)


def xpub(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(*RAW)


def agree(secret, public):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))


def write(name, entries):
    with open(os.path.join(OUT, name), "w") as out:
        out.write("# Written by sa1.py; bytes in hexadecimal, lists comma-separated.\n")
        for key, value in entries:
            out.write("%s=%s\n" % (key, value.hex() if isinstance(value, bytes) else value))


def primitives():
    key = seed("prg")
    yield "prg.key", key
    yield "prg.w32", ",".join(map(str, mask(key, 12, 32)))
    yield "prg.w20", ",".join(map(str, mask(key, 12, 20)))
    for w in (1, 5, 8, 13, 22, 31, 32):
        values = [int.from_bytes(seed("pack%d/%d" % (w, i))[:4], "big") & ((1 << w) - 1) for i in range(11)]
        yield "pack.%d.values" % w, ",".join(map(str, values))
        yield "pack.%d.bytes" % w, pack(values, w)
    secret = seed("secret")
    draws = coefficients(seed("coefficients"))
    yield "shamir.secret", secret
    yield "shamir.coefficientKey", seed("coefficients")
    yield "shamir.threshold", "4"
    yield "shamir.shares", b"".join(split(secret, 4, 7, lambda: next(draws)))
    yield "label.message", label("sa1/x", b"ab", u32(7))
    yield "hkdf.salt", seed("salt")
    yield "hkdf.ikm", seed("ikm")
    yield "hkdf.info", label("sa1/chan", seed("sid"), u32(3), u32(9))
    yield "hkdf.okm32", hkdf(seed("salt"), seed("ikm"), label("sa1/chan", seed("sid"), u32(3), u32(9)))
    yield "hkdf.okm80", hkdf(seed("salt"), seed("ikm"), label("sa1/chan", seed("sid"), u32(3), u32(9)), 80)
    for n in (1, 2, 3, 5, 8, 13):
        yield "merkle.%d" % n, merkle([u32(i) for i in range(n)])
    for n in (1, 2, 3, 6, 7, 13):
        yield "paths.%d" % n, ",".join(path([u32(j) for j in range(n)], i).hex() for i in range(n))
    ring = lattice(29, 6, seed("graph"))
    yield "lattice.key", seed("graph")
    yield "lattice.n29k6", ",".join(str(j) for i in range(29) for j in ring[i])
    yield "choice.n29k6i3", ",".join(map(str, choice(29, 3, 6, seed("graph"))))
    scalars, points, shared = [], [], []
    q = (1 << 255) - 19
    # Small ones, both sides of p, above it, powers of two, and all of them with the top bit set.
    edges = [2, 3, 4, 5, 6, 9, 16, q - 2, q - 3, q + 2, q + 9, q + 18, (q - 1) // 2, (1 << 254) - 1, 1 << 128, (1 << 51) - 1, 1 << 204]
    for point in [e | top << 255 for e in edges for top in (0, 1)]:
        for scalar in (seed("scalar%d" % (point % 7)), bytes(32) if point & 1 else b"\xff" * 32):
            scalars.append(scalar.hex())
            points.append(point.to_bytes(32, "little").hex())
            shared.append(agree(scalar, point.to_bytes(32, "little")).hex())
    yield "x25519.scalars", ",".join(scalars)
    yield "x25519.points", ",".join(points)
    yield "x25519.shared", ",".join(shared)
    yield "seed.bytes", seed("seed")
    yield "seed.derived", hmac.new(seed("seed"), label("purpose", struct.pack(">qq", 5, -1)), hashlib.sha256).digest()


class Round:
    """One round with everybody's secrets; `lost` share their keys and send no input.

    With a degree k it is on the ring lattice (CURIOUS) or the client-chosen graph (MALICIOUS), and `absent` never advertise.
    With a sample, each survivor draws so many signatures after a commitment to all.
    With `pq` it is of the suite sa1-mlkem768.
    """

    def __init__(self, prefix, mode, n, t, q, w, d, lost, k=0, absent=(), sample=0, pq=False):
        self.pq = pq
        self.prefix, self.mode, self.n, self.t, self.q, self.w, self.d, self.lost = prefix, mode, n, t, q, w, d, lost
        self.sample = sample
        self.k, self.present = k, [i for i in range(n) if i not in absent]
        self.sid = self.seed("session")
        self.authority, self.authority_pk = ed(self.seed("authority"))
        self.people = [self.person(i) for i in range(n)]
        self.leaves = [
            self.leaf(i, m) if i in self.present else label("sa1/roster-absent", self.sid, u32(i))
            for i, m in enumerate(self.people)]
        self.root = merkle(self.leaves)
        self.alive = [i for i in self.present if i not in lost]
        self.u2, self.u3 = bitmap(self.present, n), bitmap(self.alive, n)
        self.join()
        self.deal()
        for i in self.present:
            self.people[i]["packed"] = self.masked(i)
        signed = self.survivors_message(self.u3)
        self.signatures = {i: self.people[i]["identity"].sign(signed) for i in self.alive}

    def seed(self, name):
        return seed(self.prefix + name)

    def envelope(self, *body):
        return field(1, self.sid) + message(*body)

    def person(self, i):
        identity, idpk = ed(self.seed("identity%d" % i))
        start = self.seed("start%d" % i)
        body = (b"\1" + self.authority_pk + idpk + self.seed("serial%d" % i)[:16]
                + struct.pack(">qq", 1700000000, 1900000000) + struct.pack(">H", 6) + b"people")
        chan, mseed = derive(start, "sa1/channel-secret"), derive(start, "sa1/mask-seed")
        b, nonce = derive(start, "sa1/self-seed"), derive(start, "sa1/client-nonce")
        msk = hkdf(self.sid, mseed, label("sa1/mask-x25519", idpk))
        x = [int.from_bytes(self.seed("x%d/%d" % (i, e))[:4], "big") & ((1 << self.w) - 1) for e in range(self.d)]
        m = dict(identity=identity, idpk=idpk, start=start, chan=chan, mseed=mseed, b=b, msk=msk, enc=xpub(chan),
                 mpk=xpub(msk), commitment=sha(label("sa1/bcommit", self.sid, idpk, nonce, b)), nonce=nonce, x=x,
                 certificate=body + self.authority.sign(label("tributary/certificate", body)))
        m["kems"] = []
        if self.pq:
            m["kemseed"] = derive(start, "sa1/channel-kem-seed")
            chan_pk, m["chandk"] = mlkem768.keygen(hkdf(self.sid, m["kemseed"], label("sa1/chan-mlkem-seed", idpk), 64))
            mask_pk, m["maskdk"] = mlkem768.keygen(hkdf(self.sid, mseed, label("sa1/mask-mlkem-seed", idpk), 64))
            m["kems"] = [chan_pk, mask_pk]
        m["adv"] = self.advertise(m)
        return m

    def advertise(self, m, **other):
        """The keys of a member, signed by it; `other` replaces fields before it signs."""
        m = dict(m, **other)
        signature = m["identity"].sign(
            label("sa1/adv", self.sid, m["idpk"], m["enc"], m["mpk"], *m["kems"], m["commitment"], m["nonce"]))
        fields = [m["idpk"], m["certificate"], m["enc"], m["mpk"], m["commitment"], m["nonce"]]
        if "unsigned" not in other:
            fields += [signature, *m["kems"]]
        return b"".join(field(k + 1, f) for k, f in enumerate(fields))

    def leaf(self, i, m):
        return label("sa1/roster-leaf", self.sid, u32(i), m["idpk"], m["enc"], m["mpk"], *m["kems"], m["commitment"], m["nonce"])

    def roster(self, people, root=None):
        root = root or merkle([self.leaf(i, m) for i, m in enumerate(people)])
        return self.envelope(5, field(1, root), *[field(2, m["adv"]) for m in people])

    def join(self):
        """Who holds whose shares, and who masks with whom, among those present."""
        chosen = {i: [j for j in range(self.n) if j != i] for i in range(self.n)}
        if self.k and self.mode == "CURIOUS":
            chosen = lattice(self.n, self.k, sha(label("sa1/graph", self.sid, self.root)))
        elif self.k:
            chosen = {i: choice(self.n, i, self.k, derive(m["start"], "sa1/choice")) for i, m in enumerate(self.people)}
        self.chosen = chosen
        self.holders = {i: [j for j in chosen[i] if j in self.present] for i in self.present}
        self.dealers = {i: [j for j in self.present if i in chosen[j]] for i in self.present}
        self.edges = {i: sorted({*self.holders[i], *self.dealers[i]}) for i in self.present}

    def choice(self, i):
        indices = b"".join(map(u32, self.chosen[i]))
        signature = self.people[i]["identity"].sign(label("sa1/choice", self.sid, self.root, indices))
        return field(1, indices) + field(2, signature)

    def placed(self, i, j):
        """Neighbour j as i is shown it."""
        picked = self.mode == "MALICIOUS" and j in self.dealers[i]
        return b"".join([field(1, j), message(2, self.people[j]["adv"]), field(3, path(self.leaves, j)),
                         message(4, self.choice(j)) if picked else b""])

    def sparse_roster(self, i):
        around = [] if self.mode == "MALICIOUS" else [message(4, self.placed(i, j)) for j in self.edges[i]]
        return self.envelope(5, field(1, self.root), field(3, path(self.leaves, i)), *around)

    def neighbours(self, i):
        return self.envelope(16, *[message(1, self.placed(i, j)) for j in self.edges[i]])

    def deal(self):
        self.sealed, self.mask_kem = {}, {}
        for i, m in enumerate(self.people):
            for j, other in enumerate(self.people):
                if self.pq and i < j:
                    coins = hkdf(self.root, m["mseed"], label("sa1/kem-encaps", u32(j)))
                    self.mask_kem[i, j] = mlkem768.encapsulate(other["kems"][1], coins)
        for i, m in enumerate(self.people):
            draws = coefficients(derive(m["start"], "sa1/coefficients"))
            m["mshares"] = split(m["mseed"], self.t, self.n, lambda: next(draws))
            m["bshares"] = split(m["b"], self.t, self.n, lambda: next(draws))
            for j, other in enumerate(self.people):
                if i != j:
                    secret = agree(m["chan"], other["enc"])
                    before, bound = b"", []
                    if self.pq:
                        coins = hkdf(self.root, m["kemseed"], label("sa1/chan-encaps", u32(j)))
                        before, encapsulated = mlkem768.encapsulate(other["kems"][0], coins)
                        assert encapsulated == mlkem768.decapsulate(other["chandk"], before)
                        secret, bound = secret + encapsulated, [sha(before)]
                    key = hkdf(self.root, secret, label("sa1/chan", self.sid, u32(i), u32(j), *bound))
                    aad = label("sa1/share", self.sid, self.root, u32(i), u32(j), u32(self.t), u32(j + 1),
                                *[sha(self.mask_kem[i, j][0]) for _ in bound if i < j])
                    self.sealed[i, j] = before + AESGCM(key).encrypt(
                        bytes(12), u32(j + 1) + m["mshares"][j] + m["bshares"][j], aad)

    def share_keys(self, i):
        return self.share_keys_of(i, b"".join(self.sealed[i, j] for j in self.holders[i]))

    def share_keys_of(self, i, cts):
        masks = b"".join(self.mask_kem[i, j][0] for j in self.edges[i] if j > i) if self.pq else b""
        signature = self.people[i]["identity"].sign(label("sa1/shares", self.sid, self.root, sha(cts, masks)))
        return self.envelope(6, field(1, cts), field(2, signature), field(3, masks))

    def shares(self, i, u2=None, cts=None):
        cts = cts if cts is not None else b"".join(self.sealed[j, i] for j in self.dealers[i])
        masks = b"".join(self.mask_kem[j, i][0] for j in self.edges[i] if j < i) if self.pq else b""
        return self.envelope(7, field(1, u2 or self.u2), field(2, cts), field(3, masks))

    def kem_half(self, i, j):
        """What ML-KEM adds to the edge between i and j, as i finds it: its secret, and the ciphertext's hash."""
        if not self.pq:
            return b"", b""
        ciphertext, secret = self.mask_kem[min(i, j), max(i, j)]
        return secret if i < j else mlkem768.decapsulate(self.people[i]["maskdk"], ciphertext), sha(ciphertext)

    def masked(self, i):
        m = self.people[i]
        y = [a + b for a, b in zip(m["x"], self_mask(self.sid, self.root, m["b"], i, self.d, self.w))]
        for j in self.edges[i]:
            edge = edge_mask(
                self.sid, self.root, m["msk"], self.people[j]["mpk"], i, j, self.d, self.w, *self.kem_half(i, j))
            y = [a + (1 if i > j else -1) * b for a, b in zip(y, edge)]
        return pack([v % (1 << self.w) for v in y], self.w)

    def masked_input(self, i, packed=None, digest=None):
        packed = packed or self.people[i]["packed"]
        digest = digest or sha(packed)
        signature = self.people[i]["identity"].sign(label("sa1/input", self.sid, self.root, sha(self.u2), digest))
        return self.envelope(8, field(1, len(packed)), field(2, digest), field(3, signature))

    def survivors_message(self, u3):
        return label("sa1/survivors", self.sid, self.root, sha(self.u2), sha(u3))

    def proof(self, pairs):
        return self.envelope(11, *[message(1, field(1, i), field(2, s), *self.signer(i)) for i, s in pairs])

    def slots(self):
        """Leaves of the commitment."""
        return [label("sa1/slot", self.sid, self.root, u32(i), self.signatures.get(i, b"")) for i in range(self.n)]

    def draw(self, i):
        return choice(self.n, i, self.sample, derive(self.people[i]["start"], "sa1/sample"))

    def opened(self, i):
        return self.envelope(11, *[
            message(1, field(1, j), field(2, self.signatures[j]), *self.signer(j), field(5, path(self.slots(), j)))
            for j in self.draw(i) if j in self.signatures])

    def signer(self, i):
        """On a sparse graph a signer shows what it advertised, its signature left out, and its path."""
        return [message(3, self.advertise(self.people[i], unsigned=True)), field(4, path(self.leaves, i))] if self.k else []

    def unmask(self, i, lost=None, alive=None):
        lost = [j for j in self.lost if j == i or j in self.dealers[i]] if lost is None else lost
        alive = [j for j in self.alive if j == i or j in self.dealers[i]] if alive is None else alive
        return self.envelope(
            12,
            field(1, bitmap(lost, self.n)), field(2, b"".join(self.people[j]["mshares"][i] for j in lost)),
            field(3, bitmap(alive, self.n)), field(4, b"".join(self.people[j]["bshares"][i] for j in alive)))

    def entries(self):
        if self.pq:
            yield "suite", "sa1-mlkem768"
        yield "mode", self.mode
        yield "n", str(self.n)
        yield "threshold", str(self.t)
        yield "quorum", str(self.q)
        yield "lost", ",".join(map(str, self.lost))
        yield "ringBits", str(self.w)
        yield "length", str(self.d)
        yield "sid", self.sid
        yield "authority", self.authority_pk
        for i, m in enumerate(self.people):
            yield "identity.%d" % i, self.seed("identity%d" % i)
            yield "start.%d" % i, m["start"]
            yield "certificate.%d" % i, m["certificate"]
            yield "input.%d" % i, ",".join(map(str, m["x"]))
            yield "advertise.%d" % i, self.envelope(4, m["adv"])
        if self.k:
            yield "degree", str(self.k)
            yield "present", ",".join(map(str, self.present))
            for i in self.present:
                yield "roster.%d" % i, self.sparse_roster(i)
                if self.mode == "MALICIOUS":
                    yield "choice.%d" % i, self.envelope(15, self.choice(i))
                    yield "neighbours.%d" % i, self.neighbours(i)
        else:
            yield "roster", self.roster(self.people)
        for i in self.present:
            yield "shareKeys.%d" % i, self.share_keys(i)
        for i in self.present:
            yield "shares.%d" % i, self.shares(i)
            if i in self.alive:
                yield "packed.%d" % i, self.people[i]["packed"]
                yield "maskedInput.%d" % i, self.masked_input(i)
        yield "survivors", self.envelope(9, field(1, self.u3))
        for i in self.alive:
            yield "signedSurvivors.%d" % i, self.envelope(10, field(1, self.signatures[i]))
        if self.sample:
            yield "sample", str(self.sample)
            yield "commitment", self.envelope(17, field(1, merkle(self.slots())))
            for i in self.alive:
                yield "sample.%d" % i, self.envelope(18, field(1, b"".join(map(u32, self.draw(i)))))
                yield "proof.%d" % i, self.opened(i)
        else:
            yield "proof", self.proof([(i, self.signatures[i]) for i in self.alive[: self.q]])
        for i in self.alive:
            yield "unmask.%d" % i, self.unmask(i)
        salt = derive(self.seed("server"), "sa1/receipt-salt")
        yield "serverStart", self.seed("server")
        yield "result", self.envelope(13, field(1, sha(label("sa1/receipt", self.sid, salt, self.u3))))
        yield "sum", ",".join(str(sum(self.people[i]["x"][e] for i in self.alive) % (1 << self.w)) for e in range(self.d))


def self_mask(sid, root, b, i, d, w):
    return prg(sid, root, hkdf(root, b, label("sa1/self", sid, u32(i))), d, w)


def edge_mask(sid, root, secret, public, i, j, d, w, encapsulated=b"", ciphertext_sha=b""):
    info = label("sa1/mask", sid, u32(min(i, j)), u32(max(i, j)), ciphertext_sha)
    return prg(sid, root, hkdf(root, agree(secret, public) + encapsulated, info), d, w)


def prg(sid, root, edge_seed, d, w):
    return mask(hkdf(root, edge_seed, label("sa1/prg", sid, u32(0))), d, w)


def bad(r):
    """Messages that must be refused, in the round r of five: (receiver, good messages before it, message, end)."""
    flip = lambda data, at=-1: bytes(x ^ (1 if k == at % len(data) else 0) for k, x in enumerate(data))
    people = r.people
    altered = lambda i, m: people[:i] + [m] + people[i + 1 :]
    resigned = lambda i, **other: dict(people[i], adv=r.advertise(people[i], **other), **other)
    low_order = bytes(32)
    other = Round("other/", "MALICIOUS", 3, 3, 2, 13, 1, [])
    expired = people[2]["certificate"][:81] + struct.pack(">qq", 1700000000, 1700000001) + people[2]["certificate"][97:-64]
    expired += r.authority.sign(label("tributary/certificate", expired))
    cut_signature = dict(people[2], adv=r.advertise(people[2])[:-64] + flip(r.advertise(people[2])[-64:]))
    own = 1
    to_client = [
        ("roster-signature-wrong", "roster", r.roster(altered(2, cut_signature)), "ROSTER_REFUSED"),
        ("roster-own-entry-missing", "roster", r.roster(altered(own, people[0])), "ROSTER_REFUSED"),
        ("roster-own-keys-changed", "roster", r.roster(altered(own, resigned(own, nonce=bytes(32)))), "ROSTER_REFUSED"),
        ("roster-identity-twice", "roster", r.roster(altered(3, people[2])), "ROSTER_REFUSED"),
        ("roster-mask-key-twice", "roster", r.roster(altered(3, resigned(3, mpk=people[2]["mpk"]))), "ROSTER_REFUSED"),
        ("roster-root-wrong", "roster", r.roster(people, flip(r.root)), "ROSTER_REFUSED"),
        ("roster-order-not-of-the-root", "roster", r.roster([people[k] for k in (0, 1, 3, 2, 4)], r.root), "ROSTER_REFUSED"),
        ("roster-too-few", "roster", r.roster(people[:3]), "ROSTER_REFUSED"),
        ("roster-channel-key-of-low-order", "roster", r.roster(altered(2, resigned(2, enc=low_order))), "ROSTER_REFUSED"),
        ("roster-certificate-expired", "roster", r.roster(altered(2, resigned(2, certificate=expired))), "ROSTER_REFUSED"),
        ("roster-certificate-of-a-stranger", "roster",
         r.roster(altered(2, resigned(2, certificate=other.people[2]["certificate"]))), "ROSTER_REFUSED"),
        ("roster-of-another-session", "roster", field(1, other.sid) + r.roster(people)[34:], "PROTOCOL_VIOLATION"),
        ("shares-unused-bit", "shares", r.shares(own, bytes([r.u2[0] | 0x20])), "PROTOCOL_VIOLATION"),
        ("shares-without-me", "shares", r.shares(own, bitmap([0, 2, 3, 4], 5)), "PROTOCOL_VIOLATION"),
        ("shares-cut-short", "shares", r.shares(own, cts=r.shares(own)[-400:-1]), "PROTOCOL_VIOLATION"),
        ("shares-none-opens", "shares", r.shares(own, cts=bytes(400)), "NOT_ENOUGH_CLIENTS"),
        ("survivors-before-shares", "shares", r.envelope(9, field(1, r.u3)), "PROTOCOL_VIOLATION"),
        ("survivors-without-me", "survivors", r.envelope(9, field(1, bitmap([0, 2, 3, 4], 5))), "SURVIVORS_REFUSED"),
        ("survivors-too-few", "survivors", r.envelope(9, field(1, bitmap([0, 1, 2], 5))), "SURVIVORS_REFUSED"),
        ("survivors-unused-bit", "survivors", r.envelope(9, field(1, bytes([r.u3[0] | 0x80]))), "SURVIVORS_REFUSED"),
        ("survivors-too-long", "survivors", r.envelope(9, field(1, r.u3 + b"\0")), "SURVIVORS_REFUSED"),
        ("proof-too-few", "proof", r.proof([(i, r.signatures[i]) for i in r.alive[:3]]), "PROOF_REFUSED"),
        ("proof-signer-twice", "proof",
         r.proof([(i, r.signatures[i]) for i in r.alive[:3]] + [(0, r.signatures[0])]), "PROOF_REFUSED"),
        ("proof-signer-outside", "proof",
         r.proof([(i, r.signatures[i]) for i in r.alive[:3]] + [(5, r.signatures[4])]), "PROOF_REFUSED"),
        ("proof-of-another-set", "proof",
         r.proof([(i, people[i]["identity"].sign(r.survivors_message(r.u2))) for i in r.alive]), "PROOF_REFUSED"),
        ("proof-one-signature-wrong", "proof",
         r.proof([(i, r.signatures[i]) for i in r.alive[:3]] + [(4, flip(r.signatures[4]))]), "PROOF_REFUSED"),
    ]
    padded = people[3]["packed"][:-1] + bytes([people[3]["packed"][-1] | 0x80])
    no_share = b"\xff" * 8 + people[0]["mshares"][0][8:]
    to_server = [
        ("advertise-signature-wrong", "advertise", flip(r.envelope(4, people[3]["adv"])), None, "INVALID_PUBLIC_KEY"),
        ("advertise-low-order", "advertise", r.envelope(4, r.advertise(people[3], mpk=low_order)), None, "INVALID_PUBLIC_KEY"),
        ("advertise-another-identity", "advertise", r.envelope(4, people[2]["adv"]), None, "INVALID_PUBLIC_KEY"),
        ("advertise-key-of-another", "advertise",
         r.envelope(4, r.advertise(people[3], enc=people[2]["enc"])), None, "INVALID_PUBLIC_KEY"),
        ("shareKeys-one-byte-short", "shareKeys",
         r.share_keys_of(3, b"".join(r.sealed[3, j] for j in (0, 1, 2, 4))[:-1]), None, "INVALID_SHARE_KEYS_RESPONSE"),
        ("shareKeys-signature-wrong", "shareKeys", flip(r.share_keys(3)), None, "INVALID_SHARE_KEYS_RESPONSE"),
        ("maskedInput-padding", "maskedInput", r.masked_input(3, padded), padded, "INVALID_MASKED_INPUT"),
        ("maskedInput-digest", "maskedInput",
         r.masked_input(3, people[3]["packed"], sha(b"")), people[3]["packed"], "INVALID_MASKED_INPUT"),
        ("maskedInput-short", "maskedInput",
         r.masked_input(3, people[3]["packed"][:-1]), people[3]["packed"][:-1], "INVALID_MASKED_INPUT"),
        ("unmask-before-its-time", "maskedInput", r.unmask(3), None, "EQUIVOCATION"),
        ("signedSurvivors-another-set", "signedSurvivors",
         r.envelope(10, field(1, people[0]["identity"].sign(r.survivors_message(r.u2)))), None, "INVALID_SURVIVOR_SIGNATURE"),
        ("unmask-both-kinds", "unmask", r.unmask(0, lost=[2, 3]), None, "INVALID_UNMASKING_RESPONSE"),
        ("unmask-without-the-own-share", "unmask", r.unmask(0, alive=[1, 2, 4]), None, "INVALID_UNMASKING_RESPONSE"),
        ("unmask-limb-out-of-the-field", "unmask",
         r.envelope(12, field(1, bitmap([3], 5)), field(2, no_share), field(3, bitmap([0], 5)),
                    field(4, people[0]["bshares"][0])), None, "INVALID_UNMASKING_RESPONSE"),
    ]
    yield "round", "round_n5_drop1"
    yield "client", str(own)
    yield "toClient", ",".join(name for name, *_ in to_client)
    yield "toServer", ",".join(name for name, *_ in to_server)
    for name, instead_of, data, end in to_client:
        yield name + ".insteadOf", instead_of
        yield name + ".message", data
        yield name + ".end", end
    for name, instead_of, data, body, end in to_server:
        yield name + ".insteadOf", instead_of
        yield name + ".message", data
        if body is not None:
            yield name + ".body", body
        yield name + ".end", end
    # One ciphertext that does not open changes nothing of the masked input.
    damaged = r.shares(own)[-400:]
    yield "damagedShare.message", r.shares(own, cts=flip(damaged, 150))
    yield "damagedShare.maskedInput", r.masked_input(own)


def fields(data):
    """A protobuf message as {number: [values]}."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = number()
        if key & 7 == 0:
            value = number()
        elif key & 7 == 2:
            length = number()
            value, at = data[at : at + length], at + length
        else:
            raise ValueError("wire type %d" % (key & 7))
        found.setdefault(key >> 3, []).append(value)
    return found


def one(found, number, missing=b""):
    return found.get(number, [missing])[-1]


def members(bits):
    return [8 * k + b for k, byte in enumerate(bits) for b in range(8) if byte >> b & 1]


def combine(points, shares):
    """The 32-byte secret of shares of 40 bytes, by Lagrange at 0."""
    secret = b""
    for limb in range(5):
        value = 0
        for x, share in zip(points, shares):
            weight = 1
            for other in points:
                if other != x:
                    weight = weight * other * pow(other - x, -1, P) % P
            value += weight * int.from_bytes(share[8 * limb : 8 * limb + 8], "big")
        secret += (value % P).to_bytes(7 if limb < 4 else 4, "big")
    return secret


def unmask(path):
    """The sum from messages alone, every reconstructed secret held against what its owner advertised."""
    record = dict(line.rstrip("\n").split("=", 1) for line in open(path) if "=" in line and line[0] != "#")
    raw = lambda key: bytes.fromhex(record[key])
    body = lambda key, kind: fields(fields(raw(key))[kind][0])
    t, w, d = int(record["threshold"]), int(record["ringBits"]), int(record["length"])
    sid = one(fields(raw("roster")), 1)
    roster = body("roster", 5)
    keys = [{k: v[-1] for k, v in fields(m).items()} for m in roster[2]]
    n, root = len(keys), one(roster, 1)
    kems = [[m[8], m[9]] if 8 in m else [] for m in keys]
    leaves = [label("sa1/roster-leaf", sid, u32(i), m[1], m[3], m[4], *kems[i], m[5], m[6]) for i, m in enumerate(keys)]
    assert merkle(leaves) == root, "the roster's root"
    slots = [int(s) for s in record["slots"].split(",")] if "slots" in record else range(n)
    u2 = one(body("shares.%d" % slots[0], 7), 1)
    u3 = one(body("survivors", 9), 1)
    sharers, survivors = members(u2), members(u3)
    total = [0] * d
    for i in survivors:
        packed = raw("packed.%d" % slots[i])
        header = body("maskedInput.%d" % slots[i], 8)
        assert one(header, 2) == sha(packed), "digest of %d" % i
        bits = int.from_bytes(packed, "little")
        total = [a + (bits >> (w * e)) % (1 << w) for e, a in enumerate(total)]
    seeds, selves = {}, {}
    for i in range(n):
        if "unmask.%d" % slots[i] in record:
            answer = body("unmask.%d" % slots[i], 12)
            for into, dealers, shares in ((seeds, 1, 2), (selves, 3, 4)):
                for k, j in enumerate(members(one(answer, dealers))):
                    into.setdefault(j, {})[i + 1] = one(answer, shares)[40 * k : 40 * k + 40]
    secret = lambda held: combine(*zip(*sorted(held.items())[:t]))
    for i in survivors:
        b = secret(selves[i])
        assert sha(label("sa1/bcommit", sid, keys[i][1], keys[i][6], b)) == keys[i][5], "commitment of %d" % i
        total = [a - m for a, m in zip(total, self_mask(sid, root, b, i, d, w))]
    for j in sorted(set(sharers) - set(survivors)):
        mseed = secret(seeds[j])
        msk = hkdf(sid, mseed, label("sa1/mask-x25519", keys[j][1]))
        assert xpub(msk) == keys[j][4], "mask key of %d" % j
        half = lambda i: ()
        if kems[j]:
            public, private = mlkem768.keygen(hkdf(sid, mseed, label("sa1/mask-mlkem-seed", keys[j][1]), 64))
            assert public == kems[j][1], "ML-KEM mask key of %d" % j

            def half(i):
                """The ML-KEM secret of the edge between i and the lost j, and its ciphertext's hash."""
                low, high = min(i, j), max(i, j)
                at = 1088 * (high - low - 1)  # one for each member above the sender
                signed = one(body("shareKeys.%d" % slots[low], 6), 3)[at : at + 1088]
                if i < j:
                    return mlkem768.decapsulate(private, signed), sha(signed)
                coins = hkdf(root, mseed, label("sa1/kem-encaps", u32(i)))
                again, encapsulated = mlkem768.encapsulate(kems[i][1], coins)
                assert again == signed, "mask ciphertext from %d to %d" % (j, i)
                return encapsulated, sha(signed)

        for i in survivors:
            edge = edge_mask(sid, root, msk, keys[i][4], i, j, d, w, *half(i))
            total = [a - (1 if i > j else -1) * m for a, m in zip(total, edge)]
    found = ",".join(str(v % (1 << w)) for v in total)
    assert found == record["sum"], "the sum differs"
    print("n=%d, %d shared, %d in the sum, %d lost: the same sum of %d elements mod 2^%d"
          % (n, len(sharers), len(survivors), len(sharers) - len(survivors), d, w))


def main(arguments):
    if arguments[:1] == ["write"]:
        five = Round("", "MALICIOUS", 5, 4, 4, 13, 19, [3])
        write("primitives.properties", primitives())
        write("round_n5_drop1.properties", five.entries())
        write("round_n3.properties", Round("n3/", "MALICIOUS", 3, 3, 2, 32, 9, []).entries())
        write("round_n7_drop3.properties", Round("n7/", "CURIOUS", 7, 4, 4, 8, 33, [0, 3, 6]).entries())
        write("round_pq_n4_drop1.properties", Round("pq/", "CURIOUS", 4, 3, 3, 18, 21, [1], pq=True).entries())
        write("bad_n5.properties", bad(five))
        write("round_lattice_n11.properties", Round("lattice/", "CURIOUS", 11, 3, 0, 17, 21, [2, 9], 6, [5]).entries())
        write("round_chosen_n12.properties", Round("chosen/", "MALICIOUS", 12, 3, 7, 24, 13, [4, 8], 6, [1]).entries())
        sampled = Round("sampled/", "MALICIOUS", 12, 3, 7, 9, 11, [7], 6, [10, 3], 8)
        write("round_sampled_n12.properties", sampled.entries())
    elif arguments[:1] == ["unmask"] and len(arguments) == 2:
        unmask(arguments[1])
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
