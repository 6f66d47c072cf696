package dev.tributary.secagg;

/** Against whom a sum holds (secure aggregation, section 1). */
public enum Mode {
  /**
   * Any coordinator behaviour, with fewer than a third of the roster corrupt: it learns only the
   * sum over one survivor set. Published for the complete graph (Bonawitz et al., CCS 2017); above
   * 1,024 clients the graph and the quorum are this project's own, against the corrupt fraction,
   * and their proof is open. It needs certified identities: see {@link SumSession#effectiveMode()}.
   */
  MALICIOUS,
  /** A coordinator that follows the protocol, plus the corrupt fraction of the clients. */
  CURIOUS
}
