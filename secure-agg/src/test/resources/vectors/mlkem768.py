#!/usr/bin/env python3
"""ML-KEM-768 from FIPS 203, for sa1.py: plain, slow, not constant time, for test vectors alone.

  mlkem768.py            holds it to the vectors of NIST in acvp_mlkem768.properties

Names and algorithm numbers are those of the standard; byte strings in, byte strings out.
"""
import os
from hashlib import sha3_256, sha3_512, shake_128, shake_256

Q, N, K, ETA, DU, DV = 3329, 256, 3, 2, 10, 4
ENCAPSULATION_KEY, DECAPSULATION_KEY, CIPHERTEXT = 384 * K + 32, 768 * K + 96, 32 * (DU * K + DV)


def bit_reverse(i):
    return int("{:07b}".format(i)[::-1], 2)


ZETAS = [pow(17, bit_reverse(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * bit_reverse(i) + 1, Q) for i in range(128)]


def encode(d, f):
    """Algorithm 5, ByteEncode_d."""
    bits = 0
    for i, a in enumerate(f):
        bits |= a << (d * i)
    return bits.to_bytes(32 * d, "little")


def decode(d, data):
    """Algorithm 6, ByteDecode_d."""
    bits, modulus = int.from_bytes(data, "little"), Q if d == 12 else 1 << d
    return [(bits >> (d * i) & ((1 << d) - 1)) % modulus for i in range(N)]


def compress(d, f):
    """round(2^d x / q) mod 2^d, halves up (section 4.2.1)."""
    return [((2 * a << d) + Q) // (2 * Q) % (1 << d) for a in f]


def decompress(d, f):
    return [(2 * a * Q + (1 << d)) // (2 << d) for a in f]


def sample_ntt(seed):
    """Algorithm 7; the stream is long enough but with a probability below 2^-100, and then it says so."""
    data, found = shake_128(seed).digest(3 * 560), []
    for at in range(0, len(data), 3):
        low, mid, high = data[at : at + 3]
        for candidate in (low + 256 * (mid % 16), mid // 16 + 16 * high):
            if candidate < Q and len(found) < N:
                found.append(candidate)
    assert len(found) == N
    return found


def sample_cbd(data):
    """Algorithm 8, SamplePolyCBD_2."""
    bits = [byte >> k & 1 for byte in data for k in range(8)]
    return [(bits[4 * i] + bits[4 * i + 1] - bits[4 * i + 2] - bits[4 * i + 3]) % Q for i in range(N)]


def prf(seed, number):
    return sample_cbd(shake_256(seed + bytes([number])).digest(64 * ETA))


def ntt(f):
    """Algorithm 9."""
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = ZETAS[i] * f[j + length]
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
            i += 1
        length //= 2
    return f


def inverse_ntt(f):
    """Algorithm 10."""
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                f[j], f[j + length] = (f[j] + f[j + length]) % Q, ZETAS[i] * (f[j + length] - f[j]) % Q
            i -= 1
        length *= 2
    return [a * 3303 % Q for a in f]


def multiply(f, g):
    """Algorithms 11 and 12."""
    h = []
    for i in range(128):
        a0, a1, b0, b1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        h += [(a0 * b0 + a1 * b1 * GAMMAS[i]) % Q, (a0 * b1 + a1 * b0) % Q]
    return h


def add(*polynomials):
    return [sum(column) % Q for column in zip(*polynomials)]


def dot(f, g):
    return add(*[multiply(a, b) for a, b in zip(f, g)])


def matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


def pke_keygen(d):
    """Algorithm 13."""
    both = sha3_512(d + bytes([K])).digest()
    rho, sigma = both[:32], both[32:]
    s = [ntt(prf(sigma, i)) for i in range(K)]
    e = [ntt(prf(sigma, K + i)) for i in range(K)]
    t = [add(dot(row, s), e[i]) for i, row in enumerate(matrix(rho))]
    return b"".join(encode(12, f) for f in t) + rho, b"".join(encode(12, f) for f in s)


def pke_encrypt(ek, m, r):
    """Algorithm 14."""
    t = [decode(12, ek[384 * i : 384 * i + 384]) for i in range(K)]
    a = matrix(ek[384 * K :])
    y = [ntt(prf(r, i)) for i in range(K)]
    u = [add(inverse_ntt(dot([a[j][i] for j in range(K)], y)), prf(r, K + i)) for i in range(K)]
    v = add(inverse_ntt(dot(t, y)), prf(r, 2 * K), decompress(1, decode(1, m)))
    return b"".join(encode(DU, compress(DU, f)) for f in u) + encode(DV, compress(DV, v))


def pke_decrypt(dk, c):
    """Algorithm 15."""
    u = [decompress(DU, decode(DU, c[32 * DU * i : 32 * DU * (i + 1)])) for i in range(K)]
    v = decompress(DV, decode(DV, c[32 * DU * K :]))
    s = [decode(12, dk[384 * i : 384 * i + 384]) for i in range(K)]
    w = inverse_ntt(dot(s, [ntt(f) for f in u]))
    return encode(1, compress(1, add(v, [Q - a for a in w])))


def keygen(seed):
    """Algorithm 16 from the 64 bytes d | z: (encapsulation key, decapsulation key)."""
    ek, dk = pke_keygen(seed[:32])
    return ek, dk + ek + sha3_256(ek).digest() + seed[32:]


def is_key(ek):
    """The checks of section 7.2: length and modulus."""
    return len(ek) == ENCAPSULATION_KEY and all(
        encode(12, decode(12, ek[at : at + 384])) == ek[at : at + 384] for at in range(0, 384 * K, 384))


def encapsulate(ek, m):
    """Algorithm 17: (ciphertext, secret), the same for the same 32 bytes."""
    assert is_key(ek)
    both = sha3_512(m + sha3_256(ek).digest()).digest()
    return pke_encrypt(ek, m, both[32:]), both[:32]


def decapsulate(dk, c):
    """Algorithm 18, with its implicit rejection."""
    assert len(dk) == DECAPSULATION_KEY and len(c) == CIPHERTEXT
    ek, h, z = dk[384 * K : 768 * K + 32], dk[768 * K + 32 : 768 * K + 64], dk[768 * K + 64 :]
    m = pke_decrypt(dk, c)
    both = sha3_512(m + h).digest()
    return both[:32] if pke_encrypt(ek, m, both[32:]) == c else shake_256(z + c).digest(32)


def check():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "acvp_mlkem768.properties")
    known = dict(line.rstrip("\n").split("=", 1) for line in open(path) if "=" in line and line[0] != "#")
    of = lambda key: bytes.fromhex(known[key])
    cases = 0
    for case in known["keyGen"].split(","):
        at = "keyGen.%s." % case
        assert keygen(of(at + "d") + of(at + "z")) == (of(at + "ek"), of(at + "dk")), at
        cases += 1
    for case in known["encapsulation"].split(","):
        at = "encapsulation.%s." % case
        assert encapsulate(of(at + "ek"), of(at + "m")) == (of(at + "c"), of(at + "k")), at
        cases += 1
    for case in known["decapsulation"].split(","):
        at = "decapsulation.%s." % case
        assert decapsulate(of("decapsulation.dk"), of(at + "c")) == of(at + "k"), at
        cases += 1
    good = of("keyGen.%s.ek" % known["keyGen"].split(",")[0])
    assert is_key(good) and not is_key(good[1:]) and not is_key(b"\x01\x0d" + good[2:])
    print("%d cases of NIST hold" % cases)


if __name__ == "__main__":
    check()
