/** The SDK that a partner application embeds. */
@NullMarked
package dev.tributary.client;

import org.jspecify.annotations.NullMarked;
