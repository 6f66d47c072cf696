package dev.tributary.privacy;

/**
 * Leave to run one round.
 *
 * @param worstCase what will have been spent if this round and all open ones are released
 */
public record Reservation(
    String task, int round, PrivacyEvent event, int participations, Guarantee worstCase) {}
