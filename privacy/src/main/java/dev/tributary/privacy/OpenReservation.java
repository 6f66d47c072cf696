package dev.tributary.privacy;

/**
 * A round that was reserved and neither committed nor cancelled.
 *
 * @param coordinatorSaw whether the coordinator's view was charged already
 */
public record OpenReservation(
    String task, int round, PrivacyEvent event, int participations, boolean coordinatorSaw) {}
