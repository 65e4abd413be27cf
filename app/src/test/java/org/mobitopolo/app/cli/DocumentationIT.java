// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The user guide's commands work, one after the other, for somebody whose home is new. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag("long")
class DocumentationIT extends InNewHome {

  @Test
  void theGuidesCommandsWork() throws Exception {
    String script = DocumentedCommands.script(Files.readString(Path.of("../docs/guide.md")));
    assertThat(script.lines().filter(line -> line.contains("mobitopolo ")).count()).as("commands in the guide").isGreaterThan(25);
    Path file = Files.writeString(home.resolve("guide.sh"), script);
    Path folder = Files.createDirectory(home.resolve("folder"));
    assertThat(program.runShell(folder, file)).as("status of the guide's commands").isZero();
  }
}
