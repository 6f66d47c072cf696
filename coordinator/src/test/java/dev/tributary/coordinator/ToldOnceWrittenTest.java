package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Sa1;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a coordinator says is in its database when it leaves: a reader of its own, which sees what
 * is committed and nothing else, finds the survivor set of the round before any member hears of it.
 * So a coordinator that takes the round up after it tells the same one.
 */
class ToldOnceWrittenTest {
  @TempDir Path directory;

  @Test
  void survivors_areToldOnceTheyAreCommitted() throws Exception {
    told(1);
  }

  @Test
  void survivors_areToldOnceTheyAreCommitted_ofEventsThatAreWrittenTogether() throws Exception {
    told(100);
  }

  private void told(int together) throws Exception {
    Job job =
        Jobs.withNoise(
            "rounds=2", "cohort.size=15", "cohort.minimum=10", "cohort.schedule.separation=2");
    AtomicInteger offers = new AtomicInteger();
    AtomicInteger survivors = new AtomicInteger();
    String file = "jdbc:sqlite:" + directory.resolve("tributary.db");
    try (Store store = Store.open(directory, Durability.MEMORY);
        Connection reader = DriverManager.getConnection(file)) {
      World world =
          new World(
              job,
              store,
              // One does not answer, so that the set is not everybody.
              member -> member % 10 == 3 ? Behaviour.SILENT : Behaviour.ANSWERS,
              member -> true,
              1,
              null,
              new Sa1());
      world.together = together;
      world.leaving =
          send -> {
            if (send.message().hasOffer()) {
              offers.incrementAndGet();
              assertThat(rows(reader, "SELECT COUNT(*) FROM round WHERE state = 'RUNNING'"))
                  .as("the round of an offer")
                  .isEqualTo(1);
            } else if (send.message().hasSurvivors()) {
              survivors.incrementAndGet();
              assertThat(
                      rows(reader, "SELECT COUNT(*) FROM journal WHERE kind = 'SURVIVORS_FROZEN'"))
                  .as("the survivor set that is told")
                  .isEqualTo(1);
            }
          };

      JobResult result = world.run();

      assertThat(result.completed()).isEqualTo(2);
      assertThat(offers).hasValue(30);
      assertThat(survivors.get()).isBetween(20, 30);
    }
  }

  private static long rows(Connection reader, String query) {
    try (Statement sql = reader.createStatement();
        ResultSet rows = sql.executeQuery(query)) {
      return rows.next() ? rows.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }
}
