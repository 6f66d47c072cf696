package dev.tributary.secagg;

/**
 * Who must answer for the sum to be recoverable.
 *
 * @param survivors fewest members of the sum
 * @param signatures fewest signatures over the survivor set
 * @param answers fewest unmasking answers
 */
public record Quorum(int survivors, int signatures, int answers) {}
