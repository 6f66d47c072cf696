package dev.tributary.privacy;

import java.io.IOException;
import java.util.Optional;

/**
 * The two files of a ledger, and what of them is safe: a power failure may undo whatever was not
 * forced, in part or as a whole. A write that a failure cuts leaves a part of it from its
 * beginning.
 */
interface LedgerDisk extends AutoCloseable {
  /** Length of the ledger file, in bytes. */
  long size() throws IOException;

  /** The first bytes of the ledger file. */
  byte[] read(int size) throws IOException;

  /** Writes to the ledger file from {@code at} on. */
  void write(long at, byte[] bytes) throws IOException;

  /** Cuts the ledger file. */
  void truncate(long size) throws IOException;

  /** Makes the ledger file safe as it is, but not that there is a file of its name. */
  void force() throws IOException;

  /** The head file; empty if there is none. */
  Optional<byte[]> readHead() throws IOException;

  /** Writes a file beside the head file, anew, and forces it. */
  void writeFreshHead(byte[] bytes) throws IOException;

  /** Puts the fresh file in the head file's place, whole: no state between the two is ever seen. */
  void replaceHead() throws IOException;

  /** Makes the names of the files safe. */
  void forceDirectory() throws IOException;

  @Override
  void close() throws IOException;
}
