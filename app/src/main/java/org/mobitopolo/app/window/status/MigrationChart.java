// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.VPos;
import javafx.scene.Group;
import javafx.scene.layout.Region;
import javafx.scene.shape.Line;
import javafx.scene.shape.Polygon;
import javafx.scene.shape.Polyline;
import javafx.scene.text.Text;
import org.mobitopolo.app.window.status.MigrationTrace.Sample;

/**
 * The course of a migration: what remains as an area, throughput and dirty rate as lines on a scale
 * of their own, and a thin line where a pass begins. The colours are those of the figures' marks.
 */
public final class MigrationChart extends Region {
  private static final double HEIGHT = 84;
  private static final double AXIS = 14;
  private static final double LEAST_SECONDS = 1;

  private final Polygon remaining = new Polygon();
  private final Polyline throughput = new Polyline();
  private final Polyline dirty = new Polyline();
  private final Group passes = new Group();
  private final Text most = new Text();
  private final Text time = new Text();
  private List<Sample> samples = List.of();

  public MigrationChart() {
    getStyleClass().add("migration-chart");
    remaining.getStyleClass().add("series-remaining");
    throughput.getStyleClass().add("series-throughput");
    dirty.getStyleClass().add("series-dirty");
    for (Text text : List.of(most, time)) {
      text.getStyleClass().add("chart-text");
      text.setTextOrigin(VPos.TOP);
    }
    setPrefHeight(HEIGHT);
    setMinHeight(HEIGHT);
    getChildren().addAll(remaining, passes, dirty, throughput, most, time);
  }

  /** Draws these samples; nothing is drawn with fewer than two. */
  public void show(List<Sample> newSamples) {
    samples = newSamples;
    requestLayout();
  }

  @Override
  protected void layoutChildren() {
    boolean enough = samples.size() > 1;
    getChildren().forEach(child -> child.setVisible(enough));
    if (!enough) {
      return;
    }
    double width = getWidth();
    double height = getHeight() - AXIS;
    double seconds = Math.max(LEAST_SECONDS, samples.getLast().seconds());
    double bytes = Math.max(1, samples.stream().mapToLong(Sample::remaining).max().orElse(1));
    double rate =
        Math.max(
            1,
            samples.stream()
                .mapToDouble(sample -> Math.max(sample.dirtyRate(), sample.throughput()))
                .max()
                .orElse(1));
    List<Double> area = new ArrayList<>();
    List<Double> crossed = new ArrayList<>();
    List<Double> changed = new ArrayList<>();
    passes.getChildren().clear();
    int pass = samples.getFirst().pass();
    area.addAll(List.of(samples.getFirst().seconds() / seconds * width, height));
    for (Sample sample : samples) {
      double x = sample.seconds() / seconds * width;
      area.addAll(List.of(x, height - sample.remaining() / bytes * (height - 2)));
      crossed.addAll(List.of(x, height - sample.throughput() / rate * (height - 2)));
      changed.addAll(List.of(x, height - sample.dirtyRate() / rate * (height - 2)));
      if (sample.pass() != pass) {
        pass = sample.pass();
        Line line = new Line(x, 0, x, height);
        line.getStyleClass().add("chart-pass");
        passes.getChildren().add(line);
      }
    }
    area.addAll(List.of(samples.getLast().seconds() / seconds * width, height));
    remaining.getPoints().setAll(area);
    throughput.getPoints().setAll(crossed);
    dirty.getPoints().setAll(changed);
    most.setText(Units.bytes(bytes));
    most.relocate(0, height + 1);
    time.setText(Units.milliseconds(samples.getLast().seconds() * 1000));
    time.relocate(width - time.getLayoutBounds().getWidth(), height + 1);
  }
}
