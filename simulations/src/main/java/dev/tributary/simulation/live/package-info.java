/**
 * The demo with real processes.
 *
 * <ul>
 *   <li>{@code LiveDemo} starts a coordinator ({@code tributary serve}) and hosts of clients, kills
 *       some hosts, and collects the result from the coordinator's store.
 *   <li>{@code ChildProcess} is one JVM that ends with its parent, whatever ends the parent.
 *   <li>{@code HostCommand} is what runs in a host: SDK instances with folders of their own.
 *   <li>{@code PipeEnrolment} asks the parent, where the authority is, for certificates.
 *   <li>{@code StoredRun} reads a run back from a store.
 * </ul>
 */
@NullMarked
package dev.tributary.simulation.live;

import org.jspecify.annotations.NullMarked;
