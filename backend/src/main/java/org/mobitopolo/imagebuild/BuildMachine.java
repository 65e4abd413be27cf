// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.imagebuild;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.disk.TarLayer;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** A VM on this computer in which packages are installed: inside of it one is root. It is gone when this is closed. */
final class BuildMachine implements AutoCloseable {
  private static final String NODE = "builder";
  private static final String REGION = "here";
  private static final int MAX_LINE = 500;

  private final Lab lab;
  private final Path log;
  private final StringBuilder tail = new StringBuilder();

  private BuildMachine(Lab lab, Path log) {
    this.lab = lab;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param folder an empty one, for the VM's files
   * @param log what is printed in it is written there
   */
  static BuildMachine start(Image image, Hosts hosts, Tasks tasks, Path folder, Path log) throws InterruptedException {
    Topology topology =
        Topology.empty(UUID.randomUUID().toString(), "Building " + image.name())
            .withRegions(List.of(new Region(REGION, "Here", HostUrl.parse("local:" + folder), new Bounds(0, 0, 400, 300), "blue")))
            .withNodes(
                List.of(
                    VirtualMachine.create(NODE, NODE, new Point(100, 100))
                        .withRegion(Optional.of(REGION))
                        .withImage(image.sha256())
                        .withMemory(Size.parse("512MiB"))));
    BuildMachine machine = new BuildMachine(Lab.open(topology, hosts, tasks), log);
    boolean started = false;
    try {
      machine.follow(machine.lab.start(List.of(NODE)));
      started = true;
      return machine;
    } finally {
      if (!started) {
        machine.close();
      }
    }
  }

  private void follow(Task task) throws InterruptedException {
    try {
      task.awaitSuccess();
    } catch (InterruptedException e) {
      task.cancel();
      throw e;
    }
  }

  /**
   * Runs a shell script to its end.
   *
   * @param lines hears what it prints
   */
  void run(String command, Consumer<String> lines) throws IOException, InterruptedException {
    try (ExecStream exec = lab.exec(NODE, ExecRequest.shell("exec 2>&1\n" + command));
        BufferedReader output = new BufferedReader(new InputStreamReader(exec.stdout(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        String shown = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
        tail.append(shown).append('\n');
        lines.accept(shown);
      }
      Files.writeString(log, tail);
      requireSuccess(exec);
    }
  }

  /** Reads what a command writes as a tar file. */
  void readTar(String command, TarLayer layer) throws IOException, InterruptedException {
    try (ExecStream exec = lab.exec(NODE, ExecRequest.shell(command));
        InputStream in = exec.stdout()) {
      layer.read(in);
      in.transferTo(java.io.OutputStream.nullOutputStream());
      requireSuccess(exec);
    }
  }

  private void requireSuccess(ExecStream exec) throws IOException, InterruptedException {
    ExecStream.Exit exit = exec.exit().join();
    if (!exit.equals(new ExecStream.Exit.Status(0))) {
      throw BuildFailure.of("Installing the packages in a VM failed (" + reason(exit) + ")", tail.toString(), "The whole output is in " + log + ".");
    }
  }

  private static String reason(ExecStream.Exit exit) {
    return switch (exit) {
      case ExecStream.Exit.Status status -> "status " + status.code();
      case ExecStream.Exit.Signal signal -> "signal " + signal.number();
      case ExecStream.Exit.Failed failed -> failed.reason();
    };
  }

  /** Also after a cancelled build, whose thread is interrupted, the VM is removed first. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      lab.destroy().awaitSuccess();
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      lab.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
