package dev.tributary.coordinator.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Who may do what: the only place that says so. */
public enum Role {
  /** Looks at jobs. */
  VIEWER,
  /** Runs jobs. */
  OPERATOR,
  /** Checks what others did, and does nothing. */
  AUDITOR,
  /** Does everything, and says who does what. */
  OWNER;

  public boolean may(Permission permission) {
    return switch (permission) {
      case SEE_JOBS -> true;
      case CONTROL_JOBS -> this == OPERATOR || this == OWNER;
      case SEE_AUDIT_LOG -> this == AUDITOR || this == OWNER;
      case MANAGE_TOKENS -> this == OWNER;
    };
  }

  /** As people write it: {@code viewer}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role of that word. */
  public static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }
}
