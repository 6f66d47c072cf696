package dev.tributary.secagg;

/**
 * One step of a suite: a message that every live member owes.
 *
 * @param name one of "advertise", "choose", "share", "input", "sign", "sample", "unmask"
 * @param sender whose message ends the step
 * @param share of the deadline; the shares of a suite add up to 1
 * @param byteCap most bytes that one member may send in this step, body included
 */
public record Step(String name, Role sender, double share, long byteCap) {}
