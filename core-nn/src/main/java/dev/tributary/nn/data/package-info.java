/** Data sets as rows in batches, and their readers. */
@NullMarked
package dev.tributary.nn.data;

import org.jspecify.annotations.NullMarked;
