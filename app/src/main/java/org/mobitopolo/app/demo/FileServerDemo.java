// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.task.Task;

/**
 * The experiment of the decoupled file server. A client in Florida copies a file by TFTP, which
 * waits for an answer after each block, from the protocol VM, which streams it by HTTP from the
 * content VM in Tokyo. While the copy goes on the protocol VM migrates to Florida: what crosses the
 * ocean then is the bulk protocol, and the copy gets faster. Everything is measured in the client.
 */
public final class FileServerDemo {

  private static final String CLIENT = "client";
  private static final String PROTOCOL = "protocol";
  private static final String CONTENT = "content";
  private static final String FLORIDA = "florida";

  /** How long the copy is measured in Tokyo before the protocol VM moves. */
  private static final double TOKYO_SECONDS = 16;

  /** What was on its way during the migration is not counted as Florida's. */
  private static final double SETTLING_SECONDS = 1;

  /** From the beginning of the copy to its end. */
  private static final double LONGEST_COPY_SECONDS = 105;

  private static final long LONGEST_STARTUP_SECONDS = 30;

  /**
   * The rate told while the copy goes on is that of the last five samples, so of a second or so.
   */
  private static final int RATE_SAMPLES = 5;

  private final Lab lab;
  private final DemoListener listener;
  private final Deque<Sample> recent = new ArrayDeque<>();

  /**
   * A demonstration in this lab.
   *
   * @param lab open, made from the sample's topology, nothing running
   */
  public FileServerDemo(Lab lab, DemoListener listener) {
    this.lab = lab;
    this.listener = listener;
  }

  /**
   * Starts the lab, copies, migrates, measures. Takes up to two minutes. The lab goes on running.
   * To be called once.
   *
   * @throws DemoException when the lab does not behave
   * @throws org.mobitopolo.task.LabException when starting or migrating fails
   */
  public DemoResult run() throws InterruptedException, DemoException {
    listener.phase("Starting three VMs.");
    awaitSuccess(lab.start(List.of(CLIENT, PROTOCOL, CONTENT)));
    awaitReady(CONTENT);
    awaitReady(PROTOCOL);
    String original = output(CONTENT, "sha256sum < /srv/www/file").split(" ")[0];
    listener.phase("The client in Florida copies a file. The protocol VM is in Tokyo.");
    try (FileCopy copy = FileCopy.start(lab, CLIENT, this::report)) {
      if (copy.await(TOKYO_SECONDS)) {
        throw new DemoException(
            "The copy ended before the protocol VM could move; its exit status was "
                + copy.status().orElseThrow()
                + ".");
      }
      double start = copy.now();
      listener.phase("The protocol VM migrates to Florida while the copy goes on.");
      awaitSuccess(lab.migrate(PROTOCOL, FLORIDA));
      double end = copy.now();
      MigrationProgress migration =
          lab.state()
              .vm(PROTOCOL)
              .migration()
              .orElseThrow(
                  () -> new DemoException("The migration ended without telling its figures."));
      listener.phase("The protocol VM runs in Florida. The copy goes on.");
      if (!copy.await(LONGEST_COPY_SECONDS - end)) {
        throw new DemoException(
            "The copy did not end within " + Math.round(LONGEST_COPY_SECONDS) + " s.");
      }
      return result(copy, original, start, end, migration);
    }
  }

  private static DemoResult result(
      FileCopy copy, String original, double start, double end, MigrationProgress migration)
      throws DemoException {
    Bandwidth bandwidth = copy.bandwidth();
    try {
      return new DemoResult(
          bandwidth,
          start,
          end,
          bandwidth.kbps(0, start),
          bandwidth.kbps(end + SETTLING_SECONDS, bandwidth.end()),
          migration,
          copy.status().orElseThrow(),
          copy.checksum().orElseThrow().equals(original));
    } catch (IllegalArgumentException e) {
      throw new DemoException(e.getMessage(), e);
    }
  }

  private void report(Sample sample) {
    recent.addLast(sample);
    if (recent.size() > RATE_SAMPLES) {
      recent.removeFirst();
    }
    double seconds = sample.seconds() - recent.getFirst().seconds();
    double kbps =
        seconds <= 0 ? 0 : (sample.bytes() - recent.getFirst().bytes()) * 8 / 1000.0 / seconds;
    listener.progress(sample, kbps);
  }

  private static void awaitSuccess(Task task) throws InterruptedException {
    try {
      task.awaitSuccess();
    } catch (InterruptedException e) {
      task.cancel();
      task.await();
      throw e;
    }
  }

  /** Waits until a node's start-up script has said that it is done. */
  private void awaitReady(String node) throws InterruptedException, DemoException {
    output(node, "while [ ! -e /run/ready ]; do usleep 50000; done");
  }

  /** Runs a command that is to end soon and with status 0, and returns its output. */
  private String output(String node, String line) throws InterruptedException, DemoException {
    try (ExecStream stream = lab.exec(node, ExecRequest.shell(line))) {
      ExecStream.Exit exit = stream.exit().get(LONGEST_STARTUP_SECONDS, TimeUnit.SECONDS);
      if (!exit.equals(new ExecStream.Exit.Status(0))) {
        throw new DemoException("A command in " + node + " failed: " + exit + ".");
      }
      return new String(stream.stdout().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (TimeoutException e) {
      String log = lab.log(node, Lab.LogKind.STARTUP, 2000);
      throw new DemoException(
          node
              + " was not ready after "
              + LONGEST_STARTUP_SECONDS
              + " s. Its start-up script wrote: "
              + log,
          e);
    } catch (ExecutionException | IOException e) {
      throw new DemoException("A command in " + node + " broke off: " + e.getMessage() + ".", e);
    }
  }
}
