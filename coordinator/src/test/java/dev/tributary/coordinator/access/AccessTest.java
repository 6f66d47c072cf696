package dev.tributary.coordinator.access;

import static dev.tributary.coordinator.access.Permission.CONTROL_JOBS;
import static dev.tributary.coordinator.access.Permission.SEE_AUDIT_LOG;
import static dev.tributary.coordinator.access.Permission.SEE_JOBS;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AccessTest {
  /** The matrix of docs/operate.md, written again. */
  private static final Map<Role, Set<Permission>> MATRIX =
      Map.of(
          Role.VIEWER, Set.of(SEE_JOBS),
          Role.OPERATOR, Set.of(SEE_JOBS, CONTROL_JOBS),
          Role.AUDITOR, Set.of(SEE_JOBS, SEE_AUDIT_LOG),
          Role.OWNER, EnumSet.allOf(Permission.class));

  @Test
  void matrix_isWhatIsPromised() {
    for (Role role : Role.values()) {
      Set<Permission> granted =
          Arrays.stream(Permission.values()).filter(role::may).collect(Collectors.toSet());
      assertThat(granted).as("%s", role).isEqualTo(MATRIX.get(role));
      assertThat(Role.of(role.word())).contains(role);
    }
    assertThat(Role.of("root")).isEmpty();
  }

  @Test
  void secret_isParsedInItsOwnFormAlone_andShownOnlyWhenAsked() {
    TokenSecret secret = TokenSecret.draw(new SecureRandom());
    String text = secret.reveal();
    assertThat(text).matches("tributary_[0-9a-f]{64}");
    assertThat(TokenSecret.parse(text).orElseThrow().digest()).isEqualTo(secret.digest());
    assertThat(TokenSecret.draw(new SecureRandom()).reveal()).isNotEqualTo(text);
    assertThat(secret.toString()).doesNotContain(text.substring(10, 20));
    assertThat(secret.digest()).hasSize(32);
    for (String wrong :
        new String[] {
          "", text.substring(10), text + "0", text.toUpperCase(java.util.Locale.ROOT), text + "\n"
        }) {
      assertThat(TokenSecret.parse(wrong)).as("<%s>", wrong).isEmpty();
    }
  }
}
