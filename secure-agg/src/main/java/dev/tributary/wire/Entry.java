package dev.tributary.wire;

import com.google.protobuf.ByteString;

/**
 * One durable record of a machine.
 *
 * @param payload what {@link Kind} says; never a secret
 */
public record Entry(Kind kind, ByteString payload) {

  /** What was recorded. */
  public enum Kind {
    /**
     * Client, before its masked input leaves: it contributes to this session. Payload: session id.
     */
    CONTRIBUTED,
    /** Client, before its signature leaves. Payload: SHA-256 of the one survivor set it signs. */
    SURVIVORS_SIGNED,
    /**
     * Coordinator: an input was accepted. Payload: slot (u32, big-endian), SHA-256 of the packed
     * input.
     */
    INPUT_ACCEPTED,
    /**
     * Coordinator, before any survivor message: payload is the bitmap of slots, lowest bit first.
     */
    SURVIVORS_FROZEN,
    /** Coordinator: an unmasking answer has arrived. Payload: slot (u32, big-endian). */
    UNMASKING_ANSWERED,
    /**
     * Coordinator, as evidence: a lost member's mask ciphertext is not the one of its seed.
     * Payload: slot (u32, big-endian), the envelope with the ShareKeys that it signed.
     */
    WRONG_KEM_CIPHERTEXT
  }
}
