/**
 * One round at one client, as a machine without threads, clock or network.
 *
 * <p>{@link dev.tributary.client.round.ClientRound} is the round; {@link
 * dev.tributary.client.round.OfferCheck} decides whether to take part; {@link
 * dev.tributary.client.round.LocalWork} fetches, trains and encodes. It ends in a {@link
 * dev.tributary.client.round.ClientOutcome}. The live client and simulations run the same class.
 */
@NullMarked
package dev.tributary.client.round;

import org.jspecify.annotations.NullMarked;
