// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobitopolo.app.cli.OutputOptions;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench canvas}: what a frame costs while a large lab is dragged, moved, zoomed and alive. */
@Command(
    name = "canvas",
    description =
        "Show a window with a large lab whose live state changes, do things to it and tell what a"
            + " frame costs in CPU time. 60 frames a second need at most 16.7 ms in each thread.")
final class CanvasBench implements Callable<Integer> {
  private static final int MOST = 5000;

  private final Surroundings surroundings;
  private final CanvasMeter meter;

  @Spec private CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many nodes, with half as many more links (default: ${DEFAULT-VALUE}).")
  private int nodes;

  @Mixin private OutputOptions output = new OutputOptions();

  CanvasBench(Surroundings surroundings, CanvasMeter meter) {
    this.surroundings = surroundings;
    this.meter = meter;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (nodes < 10 || nodes > MOST) {
      throw new ParameterException(
          spec.commandLine(), "--nodes must be between 10 and " + MOST + ".");
    }
    CanvasMeter.Report report = meter.measure(nodes);
    if (output.json()) {
      OutputOptions.printJson(surroundings.out(), json(report));
    } else {
      surroundings
          .out()
          .printf(
              Locale.ROOT,
              "%d nodes, %d links; open after %.0f ms (%.0f ms of CPU time, %.0f ms of it painting);"
                  + " painted by %s%n",
              report.nodes(),
              report.links(),
              report.opening().millis(),
              report.opening().applicationMillis() + report.opening().rendererMillis(),
              report.opening().rendererMillis(),
              report.pipeline().equals("sw") ? "software, without a graphics card" : report.pipeline());
      Table table = new Table("", "EVENTS AND LAYOUT", "LONGEST", "PAINTING", "FRAMES/S");
      for (CanvasMeter.Frames frames : report.frames()) {
        table.row(
            frames.what(),
            millis(frames.applicationMillis()),
            millis(frames.longestMillis()),
            millis(frames.rendererMillis()),
            String.valueOf(Math.round(frames.framesPerSecond())));
      }
      table.print(surroundings.out());
    }
    return 0;
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.1f ms", value);
  }

  private static Map<String, Object> json(CanvasMeter.Report report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("nodes", report.nodes());
    json.put("links", report.links());
    json.put("pipeline", report.pipeline());
    json.put("openMs", Math.round(report.opening().millis()));
    json.put("openApplicationMs", Math.round(report.opening().applicationMillis()));
    json.put("openRendererMs", Math.round(report.opening().rendererMillis()));
    List<Map<String, Object>> all = new ArrayList<>();
    for (CanvasMeter.Frames frames : report.frames()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("what", frames.what());
      one.put("applicationMs", frames.applicationMillis());
      one.put("longestMs", frames.longestMillis());
      one.put("rendererMs", frames.rendererMillis());
      one.put("framesPerSecond", frames.framesPerSecond());
      all.add(one);
    }
    json.put("frames", all);
    return json;
  }
}
