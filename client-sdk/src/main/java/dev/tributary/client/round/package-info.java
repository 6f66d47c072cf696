/** One round as the client sees it: check, fetch, train, encode, sum. */
@NullMarked
package dev.tributary.client.round;

import org.jspecify.annotations.NullMarked;
