// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.snapshots;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextField;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.snapshot.StoredSnapshots.Stored;
import org.mobitopolo.topology.HostUrl;

/**
 * The snapshots that hosts keep of a lab, the latest first, each with its picture and what can be
 * done with it; above them a way to take one, now or every so often. FX thread.
 */
public final class SnapshotsPane extends BorderPane {
  private static final double PICTURE_WIDTH = 132;
  private static final double PICTURE_HEIGHT = 84;
  private static final List<Integer> MINUTES = List.of(1, 5, 10, 30, 60);

  /** What the user wants done. */
  public interface Actions {
    /** Takes one now; the name may be empty. */
    void take(String name);

    /** Takes one every so often from now on, or no more. */
    void repeat(Optional<Duration> every);

    void rollBack(Stored snapshot);

    void export(Stored snapshot);

    void rename(Stored snapshot, String name);

    void delete(Stored snapshot);
  }

  private final Texts texts;
  private final Actions actions;
  private final VBox list = new VBox(10);
  private final TextField name = new TextField();
  private final Button take = new Button();
  private final ComboBox<Optional<Duration>> repeat = new ComboBox<>();
  private final Map<String, Image> pictures = new HashMap<>();
  private final Map<String, StackPane> frames = new HashMap<>();

  /**
   * @param every how often snapshots are taken by themselves now
   */
  public SnapshotsPane(Texts texts, Optional<Duration> every, Actions actions) {
    this.texts = texts;
    this.actions = actions;
    getStyleClass().add("snapshots-pane");
    setTop(taking(every));
    ScrollPane scroll = new ScrollPane(list);
    scroll.setFitToWidth(true);
    scroll.getStyleClass().add("edge-to-edge");
    list.getStyleClass().add("snapshot-list");
    setCenter(scroll);
    say(texts.get("snapshots.asking"));
  }

  private HBox taking(Optional<Duration> every) {
    name.setPromptText(texts.get("snapshots.name-prompt"));
    name.setAccessibleText(texts.get("snapshots.name-prompt"));
    name.setId("snapshot-name");
    name.setOnAction(_ -> take());
    HBox.setHgrow(name, Priority.ALWAYS);
    take.setText(texts.get("snapshots.take"));
    take.getStyleClass().add("accent");
    take.setId("snapshot-take");
    take.setMinWidth(Region.USE_PREF_SIZE);
    take.setOnAction(_ -> take());
    repeat.setId("snapshot-repeat");
    repeat.setAccessibleText(texts.get("snapshots.repeat"));
    repeat.getItems().add(Optional.empty());
    MINUTES.forEach(minutes -> repeat.getItems().add(Optional.of(Duration.ofMinutes(minutes))));
    if (!repeat.getItems().contains(every)) {
      repeat.getItems().add(every);
    }
    repeat.setValue(every);
    repeat.setConverter(
        new StringConverter<>() {
          @Override
          public String toString(Optional<Duration> choice) {
            return choice == null
                ? ""
                : choice
                    .map(time -> texts.get("snapshots.every", time.toMinutes()))
                    .orElse(texts.get("snapshots.by-hand"));
          }

          @Override
          public Optional<Duration> fromString(String text) {
            throw new UnsupportedOperationException("nothing is typed here");
          }
        });
    repeat.valueProperty().addListener((_, _, now) -> actions.repeat(now));
    HBox box = new HBox(8, name, take, repeat);
    box.setAlignment(Pos.CENTER_LEFT);
    box.getStyleClass().add("hosts-adding");
    return box;
  }

  private void take() {
    actions.take(name.getText().strip());
    name.clear();
  }

  /** Whether a snapshot can be taken now. */
  public void setTakeable(boolean takeable) {
    take.setDisable(!takeable);
    name.setDisable(!takeable);
  }

  private void say(String sentence) {
    Label label = new Label(sentence);
    label.setWrapText(true);
    label.getStyleClass().add("text-muted");
    list.getChildren().setAll(label);
  }

  /** Shows why the hosts could not be asked. */
  public void showFailure(String sentence) {
    frames.clear();
    say(sentence);
  }

  /** Shows what there is. */
  public void show(List<Stored> snapshots) {
    frames.clear();
    if (snapshots.isEmpty()) {
      say(texts.get("snapshots.none"));
      return;
    }
    list.getChildren().setAll(snapshots.reversed().stream().map(this::row).toList());
  }

  /** Shows the picture of a snapshot, now and whenever it is shown again. */
  public void showPicture(String snapshot, byte[] png) {
    Image image = new Image(new ByteArrayInputStream(png));
    if (!image.isError()) {
      pictures.put(snapshot, image);
      Optional.ofNullable(frames.get(snapshot)).ifPresent(frame -> fill(frame, snapshot));
    }
  }

  private void fill(StackPane frame, String snapshot) {
    Image image = pictures.get(snapshot);
    if (image == null) {
      frame.getChildren().setAll(Icons.view(Icon.SNAPSHOT, 28));
      return;
    }
    ImageView view = new ImageView(image);
    view.setFitWidth(PICTURE_WIDTH - 8);
    view.setFitHeight(PICTURE_HEIGHT - 8);
    view.setPreserveRatio(true);
    view.setSmooth(true);
    frame.getChildren().setAll(view);
  }

  private HBox row(Stored snapshot) {
    StackPane frame = new StackPane();
    frame.setMinSize(PICTURE_WIDTH, PICTURE_HEIGHT);
    frame.setMaxSize(PICTURE_WIDTH, PICTURE_HEIGHT);
    frame.getStyleClass().add("snapshot-picture");
    frames.put(snapshot.id(), frame);
    fill(frame, snapshot.id());

    Label title = new Label(title(snapshot));
    title.getStyleClass().add("entry-title");
    Label when = new Label(texts.get("snapshots.when", time(snapshot), Units.bytes(snapshot.bytes())));
    when.getStyleClass().add("text-muted");
    Label what = new Label(String.join(", ", snapshot.machines()) + where(snapshot));
    what.getStyleClass().addAll("text-muted", "text-small");
    what.setWrapText(true);
    VBox words = new VBox(3, title, when, what, buttons(snapshot));
    words.setAlignment(Pos.CENTER_LEFT);
    HBox.setHgrow(words, Priority.ALWAYS);
    HBox row = new HBox(14, frame, words);
    row.setAlignment(Pos.CENTER_LEFT);
    row.getStyleClass().add("snapshot-row");
    return row;
  }

  private String title(Stored snapshot) {
    if (!snapshot.label().isEmpty()) {
      return snapshot.label();
    }
    return texts.get(snapshot.automatic() ? "snapshots.automatic" : "snapshots.unnamed");
  }

  private String time(Stored snapshot) {
    return snapshot.complete()
        ? DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM)
            .localizedBy(texts.language().locale())
            .format(snapshot.cutAt().atZone(ZoneId.systemDefault()))
        : texts.get("snapshots.incomplete");
  }

  private String where(Stored snapshot) {
    List<String> hosts = snapshot.where().stream().filter(url -> !url.equals(HostUrl.LOCAL)).map(HostUrl::displayName).toList();
    return hosts.isEmpty() ? "" : " · " + String.join(", ", hosts);
  }

  private HBox buttons(Stored snapshot) {
    Button back = button("snapshots.roll-back", () -> actions.rollBack(snapshot));
    Button export = button("snapshots.export", () -> actions.export(snapshot));
    Button rename = button("snapshots.rename", () -> rename(snapshot));
    Button delete = button("snapshots.delete", () -> actions.delete(snapshot));
    back.setDisable(!snapshot.complete());
    export.setDisable(!snapshot.complete());
    HBox box = new HBox(6, back, export, rename, delete);
    box.setAlignment(Pos.CENTER_LEFT);
    return box;
  }

  private Button button(String key, Runnable action) {
    Button button = new Button(texts.get(key));
    button.getStyleClass().add("small");
    button.setOnAction(_ -> action.run());
    return button;
  }

  /** The title becomes a field until Enter or another place is pressed. */
  private void rename(Stored snapshot) {
    HBox row = (HBox) frames.get(snapshot.id()).getParent();
    VBox words = (VBox) row.getChildren().get(1);
    TextField field = new TextField(snapshot.label());
    field.setPromptText(texts.get("snapshots.name-prompt"));
    field.setMaxWidth(320);
    words.getChildren().set(0, field);
    field.setOnAction(_ -> words.requestFocus());
    field
        .focusedProperty()
        .addListener(
            (_, _, focused) -> {
              if (!focused) {
                Label title = new Label(field.getText().isBlank() ? title(snapshot) : field.getText().strip());
                title.getStyleClass().add("entry-title");
                words.getChildren().set(0, title);
                if (!field.getText().strip().equals(snapshot.label())) {
                  actions.rename(snapshot, field.getText().strip());
                }
              }
            });
    field.requestFocus();
  }
}
