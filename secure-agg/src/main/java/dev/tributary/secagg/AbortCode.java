package dev.tributary.secagg;

/** Why a session ended without a sum. The name is the stable code. */
public enum AbortCode {
  /** Fewer alive than the floor. */
  NOT_ENOUGH_CLIENTS,
  /** No secret that its owner committed to can be found in the shares that came. */
  WRONG_SHARES,
  /** A lost member signed a mask ciphertext that is not the one of its mask seed. */
  WRONG_KEM_CIPHERTEXT,
  /** The other end sent what it must not: the reason says what. */
  PROTOCOL_VIOLATION,
  /** The roster breaks a rule of the client's. */
  ROSTER_REFUSED,
  /** The survivor set breaks a rule of the client's. */
  SURVIVORS_REFUSED,
  /** The proof of the survivor set does not hold. */
  PROOF_REFUSED,
  /** Time is up. */
  DEADLINE,
  /** The owner stopped the machine. */
  STOPPED,
  /** A job of the machine failed. */
  INTERNAL
}
