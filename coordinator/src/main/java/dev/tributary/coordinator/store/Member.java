package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A client of the population.
 *
 * @param identity its Ed25519 public key, 32 bytes
 * @param certificate what an enrolment authority says of it; null where trust is on first use
 */
public record Member(ByteString identity, @Nullable ByteString certificate) {}
