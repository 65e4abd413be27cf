// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Control;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.Region;
import javafx.stage.Stage;
import javafx.util.StringConverter;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.terminal.TerminalFont;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.migration.MigrationLimits;
import org.mobitopolo.topology.Quantities;

/** What the user may choose once for all labs; each choice acts and is kept at once. */
final class PreferencesDialog {
  static final String LANGUAGE = "language";
  static final String TERMINAL_SIZE = "terminal-size";
  private static final double WIDTH = 480;
  private static final double FIELD = 220;

  private PreferencesDialog() {}

  static void show(Stage owner, WindowContext context) {
    Texts texts = context.texts();
    GridPane grid = new GridPane(16, 10);
    row(
        grid,
        texts.get("menu.theme"),
        choice(
            List.of(Theme.Choice.values()),
            texts::name,
            context.theme().choice().get(),
            context.theme().choice()::set));
    row(
        grid,
        texts.get("preferences.language"),
        choice(
            List.of(Language.values()),
            Language::ownName,
            texts.language(),
            language -> keep(context, LANGUAGE, language.name())));
    row(
        grid,
        texts.get("preferences.terminal-size"),
        choice(
            List.of(9, 10, 11, 12, 13, 14, 16, 18, 20, 24),
            size -> texts.get("preferences.points", size),
            terminalSize(context),
            size -> keep(context, TERMINAL_SIZE, String.valueOf(size))));
    MigrationLimits limits = MigrationPreferences.limits(context.settings());
    row(
        grid,
        texts.get("preferences.migration-downtime"),
        choice(
            MigrationPreferences.DOWNTIMES,
            time -> Units.milliseconds(time.toMillis()),
            limits.downtime(),
            time -> keep(context, MigrationPreferences.DOWNTIME, Quantities.format(time))));
    row(
        grid,
        texts.get("preferences.migration-bandwidth"),
        choice(
            MigrationPreferences.BANDWIDTHS,
            rate -> rate.isUnlimited() ? texts.get("preferences.unlimited") : rate.toString(),
            limits.bandwidth(),
            rate -> keep(context, MigrationPreferences.BANDWIDTH, rate.toString())));
    row(
        grid,
        texts.get("preferences.migration-throttle"),
        choice(
            MigrationPreferences.THROTTLES,
            percent -> percent == 0 ? texts.get("preferences.never") : texts.get("preferences.percent", percent),
            limits.throttle(),
            percent -> keep(context, MigrationPreferences.THROTTLE, String.valueOf(percent))));
    TextField analyser = new TextField(context.settings().get(CaptureActions.ANALYSER).orElse(""));
    analyser.setPromptText(texts.get("preferences.analyser.prompt"));
    analyser
        .focusedProperty()
        .addListener(_ -> keep(context, CaptureActions.ANALYSER, analyser.getText().strip()));
    row(grid, texts.get("preferences.analyser"), analyser);
    Label later = new Label(texts.get("preferences.later"));
    later.setWrapText(true);
    later.getStyleClass().addAll("text-muted", "text-small");
    grid.add(later, 0, grid.getRowCount(), 2, 1);
    grid.setPrefWidth(WIDTH);
    Dialogs.show(owner, texts, texts.get("preferences.title"), grid);
  }

  /** The size of the terminals' text, in points. */
  static int terminalSize(WindowContext context) {
    return context
        .settings()
        .get(TERMINAL_SIZE)
        .filter(size -> size.matches("\\d{1,2}"))
        .map(Integer::parseInt)
        .map(size -> Math.clamp(size, TerminalFont.SMALLEST_SIZE, TerminalFont.LARGEST_SIZE))
        .orElse(TerminalFont.USUAL_SIZE);
  }

  private static void keep(WindowContext context, String key, String value) {
    context.io().execute(() -> context.settings().put(key, value));
  }

  private static void row(GridPane grid, String name, Control box) {
    Label label = new Label(name);
    label.setMinWidth(Region.USE_PREF_SIZE);
    label.setLabelFor(box);
    box.setAccessibleText(name);
    box.setPrefWidth(FIELD);
    box.setMaxWidth(FIELD);
    grid.addRow(grid.getRowCount(), label, box);
  }

  private static <T> ComboBox<T> choice(
      List<T> values, Function<T, String> name, T now, Consumer<T> chosen) {
    ComboBox<T> box = new ComboBox<>();
    box.getItems().setAll(values);
    box.setConverter(
        new StringConverter<>() {
          @Override
          public String toString(T value) {
            return value == null ? "" : name.apply(value);
          }

          @Override
          public T fromString(String text) {
            throw new UnsupportedOperationException("the choice is not editable");
          }
        });
    box.setValue(now);
    box.valueProperty().addListener((_, _, value) -> chosen.accept(value));
    return box;
  }
}
