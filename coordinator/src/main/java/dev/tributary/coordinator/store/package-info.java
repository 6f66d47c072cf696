/**
 * Everything that must not be forgotten; all SQL is here.
 *
 * <ul>
 *   <li>{@link dev.tributary.coordinator.store.Store} is a folder with a database, files and a lock
 *       that keeps a second coordinator out.
 *   <li>{@link dev.tributary.coordinator.store.TaskStore} groups what belongs together into one
 *       transaction each: a model and its charge are never apart.
 *   <li>{@code SqlLedger} keeps a ledger's chain inside such a transaction.
 *   <li>{@link dev.tributary.coordinator.store.AuditLog} tells who did what, in a chain of hashes.
 *   <li>{@link dev.tributary.coordinator.store.Tokens} are of those who administer it; {@link
 *       dev.tributary.coordinator.store.JobControl} is what they said of jobs.
 *   <li>{@link dev.tributary.coordinator.store.Blobs} keeps models by the digest of their bytes.
 *   <li>{@link dev.tributary.coordinator.store.StoreException} says what is wrong and what to do.
 * </ul>
 */
@NullMarked
package dev.tributary.coordinator.store;

import org.jspecify.annotations.NullMarked;
