// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code capture}: writes what passes a NIC to a file or to standard output. */
@Command(
    name = "capture",
    description = {
      "Write what passes a network interface as pcapng, also while its node migrates. End it with"
          + " ^C.",
      "Live: mobitopolo capture LAB NODE | wireshark -k -i -"
    })
final class CaptureCommand extends LabCommand {

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(
      index = "1",
      paramLabel = "NODE[:NIC]",
      description = "Name of the node; its first interface unless one is named.")
  private String place;

  @Option(
      names = {"-w", "--write"},
      paramLabel = "FILE",
      description = "Write to this file instead of standard output; - is standard output.")
  private String file = "-";

  CaptureCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    if (file.equals("-") && surroundings().terminal().isOutput()) {
      throw new CliException(
          "A capture is no text for a terminal. Name a file with -w, or pipe it into an analyser.");
    }
    LabTarget target = new LabFinder(session).find(lab);
    int colon = place.lastIndexOf(':');
    Node node = node(target.topology(), colon < 0 ? place : place.substring(0, colon));
    String nic = colon < 0 ? first(node) : place.substring(colon + 1);
    Lab open = session.open(target.topology(), target.file());
    if (file.equals("-")) {
      session.follow(open.capture(node.id(), nic, new Checked(surroundings().out())));
    } else {
      try (OutputStream output = new FileOutputStream(Path.of(file).toFile())) {
        session.follow(open.capture(node.id(), nic, output));
      } catch (IOException e) {
        throw new CliException("The capture can't be written: " + e.getMessage() + ".");
      }
    }
    return 0;
  }

  private static String first(Node node) throws CliException {
    return node.nics().stream()
        .findFirst()
        .map(Nic::name)
        .orElseThrow(() -> new CliException("\"" + node.name() + "\" has no interface."));
  }

  /** Tells when nobody reads any more, which a print stream keeps to itself. */
  private static final class Checked extends OutputStream {
    private final PrintStream out;

    Checked(PrintStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      if (out.checkError()) {
        throw new EOFException("Nobody reads the capture any more.");
      }
    }
  }
}
