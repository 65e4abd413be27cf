// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.image.Template;

/** The script that installs packages in a guest. */
class FirstStageTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[\"\"]", "[\"# nothing\"]", "[\"echo hello > /etc/motd\", \"for i in 1 2; do\", \"echo $i\", \"done\"]"})
  void theScriptIsOneWhateverATemplateFinishesWith(String finish) throws Exception {
    Path file = Files.writeString(folder.resolve("mine.json"), "{\"name\": \"mine\", \"packages\": [\"dnsmasq\"], \"finish\": " + finish + "}");
    List<Apt.Step> steps = List.of(new Apt.Step(true, "dpkg", "1.2", "amd64"), new Apt.Step(false, "dpkg", "1.2", "amd64"));
    Path script = Files.writeString(folder.resolve("install.sh"), new FirstStage(Template.read(file), null, steps, steps).script());
    Process shell = new ProcessBuilder("sh", "-n", script.toString()).redirectErrorStream(true).start();
    String said = new String(shell.getInputStream().readAllBytes());
    assertThat(shell.waitFor()).as(said).isZero();
  }
}
