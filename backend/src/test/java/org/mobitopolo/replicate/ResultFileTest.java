// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ResultFileTest {
  @TempDir Path folder;

  private static CopyResult result(int number, Map<String, String> parameters, int status, String output) {
    Copy copy = new Copy(number, Topology.empty("lab-" + number, "Lab #" + number), parameters);
    return new CopyResult(copy, status, 1.25, RunInCopies.values(output), output, "");
  }

  private static List<CopyResult> results() {
    return List.of(
        result(1, Map.of("rate", "1"), 0, "hello\nthroughput=12.5\nnote=a, \"b\"\n"),
        result(2, Map.of("rate", "2"), 3, "  loss=-0.5\r\nthroughput=1\nthroughput=2\nnote==HYPERLINK(1)\n= x\n1a=3"));
  }

  @Test
  void aTableHasAColumnForEachValueThatAnyCopyTold() throws Exception {
    Path file = folder.resolve("results.csv");
    ResultFile.write(file, results());
    assertThat(Files.readString(file))
        .isEqualTo("copy,rate,status,seconds,throughput,note,loss\r\n1,1,0,1.250,12.5,\"a, \"\"b\"\"\",\r\n2,2,3,1.250,2,'=HYPERLINK(1),-0.5\r\n");
  }

  @Test
  void jsonHasEverything() throws Exception {
    Path file = folder.resolve("results.JSON");
    ResultFile.write(file, results());
    JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
    assertThat(json.size()).isEqualTo(2);
    assertThat(json.get(0).path("parameters").path("rate").asString()).isEqualTo("1");
    assertThat(json.get(0).path("values").path("throughput").asString()).isEqualTo("12.5");
    assertThat(json.get(1).path("status").asInt()).isEqualTo(3);
    assertThat(json.get(0).path("output").asString()).startsWith("hello\n");
  }

  @Test
  void aFolderThatIsNotThereIsTold() {
    assertThatThrownBy(() -> ResultFile.write(folder.resolve("no/results.csv"), results()))
        .isInstanceOf(LabException.FilesUnusable.class)
        .hasMessageContaining("The experiment itself is done.");
  }
}
