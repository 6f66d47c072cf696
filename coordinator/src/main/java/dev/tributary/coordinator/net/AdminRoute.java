package dev.tributary.coordinator.net;

import dev.tributary.coordinator.access.Permission;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What those who administer a coordinator can ask of it, and which permission each takes. */
enum AdminRoute {
  DESCRIPTION("GET", "/admin/v1/openapi.yaml", null),
  JOBS("GET", "/admin/v1/jobs", Permission.SEE_JOBS),
  SUBMIT("POST", "/admin/v1/jobs", Permission.CONTROL_JOBS),
  JOB("GET", "/admin/v1/jobs/{name}", Permission.SEE_JOBS),
  PAUSE("POST", "/admin/v1/jobs/{name}/pause", Permission.CONTROL_JOBS),
  RESUME("POST", "/admin/v1/jobs/{name}/resume", Permission.CONTROL_JOBS),
  CANCEL("POST", "/admin/v1/jobs/{name}/cancel", Permission.CONTROL_JOBS),
  AUDIT_LOG("GET", "/admin/v1/audit-log", Permission.SEE_AUDIT_LOG),
  TOKENS("GET", "/admin/v1/tokens", Permission.MANAGE_TOKENS),
  CREATE_TOKEN("POST", "/admin/v1/tokens", Permission.MANAGE_TOKENS),
  REVOKE_TOKEN("POST", "/admin/v1/tokens/{name}/revoke", Permission.MANAGE_TOKENS);

  /** What the paths of all of them begin with, and of no others. */
  static final String PREFIX = "/admin/";

  private final String method;
  private final String path;
  private final @Nullable Permission permission;
  private final Pattern pattern;

  AdminRoute(String method, String path, @Nullable Permission permission) {
    this.method = method;
    this.path = path;
    this.permission = permission;
    this.pattern =
        Pattern.compile(Pattern.quote(path).replace("{name}", "\\E([a-z0-9][a-z0-9._-]{0,63})\\Q"));
  }

  /** A route with the name in its path; the name is empty where it has none. */
  record Match(AdminRoute route, String name) {}

  /** The route of a request, if there is one. */
  static Optional<Match> of(String method, String path) {
    for (AdminRoute route : values()) {
      Matcher matcher = route.pattern.matcher(path);
      if (route.method.equals(method) && matcher.matches()) {
        return Optional.of(new Match(route, matcher.groupCount() == 0 ? "" : matcher.group(1)));
      }
    }
    return Optional.empty();
  }

  String method() {
    return method;
  }

  /** As it stands in the description: with {@code {name}} for a name. */
  String path() {
    return path;
  }

  /** Whether it concerns a job that is there, and goes to whoever runs it. */
  boolean ofOneJob() {
    return path.contains("/jobs/{name}");
  }

  /** What the caller's role must allow; null where everybody may ask. */
  @Nullable Permission permission() {
    return permission;
  }
}
