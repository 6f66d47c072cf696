/**
 * Who may do what.
 *
 * <ul>
 *   <li>{@link dev.tributary.coordinator.access.Role} is the matrix of roles and permissions.
 *   <li>{@link dev.tributary.coordinator.access.TokenSecret} is what a person shows.
 * </ul>
 */
@NullMarked
package dev.tributary.coordinator.access;

import org.jspecify.annotations.NullMarked;
