"""Flower's side of `tributary bench secure-agg`: its own functions for SecAgg+, in its own order.

Reads lines, answers each with seconds of processor time:
  "mask LENGTH"                      one mask of LENGTH int64, made and added
  "round CLIENTS THRESHOLD LOST LENGTH"  two numbers: one client's round, the server's unmasking
A client does what flwr/client/mod/secure_aggregation/secaggplus_mod.py does, a server what
flwr/server/workflow/secure_aggregation/secaggplus_workflow.py does, without messages, training and
quantisation; every client is a neighbour of every other. Its first line says which versions run.
"""
import os
import platform
import sys
import time
from importlib.metadata import version

import numpy as np
from flwr.common import ndarray_to_bytes
from flwr.common.secure_aggregation.crypto.shamir import combine_shares, create_shares
from flwr.common.secure_aggregation.crypto.symmetric_encryption import (
    decrypt,
    encrypt,
    generate_shared_key,
)
from flwr.common.secure_aggregation.ndarrays_arithmetic import (
    parameters_addition,
    parameters_mod,
    parameters_subtraction,
)
from flwr.common.secure_aggregation.secaggplus_utils import (
    pseudo_rand_gen,
    share_keys_plaintext_concat,
    share_keys_plaintext_separate,
)

try:
    from flwr.common.secure_aggregation.crypto.symmetric_encryption import (
        bytes_to_private_key,
        bytes_to_public_key,
        generate_key_pairs,
        private_key_to_bytes,
        public_key_to_bytes,
    )
except ImportError:  # where newer versions keep them
    from flwr.supercore.primitives.asymmetric import (
        bytes_to_private_key,
        bytes_to_public_key,
        generate_key_pairs,
        private_key_to_bytes,
        public_key_to_bytes,
    )

RANGE = 1 << 32


def timed(operation):
    start = time.process_time()
    operation()
    return time.process_time() - start


def mask(length):
    """The fastest of ten."""
    seed, total = os.urandom(32), [np.zeros(length, dtype=np.int64)]
    return min(
        timed(lambda: parameters_addition(total, pseudo_rand_gen(seed, RANGE, [(length,)])))
        for _ in range(10)
    )


def key_pair():
    secret, public = generate_key_pairs()
    return private_key_to_bytes(secret), public_key_to_bytes(public)


def client(peers, threshold, length):
    """One client among peers, whose public keys are there already."""
    n = len(peers) + 1
    vector = [np.zeros(length, dtype=np.int64)]
    start = time.process_time()
    sk1, _ = key_pair()
    sk2, _ = key_pair()
    seed = os.urandom(32)
    seed_shares = create_shares(seed, threshold, n)
    key_shares = create_shares(sk1, threshold, n)
    channels, ciphertexts = [], []
    for j, (_, pk2) in enumerate(peers):
        channels.append(generate_shared_key(bytes_to_private_key(sk2), bytes_to_public_key(pk2)))
        plaintext = share_keys_plaintext_concat(0, j + 1, seed_shares[j], key_shares[j])
        ciphertexts.append(encrypt(channels[j], plaintext))
    for j, ciphertext in enumerate(ciphertexts):  # as long as those of its peers
        share_keys_plaintext_separate(decrypt(channels[j], ciphertext))
    vector = parameters_addition(vector, pseudo_rand_gen(seed, RANGE, [(length,)]))
    for pk1, _ in peers:
        shared = generate_shared_key(bytes_to_private_key(sk1), bytes_to_public_key(pk1))
        vector = parameters_subtraction(vector, pseudo_rand_gen(shared, RANGE, [(length,)]))
    vector = parameters_mod(vector, RANGE)
    ndarray_to_bytes(vector[0])
    return time.process_time() - start


def server(keys, threshold, lost, length):
    """The unmasking, with the shares of all survivors, as Flower's workflow takes them.

    Reconstructing takes Flower minutes, so each operation is timed and multiplied by its count.
    """
    n = len(keys)
    alive = n - lost
    masks = alive + lost * (n - 1)  # those of lost clients with all neighbours, as Flower does it
    seed_shares = create_shares(os.urandom(32), threshold, n)[:alive]
    seconds = alive * timed(lambda: combine_shares(seed_shares)) + masks * mask(length)
    if lost:
        secret, public = keys[0][0], keys[1][1]
        key_shares = create_shares(secret, threshold, n)[:alive]
        seconds += lost * timed(lambda: combine_shares(key_shares))
        seconds += lost * (n - 1) * min(
            timed(
                lambda: generate_shared_key(
                    bytes_to_private_key(secret), bytes_to_public_key(public)
                )
            )
            for _ in range(20)
        )
    return seconds


print(
    f"Flower {version('flwr')}, NumPy {np.__version__}, cryptography {version('cryptography')}, "
    f"Python {platform.python_version()}",
    flush=True,
)
for line in sys.stdin:
    what, *numbers = line.split()
    if what == "mask":
        length = int(numbers[0])
        print(mask(length), flush=True)
    else:
        n, threshold, lost, length = map(int, numbers)
        keys = [key_pair() for _ in range(n)]
        peers = [(public, public) for _, public in keys[1:]]
        print(client(peers, threshold, length), server(keys, threshold, lost, length), flush=True)
