// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.time.Duration;

/**
 * What one direction of a link does to frames.
 *
 * @param delay added to each frame, one way
 * @param jitter how far the delay varies
 * @param loss probability 0 to 1 that a frame is lost
 * @param lossBurst mean number of frames lost in a row; 0 or 1: each frame is lost on its own
 * @param duplicate probability 0 to 1 that a frame comes twice
 * @param reorder probability 0 to 1 that a frame skips the delay and so overtakes others
 * @param corrupt probability 0 to 1 that one bit of a frame is turned
 * @param queue bytes that may wait for the rate; zero: what the rate carries in 250 ms, at least 64
 *     KiB
 */
public record Impairment(
    Duration delay,
    Duration jitter,
    Distribution distribution,
    double loss,
    double lossBurst,
    double duplicate,
    double reorder,
    double corrupt,
    Rate rate,
    Size queue) {

  public static final Impairment NONE =
      new Impairment(
          Duration.ZERO,
          Duration.ZERO,
          Distribution.NORMAL,
          0,
          0,
          0,
          0,
          0,
          Rate.UNLIMITED,
          Size.ZERO);

  public Impairment {
    if (delay.isNegative() || jitter.isNegative()) {
      throw new IllegalArgumentException("Delay and jitter can't be negative.");
    }
    checkProbability("loss", loss);
    checkProbability("duplicate", duplicate);
    checkProbability("reorder", reorder);
    checkProbability("corrupt", corrupt);
    if (!(lossBurst >= 0 && lossBurst <= 1_000_000)) {
      throw new IllegalArgumentException(
          "The mean burst of lost frames is " + lossBurst + "; it must lie between 0 and 1000000.");
    }
  }

  private static void checkProbability(String field, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "The probability \"" + field + "\" is " + value + "; it must lie between 0 and 1.");
    }
  }

  public boolean isNone() {
    return equals(NONE);
  }

  public Impairment withDelay(Duration newDelay) {
    return new Impairment(
        newDelay, jitter, distribution, loss, lossBurst, duplicate, reorder, corrupt, rate, queue);
  }

  public Impairment withJitter(Duration newJitter, Distribution newDistribution) {
    return new Impairment(
        delay,
        newJitter,
        newDistribution,
        loss,
        lossBurst,
        duplicate,
        reorder,
        corrupt,
        rate,
        queue);
  }

  public Impairment withLoss(double newLoss, double newLossBurst) {
    return new Impairment(
        delay,
        jitter,
        distribution,
        newLoss,
        newLossBurst,
        duplicate,
        reorder,
        corrupt,
        rate,
        queue);
  }

  public Impairment withDuplicate(double newDuplicate) {
    return new Impairment(
        delay, jitter, distribution, loss, lossBurst, newDuplicate, reorder, corrupt, rate, queue);
  }

  public Impairment withReorder(double newReorder) {
    return new Impairment(
        delay, jitter, distribution, loss, lossBurst, duplicate, newReorder, corrupt, rate, queue);
  }

  public Impairment withCorrupt(double newCorrupt) {
    return new Impairment(
        delay, jitter, distribution, loss, lossBurst, duplicate, reorder, newCorrupt, rate, queue);
  }

  public Impairment withRate(Rate newRate, Size newQueue) {
    return new Impairment(
        delay,
        jitter,
        distribution,
        loss,
        lossBurst,
        duplicate,
        reorder,
        corrupt,
        newRate,
        newQueue);
  }
}
