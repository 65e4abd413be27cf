// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A root file system that is imported boots with the init that it has. It is the archive of a VM whose image is built of packages. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
@Tag("long")
class ImportedImagesIT extends InNewHome {

  private static final Path TEMPLATE = Path.of("src/test/resources/org/mobitopolo/app/cli/with-systemd.json").toAbsolutePath();
  private static final int PATIENCE_SECONDS = 120;

  private static final String LAB =
      """
      {"format": "mobitopolo-topology", "version": 1, "id": "LAB", "name": "LAB",
       "regions": [{"id": "a", "name": "A", "host": "local:", "x": 0, "y": 0, "width": 400, "height": 300, "color": "blue"},
                   {"id": "b", "name": "B", "host": "local:HOME/other-host", "x": 500, "y": 0, "width": 400, "height": 300, "color": "orange"}],
       "nodes": [{"id": "client", "name": "client", "kind": "vm", "region": "b", "x": 600, "y": 100, "image": "small", "memory": "64MiB",
                  "nics": [{"name": "eth0", "mac": "02:6d:6f:62:69:01", "addresses": ["10.0.1.2/24"]}]},
                 {"id": "box", "name": "box", "kind": "vm", "region": "a", "x": 100, "y": 100, "image": "IMAGE", "memory": "128MiB", "startup": "STARTUP",
                  "nics": [{"name": "eth0", "mac": "02:6d:6f:62:69:02", "addresses": ["10.0.1.1/24"]}]}],
       "links": [{"id": "l", "a": {"node": "client", "nic": "eth0"}, "b": {"node": "box", "nic": "eth0"}}]}
      """;

  private static final String PAGE = "wget -q -O - http://10.0.1.1/";
  private static final String MAIN_PROCESS = "cat /run/nginx.pid";
  private static final String CRASHES = "dmesg | grep -c 'recovery complete' || true";

  @Test
  void aSystemOfSystemdBootsServesMovesAndStops() throws Exception {
    BuiltImages.provide(program, home, TEMPLATE);
    apply("source", "with-systemd", "true");
    Path archive = home.resolve("systemd.tar");
    Path script = home.resolve("pack.sh");
    Files.writeString(script, "mobitopolo exec source box -- tar -C / -c --one-file-system --exclude=./var/cache . > " + archive + "\n");
    assertThat(program.runShell(home, script)).isZero();
    program.run("destroy", "source", "--yes").expect(0);
    program.run("image", "import", archive.toString(), "--name", "imported", "--memory", "128").expect(0);
    Files.delete(archive);

    apply("lab", "imported", "pgrep nginx > /root/at-start-up");
    until("lab", "box", "systemctl is-system-running", text -> text.strip().equals("running"));
    assertThat(in("lab", "box", "ip -o addr show dev eth0; hostname")).contains("10.0.1.1/24", "box");
    // the start-up script came after the services
    until("lab", "box", "cat /root/at-start-up", text -> !text.isBlank());
    assertThat(in("lab", "client", PAGE)).contains("nginx");

    String before = in("lab", "box", MAIN_PROCESS);
    program.run("migrate", "lab", "box", "B").expect(0);
    assertThat(in("lab", "client", PAGE)).contains("nginx");
    assertThat(in("lab", "box", MAIN_PROCESS)).isEqualTo(before).isNotBlank();
    assertThat(in("lab", "box", "systemctl is-system-running")).contains("running");
    in("lab", "box", "systemctl restart nginx");
    assertThat(in("lab", "box", MAIN_PROCESS)).isNotEqualTo(before).isNotBlank();
    askOnTheConsole();

    program.run("stop", "lab", "box", "--grace", String.valueOf(PATIENCE_SECONDS)).expect(0);
    program.run("start", "lab", "box").expect(0);
    until("lab", "client", PAGE, text -> text.contains("nginx"));
    assertThat(in("lab", "box", CRASHES).strip()).isEqualTo("0");
  }

  /** A shell has the console to itself, so ^C ends what runs there. */
  private void askOnTheConsole() throws Exception {
    Process console = program.startOnTerminal("console", "lab", "box");
    try {
      StringBuffer screen = new StringBuffer();
      Thread.ofVirtual().start(() -> read(console.getInputStream(), screen));
      type(console, screen, "\r", "root@box");
      type(console, screen, "sleep 1000\r", "sleep 1000");
      type(console, screen, "\u0003echo typed $((6 * 7)) on $(tty)\r", "typed 42 on /dev/console");
      console.getOutputStream().write("\r~.".getBytes(StandardCharsets.US_ASCII));
      console.getOutputStream().flush();
      assertThat(console.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      console.destroyForcibly();
    }
  }

  /** Types again and again until the screen has this. */
  private static void type(Process console, StringBuffer screen, String keys, String wanted) throws Exception {
    long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!screen.toString().contains(wanted) && System.nanoTime() < end) {
      console.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
      console.getOutputStream().flush();
      Thread.sleep(2000);
    }
    assertThat(screen.toString()).contains(wanted);
  }

  private static void read(InputStream from, StringBuffer to) {
    try {
      byte[] bytes = new byte[4096];
      for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
        to.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // the terminal is gone
      return;
    }
  }

  private void apply(String lab, String image, String startup) throws Exception {
    Path file = home.resolve("lab.json");
    Files.writeString(file, LAB.replace("LAB", lab).replace("IMAGE", image).replace("STARTUP", startup).replace("HOME", home.toString()));
    program.run("apply", file.toString()).expect(0);
  }
}
