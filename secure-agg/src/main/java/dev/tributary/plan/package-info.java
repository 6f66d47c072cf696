/**
 * The plan of a round, which both sides agree on.
 *
 * <ol>
 *   <li>{@link dev.tributary.plan.Plan} keeps the exact bytes; their hash is the session id, which
 *       every later signature carries.
 *   <li>Its views are checked values: {@code pipeline()}, {@code sum()}, {@code training()}, {@code
 *       privacy()}.
 *   <li>{@link dev.tributary.plan.Plan#check} recomputes what the planner derived and holds the
 *       views against each other; a client's own policy comes after it and elsewhere.
 *   <li>A plan has one encoding: bytes that say the same in another way are refused.
 *   <li>{@link dev.tributary.plan.PlanException} names the field, the rule and the value.
 * </ol>
 */
@NullMarked
package dev.tributary.plan;

import org.jspecify.annotations.NullMarked;
