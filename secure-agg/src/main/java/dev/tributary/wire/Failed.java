package dev.tributary.wire;

/** The result of {@link Work} that threw. */
public record Failed(Throwable cause) {}
