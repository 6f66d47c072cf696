package dev.tributary.coordinator;

import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Role;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Machine;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A sum in which one member is found to have answered with wrong shares of four others. */
final class LyingHolderSuite implements SumSuite {

  private final SumSuite plain = new InsecurePlainSum();
  private final byte[] liar;

  /** The liar by its identity key. */
  LyingHolderSuite(byte[] liar) {
    this.liar = liar;
  }

  @Override
  public String id() {
    return plain.id();
  }

  @Override
  public List<Step> steps(SumParameters parameters) {
    return plain.steps(parameters);
  }

  @Override
  public List<Violation> check(SumParameters parameters) {
    return plain.check(parameters);
  }

  @Override
  public Quorum quorum(SumParameters parameters) {
    return plain.quorum(parameters);
  }

  @Override
  public Machine open(SumSession session) {
    Machine machine = plain.open(session);
    if (session.role() == Role.CLIENT) {
      return machine;
    }
    int slot =
        IntStream.range(0, session.identityKeys().size())
            .filter(i -> Arrays.equals(session.identityKeys().get(i), liar))
            .findAny()
            .orElse(-1);
    return (now, event) -> machine.on(now, event).stream().map(e -> accuse(e, slot)).toList();
  }

  private static Effect accuse(Effect effect, int slot) {
    if (slot < 0
        || !(effect instanceof Effect.Finish finish)
        || !(finish.result() instanceof SumResult.RingSum sum)
        || !sum.survivors().get(slot)) {
      return effect;
    }
    List<SumResult.WrongShare> wrong =
        sum.survivors().stream()
            .filter(dealer -> dealer != slot)
            .limit(4)
            .mapToObj(dealer -> new SumResult.WrongShare(dealer, slot))
            .toList();
    return new Effect.Finish(
        new SumResult.RingSum(sum.survivors(), sum.sum(), sum.dropped(), wrong, sum.steps()));
  }
}
