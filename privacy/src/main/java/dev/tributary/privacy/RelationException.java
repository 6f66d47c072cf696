package dev.tributary.privacy;

/** A mechanism was asked for a guarantee under a neighbouring relation where it has none. */
public final class RelationException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  RelationException(String message) {
    super(message);
  }

  static void refuseAddRemove(Relation relation) {
    if (relation == Relation.ADD_REMOVE) {
      throw clientMadeNoise();
    }
  }

  static RelationException clientMadeNoise() {
    return new RelationException(
        "noise made by clients has no guarantee under ADD_REMOVE: a client that goes takes its noise share with it."
            + " Use ZERO_OUT, REPLACE_ONE or central noise");
  }

  static RelationException fixedSize() {
    return new RelationException(
        "a sample of fixed size has no guarantee under ADD_REMOVE: whether a unit is there changes"
            + " the population it is drawn from. Use REPLACE_ONE or ZERO_OUT");
  }

  static RelationException replacedDiscrete() {
    return new RelationException(
        "no bound is known here for a Poisson sample of discrete Gaussians under REPLACE_ONE."
            + " Use ADD_REMOVE or ZERO_OUT");
  }
}
