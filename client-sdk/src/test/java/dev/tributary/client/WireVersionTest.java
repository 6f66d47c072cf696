package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.WireRecord.Entry;
import dev.tributary.client.round.ClientOutcome.Kind;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Sa1;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Version 1 of the wire as it was recorded, in {@code src/test/wire/v1.txt}: a job of one round and
 * four members, from check-in to withdrawal. Its clients complete their round with the coordinator
 * of today, and its coordinator with the clients of today, byte for byte. A wire that differs on
 * purpose gets a record of its own beside this one, which stays as long as its clients do.
 */
class WireVersionTest {
  private static final Path RECORD = Path.of("src/test/wire/v1.txt");
  private static final Path OF_TODAY = Path.of("target/wire-v1.txt");
  private static final int N = 4;

  @TempDir Path directory;
  private final Cohort cohort = new Cohort(N, 21);

  @Test
  void recordedClients_completeTheirRoundWithTheCoordinatorOfToday() throws IOException {
    recordedClients(WireRecord.read(RECORD));
  }

  @Test
  void recordedCoordinator_completesItsRoundWithTheClientsOfToday() throws Exception {
    recordedCoordinator(WireRecord.read(RECORD));
  }

  /** What a next version would keep of this one. */
  @Test
  void recordOfToday_isPlayedBackToo_andHasTheSameMessages() throws Exception {
    WireRecord today = record();
    Files.createDirectories(OF_TODAY.toAbsolutePath().getParent());
    today.write(OF_TODAY);

    WireRecord read = WireRecord.read(OF_TODAY);
    recordedClients(read);
    recordedCoordinator(read);
    assertThat(messages(read)).isEqualTo(messages(WireRecord.read(RECORD)));
    assertThat(messages(read))
        .containsExactly(
            "down OFFER",
            "down PROOF",
            "down RESULT",
            "down ROSTER",
            "down SHARES",
            "down SURVIVORS",
            "up ADVERTISE_KEYS",
            "up MASKED_INPUT",
            "up SHARE_KEYS",
            "up SIGNED_SURVIVORS",
            "up UNMASK");
  }

  private void recordedClients(WireRecord record) throws IOException {
    byte[] model = record.first(0, "GET /v1/models/").reply();
    WireCoordinator coordinator = new WireCoordinator(cohort, plan(record), model);
    for (Entry each : record.entries) {
      byte[] reply = coordinator.answer(each.member(), each.what(), each.request());
      assertThat(reply).as("%s of %d", each.what(), each.member()).isEqualTo(each.reply());
    }
    assertThat(coordinator.sum().survivors().cardinality()).isEqualTo(N);
  }

  private void recordedCoordinator(WireRecord record) throws Exception {
    for (int member = 0; member < N; member++) {
      Iterator<Entry> entries = record.of(member).iterator();
      int own = member;
      Transport replies =
          new WireTransport(
              (what, request) -> {
                Entry next = entries.next();
                assertThat(what).as("member %d", own).isEqualTo(next.what());
                assertThat(request).as("%s of %d", what, own).isEqualTo(next.request());
                return next.reply();
              });
      byte[] first = record.first(member, "POST /v1/check-in").request();
      Certificate shown =
          Certificate.parse(CheckInRequest.parseFrom(first).getCertificate().toByteArray());
      Path folder = Files.createTempDirectory(directory, "client");
      try (StateDirectory state = StateDirectory.open(folder)) {
        WireClient client = new WireClient(cohort, member, shown, state, replies);
        client.checkIn();
        boolean going = true;
        while (going) {
          going = client.turn();
        }
        client.withdraw();
        assertThat(client.outcome().kind()).isEqualTo(Kind.CONTRIBUTED);
      }
      assertThat(entries).as("what was left of member %d", member).isExhausted();
    }
  }

  private WireRecord record() throws Exception {
    WireRecord record = new WireRecord();
    WireCoordinator coordinator =
        new WireCoordinator(cohort, cohort.plan(Sa1.ID, 0, 4, 3).build(), cohort.model.toBytes());
    List<StateDirectory> states = new ArrayList<>();
    List<WireClient> going = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      int own = member;
      Transport recorded =
          new WireTransport(
              (what, request) -> {
                byte[] reply = coordinator.answer(own, what, request);
                record.entries.add(new Entry(own, what, request, reply));
                return reply;
              });
      StateDirectory state = StateDirectory.open(directory.resolve("recorded-" + member));
      states.add(state);
      going.add(new WireClient(cohort, member, cohort.certificates.get(member), state, recorded));
    }
    List<WireClient> all = List.copyOf(going);
    for (WireClient client : all) {
      client.checkIn();
    }
    while (!going.isEmpty()) {
      for (WireClient client : List.copyOf(going)) {
        if (!client.turn()) {
          going.remove(client);
        }
      }
    }
    for (WireClient client : all) {
      client.withdraw();
    }
    states.forEach(StateDirectory::close);
    return record;
  }

  /** The plan of the offer that the first member got. */
  private static Plan plan(WireRecord record) throws IOException {
    for (Entry each : record.of(0)) {
      if (each.what().equals("POST /v1/exchange")) {
        ExchangeReply reply = ExchangeReply.parseFrom(each.reply());
        if (reply.getDeliveriesCount() > 0) {
          return Plan.parse(
              reply.getDeliveries(0).getEnvelope().getOffer().getPlan().toByteArray());
        }
      }
    }
    throw new AssertionError("no offer");
  }

  /** Which messages of a round stand in a record. */
  private static List<String> messages(WireRecord record) throws IOException {
    TreeSet<String> kinds = new TreeSet<>();
    for (Entry each : record.entries) {
      if (each.what().equals("POST /v1/exchange")) {
        for (Envelope up : ExchangeRequest.parseFrom(each.request()).getMessagesList()) {
          kinds.add("up " + kind(up));
        }
        ExchangeReply.parseFrom(each.reply())
            .getDeliveriesList()
            .forEach(down -> kinds.add("down " + kind(down.getEnvelope())));
      }
    }
    return List.copyOf(kinds);
  }

  private static String kind(Envelope message) {
    return message.getKindCase().name();
  }
}
