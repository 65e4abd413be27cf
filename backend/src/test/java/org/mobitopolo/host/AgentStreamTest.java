// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;

/** What an agent may and may not do with a stream. */
@Timeout(30)
class AgentStreamTest {
  private final PipedOutputStream agentOutput = new PipedOutputStream();
  private final PipedInputStream agentInput = new PipedInputStream(1 << 20);
  private final CompletableFuture<LabException> over = new CompletableFuture<>();
  private final CompletableFuture<AgentStream.Moved> moved = new CompletableFuture<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final Semaphore mayTake = new Semaphore(0);
  private Agent agent;
  private Rpc rpc;

  @BeforeEach
  void open() throws Exception {
    agent = new Agent(HostUrl.LOCAL, "0", Optional.empty(), null);
    rpc =
        new Rpc(
            "box",
            new PipedInputStream(agentOutput, 1 << 20),
            new PipedOutputStream(agentInput),
            new Rpc.Listener() {
              @Override
              public void event(JsonNode event) {
                agent.acceptStreamEvent(event);
              }

              @Override
              public void closed(LabException reason) {
                over.complete(reason);
                agent.lost(reason);
              }
            });
    agent.use(rpc);
    rpc.start();
    CompletableFuture<AgentStream> opened = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                opened.complete(agent.openStream("console.open", agent.params(), new Recorder()));
              } catch (InterruptedException e) {
                opened.completeExceptionally(e);
              }
            });
    while (agentInput.read() != '\n') {
      // the request
    }
    agentSays("{\"id\":1,\"result\":{\"stream\":5}}");
    opened.get();
  }

  private final class Recorder implements AgentStream.Listener {
    @Override
    public void data(boolean error, byte[] bytes) {
      mayTake.acquireUninterruptibly();
      received.writeBytes(bytes);
    }

    @Override
    public void exit(JsonNode exit) {}

    @Override
    public void closed(String reason, Optional<AgentStream.Moved> next) {
      next.ifPresent(moved::complete);
      closed.complete(reason);
    }
  }

  @AfterEach
  void end() {
    mayTake.release(1000);
    rpc.close();
  }

  private void agentSays(String line) throws IOException {
    agentOutput.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    agentOutput.flush();
  }

  private void agentSends(int bytes) throws IOException {
    agentSays("{\"event\":\"stream\",\"stream\":5,\"channel\":\"out\",\"data\":\"" + Base64.getEncoder().encodeToString(new byte[bytes]) + "\"}");
  }

  @Test
  void anAgentThatSendsMoreThanItsCreditIsCutOff() throws Exception {
    for (int sent = 0; sent < AgentStream.CREDIT; sent += 16384) {
      agentSends(16384);
    }
    Thread.sleep(50);
    assertThat(over).isNotDone();
    agentSends(1);
    assertThat(over.get(10, TimeUnit.SECONDS).getMessage()).contains("more of a stream than it was allowed to");
  }

  @Test
  void creditIsGivenBackOnlyForWhatWasTaken() throws Exception {
    agentSends(16384);
    Thread.sleep(50);
    assertThat(agentInput.available()).isZero();
    mayTake.release();
    byte[] line = new byte[200];
    int n = agentInput.read(line);
    assertThat(new String(line, 0, n, StandardCharsets.UTF_8)).contains("\"stream.credit\"").contains("\"bytes\":16384").contains("\"stream\":5");
    assertThat(received.size()).isEqualTo(16384);
  }

  @Test
  void bytesThatAreNotBase64EndTheConnection() throws Exception {
    agentSays("{\"event\":\"stream\",\"stream\":5,\"channel\":\"out\",\"data\":\"***\"}");
    assertThat(over.get(10, TimeUnit.SECONDS).getMessage()).contains("not base64");
  }

  @Test
  void eventsOfStreamsThatAreNotOpenAreLeftOut() throws Exception {
    agentSays("{\"event\":\"stream\",\"stream\":6,\"channel\":\"out\",\"data\":\"***\"}");
    agentSays("{\"event\":\"stream\",\"stream\":5,\"closed\":\"ended\"}");
    assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo("It has ended.");
    assertThat(over).isNotDone();
  }

  @Test
  void aStreamThatMovedSaysWhereItGoesOn() throws Exception {
    agentSays("{\"event\":\"stream\",\"stream\":5,\"closed\":\"moved\",\"instance\":\"0123456789abcdef\",\"position\":77}");
    assertThat(moved.get(10, TimeUnit.SECONDS)).isEqualTo(new AgentStream.Moved("0123456789abcdef", 0, 77));
  }

  @Test
  void aLostConnectionClosesTheStream() throws Exception {
    agentOutput.close();
    assertThat(closed.get(10, TimeUnit.SECONDS)).contains("box");
  }
}
