package dev.tributary.secagg.server;

import dev.tributary.secagg.StepReport;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Times and bytes of each step. */
final class StepLog {

  private final List<StepReport> done = new ArrayList<>();
  private String step = "";
  private Instant from = Instant.EPOCH;
  private long up;
  private long down;

  void begin(String name, Instant now) {
    end(now);
    step = name;
    from = now;
    up = 0;
    down = 0;
  }

  void up(Envelope message, @Nullable Body body) {
    up += message.getSerializedSize() + (body == null ? 0 : body.length());
  }

  void down(Envelope message, @Nullable Body rest) {
    down += message.getSerializedSize() + (rest == null ? 0 : rest.length());
  }

  private void end(Instant now) {
    if (!step.isEmpty()) {
      done.add(new StepReport(step, from, now, up, down));
      step = "";
    }
  }

  List<StepReport> finish(Instant now) {
    end(now);
    return List.copyOf(done);
  }
}
