package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The canonical text of events: {@code name(key=value,...)}, doubles in hexadecimal. */
final class EventText {
  private final StringBuilder text;
  private boolean empty = true;

  private EventText(String name) {
    text = new StringBuilder(name).append('(');
  }

  static EventText of(String name) {
    return new EventText(name);
  }

  EventText with(String key, double value) {
    return put(key, Double.toHexString(value));
  }

  EventText with(String key, long value) {
    return put(key, Long.toString(value));
  }

  EventText with(String key, PrivacyEvent event) {
    return put(key, event.canonical());
  }

  private EventText put(String key, String value) {
    text.append(empty ? "" : ",").append(key).append('=').append(value);
    empty = false;
    return this;
  }

  @Override
  public String toString() {
    return text + ")";
  }

  static PrivacyEvent parse(String text) {
    PrivacyEvent event;
    try {
      event = read(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a privacy event: " + text, e);
    }
    if (!event.canonical().equals(text)) {
      throw new IllegalArgumentException(
          "not the canonical text of a privacy event: expected "
              + event.canonical()
              + ", was "
              + text);
    }
    return event;
  }

  private static PrivacyEvent read(String text) {
    int open = text.indexOf('(');
    if (open < 0 || !text.endsWith(")")) {
      throw new IllegalArgumentException("expected name(key=value,...)");
    }
    Fields fields = new Fields(text.substring(open + 1, text.length() - 1));
    return switch (text.substring(0, open)) {
      case "non-private" -> new PrivacyEvent.NonPrivate();
      case "gaussian" -> new PrivacyEvent.Gaussian(fields.real("noiseMultiplier"));
      case "discrete-gaussian" ->
          new PrivacyEvent.DiscreteGaussian(fields.real("sensitivity"), fields.real("sigma"));
      case "distributed-discrete-gaussian" ->
          new PrivacyEvent.DistributedDiscreteGaussian(
              fields.real("sensitivity"),
              fields.real("shareSigma"),
              fields.count("shares"),
              fields.integer("dimension"));
      case "distributed-skellam" ->
          new PrivacyEvent.DistributedSkellam(
              fields.real("sensitivity"),
              fields.real("shareVariance"),
              fields.count("shares"),
              fields.integer("dimension"));
      case "local-discrete-laplace" ->
          new PrivacyEvent.LocalDiscreteLaplace(fields.real("sensitivity"), fields.real("scale"));
      case "whole-run" ->
          new PrivacyEvent.WholeRun(
              fields.count("rounds"),
              fields.count("participations"),
              fields.count("separation"),
              read(fields.get("event")));
      case "laplace" -> new PrivacyEvent.Laplace(fields.real("scale"));
      case "poisson" ->
          new PrivacyEvent.PoissonSampled(fields.real("rate"), read(fields.get("event")));
      case "truncated-poisson" ->
          new PrivacyEvent.TruncatedPoissonSampled(
              fields.real("rate"),
              fields.count("population"),
              fields.count("cap"),
              fields.gaussian("event"));
      case "fixed-size" ->
          new PrivacyEvent.FixedSizeSampled(
              fields.count("population"),
              fields.count("sample"),
              fields.count("floor"),
              read(fields.get("event")));
      default -> throw new IllegalArgumentException("unknown event");
    };
  }

  private static final class Fields {
    private final Map<String, String> values = new LinkedHashMap<>();

    Fields(String text) {
      for (String field : split(text)) {
        int equals = field.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException("expected key=value, was " + field);
        }
        values.put(field.substring(0, equals), field.substring(equals + 1));
      }
    }

    /** At the commas that stand in no parentheses. */
    private static List<String> split(String text) {
      List<String> fields = new ArrayList<>();
      int depth = 0;
      int start = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ',' && depth == 0) {
          fields.add(text.substring(start, i));
          start = i + 1;
        }
      }
      if (!text.isEmpty()) {
        fields.add(text.substring(start));
      }
      return fields;
    }

    PrivacyEvent.Gaussian gaussian(String key) {
      if (read(get(key)) instanceof PrivacyEvent.Gaussian gaussian) {
        return gaussian;
      }
      throw new IllegalArgumentException(key + " must be gaussian");
    }

    private String get(String key) {
      String value = values.get(key);
      if (value == null) {
        throw new IllegalArgumentException("missing " + key);
      }
      return value;
    }

    double real(String key) {
      return Double.parseDouble(get(key));
    }

    int count(String key) {
      return Integer.parseInt(get(key));
    }

    long integer(String key) {
      return Long.parseLong(get(key));
    }
  }
}
