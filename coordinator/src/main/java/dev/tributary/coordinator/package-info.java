/** The coordinator's front door and the training that it runs. */
@NullMarked
package dev.tributary.coordinator;

import org.jspecify.annotations.NullMarked;
