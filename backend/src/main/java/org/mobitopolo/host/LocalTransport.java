// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.mobitopolo.task.LabException;

/** Runs commands on this computer, when that is a Linux one. */
final class LocalTransport implements Transport {
  private static final long END_MS = 500;
  private static final String LINUX = "Linux";

  private final Set<LocalProcess> processes = ConcurrentHashMap.newKeySet();

  /**
   * Checks that virtual machines can run on this computer at all.
   *
   * @param system name of the operating system, as Java has it
   * @throws LabException.HostUnreachable if it is not Linux
   */
  static LocalTransport on(String system) {
    if (!system.equals(LINUX)) {
      throw new LabException.HostUnreachable(
          "This computer runs " + system + ", and virtual machines run on Linux hosts only.",
          "",
          "Give the region a Linux computer that SSH reaches, such as ssh://me@server.",
          null);
    }
    return new LocalTransport();
  }

  @Override
  public RemoteProcess start(String script) {
    try {
      LocalProcess process = new LocalProcess(new ProcessBuilder("/bin/sh", "-c", script).start());
      processes.add(process);
      return process;
    } catch (IOException e) {
      throw new LabException.HostUnreachable(
          "This computer does not start /bin/sh: " + Printable.sentence(Printable.line(String.valueOf(e.getMessage()), 300)),
          "",
          "Check whether the limit of processes is reached.",
          e);
    }
  }

  @Override
  public Optional<String> address() {
    return Optional.empty();
  }

  @Override
  public void close() {
    processes.forEach(LocalProcess::close);
  }

  private final class LocalProcess implements RemoteProcess {
    private final Process process;
    private final ErrorTail errors;

    LocalProcess(Process process) {
      this.process = process;
      this.errors = ErrorTail.reading(process.getErrorStream());
      process.onExit().thenRun(() -> processes.remove(this));
    }

    @Override
    public InputStream stdout() {
      return process.getInputStream();
    }

    @Override
    public OutputStream stdin() {
      return process.getOutputStream();
    }

    @Override
    public String errorTail() {
      return errors.toString();
    }

    @Override
    public int waitFor() throws InterruptedException {
      return process.waitFor();
    }

    /** End of file on standard input ends the agent; what does not heed that is killed. */
    @Override
    public void close() {
      try {
        process.getOutputStream().close();
      } catch (IOException e) {
        process.destroy();
      }
      process
          .onExit()
          .completeOnTimeout(process, END_MS, TimeUnit.MILLISECONDS)
          .thenAccept(
              ended -> {
                if (ended.isAlive()) {
                  ended.destroyForcibly();
                }
              });
    }
  }
}
