// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;
import java.util.function.Consumer;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.Wan;
import org.mobitopolo.topology.edit.RenameTopology;

/**
 * The lab as a whole, shown while nothing is selected: name, size, what keeps it from running,
 * distances between regions.
 */
final class LabForm extends Form {
  private final Consumer<String> select;
  private final VBox problems = new VBox(4);
  private final VBox distances = new VBox(10);
  private List<Problem> shown = List.of();
  private List<String> shownDistances = List.of();

  /**
   * @param select takes the id of an element that the user wants to see
   */
  LabForm(LabDocument document, Texts texts, Consumer<String> select) {
    super(document, texts);
    this.select = select;
    title(text("form.lab"), () -> topology().name());
    line(text("word.name"), Topology::name, (text, _) -> new RenameTopology(text.strip()));
    figures(
        () ->
            List.of(
                new Figure(text("form.lab.nodes"), String.valueOf(topology().nodes().size())),
                new Figure(text("form.lab.links"), String.valueOf(topology().links().size())),
                new Figure(text("form.lab.regions"), String.valueOf(topology().regions().size())),
                new Figure(
                    text("form.lab.running"), String.valueOf(document().state().get().liveVms()))));
    getChildren().add(problems);
    onRefresh(this::refreshProblems);
    getChildren().add(distances);
    onShow(this::refreshDistances);
  }

  private void refreshDistances(boolean other) {
    List<String> wanted =
        topology().wans().stream()
            .map(wan -> text("form.distance", region(wan.a()), region(wan.b())))
            .toList();
    if (!wanted.equals(shownDistances)) {
      shownDistances = wanted;
      distances.getChildren().clear();
      for (Wan wan : topology().wans()) {
        String heading = text("form.distance", region(wan.a()), region(wan.b()));
        distances.getChildren().add(new WanFields(document(), texts(), heading, wan.a(), wan.b()));
      }
    }
    distances.getChildren().forEach(fields -> ((WanFields) fields).refresh(other));
  }

  private String region(String id) {
    return topology().region(id).map(region -> region.name()).orElse(id);
  }

  private void refreshProblems() {
    List<Problem> now = Validator.validate(topology());
    if (now.equals(shown)) {
      return;
    }
    shown = now;
    problems.getChildren().clear();
    if (now.isEmpty()) {
      return;
    }
    Label heading = new Label(text("form.lab.problems"));
    heading.getStyleClass().add("form-section");
    problems.getChildren().add(heading);
    for (Problem problem : now) {
      Hyperlink link = new Hyperlink(problem.message());
      link.setWrapText(true);
      link.getStyleClass().add(problem.isError() ? "problem-error" : "problem-warning");
      link.setOnAction(_ -> select.accept(problem.element()));
      problems.getChildren().add(link);
    }
  }
}
