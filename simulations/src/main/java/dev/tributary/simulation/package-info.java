/** The command line and experiments in virtual time. */
@NullMarked
package dev.tributary.simulation;

import org.jspecify.annotations.NullMarked;
