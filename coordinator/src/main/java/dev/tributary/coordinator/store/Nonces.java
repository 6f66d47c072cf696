package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The nonces of the check-ins that were let in lately; they outlive the process. */
public final class Nonces {
  private final Store store;

  Nonces(Store store) {
    this.store = store;
  }

  /** All that are kept, with when they came, oldest first. */
  public Map<ByteString, Instant> all() {
    return store.transaction(
        "Reading the nonces of check-ins",
        sql -> {
          Map<ByteString, Instant> nonces = new LinkedHashMap<>();
          sql.query(
              "SELECT nonce, at FROM check_in ORDER BY at",
              row ->
                  nonces.put(
                      ByteString.copyFrom(row.getBytes(1)), Instant.ofEpochMilli(row.getLong(2))));
          return nonces;
        });
  }

  /**
   * Keeps a nonce.
   *
   * @param forgetBefore older ones are removed
   * @return false if it is there already: another coordinator has heard it
   */
  public boolean add(ByteString nonce, Instant now, Instant forgetBefore) {
    return store.transaction(
        "Writing the nonce of a check-in",
        sql -> {
          sql.update("DELETE FROM check_in WHERE at < ?", forgetBefore.toEpochMilli());
          int added =
              sql.update(
                  "INSERT INTO check_in (nonce, at) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING",
                  nonce.toByteArray(),
                  now.toEpochMilli());
          return added == 1;
        });
  }
}
