package dev.tributary.privacy;

import java.util.List;

/**
 * The smaller of what RDP and PLD show, for a schedule that was declared before its first round:
 * both bound the same composition of the same events, so their minimum does too. A run that adapts
 * its noise, its rate or its length to what it has seen may not choose between them.
 */
public final class TightestAccountant implements Accountant {
  private static final RdpAccountant RDP = new RdpAccountant();
  private static final PldAccountant PLD = new PldAccountant();

  /** Has no state. */
  public TightestAccountant() {}

  @Override
  public String id() {
    return "tightest";
  }

  /** The guarantee names the accountant that it is from. */
  @Override
  public Guarantee epsilon(List<Charge> charges, double delta, Unit unit, Relation relation) {
    Guarantee rdp = RDP.epsilon(charges, delta, unit, relation);
    if (!PLD.covers(charges)) {
      return rdp;
    }
    try {
      Guarantee pld = PLD.epsilon(charges, delta, unit, relation);
      return pld.epsilon() <= rdp.epsilon() ? pld : rdp;
    } catch (ArithmeticException belowTheNoiseFloor) {
      return rdp;
    }
  }

  /** The guarantee names the accountant that it is from. */
  @Override
  public Guarantee delta(List<Charge> charges, double epsilon, Unit unit, Relation relation) {
    Guarantee rdp = RDP.delta(charges, epsilon, unit, relation);
    if (!PLD.covers(charges)) {
      return rdp;
    }
    try {
      Guarantee pld = PLD.delta(charges, epsilon, unit, relation);
      return pld.delta() <= rdp.delta() ? pld : rdp;
    } catch (ArithmeticException belowTheNoiseFloor) {
      return rdp;
    }
  }
}
