package dev.tributary.secagg;

/** Why a member left a session. A member has exactly one. */
public enum DropReason {
  /** It declined, or its shell reported that it is gone. */
  DECLINED,
  /** No AdvertiseKeys by the end of the step. */
  NO_KEYS,
  /** No Choice by the end of the step. */
  NO_CHOICE,
  /** No ShareKeys by the end of the step. */
  NO_SHARES,
  /** No masked input by the end of the step. Others have masked with it. */
  NO_INPUT,
  /** No survivor signature by the end of the step. Its input stays in the sum. */
  NO_SIGNATURE,
  /** No draw of signatures by the end of the step. Its input stays in the sum. */
  NO_SAMPLE,
  /** No unmasking answer by the end of the step. Its input stays in the sum. */
  NO_ANSWER,
  /** A key that is no key, of low order or used twice, a bad signature, or a bad certificate. */
  INVALID_PUBLIC_KEY,
  /** A choice of too few or too many, of nobody or of itself, or a bad signature. */
  INVALID_CHOICE,
  /** Shares that are missing, too many or of the wrong length, or a bad signature. */
  INVALID_SHARE_KEYS_RESPONSE,
  /** An input of the wrong length, packing, padding, digest or signature. */
  INVALID_MASKED_INPUT,
  /** A bad signature over the survivor set. Its input stays in the sum. */
  INVALID_SURVIVOR_SIGNATURE,
  /** A draw of too few or too many, of nobody or of itself. Its input stays in the sum. */
  INVALID_SAMPLE,
  /** Shares of the wrong kind, set or length. Its input stays in the sum. */
  INVALID_UNMASKING_RESPONSE,
  /**
   * Two different messages in one step, or a message of another step. An accepted input stays in
   * the sum.
   */
  EQUIVOCATION
}
