// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.mobitopolo.app.demo.DemoException;
import org.mobitopolo.app.demo.DemoListener;
import org.mobitopolo.app.demo.DemoResult;
import org.mobitopolo.app.demo.FileServerDemo;
import org.mobitopolo.app.demo.Sample;
import org.mobitopolo.app.demo.SvgPlot;
import org.mobitopolo.app.demo.TextPlot;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: the sample lab in action, measured. */
@Command(
    name = "demo",
    description = {
      "Run the sample lab on this computer and measure: a file copy gets faster when its protocol"
          + " VM migrates from Tokyo to Florida, and is never interrupted. Takes up to two minutes."
    })
final class DemoCommand extends LabCommand {

  private static final int WIDEST_PLOT = 110;

  @Option(
      names = "--plot",
      paramLabel = "FILE.svg",
      description = "Also write the plot as an SVG picture.")
  private Path plot;

  @Option(names = "--keep", description = "Leave the lab running at the end.")
  private boolean keep;

  DemoCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    if (plot != null
        && plot.toAbsolutePath().getParent() != null
        && !Files.isDirectory(plot.toAbsolutePath().getParent())) {
      throw new CliException(
          "The plot can't be written to "
              + plot
              + ": its folder does not exist. Nothing was started.");
    }
    Topology sample = TopologyJson.read(surroundings().installation().sampleLab());
    // an id of its own, so that it never meets the user's labs
    String id = "demo-" + UUID.randomUUID().toString().substring(0, 8);
    Lab lab = session.open(sample.withId(id).withName(id), Optional.empty());
    DemoListener listener =
        session.display().<DemoListener>map(Progress::new).orElseGet(Silence::new);
    DemoResult result;
    try {
      result = new FileServerDemo(lab, listener).run();
    } catch (DemoException e) {
      throw new CliException(e.getMessage() + (keep ? "" : " The lab is removed."));
    } finally {
      if (!keep) {
        session.follow(lab.destroy());
        surroundings().knownLabs().forget(id);
      }
    }
    if (plot != null) {
      writePlot(result);
    }
    if (output().json()) {
      OutputOptions.printJson(out(), json(result));
    } else {
      print(result, id);
    }
    return result.succeeded() ? 0 : CommandLineProgram.FAILED;
  }

  private void writePlot(DemoResult result) throws CliException {
    try {
      Files.writeString(plot, SvgPlot.draw(result));
    } catch (IOException e) {
      throw new CliException(
          "The plot can't be written to "
              + plot
              + ": "
              + e.getMessage()
              + ". The demo itself went through.");
    }
  }

  private static Map<String, Object> json(DemoResult result) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("tokyoKbps", rounded(result.tokyoKbps()));
    report.put("floridaKbps", rounded(result.floridaKbps()));
    report.put("ratio", rounded(result.ratio()));
    result.migration().downtimeMs().ifPresent(ms -> report.put("downtimeMs", ms));
    report.put("interrupted", result.interrupted());
    report.put("checksumOk", result.checksumOk());
    report.put("migrationSeconds", rounded(result.migrationEnd() - result.migrationStart()));
    report.put("longestGapMs", Math.round(result.bandwidth().longestGap() * 1000));
    report.put("copySeconds", rounded(result.bandwidth().end()));
    report.put("bytes", result.bandwidth().samples().getLast().bytes());
    return report;
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }

  private void print(DemoResult result, String id) {
    int columns = surroundings().terminal().size().map(Terminal.Size::columns).orElse(90);
    out().println();
    out().print(TextPlot.draw(result, Math.min(columns, WIDEST_PLOT)));
    out().println();
    out()
        .printf(
            Locale.ROOT,
            "Tokyo %s, Florida %s: %.1f times as fast.%n",
            Units.bitRate(result.tokyoKbps() * 125),
            Units.bitRate(result.floridaKbps() * 125),
            result.ratio());
    out()
        .println(
            "The protocol VM migrated while the copy went on. "
                + Words.migrated(result.migration()));
    out()
        .println(
            result.interrupted()
                ? "The copy was interrupted: the TFTP client ended with status "
                    + result.copyStatus()
                    + "."
                : "The copy was never interrupted. The SHA-256 of the file is "
                    + (result.checksumOk() ? "right." : "WRONG."));
    if (plot != null) {
      out().println("The plot is in " + plot + ".");
    }
    if (keep) {
      out()
          .println(
              "The lab goes on running: \"mobitopolo status "
                  + id
                  + "\" shows it, \"mobitopolo destroy "
                  + id
                  + "\" ends it.");
    }
  }

  /** Tells how it goes on, where progress is shown. */
  private static final class Progress implements DemoListener {

    private static final double PLAIN_EVERY_SECONDS = 5;

    private final TaskDisplay display;
    private double nextPlain = PLAIN_EVERY_SECONDS;

    Progress(TaskDisplay display) {
      this.display = display;
    }

    @Override
    public void phase(String sentence) {
      display.say(sentence);
    }

    @Override
    public void progress(Sample sample, double kbps) {
      String line =
          String.format(
              Locale.ROOT,
              "%6.1f s  %s  %s",
              sample.seconds(),
              Units.bytes(sample.bytes()),
              Units.bitRate(kbps * 125));
      if (display.redraws()) {
        display.status(line);
      } else if (sample.seconds() >= nextPlain) {
        nextPlain += PLAIN_EVERY_SECONDS;
        display.say(line);
      }
    }
  }

  /** Says nothing. */
  private static final class Silence implements DemoListener {

    @Override
    public void phase(String sentence) {}

    @Override
    public void progress(Sample sample, double kbps) {}
  }
}
