// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/**
 * The host folder (protocols.md section 4) as seen from the desktop: puts the agent there and starts it, puts images there.
 *
 * <p>All goes through scripts for {@code /bin/sh}. Each prints a marker line before anything else that counts, because the start-up files
 * of many accounts print greetings even without a terminal; what comes before the marker is skipped.
 */
final class AgentFolder {
  private static final String MARKER = "mobitopolo-begins ";
  private static final int MAX_GREETING = 1 << 16;
  private static final int MAX_LINE = 4096;
  private static final int EXIT_CANNOT_EXECUTE = 126;

  private final HostUrl url;
  private final Transport transport;
  private final AgentParts agent;

  AgentFolder(HostUrl url, Transport transport, AgentParts agent) {
    this.url = url;
    this.transport = transport;
    this.agent = agent;
  }

  /** Where progress of an upload is told. */
  interface Progress {
    void phase(String sentence);
  }

  /**
   * Starts {@code mobihost rpc}, after putting the agent there if it is missing.
   *
   * @throws LabException if the host can't run it or can't be reached
   */
  RemoteProcess startRpc(Progress progress) throws InterruptedException {
    Optional<RemoteProcess> running = tryStartRpc();
    if (running.isPresent()) {
      return running.get();
    }
    install(progress);
    running = tryStartRpc();
    if (running.isPresent()) {
      return running.get();
    }
    if (run("if [ -e \"$A/mobihost\" ]; then echo there; fi", "can't look for the host agent").strip().equals("there")) {
      throw new LabException.HostUnfit(
          "The host agent was put on " + url.displayName() + ", but programs can't be run from its folder there: the file system is mounted noexec.",
          "Nothing was started there.",
          "Give the region a folder elsewhere, as in ssh://user@host/folder, or have the file system mounted without noexec.");
    }
    throw new LabException.HostUnreachable(
        "The host agent was put on " + url.displayName() + " but is not there any more.",
        "",
        "Check whether something removes files from the account's folder.",
        null);
  }

  /** Empty when the agent is not there. */
  private Optional<RemoteProcess> tryStartRpc() throws InterruptedException {
    RemoteProcess process =
        transport.start(
            variables()
                + "if [ -x \"$A/mobihost\" ] && [ -x \"$A/linux\" ]; then echo '" + MARKER + "run'; exec \"$A/mobihost\" rpc; fi\n"
                + "echo \"" + MARKER + "missing $(uname -s) $(uname -m)\"");
    boolean started = false;
    try {
      String answer = begin(process);
      if (answer.equals("run")) {
        started = true;
        return Optional.of(process);
      }
      if (!answer.startsWith("missing ")) {
        throw notUnderstood(answer);
      }
      String system = answer.substring("missing ".length());
      if (!system.equals("Linux x86_64")) {
        throw new LabException.HostUnfit(
            url.displayName() + " is a " + Printable.line(system, 60) + " system; VMs need Linux on x86_64.",
            "Nothing was put there.",
            "Give the region another host.");
      }
      return Optional.empty();
    } finally {
      if (!started) {
        process.close();
      }
    }
  }

  private void install(Progress progress) throws InterruptedException {
    String incoming = "\"$F/agent/.incoming-$$\"";
    String folder = run("umask 077\nmkdir -p " + incoming + " && echo " + incoming, "can't make the folder of the host agent").strip();
    for (AgentParts.Part part : agent.parts()) {
      progress.phase("Uploading " + (part.name().equals("linux") ? "the guest kernel" : "the host agent") + " to " + url.displayName() + ".");
      upload(part, folder);
    }
    // another desktop may have been faster; its files are the same
    run(
        "if [ -d \"$A\" ]; then rm -rf " + Shell.quote(folder) + "; else mv " + Shell.quote(folder) + " \"$A\"; fi",
        "can't install the host agent");
  }

  private void upload(AgentParts.Part part, String folder) throws InterruptedException {
    String target = Shell.quote(folder + "/" + part.name());
    try (RemoteProcess process =
        transport.start(
            "umask 077\necho '" + MARKER + "ready'\ncat > " + target + " && chmod 700 " + target + " && sha256sum < " + target)) {
      begin(process);
      try (OutputStream out = process.stdin()) {
        Files.copy(part.file(), out);
      }
      String sum = new String(process.stdout().readNBytes(64), StandardCharsets.US_ASCII);
      if (process.waitFor() != 0 || !sum.equals(part.sha256())) {
        throw new LabException.HostUnfit(
            "Uploading " + part.name() + " to " + url.displayName() + " failed: " + reason(process, "the file arrived damaged"),
            "Nothing was started there.",
            "Check the free disk space of the account.");
      }
    } catch (IOException e) {
      throw broken("while " + part.name() + " was uploaded", e);
    }
  }

  /** Starts {@code mobihost} with these words on a channel of its own. */
  BulkChannel openBulk(String... words) throws InterruptedException {
    StringBuilder command = new StringBuilder("exec \"$A/mobihost\"");
    for (String word : words) {
      command.append(' ').append(Shell.quote(word));
    }
    RemoteProcess process = transport.start(variables() + "echo '" + MARKER + "ready'\n" + command);
    boolean begun = false;
    try {
      begin(process);
      begun = true;
      return new BulkChannel(url.displayName(), process);
    } finally {
      if (!begun) {
        process.close();
      }
    }
  }

  /** Whether the agent of that name, and so its guest kernel, is there. */
  boolean holdsAgent(String hash) throws InterruptedException {
    String answer = run("[ -x \"$F/agent/\"" + Shell.quote(hash) + "/linux ] && echo yes || echo no", "can't look for a guest kernel");
    return answer.strip().equals("yes");
  }

  /** SHA-256 of this program's own guest kernel. */
  String kernelSha256() {
    return agent.parts().stream().filter(part -> part.name().equals("linux")).map(AgentParts.Part::sha256).findFirst().orElseThrow();
  }

  /**
   * Begins a capture; see protocols.md section 5.
   *
   * @param goOn without the headers, as the next part of a stream
   */
  Capture capture(String instance, int nic, boolean goOn) throws InterruptedException {
    RemoteProcess process =
        transport.start(
            variables() + "echo '" + MARKER + "ready'\nexec \"$A/mobihost\" capture " + Shell.quote(instance) + " " + nic + (goOn ? " --continue" : ""));
    try {
      begin(process);
    } catch (LabException | InterruptedException e) {
      process.close();
      throw e;
    }
    return new Capture(url, process);
  }

  /** Runs a short script and returns what it printed. */
  private String run(String script, String failure) throws InterruptedException {
    try (RemoteProcess process = transport.start(variables() + "echo '" + MARKER + "ready'\n" + script)) {
      begin(process);
      String output = new String(process.stdout().readNBytes(MAX_LINE), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new LabException.HostUnfit(
            url.displayName() + " " + failure + ": " + reason(process, "the command failed"),
            "Nothing was started there.",
            "Check the permissions and the free space of the account, or name another folder in the host's URL.");
      }
      return output;
    } catch (IOException e) {
      throw broken("while it was prepared", e);
    }
  }

  /** The host folder and the agent's folder in it as shell variables; the agent itself looks at the former. */
  private String variables() {
    String folder = url.folder().map(Shell::quote).orElse("\"$HOME/.local/share/mobitopolo\"");
    return "F=" + folder + "\nA=\"$F/agent/" + agent.hash() + "\"\nMOBITOPOLO_FOLDER=\"$F\"\nexport MOBITOPOLO_FOLDER\n";
  }

  /** Skips what the account's start-up files print, and returns the rest of the marker's line. */
  private String begin(RemoteProcess process) throws InterruptedException {
    InputStream in = process.stdout();
    StringBuilder line = new StringBuilder();
    try {
      for (int skipped = 0; skipped < MAX_GREETING; skipped++) {
        int c = in.read();
        if (c < 0) {
          break;
        }
        if (c != '\n') {
          line.append((char) c);
          continue;
        }
        int marker = line.indexOf(MARKER);
        if (marker >= 0) {
          return line.substring(marker + MARKER.length()).strip();
        }
        line.setLength(0);
      }
    } catch (IOException e) {
      throw broken("before the first answer", e);
    }
    int status = process.waitFor();
    String hint = status == EXIT_CANNOT_EXECUTE ? "Its folder may not allow programs (noexec); name another folder in the host's URL." : "Check that the account may run commands.";
    throw new LabException.HostUnreachable(
        url.displayName() + " runs no commands for this account: " + reason(process, "it ended with status " + status), "", hint, null);
  }

  private static String reason(RemoteProcess process, String otherwise) {
    String said = process.errorTail();
    return Printable.sentence(said.isEmpty() ? otherwise : said);
  }

  private LabException notUnderstood(String answer) {
    return new LabException.ProtocolBroken(
        url.displayName() + " answered something unexpected: " + Printable.line(answer, 100) + ".", "", "Check what /bin/sh is there.", null);
  }

  private LabException broken(String when, IOException e) throws InterruptedException {
    if (BulkChannel.interrupted(e)) {
      throw new InterruptedException();
    }
    return new LabException.HostUnreachable(
        "The connection to " + url.displayName() + " broke " + when + ": " + Printable.sentence(Printable.line(String.valueOf(e.getMessage()), 200)),
        "What runs there goes on.",
        "It is opened again by itself.",
        e);
  }
}
