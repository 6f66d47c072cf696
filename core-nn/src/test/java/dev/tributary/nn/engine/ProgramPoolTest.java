package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgramPoolTest {
  private final CountingEngine engine = new CountingEngine();
  private final ProgramPool pool = new ProgramPool(2);
  private final ModelSpec one = Models.mlp(3, 4, 2);
  private final ModelSpec other = Models.mlp(3, 5, 2);

  @Test
  void acquire_afterClose_givesTheSameProgramAgain() {
    acquire(one, 4).close();
    acquire(Models.mlp(3, 4, 2), 4).close();
    assertThat(engine.compiled).isEqualTo(1);
    assertThat(engine.closed).isZero();
  }

  @Test
  void acquire_whileOneIsOut_compilesAnother() {
    try (Program first = acquire(one, 4);
        Program second = acquire(one, 4)) {
      assertThat(first).isNotSameAs(second);
      assertThat(engine.compiled).isEqualTo(2);
    }
  }

  @Test
  void acquire_ofOtherModelOrBatchSize_compilesAnother() {
    acquire(one, 4).close();
    acquire(one, 8).close();
    acquire(other, 8).close();
    assertThat(engine.compiled).isEqualTo(3);
  }

  @Test
  void close_beyondTheCapacity_freesTheOneThatWaitedLongest() {
    acquire(one, 1).close();
    acquire(one, 2).close();
    acquire(one, 3).close();
    assertThat(engine.closed).isEqualTo(1);
    acquire(one, 2).close();
    acquire(one, 3).close();
    assertThat(engine.compiled).isEqualTo(3);
    acquire(one, 1).close();
    assertThat(engine.compiled).isEqualTo(4);
  }

  /** Each program has as many bytes as rows here. */
  @Test
  void close_beyondTheBytes_freesTheOnesThatWaitedLongest() {
    ProgramPool small = new ProgramPool(9, 10);
    for (int rows : new int[] {4, 5, 6}) {
      small.acquire(engine, one, rows, Mode.wholeBatch()).close();
    }
    assertThat(engine.closed).isEqualTo(2); // 4 and 5: 6 are left, and 5 more would be too many
    small.acquire(engine, one, 6, Mode.wholeBatch()).close();
    assertThat(engine.compiled).isEqualTo(3);
    small.acquire(engine, one, 11, Mode.wholeBatch()).close();
    assertThat(engine.closed).isEqualTo(4);
    small.acquire(engine, one, 10, Mode.wholeBatch()).close();
    assertThat(engine.closed).isEqualTo(4);
  }

  @Test
  void closeTwice_givesBackOnce() {
    Program program = acquire(one, 4);
    program.close();
    program.close();
    List<Program> out = new ArrayList<>();
    out.add(acquire(one, 4));
    out.add(acquire(one, 4));
    assertThat(engine.compiled).isEqualTo(2);
    out.forEach(Program::close);
  }

  private Program acquire(ModelSpec model, int batchSize) {
    return pool.acquire(engine, model, batchSize, Mode.wholeBatch());
  }

  private static final class CountingEngine implements Engine {
    int compiled;
    int closed;

    @Override
    public long bytes(ModelSpec model, int batchSize, Mode mode) {
      return batchSize;
    }

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public Program compile(ModelSpec model, int batchSize, Mode mode) {
      compiled++;
      return new Program() {
        @Override
        public ModelSpec model() {
          return model;
        }

        @Override
        public int batchSize() {
          return batchSize;
        }

        @Override
        public double gradient(float[] parameters, Batch batch, float[] gradient) {
          return 0;
        }

        @Override
        public double forward(float[] parameters, Batch batch, float[] outputs) {
          return 0;
        }

        @Override
        public void close() {
          closed++;
        }
      };
    }
  }
}
