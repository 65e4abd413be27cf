// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.JsonNode;

/** The framing of the agent protocol against every kind of bytes. */
@Timeout(30)
class RpcTest {
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<LabException> over = new CompletableFuture<>();
  private final PipedOutputStream agentOutput = new PipedOutputStream();
  private final PipedInputStream agentInput = new PipedInputStream(1 << 22);
  private Rpc rpc;

  @BeforeEach
  void connect() throws IOException {
    OutputStream toAgent = new PipedOutputStream(agentInput);
    rpc =
        new Rpc(
            "box",
            new PipedInputStream(agentOutput, 1 << 16),
            toAgent,
            new Rpc.Listener() {
              @Override
              public void event(JsonNode event) {
                events.add(event);
              }

              @Override
              public void closed(LabException reason) {
                over.complete(reason);
              }
            });
    rpc.start();
  }

  @AfterEach
  void disconnect() {
    rpc.close();
  }

  private void agentSays(String text) throws IOException {
    agentOutput.write(text.getBytes(StandardCharsets.UTF_8));
    agentOutput.flush();
  }

  private CompletableFuture<JsonNode> ask(String method) {
    return rpc.request(method, Rpc.JSON.createObjectNode(), null);
  }

  @Test
  void answersMayComeInAnyOrderAndInPieces() throws Exception {
    CompletableFuture<JsonNode> first = ask("one");
    CompletableFuture<JsonNode> second = ask("two");
    agentSays("{\"id\":2,\"result\":{\"n\":\"zw");
    Thread.sleep(20);
    agentSays("ei\"}}\n{\"event\":\"vm\"}\n{\"id\":1,\"result\":{\"n\":\"eins\"}}\n");
    assertThat(second.get().path("n").asString()).isEqualTo("zwei");
    assertThat(first.get().path("n").asString()).isEqualTo("eins");
    assertThat(events.take().path("event").asString()).isEqualTo("vm");
  }

  @Test
  void requestsAreOneLineEach() throws Exception {
    rpc.request("say", Rpc.JSON.createObjectNode().put("text", "a\nb"), null);
    byte[] line = new byte[200];
    int n = agentInput.read(line);
    assertThat(new String(line, 0, n, StandardCharsets.UTF_8)).isEqualTo("{\"id\":1,\"method\":\"say\",\"params\":{\"text\":\"a\\nb\"}}\n");
  }

  @Test
  void anAgentsErrorIsARefusalWithItsCodeAndOneCleanSentence() {
    CompletableFuture<JsonNode> answer = ask("vm.start");
    assertThatThrownBy(
            () -> {
              agentSays("{\"id\":1,\"error\":{\"code\":\"no-memory\",\"message\":\"There is\\u0007 no\\u001b[31m memory\"}}\n");
              answer.get();
            })
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(LabException.AgentRefused.class, refused -> assertThat(refused.code()).isEqualTo("no-memory"))
        .hasMessage("box: There is no [31m memory.");
  }

  @Test
  void theFirstLookAtAResultComesBeforeLaterLines() throws Exception {
    List<String> order = new ArrayList<>();
    CompletableFuture<JsonNode> answer = rpc.request("open", Rpc.JSON.createObjectNode(), result -> order.add("result, events " + events.size()));
    agentSays("{\"id\":1,\"result\":{\"stream\":7}}\n{\"event\":\"stream\",\"stream\":7}\n");
    answer.get();
    events.take();
    assertThat(order).containsExactly("result, events 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n",
        "nonsense\n",
        "[1]\n",
        "17\n",
        "null\n",
        "{\"id\":1\n",
        "{}\n",
        "{\"id\":99,\"result\":{}}\n",
        "{\"id\":\"1\",\"result\":{}}\n",
        "{\"id\":1.5,\"result\":{}}\n",
        "{\"id\":null,\"error\":{\"code\":\"bad-request\",\"message\":\"?\"}}\n",
        "{\"id\":1,\"result\":{}} {\"id\":1}\n",
        "\u0000\u0001\u0002\n",
      })
  void whatIsNoProtocolEndsTheConnection(String bytes) throws Exception {
    CompletableFuture<JsonNode> open = ask("facts");
    agentSays(bytes);
    LabException reason = over.get(10, TimeUnit.SECONDS);
    assertThat(reason).isInstanceOf(LabException.ProtocolBroken.class);
    assertThat(reason.getMessage()).contains("box");
    assertThatThrownBy(open::get).hasCause(reason);
    assertThatThrownBy(() -> ask("facts").get()).hasCause(reason);
  }

  @Test
  void nestingWithoutEndIsRefused() throws Exception {
    agentSays("{\"event\":" + "[".repeat(100_000) + "\n");
    assertThat(over.get(10, TimeUnit.SECONDS)).isInstanceOf(LabException.ProtocolBroken.class);
  }

  @Test
  void aLineWithoutEndIsNotKept() throws Exception {
    byte[] block = "x".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
    Thread flood =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 64; i++) {
                      agentOutput.write(block);
                    }
                  } catch (IOException e) {
                    // nobody reads any more, as it should be
                  }
                });
    LabException reason = over.get(10, TimeUnit.SECONDS);
    assertThat(reason.getMessage()).contains("more than a megabyte");
    flood.interrupt();
  }

  @Test
  void aLineOfJustUnderAMegabyteIsTaken() throws Exception {
    CompletableFuture<JsonNode> answer = ask("big");
    String text = "y".repeat(Rpc.MAX_LINE - 100);
    agentSays("{\"id\":1,\"result\":{\"text\":\"" + text + "\"}}\n");
    assertThat(answer.get().path("text").asString()).hasSize(text.length());
  }

  @Test
  void randomBytesNeverDoMoreThanEndTheConnection() throws Exception {
    Random random = new Random(20260101);
    byte[] bytes = new byte[4096];
    random.nextBytes(bytes);
    agentOutput.write(bytes);
    agentOutput.write('\n');
    agentOutput.flush();
    assertThat(over.get(10, TimeUnit.SECONDS)).isInstanceOf(LabException.ProtocolBroken.class);
  }

  @Test
  void theEndOfTheAgentFailsWhatIsOpen() throws Exception {
    CompletableFuture<JsonNode> open = ask("facts");
    agentOutput.close();
    assertThat(over.get(10, TimeUnit.SECONDS)).isInstanceOf(LabException.HostUnreachable.class);
    assertThatThrownBy(open::get).hasCauseInstanceOf(LabException.HostUnreachable.class);
  }

  @Test
  void aRequestThatIsTooLargeIsRefusedHere() {
    assertThatThrownBy(() -> rpc.request("lab.put", Rpc.JSON.createObjectNode().put("text", "z".repeat(Rpc.MAX_LINE)), null).get())
        .hasCauseInstanceOf(LabException.NotPossible.class);
    assertThat(over).isNotDone();
  }
}
