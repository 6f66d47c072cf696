/**
 * Speed, measured beside a peer in the same run. {@link
 * dev.tributary.simulation.bench.BenchCommand} is the command; {@code PyTorch} is the peer, a
 * process that trains when it is told to.
 */
@NullMarked
package dev.tributary.simulation.bench;

import org.jspecify.annotations.NullMarked;
