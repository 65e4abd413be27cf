// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;

/** A TCP stream between two guests whose every byte is checked, while something is done to them. */
final class CheckedStream implements AutoCloseable {
  private static final String PORT = "4000";

  /** What came of it: {@code ok BYTES} or {@code broken AT REASON}. */
  record Verdict(String words) {
    boolean intact() {
      return words.startsWith("ok ");
    }

    void put(Map<String, Object> report) {
      report.put("streamOk", intact());
      report.put("stream", words);
    }

    void print(PrintStream out) {
      out.println(
          intact() ? "The TCP stream was never interrupted; all " + words.substring(3) + " bytes were right." : "The TCP stream is BROKEN: " + words + ".");
    }
  }

  private final GuestProgram.Running server;
  private final GuestProgram.Running connection;

  private CheckedStream(GuestProgram.Running server, GuestProgram.Running connection) {
    this.server = server;
    this.connection = connection;
  }

  /**
   * Begins it.
   *
   * @param program {@code stream}, installed in both
   * @param address of the second guest
   */
  static CheckedStream begin(Lab lab, GuestProgram program, String from, String to, String address, int bytesPerSecond)
      throws IOException, InterruptedException, CliException {
    GuestProgram.Running server = program.start(lab, to, "serve", PORT);
    Bench.expect(server, "listening");
    GuestProgram.Running connection = program.start(lab, from, "run", address, PORT, String.valueOf(bytesPerSecond));
    Bench.expect(connection, "connected");
    return new CheckedStream(server, connection);
  }

  /** Ends it and says what came of it. */
  Verdict end() throws IOException {
    connection.endInput();
    return new Verdict(connection.line());
  }

  @Override
  public void close() {
    connection.close();
    server.close();
  }
}
