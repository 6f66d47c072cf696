/**
 * Where simulated clients get their rows.
 *
 * <ul>
 *   <li>{@code ShippedData} lists the data sets inside the jar and checks their digests.
 *   <li>{@code Partitioner} says which rows each client holds.
 *   <li>{@code Federation} is the result: one data set per client, and rows that nobody trains on.
 * </ul>
 */
@NullMarked
package dev.tributary.simulation.data;

import org.jspecify.annotations.NullMarked;
