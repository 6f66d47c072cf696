package dev.tributary.privacy;

/** One round that the holder of a ledger took part in, as {@link Ledger#spend} recorded it. */
public record Participation(String task, int round, PrivacyEvent event) {}
