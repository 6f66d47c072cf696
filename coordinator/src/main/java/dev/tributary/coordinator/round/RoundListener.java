package dev.tributary.coordinator.round;

import dev.tributary.privacy.Guarantee;

/** Hears how a training goes. Called on the training's own thread, so it must be quick. */
public interface RoundListener {

  /**
   * A round cannot be offered yet; told once per deadline of the job.
   *
   * @param there members of its cohort that are there
   * @param needed of them, before anyone is asked
   */
  default void onWaiting(int round, int of, int there, int needed) {}

  /**
   * Spares are asked in a round that is about to be offered.
   *
   * @param members who were not there, and in whose place a spare is asked
   */
  default void onReplaced(int round, int of, int members) {}

  /** A round has been offered. */
  default void onOffered(int round, int of, int cohort, int absent) {}

  /** A round has ended, and its record is durable. */
  default void onRound(RoundReport report) {}

  /**
   * A client is asked for no further round: its shares did not fit those of too many others.
   *
   * @param round after which it is left out
   * @param client fingerprint of its identity key
   */
  default void onLeftOut(int round, String client) {}

  /**
   * A client has withdrawn; what was held of it is deleted.
   *
   * @param member its number in the population; -1 where the job has not begun, or never had it
   */
  default void onWithdrawn(int member) {}

  /** A client has joined a job that had begun; its number in the population. */
  default void onJoined(int member) {}

  /**
   * A member that had withdrawn is drawn no more; or it is drawn and counts as absent, since the
   * schedule cannot do without its place.
   */
  default void onLeft(int member, boolean left) {}

  /** Rounds in flight at a crash were settled; the training goes on with the next one. */
  default void onRecovered(int round, String what) {}

  /** The training goes on where an earlier process stopped. */
  default void onResumed(Standing standing) {}

  /**
   * How a job stands when it is taken up again. Rounds that were in flight are not counted: they
   * are told apart.
   *
   * @param round the last that ended
   */
  record Standing(
      int round, int committed, int aborted, Guarantee released, Guarantee coordinatorView) {}

  /** Hears nothing. */
  static RoundListener none() {
    return new RoundListener() {};
  }

  /** Tells several listeners, in order. */
  static RoundListener all(RoundListener... listeners) {
    return new RoundListener() {
      @Override
      public void onWaiting(int round, int of, int there, int needed) {
        for (RoundListener listener : listeners) {
          listener.onWaiting(round, of, there, needed);
        }
      }

      @Override
      public void onReplaced(int round, int of, int members) {
        for (RoundListener listener : listeners) {
          listener.onReplaced(round, of, members);
        }
      }

      @Override
      public void onOffered(int round, int of, int cohort, int absent) {
        for (RoundListener listener : listeners) {
          listener.onOffered(round, of, cohort, absent);
        }
      }

      @Override
      public void onRound(RoundReport report) {
        for (RoundListener listener : listeners) {
          listener.onRound(report);
        }
      }

      @Override
      public void onLeftOut(int round, String client) {
        for (RoundListener listener : listeners) {
          listener.onLeftOut(round, client);
        }
      }

      @Override
      public void onWithdrawn(int member) {
        for (RoundListener listener : listeners) {
          listener.onWithdrawn(member);
        }
      }

      @Override
      public void onJoined(int member) {
        for (RoundListener listener : listeners) {
          listener.onJoined(member);
        }
      }

      @Override
      public void onLeft(int member, boolean left) {
        for (RoundListener listener : listeners) {
          listener.onLeft(member, left);
        }
      }

      @Override
      public void onRecovered(int round, String what) {
        for (RoundListener listener : listeners) {
          listener.onRecovered(round, what);
        }
      }

      @Override
      public void onResumed(Standing standing) {
        for (RoundListener listener : listeners) {
          listener.onResumed(standing);
        }
      }
    };
  }
}
