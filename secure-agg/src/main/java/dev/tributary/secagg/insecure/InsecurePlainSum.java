package dev.tributary.secagg.insecure;

import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Role;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumParametersException;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.secagg.server.SumServer;
import dev.tributary.wire.Machine;
import java.util.ArrayList;
import java.util.List;

/**
 * The sum without protection: the coordinator sees every vector. For fast simulation, where it
 * gives bit for bit the sum that {@code Sa1} gives. No plan of a live coordinator may name it.
 */
public final class InsecurePlainSum implements SumSuite {

  /** The name in plans. */
  public static final String ID = "insecure-plain-sum";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public List<Step> steps(SumParameters p) {
    return List.of(SumSteps.inputStep(p, 1));
  }

  @Override
  public List<Violation> check(SumParameters p) {
    List<Violation> found = new ArrayList<>(p.violations());
    if (!p.suite().equals(ID)) {
      found.add(new Violation("suite must be " + ID + ". Provided: " + p.suite(), "use its own"));
    }
    return found;
  }

  @Override
  public Quorum quorum(SumParameters p) {
    return new Quorum(p.floor(), 0, 0);
  }

  @Override
  public Machine open(SumSession session) {
    List<Violation> found = check(session.parameters());
    if (!found.isEmpty()) {
      throw new SumParametersException(found);
    }
    return session.role() == Role.CLIENT
        ? new PlainClient(session)
        : SumServer.insecurePlain(session);
  }
}
