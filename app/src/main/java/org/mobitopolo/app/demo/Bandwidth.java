// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import java.util.ArrayList;
import java.util.List;

/** Bandwidth over time, from samples of how much had arrived. Samples are in order of time. */
public record Bandwidth(List<Sample> samples) {

  public Bandwidth {
    samples = List.copyOf(samples);
  }

  /**
   * Mean rate between two moments, kilobits a second. Takes the first and the last sample that lie
   * between them.
   *
   * @throws IllegalArgumentException when fewer than two samples lie between them
   */
  public double kbps(double fromSeconds, double toSeconds) {
    List<Sample> inside =
        samples.stream()
            .filter(sample -> sample.seconds() >= fromSeconds && sample.seconds() <= toSeconds)
            .toList();
    if (inside.size() < 2 || inside.getLast().seconds() <= inside.getFirst().seconds()) {
      throw new IllegalArgumentException(
          "Between "
              + fromSeconds
              + " s and "
              + toSeconds
              + " s too little was measured to tell a rate.");
    }
    Sample first = inside.getFirst();
    Sample last = inside.getLast();
    return (last.bytes() - first.bytes()) * 8 / 1000.0 / (last.seconds() - first.seconds());
  }

  /** When the last byte had arrived. */
  public double end() {
    long all = samples.isEmpty() ? 0 : samples.getLast().bytes();
    return samples.stream()
        .filter(sample -> sample.bytes() == all)
        .findFirst()
        .map(Sample::seconds)
        .orElse(0.0);
  }

  /**
   * The longest time in which nothing arrived, from the first byte to the last, seconds. As fine as
   * the samples.
   */
  public double longestGap() {
    double longest = 0;
    Sample grown = null;
    for (Sample sample : samples) {
      if (sample.bytes() > 0 && (grown == null || sample.bytes() > grown.bytes())) {
        if (grown != null) {
          longest = Math.max(longest, sample.seconds() - grown.seconds());
        }
        grown = sample;
      }
    }
    return longest;
  }

  /**
   * The mean rates of slices of equal length, kilobits a second.
   *
   * @param slices how many, at least 1
   * @param toSeconds end of the last slice; the first begins at 0
   */
  public List<Double> slices(int slices, double toSeconds) {
    List<Double> rates = new ArrayList<>();
    double width = toSeconds / slices;
    for (int i = 0; i < slices; i++) {
      rates.add(Math.max(0, (bytesAt((i + 1) * width) - bytesAt(i * width)) * 8 / 1000.0 / width));
    }
    return rates;
  }

  /** What had arrived at a moment, on the straight line between the samples around it. */
  private double bytesAt(double seconds) {
    Sample before = new Sample(0, 0);
    for (Sample sample : samples) {
      if (sample.seconds() >= seconds) {
        double span = sample.seconds() - before.seconds();
        double part = span <= 0 ? 1 : (seconds - before.seconds()) / span;
        return before.bytes() + part * (sample.bytes() - before.bytes());
      }
      before = sample;
    }
    return before.bytes();
  }
}
