/**
 * The SDK that a partner application embeds.
 *
 * <p>Start at {@link dev.tributary.client.FederatedClient}: its builder is the whole API of an app.
 * {@link dev.tributary.client.Policy} says what this client asks of a round, {@link
 * dev.tributary.client.Trainer} trains, {@link dev.tributary.client.ClientJournal} never forgets.
 * Inside, {@link dev.tributary.client.ClientLoop} checks in and polls, and {@link
 * dev.tributary.client.RoundShell} gives a round threads, network and disk. {@link
 * dev.tributary.client.Transport} is the way to the coordinator.
 */
@NullMarked
package dev.tributary.client;

import org.jspecify.annotations.NullMarked;
