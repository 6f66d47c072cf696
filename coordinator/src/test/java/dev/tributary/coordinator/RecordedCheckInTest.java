package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The front door lets clients of the recorded wire in and out; {@code WireVersionTest} has more.
 */
class RecordedCheckInTest {
  private static final Path RECORD = Path.of("../client-sdk/src/test/wire/v1.txt");
  private static final Instant RECORDED = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void recordedCheckInsAndWithdrawals_areLetIn_andServeForNothingElse() throws Exception {
    List<String[]> lines =
        Files.readAllLines(RECORD).stream().map(line -> line.split("\t", -1)).toList();
    byte[] root = new byte[Seed.LENGTH];
    root[0] = 21; // the cohort's
    CertificateVerifier verifier =
        EnrolmentAuthority.fromSeed("test", Seed.of(root).derive("authority"), new SecureRandom())
            .anchors()
            .verifier();
    byte[] key =
        CheckInReply.parseFrom(bytes(lines, "GET /v1/coordinator", 3))
            .getCoordinatorKey()
            .toByteArray();
    CheckInDesk desk = new CheckInDesk(key, verifier);
    CheckInRequest in = CheckInRequest.parseFrom(bytes(lines, "POST /v1/check-in", 2));
    CheckInRequest out = CheckInRequest.parseFrom(bytes(lines, "POST /v1/withdraw", 2));

    desk.check(in, "test", RECORDED);
    desk.checkWithdrawal(out, RECORDED);
    assertThat(in.getIdentity()).isEqualTo(out.getIdentity());
    assertThatThrownBy(() -> desk.checkWithdrawal(in, RECORDED))
        .isInstanceOf(FrontDoorException.class);
    assertThatThrownBy(
            () -> desk.check(out.toBuilder().mergeFrom(certified(in)).build(), "test", RECORDED))
        .isInstanceOf(FrontDoorException.class);
  }

  private static CheckInRequest certified(CheckInRequest in) {
    return CheckInRequest.newBuilder().setCertificate(in.getCertificate()).build();
  }

  private static byte[] bytes(List<String[]> lines, String what, int field) {
    return lines.stream()
        .filter(line -> line[1].equals(what))
        .map(line -> HexFormat.of().parseHex(line[field]))
        .findFirst()
        .orElseThrow();
  }
}
