#!/usr/bin/env python3
"""Known answers for SA1, written from the specification and not from the Java code.

Writes src/test/resources/vectors/v1/{primitives,round_n5_drop1}.properties. Needs the Python package
`cryptography`. A change of any byte is a change of the wire and needs a v2 directory beside v1.
"""
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

P = (1 << 61) - 1
RAW = (Encoding.Raw, PublicFormat.Raw)
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src", "test", "resources", "vectors", "v1")


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
        out.write("# Written by tools/vectors.py; bytes in hexadecimal, lists comma-separated.\n")
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
    yield "seed.bytes", seed("seed")
    yield "seed.derived", hmac.new(seed("seed"), label("purpose", struct.pack(">qq", 5, -1)), hashlib.sha256).digest()


def whole_round():
    n, t, q, w, d, lost = 5, 4, 4, 13, 19, 3
    sid = seed("session")
    yield "n", str(n)
    yield "lost", str(lost)
    yield "ringBits", str(w)
    yield "length", str(d)
    yield "sid", sid
    authority, authority_pk = ed(seed("authority"))
    yield "authority", authority_pk
    envelope = lambda *body: field(1, sid) + message(*body)
    people = []
    for i in range(n):
        identity, idpk = ed(seed("identity%d" % i))
        start = seed("start%d" % i)
        body = (b"\1" + authority_pk + idpk + seed("serial%d" % i)[:16]
                + struct.pack(">qq", 1700000000, 1900000000) + struct.pack(">H", 6) + b"people")
        certificate = body + authority.sign(label("tributary/certificate", body))
        chan, mseed = derive(start, "sa1/channel-secret"), derive(start, "sa1/mask-seed")
        b, nonce = derive(start, "sa1/self-seed"), derive(start, "sa1/client-nonce")
        msk = hkdf(sid, mseed, label("sa1/mask-x25519", idpk))
        commitment = sha(label("sa1/bcommit", sid, idpk, nonce, b))
        enc, mpk = xpub(chan), xpub(msk)
        signature = identity.sign(label("sa1/adv", sid, idpk, enc, mpk, commitment, nonce))
        fields = [idpk, certificate, enc, mpk, commitment, nonce, signature]
        adv = b"".join(field(k + 1, f) for k, f in enumerate(fields))
        x = [int.from_bytes(seed("x%d/%d" % (i, e))[:4], "big") & ((1 << w) - 1) for e in range(d)]
        people.append(dict(identity=identity, idpk=idpk, start=start, chan=chan, mseed=mseed, b=b, msk=msk,
                           enc=enc, mpk=mpk, commitment=commitment, nonce=nonce, adv=adv, x=x))
        yield "identity.%d" % i, seed("identity%d" % i)
        yield "start.%d" % i, start
        yield "certificate.%d" % i, certificate
        yield "input.%d" % i, ",".join(map(str, x))
        yield "advertise.%d" % i, envelope(4, adv)
    leaf = lambda i, m: label("sa1/roster-leaf", sid, u32(i), m["idpk"], m["enc"], m["mpk"], m["commitment"], m["nonce"])
    root = merkle([leaf(i, m) for i, m in enumerate(people)])
    yield "roster", envelope(5, field(1, root), *[field(2, m["adv"]) for m in people])
    sealed = {}
    for i, m in enumerate(people):
        draws = coefficients(derive(m["start"], "sa1/coefficients"))
        mshares = split(m["mseed"], t, n, lambda: next(draws))
        bshares = split(m["b"], t, n, lambda: next(draws))
        m["mshares"], m["bshares"] = mshares, bshares
        for j, other in enumerate(people):
            if i != j:
                key = hkdf(root, agree(m["chan"], other["enc"]), label("sa1/chan", sid, u32(i), u32(j)))
                aad = label("sa1/share", sid, root, u32(i), u32(j), u32(t), u32(j + 1))
                sealed[i, j] = AESGCM(key).encrypt(bytes(12), u32(j + 1) + mshares[j] + bshares[j], aad)
        cts = b"".join(sealed[i, j] for j in range(n) if j != i)
        yield "shareKeys.%d" % i, envelope(6, field(1, cts), field(2, m["identity"].sign(label("sa1/shares", sid, root, sha(cts)))))
    u2 = bitmap(range(n), n)
    prg = lambda s: mask(hkdf(root, s, label("sa1/prg", sid, u32(0))), d, w)
    for i, m in enumerate(people):
        yield "shares.%d" % i, envelope(7, field(1, u2), field(2, b"".join(sealed[j, i] for j in range(n) if j != i)))
        y = [a + b for a, b in zip(m["x"], prg(hkdf(root, m["b"], label("sa1/self", sid, u32(i)))))]
        for j, other in enumerate(people):
            if i != j:
                edge = hkdf(root, agree(m["msk"], other["mpk"]), label("sa1/mask", sid, u32(min(i, j)), u32(max(i, j))))
                sign = 1 if i > j else -1
                y = [a + sign * b for a, b in zip(y, prg(edge))]
        packed = pack([v % (1 << w) for v in y], w)
        if i != lost:
            signature = m["identity"].sign(label("sa1/input", sid, root, sha(u2), sha(packed)))
            yield "packed.%d" % i, packed
            yield "maskedInput.%d" % i, envelope(8, field(1, len(packed)), field(2, sha(packed)), field(3, signature))
    alive = [i for i in range(n) if i != lost]
    u3 = bitmap(alive, n)
    yield "survivors", envelope(9, field(1, u3))
    signed = label("sa1/survivors", sid, root, sha(u2), sha(u3))
    signatures = {i: people[i]["identity"].sign(signed) for i in alive}
    for i in alive:
        yield "signedSurvivors.%d" % i, envelope(10, field(1, signatures[i]))
    assert len(alive) == q
    yield "proof", envelope(11, *[field(1, field(1, i) + field(2, signatures[i])) for i in alive])
    for i in alive:
        yield "unmask.%d" % i, envelope(12, field(1, bitmap([lost], n)), field(2, people[lost]["mshares"][i]),
                                        field(3, u3), field(4, b"".join(people[j]["bshares"][i] for j in alive)))
    yield "serverStart", seed("server")
    yield "result", envelope(13, field(1, sha(label("sa1/receipt", sid, derive(seed("server"), "sa1/receipt-salt"), u3))))
    total = [sum(people[i]["x"][e] for i in alive) % (1 << w) for e in range(d)]
    yield "sum", ",".join(map(str, total))


write("primitives.properties", primitives())
write("round_n5_drop1.properties", whole_round())
