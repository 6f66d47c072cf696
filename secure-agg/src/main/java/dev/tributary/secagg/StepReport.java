package dev.tributary.secagg;

import java.time.Instant;

/**
 * How one step went, as one end saw it.
 *
 * @param name of the {@link Step}
 * @param bytesUp from members to the coordinator, bodies included
 * @param bytesDown from the coordinator to members
 */
public record StepReport(String name, Instant from, Instant to, long bytesUp, long bytesDown) {}
