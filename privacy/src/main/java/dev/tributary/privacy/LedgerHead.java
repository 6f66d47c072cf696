package dev.tributary.privacy;

/** The last entry of a ledger, as somebody outside the chain remembers it. */
public record LedgerHead(long index, String hash) {}
