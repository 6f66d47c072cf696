/** The plan of a round: its exact bytes, their id and checked views. */
@NullMarked
package dev.tributary.plan;

import org.jspecify.annotations.NullMarked;
