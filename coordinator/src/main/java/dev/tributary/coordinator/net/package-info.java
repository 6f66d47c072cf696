/**
 * HTTP on Vert.x, mapped onto the coordinator; nothing is decided here.
 *
 * <ul>
 *   <li>{@link dev.tributary.coordinator.net.HttpServer} listens: HTTP/2 over TLS 1.3.
 *   <li>{@code Routes} has every path; bodies are bounded before they are read.
 *   <li>{@code AdminRoutes} are those of the people who administer it, {@code AdminRoute} what each
 *       takes; {@code openapi.yaml} describes them.
 *   <li>{@code InputRoute} streams masked inputs to disk, resumable at an offset.
 *   <li>{@code Problems} answers failures with a code, a message and what to do.
 *   <li>{@link dev.tributary.coordinator.net.CoordinatorCommand} is {@code tributary serve}.
 * </ul>
 */
@NullMarked
package dev.tributary.coordinator.net;

import org.jspecify.annotations.NullMarked;
