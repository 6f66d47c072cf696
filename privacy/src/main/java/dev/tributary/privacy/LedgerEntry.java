package dev.tributary.privacy;

/**
 * One link of a ledger's hash chain. Stores keep the four fields as they are, on one line each, and
 * interpret none.
 *
 * @param index 0 for the first entry
 * @param previous hash of the entry before, 64 zeros for the first
 * @param content one line of text without tabs
 * @param hash SHA-256 over index, previous and content, lower-case hexadecimal
 */
public record LedgerEntry(long index, String previous, String content, String hash) {}
