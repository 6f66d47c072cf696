package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** What several coordinators of one database do together, as transactions of this one. */
public final class Sharing {
  /** How long a blob that no row names may wait for one. */
  private static final Duration UNNAMED = Duration.ofHours(1);

  /** How often what is left of ended rounds is removed, by one coordinator for all. */
  private static final Duration TIDY = Duration.ofMinutes(1);

  /** Inputs that are written or read at once, of the connections that there are. */
  private static final int BULK = 4;

  private static final String TIDYING = "tidying";

  private final Store store;
  private final Nodes nodes;
  private final Inputs inputs;

  Sharing(Store store, Nodes nodes) {
    this.store = store;
    this.nodes = nodes;
    this.inputs = new Inputs(store, new Semaphore(BULK));
  }

  /** The coordinators. */
  public Nodes nodes() {
    return nodes;
  }

  /**
   * Tells the others that this one lives, and where.
   *
   * @param address {@code https://host:port}
   */
  public void announce(String address, String fingerprint) {
    store.transaction(
        "Announcing this coordinator",
        sql -> {
          nodes.announce(sql, address, fingerprint);
          return nodes;
        });
  }

  /** Who lives now, and runs what. */
  public Nodes.View view() {
    return store.beside("Looking for the other coordinators", nodes::view);
  }

  /** Makes a job this coordinator's, if nobody who lives has it. */
  public boolean claim(String job) {
    return store.transaction("Claiming the job " + job, sql -> nodes.claim(sql, job));
  }

  /** Inputs of rounds in flight. */
  public Inputs inputs() {
    return inputs;
  }

  /** The key under which coordinators know each other's requests; 32 bytes. */
  public ByteString key() {
    return store.transaction(
        "Reading the key of the coordinators", sql -> Nodes.key(sql, "key", Nodes.secret()));
  }

  /**
   * All coordinators sign with one key, since clients hold on to it.
   *
   * @throws StoreException if the first of them had another
   */
  public void requireKey(byte[] publicKey) {
    ByteString of =
        store.transaction(
            "Reading the coordinator's key", sql -> Nodes.key(sql, "coordinator", publicKey));
    if (!of.equals(ByteString.copyFrom(publicKey))) {
      throw new StoreException(
          StoreException.OTHER_KEY,
          "The key in "
              + store.directory()
              + " is not that of the other coordinators of this database. Copy the file"
              + " coordinator-key.pem of one of them there.",
          null);
    }
  }

  /** Removes what ended rounds have left, if it is time. */
  public void tidy() {
    store.beside(
        "Removing what ended rounds have left",
        sql -> {
          sql.update(
              "INSERT INTO lease (name, owner, token, expires) VALUES (?, '', 0, 0)"
                  + " ON CONFLICT (name) DO NOTHING",
              TIDYING);
          int due =
              sql.update(
                  "UPDATE lease SET expires = "
                      + Lease.NOW
                      + " + ? WHERE name = ? AND expires <= "
                      + Lease.NOW,
                  TIDY.toMillis(),
                  TIDYING);
          if (due == 1) {
            Inputs.tidy(sql);
            BlobRows.tidy(sql, UNNAMED.toMillis());
          }
          return due;
        });
  }
}
