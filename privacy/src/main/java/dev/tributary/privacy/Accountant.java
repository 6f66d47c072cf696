package dev.tributary.privacy;

import java.util.List;

/** Turns what one unit took part in into a guarantee. Queries are pure: asking changes nothing. */
public interface Accountant {
  String id();

  /**
   * The smallest epsilon that this accountant can show for {@code delta}.
   *
   * @throws RelationException if an event has no guarantee under {@code relation}
   */
  Guarantee epsilon(List<Charge> charges, double delta, Unit unit, Relation relation);

  /**
   * The smallest delta that this accountant can show for {@code epsilon}.
   *
   * @throws RelationException if an event has no guarantee under {@code relation}
   */
  Guarantee delta(List<Charge> charges, double epsilon, Unit unit, Relation relation);
}
