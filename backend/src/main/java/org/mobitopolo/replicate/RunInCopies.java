// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;

/**
 * Runs a script in one VM of each copy, in all at once, and gathers what each printed. The script finds in its environment the copy's parameters
 * and {@code MOBITOPOLO_COPY}, {@code MOBITOPOLO_COPIES}, {@code MOBITOPOLO_LAB}. Succeeded: every script has ended, however; {@link #results} tells
 * how. Cancelled: the scripts are ended.
 */
public final class RunInCopies implements Task.Work {
  private static final int MOST_OUTPUT = 1 << 20;
  private static final Pattern VALUE = Pattern.compile("([A-Za-z_][A-Za-z0-9_.-]{0,63})=(.*)");
  private static final int MOST_VALUES = 1000;
  private static final int SIGNALLED = 128;

  private final List<Copy> copies;
  private final List<Lab> labs;
  private final Experiment experiment;
  private volatile List<CopyResult> results = List.of();

  /**
   * To be run by {@link org.mobitopolo.task.Tasks#run}, once.
   *
   * @param labs of the copies, open, in the same order
   */
  public RunInCopies(List<Copy> copies, List<Lab> labs, Experiment experiment) {
    this.copies = List.copyOf(copies);
    this.labs = List.copyOf(labs);
    this.experiment = experiment;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    progress.phase("The script runs in all copies.");
    progress.amount(0, copies.size(), Unit.STEPS);
    AtomicInteger done = new AtomicInteger();
    List<CompletableFuture<CopyResult>> running = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      Lab lab = labs.get(i);
      CompletableFuture<CopyResult> result = new CompletableFuture<>();
      running.add(result);
      threads.add(
          Thread.ofVirtual()
              .name("script in " + copy.topology().name())
              .start(
                  () -> {
                    try {
                      result.complete(run(copy, lab));
                      progress.amount(done.incrementAndGet(), copies.size(), Unit.STEPS);
                    } catch (RuntimeException | InterruptedException e) {
                      result.completeExceptionally(e);
                    }
                  }));
    }
    try {
      List<CopyResult> all = new ArrayList<>();
      for (CompletableFuture<CopyResult> each : running) {
        all.add(each.get());
      }
      results = List.copyOf(all);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
    } finally {
      threads.forEach(Thread::interrupt);
    }
  }

  /** What came of it, in the order of the copies. Only after success. */
  public List<CopyResult> results() {
    return results;
  }

  private CopyResult run(Copy copy, Lab lab) throws InterruptedException {
    Map<String, String> env = new LinkedHashMap<>(copy.parameters());
    env.put("MOBITOPOLO_COPY", String.valueOf(copy.number()));
    env.put("MOBITOPOLO_COPIES", String.valueOf(copies.size()));
    env.put("MOBITOPOLO_LAB", copy.topology().id());
    long begin = System.nanoTime();
    try (ExecStream command = lab.exec(experiment.node(), new ExecRequest(List.of("/bin/sh", "-s"), env, "/", false, 24, 80))) {
      CompletableFuture<String> output = reading(command.stdout());
      CompletableFuture<String> errors = reading(command.stderr());
      try (OutputStream stdin = command.stdin()) {
        stdin.write(experiment.script().getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // it did not want all of it; how it ended says more
      }
      ExecStream.Exit exit = command.exit().get();
      double seconds = (System.nanoTime() - begin) / 1e9;
      String text = output.get();
      return switch (exit) {
        case ExecStream.Exit.Status status -> new CopyResult(copy, status.code(), seconds, values(text), text, errors.get());
        case ExecStream.Exit.Signal signal -> new CopyResult(copy, SIGNALLED + signal.number(), seconds, values(text), text, errors.get());
        case ExecStream.Exit.Failed failed -> new CopyResult(copy, CopyResult.NOT_RUN, seconds, Map.of(), text, failed.reason());
      };
    } catch (LabException e) {
      return new CopyResult(copy, CopyResult.NOT_RUN, (System.nanoTime() - begin) / 1e9, Map.of(), "", e.getMessage());
    } catch (ExecutionException e) {
      throw new IllegalStateException("a command's end and its output are never exceptional", e);
    }
  }

  /** Keeps the first megabyte and reads the rest, so that the script is never held up. */
  private static CompletableFuture<String> reading(InputStream in) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              ByteArrayOutputStream kept = new ByteArrayOutputStream();
              try (in) {
                byte[] block = new byte[8192];
                for (int n = in.read(block); n >= 0; n = in.read(block)) {
                  kept.write(block, 0, Math.min(n, MOST_OUTPUT - kept.size()));
                }
              } catch (IOException e) {
                // the end, for whatever reason
              }
              text.complete(kept.toString(StandardCharsets.UTF_8));
            });
    return text;
  }

  static Map<String, String> values(String output) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : output.split("\n")) {
      Matcher value = VALUE.matcher(line.strip());
      if (value.matches() && values.size() < MOST_VALUES) {
        values.put(value.group(1), value.group(2));
      }
    }
    return values;
  }
}
