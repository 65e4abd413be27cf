// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import org.mobitopolo.lab.ConsoleListener;
import org.mobitopolo.lab.ConsoleStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.VirtualMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code console}: connects the terminal with a guest's console, through migrations and restarts.
 */
@Command(
    name = "console",
    description = {
      "Connect this terminal with a node's console. It stays connected while the node migrates or"
          + " restarts.",
      "Leave with ^] or, at the beginning of a line, with ~. (type ~~ for one ~)."
    })
final class ConsoleCommand extends LabCommand {

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(index = "1", paramLabel = "NODE", description = "Name of the node.")
  private String node;

  ConsoleCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    Terminal terminal = surroundings().terminal();
    if (!terminal.isInput()) {
      throw new CliException(
          "A console needs a terminal at standard input. Use \"mobitopolo exec\" in scripts.");
    }
    LabTarget target = new LabFinder(session).find(lab);
    VirtualMachine machine = machine(target.topology(), node);
    Lab open = session.open(target.topology(), target.file());
    Terminal.Size size = terminal.size().orElse(new Terminal.Size(24, 80));
    PrintStream out = out();
    out.println(
        "Console of " + machine.name() + ". Leave with ^] or ~. at the beginning of a line.");
    try (Terminal.RawMode _ = terminal.raw();
        ConsoleStream console =
            open.openConsole(
                machine.id(), size.rows(), size.columns(), new Painter(out, machine.name()));
        SizeWatch _ = new SizeWatch(terminal, size, console::resize)) {
      typeUntilLeft(console);
    }
    out.println();
    return 0;
  }

  private void typeUntilLeft(ConsoleStream console) throws IOException {
    ConsoleEscape escape = new ConsoleEscape();
    byte[] buffer = new byte[4096];
    for (int count = surroundings().in().read(buffer);
        count >= 0;
        count = surroundings().in().read(buffer)) {
      byte[] typed = escape.filter(Arrays.copyOf(buffer, count));
      if (typed.length > 0) {
        console.write(typed);
      }
      if (escape.left()) {
        return;
      }
    }
  }

  /** Shows what the guest writes, and remarks of our own on lines of their own. */
  private record Painter(PrintStream out, String name) implements ConsoleListener {

    @Override
    public void output(byte[] bytes) {
      out.write(bytes, 0, bytes.length);
      out.flush();
    }

    @Override
    public void disconnected(String reason) {
      out.print("\r\n[" + name + ": " + reason + "]\r\n");
      out.flush();
    }
  }
}
