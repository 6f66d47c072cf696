/**
 * Random bits and exact samplers; internal to the module.
 *
 * <p>Start with {@link AesCtrStream}: AES-256-CTR keystreams, one key per purpose.
 */
@NullMarked
package dev.tributary.privacy.noise;

import org.jspecify.annotations.NullMarked;
