/**
 * TLS to a server that is known by its certificate's fingerprint: {@link
 * dev.tributary.client.tls.Fingerprint}. For the transport of the SDK and for programs around it.
 */
@NullMarked
package dev.tributary.client.tls;

import org.jspecify.annotations.NullMarked;
