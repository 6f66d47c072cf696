/**
 * The strategies that come with the coordinator. {@link dev.tributary.coordinator.strategy.FedAvg}
 * gives the negative mean update to a server optimizer as its gradient, block by block, with a
 * learning rate that may fall. A strategy sees the mean alone: secure aggregation leaves nothing
 * else to see. Its client half is a local method that the plan names.
 */
@NullMarked
package dev.tributary.coordinator.strategy;

import org.jspecify.annotations.NullMarked;
