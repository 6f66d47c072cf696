package dev.tributary.secagg.testing;

import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Role;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.server.SumServer;
import dev.tributary.wire.Machine;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * SA1 with degrees, thresholds and quorums as they are given, so that sparse graphs of a few
 * members can be run.
 */
public final class InjectedSa1 implements SumSuite {

  private final Sa1 sa1 = new Sa1();
  private final Function<SumSession, Machine> clients;
  private final UnaryOperator<SumSession> coordinator;

  /** The deployed machines. */
  public InjectedSa1() {
    this(SumClient::new);
  }

  /** The deployed coordinator with clients of a test. */
  public InjectedSa1(Function<SumSession, Machine> clients) {
    this(clients, session -> session);
  }

  /** Clients of a test, and the deployed coordinator in a session as a test likes it. */
  public InjectedSa1(Function<SumSession, Machine> clients, UnaryOperator<SumSession> coordinator) {
    this.clients = clients;
    this.coordinator = coordinator;
  }

  /** A cohort on the sparse graph of its mode. */
  public static SumParameters parameters(
      dev.tributary.secagg.Mode mode,
      int clients,
      double dropout,
      int degree,
      int threshold,
      int quorum,
      int length) {
    return parameters(mode, clients, dropout, degree, threshold, quorum, 0, length);
  }

  /** The same with a sampled quorum. */
  public static SumParameters parameters(
      dev.tributary.secagg.Mode mode,
      int clients,
      double dropout,
      int degree,
      int threshold,
      int quorum,
      int sample,
      int length) {
    return new SumParameters(
        Sa1.ID, mode, clients, 0, dropout, degree, threshold, quorum, sample, 2, 0, 16, length);
  }

  @Override
  public String id() {
    return Sa1.ID;
  }

  @Override
  public List<Step> steps(SumParameters parameters) {
    return sa1.steps(parameters);
  }

  @Override
  public List<Violation> check(SumParameters parameters) {
    return List.of();
  }

  @Override
  public Quorum quorum(SumParameters parameters) {
    return sa1.quorum(parameters);
  }

  @Override
  public Machine open(SumSession session) {
    return session.role() == Role.CLIENT
        ? clients.apply(session)
        : SumServer.sa1(coordinator.apply(session));
  }
}
