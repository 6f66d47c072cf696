package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.store.Store;
import dev.tributary.wire.Scratch;

/** Key material that waits for room on the disk, as the tables of its store do. */
record PatientScratch(Scratch file, Store store) implements Scratch {
  @Override
  public long append(ByteString bytes) {
    return store.whenThereIsRoom("Writing relayed key material", () -> file.append(bytes));
  }

  @Override
  public void read(long position, byte[] into, int at, int length) {
    file.read(position, into, at, length);
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public void close() {
    file.close();
  }
}
