package dev.tributary.secagg;

import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.server.SumServer;
import dev.tributary.wire.Machine;
import java.util.ArrayList;
import java.util.List;

/**
 * Double-masking secure aggregation with signed keys and a signed survivor set (Bonawitz et al.,
 * CCS 2017, eprint 2017/281), on the complete graph or on a sparse one (Bell et al., CCS 2020,
 * eprint 2020/704); the specification calls it SA1.
 *
 * <p>What is proved: on the complete graph, in {@link Mode#MALICIOUS} with t = floor(2n/3) + 1, a
 * coordinator of any behaviour with fewer than a third of the roster corrupt learns only the sum
 * over one survivor set (the published theorem, in the random oracle model, with a PKI that the
 * coordinator does not control). In {@link Mode#CURIOUS} the coordinator follows the protocol, on
 * the complete graph or the ring lattice. The client-chosen graph and the sampled quorum of
 * malicious mode above 1,024 clients are designed for 2^-40 and proved by nobody. What is not
 * claimed: anything under trust on first use in malicious mode; robustness, since one malicious
 * member can stop a round, though never falsify it; and anything about what the sum itself tells,
 * which is the matter of {@code privacy}.
 */
public final class Sa1 implements SumSuite {

  /** The name in plans. */
  public static final String ID = "sa1";

  /** The name in plans of SA1 with ML-KEM-768 (FIPS 203) beside X25519, in masks and channels. */
  public static final String POST_QUANTUM = "sa1-mlkem768";

  private final String id;

  /** SA1 on X25519 alone. */
  public Sa1() {
    this(ID);
  }

  private Sa1(String id) {
    this.id = id;
  }

  /**
   * The suite of this name.
   *
   * @throws IllegalArgumentException if {@link #speaks} does not hold
   */
  public static Sa1 of(String id) {
    if (!speaks(id)) {
      throw new IllegalArgumentException(
          "SA1 is " + ID + " or " + POST_QUANTUM + ". Provided: " + id);
    }
    return new Sa1(id);
  }

  /** Whether this is the name of SA1, with ML-KEM or without. */
  public static boolean speaks(String id) {
    return id.equals(ID) || id.equals(POST_QUANTUM);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<Step> steps(SumParameters p) {
    return SumSteps.sa1(p);
  }

  @Override
  public List<Violation> check(SumParameters p) {
    List<Violation> found = new ArrayList<>(p.violations());
    if (!p.suite().equals(id)) {
      found.add(new Violation("suite must be " + id + ". Provided: " + p.suite(), "use its own"));
    }
    return found;
  }

  @Override
  public Quorum quorum(SumParameters p) {
    return new Quorum(p.floor(), p.quorum(), p.threshold());
  }

  @Override
  public Machine open(SumSession session) {
    List<Violation> found = new ArrayList<>(check(session.parameters()));
    found.addAll(session.floors().violations(session.parameters()));
    if (!found.isEmpty()) {
      throw new SumParametersException(found);
    }
    return session.role() == Role.CLIENT ? new SumClient(session) : SumServer.sa1(session);
  }
}
