/**
 * Who masks with whom, and who holds whose shares; internal to this module.
 *
 * <ol>
 *   <li>{@link dev.tributary.secagg.graph.Graph} is a graph over the indices of a roster; the
 *       complete one, the ring lattice on a permutation, and that of the members' own choices are
 *       made here.
 *   <li>{@link dev.tributary.secagg.graph.Choices} draws, writes and reads a member's choice.
 *   <li>{@link dev.tributary.secagg.graph.Neighbours} is what one member sees of it. Both ends ask
 *       nothing else, whatever the graph.
 * </ol>
 */
@NullMarked
package dev.tributary.secagg.graph;

import org.jspecify.annotations.NullMarked;
