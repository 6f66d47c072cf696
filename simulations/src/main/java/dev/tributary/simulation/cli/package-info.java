/**
 * The command line.
 *
 * <ul>
 *   <li>One class per command; {@code Tributary} one package up is the root.
 *   <li>{@code ErrorCode} lists what can go wrong, with exit status; {@code docs/errors.md} has a
 *       section for each.
 *   <li>{@code ErrorCatalogue} turns an exception of any module into one of them.
 *   <li>{@code Terminal} writes progress: one rewritten line, or plain lines where nobody looks.
 *   <li>{@code Results} prints the table; {@code ResultJson} writes docs/result-json.md.
 * </ul>
 */
@NullMarked
package dev.tributary.simulation.cli;

import org.jspecify.annotations.NullMarked;
