// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A machine of QEMU: its process, its control socket (QMP) and the port where its program shows that it runs. */
final class QemuGuest implements AutoCloseable {
  private static final long START_MS = 20_000;

  /** Debian's kernel does not start in less; the working set stays what the case says. */
  private static final long LEAST_MIB = 128;

  private final Process process;
  private final Path folder;
  private final SocketChannel control;
  private final SocketChannel beacon;
  private final BufferedReader answers;

  /**
   * Starts it.
   *
   * @param folder of its own, for its sockets
   * @param incoming it waits at {@link #door} for a machine to come
   */
  QemuGuest(Qemu qemu, String accelerator, MigrationCase work, Path folder, boolean incoming, GapWatch watch) throws IOException, InterruptedException {
    this.folder = folder;
    Path initramfs = folder.resolve("initramfs");
    Files.write(initramfs, qemu.initramfs());
    List<String> command = new ArrayList<>(List.of(qemu.program().toString(), "-accel", accelerator, "-m", Math.max(LEAST_MIB, work.memory().toMiB()) + "M", "-smp", "1"));
    command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-kernel", qemu.kernel().toString(), "-initrd", initramfs.toString()));
    command.addAll(List.of("-append", "quiet MIB=" + work.workingSet().toMiB() + " RATE=" + work.dirty()));
    command.addAll(List.of("-chardev", "socket,id=beacon,server=on,wait=off,path=" + folder.resolve("beacon"), "-device", "isa-debugcon,iobase=0xe9,chardev=beacon"));
    command.addAll(List.of("-qmp", "unix:" + folder.resolve("control") + ",server=on,wait=off"));
    if (incoming) {
      command.addAll(List.of("-incoming", "unix:" + door()));
    }
    process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve("errors").toFile())
            .start();
    try {
      beacon = connect("beacon");
      control = connect("control");
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
    watch.follow(beacon);
    answers = new BufferedReader(new InputStreamReader(Channels.newInputStream(control), StandardCharsets.UTF_8));
    execute("qmp_capabilities", Map.of());
  }

  private SocketChannel connect(String name) throws IOException, InterruptedException {
    long end = System.nanoTime() + START_MS * 1_000_000;
    while (true) {
      try {
        return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(name)));
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new IOException("QEMU did not start: " + Files.readString(folder.resolve("errors")).strip(), e);
        }
        Thread.sleep(20);
      }
    }
  }

  /** The socket where another machine may come in. */
  Path door() {
    return folder.resolve("door");
  }

  /** Carries a command out; what it returns. */
  JsonNode execute(String command, Map<String, Object> arguments) throws IOException {
    String line = JsonMapper.shared().writeValueAsString(Map.of("execute", command, "arguments", arguments)) + "\n";
    control.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    for (String answer = answers.readLine(); answer != null; answer = answers.readLine()) {
      JsonNode json = JsonMapper.shared().readTree(answer);
      if (json.has("return")) {
        return json.path("return");
      }
      if (json.has("error")) {
        throw new IOException("QEMU refused " + command + ": " + json.path("error").path("desc").asString(""));
      }
    }
    throw new IOException("QEMU ended: " + Files.readString(folder.resolve("errors")).strip());
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    beacon.close();
    control.close();
  }
}
