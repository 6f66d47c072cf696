/**
 * Data sets and their readers. A tour in five lines:
 *
 * <p>{@link dev.tributary.nn.data.Dataset} is numbered rows: features, a label or a number.<br>
 * {@link dev.tributary.nn.data.Idx} reads pictures, one byte a pixel in memory.<br>
 * {@link dev.tributary.nn.data.Csv} reads tables: numeric and categorical columns, labels.<br>
 * {@link dev.tributary.nn.data.ClientColumn} says whose row each row is.<br>
 * {@link dev.tributary.nn.data.DataException} names file, place and cure of whatever is wrong.
 */
@NullMarked
package dev.tributary.nn.data;

import org.jspecify.annotations.NullMarked;
