// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.JsonNode;

/** Waits for the answers of several hosts. */
final class Answers {
  private Answers() {}

  /**
   * The answers of all; the first failure ends the waiting.
   *
   * @param what is being done, for the message when time is over: "while the lab was cut"
   * @throws LabException the first failure
   */
  static List<JsonNode> all(List<CompletableFuture<JsonNode>> answers, Duration limit, String what) throws InterruptedException {
    CompletableFuture<Void> end = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    answers.forEach(
        answer ->
            answer.whenComplete(
                (result, failure) -> {
                  if (failure != null) {
                    end.completeExceptionally(failure);
                  }
                }));
    try {
      end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return answers.stream().map(CompletableFuture::join).toList();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LabException known ? known : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new LabException.HostUnreachable(
          "A host did not answer within " + limit.toSeconds() + " s " + what + ".", "", "Try again when the hosts are less busy.", e);
    }
  }
}
