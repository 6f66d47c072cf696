package dev.tributary.coordinator.store;

import java.time.Instant;

/**
 * Why nothing is written now.
 *
 * @param code {@link StoreException#FULL} or {@link StoreException#READ_ONLY}
 * @param since when
 */
public record StorePause(String code, Instant since) {}
