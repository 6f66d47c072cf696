/** Models as data and their local training. */
@NullMarked
package dev.tributary.nn;

import org.jspecify.annotations.NullMarked;
