/**
 * Machines, events and effects, and the wire that they speak.
 *
 * <ol>
 *   <li>{@link dev.tributary.wire.Machine}: everything that talks is one; a shell gives it time,
 *       threads, sockets and disk.
 *   <li>{@link dev.tributary.wire.Event} goes in, {@link dev.tributary.wire.Effect} comes out; a
 *       durable {@link dev.tributary.wire.Entry} precedes the messages that depend on it.
 *   <li>Messages are protobuf {@code tributary.v1}, generated into {@code dev.tributary.wire.v1};
 *       {@link dev.tributary.wire.v1.Envelope} wraps them.
 *   <li>Vectors are {@link dev.tributary.wire.RingVector}s, packed by {@link
 *       dev.tributary.wire.RingPacking} into a {@link dev.tributary.wire.Body} beside the message.
 *   <li>{@link dev.tributary.wire.Merkle} and {@link dev.tributary.wire.Seed} are what both ends
 *       compute the same way.
 * </ol>
 */
@NullMarked
package dev.tributary.wire;

import org.jspecify.annotations.NullMarked;
