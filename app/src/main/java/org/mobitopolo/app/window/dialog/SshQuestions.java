// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.dialog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.scene.control.ButtonType;
import javafx.scene.control.Dialog;
import javafx.scene.control.Label;
import javafx.scene.control.PasswordField;
import javafx.scene.control.TextField;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;

/**
 * Asks what SSH wants to know: whether an unknown host is the right one, passphrases, passwords.
 * The asking threads wait, the FX thread does not; questions of several hosts come one after the
 * other.
 */
public final class SshQuestions implements HostKeyPolicy, Credentials {
  private final Dialogs dialogs;
  private final Texts texts;
  private final Executor fx;
  private final Object oneAtATime = new Object();

  public SshQuestions(Dialogs dialogs, Texts texts, Executor fx) {
    this.texts = texts;
    this.dialogs = dialogs;
    this.fx = fx;
  }

  @Override
  public boolean accepts(UnknownKey unknown) {
    return ask(() -> {
          ButtonType trust = Dialogs.button(texts.get("ssh.trust"), Dialogs.Role.MAIN);
          TextField fingerprint = new TextField(unknown.fingerprint());
          fingerprint.setEditable(false);
          fingerprint.getStyleClass().add("fingerprint");
          VBox body =
              new VBox(
                  8,
                  Dialogs.body(texts.get("ssh.unknown.text", unknown.host(), unknown.keyType())),
                  fingerprint,
                  Dialogs.body(texts.get("ssh.unknown.later")));
          Dialog<ButtonType> dialog =
              dialogs.create(texts.get("ssh.unknown", unknown.host()), body, trust);
          return dialog.showAndWait().filter(trust::equals);
        })
        .isPresent();
  }

  @Override
  public Optional<String> passphrase(String keyFile) {
    return one(
        texts.get("ssh.passphrase"),
        texts.get("ssh.passphrase.text", keyFile),
        texts.get("ssh.passphrase.prompt"),
        texts.get("ssh.passphrase.button"));
  }

  @Override
  public Optional<String> password(String account) {
    return one(
        texts.get("ssh.login", account),
        texts.get("ssh.password.text"),
        texts.get("ssh.password.prompt"),
        texts.get("ssh.login.button"));
  }

  private Optional<String> one(String question, String text, String prompt, String button) {
    return answers(question, text, List.of(new Prompt(prompt, false)), button).map(List::getFirst);
  }

  @Override
  public Optional<List<String>> answers(String account, String instruction, List<Prompt> prompts) {
    return answers(
        texts.get("ssh.login", account), instruction, prompts, texts.get("ssh.login.button"));
  }

  private Optional<List<String>> answers(
      String question, String text, List<Prompt> prompts, String button) {
    return ask(
        () -> {
          ButtonType go = Dialogs.button(button, Dialogs.Role.MAIN);
          VBox body = new VBox(8);
          if (!text.isBlank()) {
            body.getChildren().add(Dialogs.body(text));
          }
          List<TextField> fields = new ArrayList<>();
          for (Prompt prompt : prompts) {
            TextField field = prompt.echo() ? new TextField() : new PasswordField();
            Label label = new Label(prompt.text());
            label.setLabelFor(field);
            body.getChildren().addAll(label, field);
            fields.add(field);
          }
          Label promise = new Label(texts.get("ssh.promise"));
          promise.getStyleClass().addAll("text-muted", "text-small");
          body.getChildren().add(promise);
          Dialog<ButtonType> dialog = dialogs.create(question, body, go);
          fields.stream().findFirst().ifPresent(field -> Platform.runLater(field::requestFocus));
          return dialog
              .showAndWait()
              .filter(go::equals)
              .map(_ -> fields.stream().map(TextField::getText).toList());
        });
  }

  private <T> Optional<T> ask(Supplier<Optional<T>> question) {
    synchronized (oneAtATime) {
      CompletableFuture<Optional<T>> answer = new CompletableFuture<>();
      fx.execute(
          () -> {
            try {
              answer.complete(question.get());
            } catch (RuntimeException e) {
              answer.completeExceptionally(e);
            }
          });
      try {
        return answer.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      } catch (ExecutionException e) {
        throw new CompletionException(e.getCause());
      }
    }
  }
}
