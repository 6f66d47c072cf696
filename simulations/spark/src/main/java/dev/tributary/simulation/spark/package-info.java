/** Simulations on Apache Spark. */
@NullMarked
package dev.tributary.simulation.spark;

import org.jspecify.annotations.NullMarked;
