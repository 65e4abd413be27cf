// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.List;
import java.util.Optional;
import javafx.animation.FadeTransition;
import javafx.animation.PauseTransition;
import javafx.animation.SequentialTransition;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.scene.AccessibleRole;
import javafx.scene.layout.Region;
import javafx.util.Duration;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.VirtualMachine;

/**
 * A node's card: icon with a dot for the state, name, a line of facts; around it, while the node
 * moves between hosts, a ring that fills; below it a pill with the phase, later with the result,
 * which fades to a badge at the corner. It is in the scene graph only while it is near; see {@link
 * Overview}.
 */
public final class NodeView extends Region {
  public static final double WIDTH = 192;
  public static final double HEIGHT = 56;
  public static final double SMALL_WIDTH = 160;
  public static final double SMALL_HEIGHT = 48;

  private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
  private static final PseudoClass TARGET = PseudoClass.getPseudoClass("link-target");
  private static final PseudoClass UNPLACED = PseudoClass.getPseudoClass("unplaced");
  private static final PseudoClass ERROR = PseudoClass.getPseudoClass("error");
  private static final double BELOW = 10;
  private static final double CLEAR = 5;
  private static final double PILL_STEP = 40;
  private static final Duration RESULT_SHOWN = Duration.seconds(8);
  private static final Duration FADE = Duration.millis(600);

  private final Texts texts;
  private Node node;
  private NodeDecoration decoration = NodeDecoration.NONE;
  private NodeDetails details;
  private Ring ring;
  private Pill pill;
  private Pill resultBadge;
  private SequentialTransition resultFade;
  private boolean selected;
  private boolean linkTarget;

  /** Where the card lies; asked for thousands of times a frame. */
  private Box box = new Box(0, 0, 0, 0);

  NodeView(Node node, Texts texts) {
    this.texts = texts;
    getStyleClass().add("node-card");
    setAccessibleRole(AccessibleRole.NODE);
    setManaged(false);
    pseudoClassStateChanged(PseudoClass.getPseudoClass(decoration.state().pseudoClass()), true);
    setNode(node);
  }

  /** The size of a node's card. */
  public static Insets halfSize(Node node) {
    return node instanceof VirtualMachine
        ? new Insets(HEIGHT / 2, WIDTH / 2, HEIGHT / 2, WIDTH / 2)
        : new Insets(SMALL_HEIGHT / 2, SMALL_WIDTH / 2, SMALL_HEIGHT / 2, SMALL_WIDTH / 2);
  }

  /** The topology's record that this card shows. */
  public Node node() {
    return node;
  }

  public NodeDecoration decoration() {
    return decoration;
  }

  /**
   * Where the card lies now, which differs from its node's position while it is dragged or glides.
   */
  public Point centre() {
    return new Point(getLayoutX() + getWidth() / 2, getLayoutY() + getHeight() / 2);
  }

  /** The card's box in the world. */
  public Box box() {
    return box;
  }

  private void updateBox() {
    box = Box.around(centre(), getWidth(), getHeight());
  }

  /**
   * What labels must keep off: the card, and the pill below it, whose width counts in steps so that
   * labels don't move with each of its texts.
   */
  List<Box> obstacles() {
    Box card = box().grown(CLEAR);
    if (pill == null) {
      return List.of(card);
    }
    double width = Math.ceil(pill.getWidth() / PILL_STEP) * PILL_STEP;
    double middle = getLayoutY() + getHeight() + BELOW + pill.getHeight() / 2;
    return List.of(
        card, Box.around(new Point(box().centreX(), middle), width, pill.getHeight() + CLEAR));
  }

  void moveTo(Point centre) {
    relocate(centre.x() - getWidth() / 2, centre.y() - getHeight() / 2);
    updateBox();
  }

  /** Shows another version of the node; does not move the card. */
  void setNode(Node newNode) {
    if (newNode.equals(node)) {
      return;
    }
    node = newNode;
    Insets half = halfSize(node);
    resize(half.getLeft() + half.getRight(), half.getTop() + half.getBottom());
    updateBox();
    setId("node-" + node.id());
    pseudoClassStateChanged(UNPLACED, node.region().isEmpty());
    describe();
  }

  /** The icon of a node's kind. */
  static Icon iconOf(Node node) {
    return switch (node) {
      case Switch _ -> Icon.SWITCH;
      case Gateway _ -> Icon.GATEWAY;
      case VirtualMachine vm ->
          switch (vm.symbol()) {
            case VM -> Icon.VM;
            case CLIENT -> Icon.CLIENT;
            case SERVER -> Icon.SERVER;
            case ROUTER -> Icon.ROUTER;
          };
    };
  }

  boolean isSelected() {
    return selected;
  }

  void setSelected(boolean newSelected) {
    selected = newSelected;
    pseudoClassStateChanged(SELECTED, selected);
  }

  boolean isLinkTarget() {
    return linkTarget;
  }

  void setLinkTarget(boolean target) {
    linkTarget = target;
    pseudoClassStateChanged(TARGET, linkTarget);
  }

  /**
   * Shows another live state.
   *
   * @return whether it may take other room than before
   */
  boolean decorate(NodeDecoration newDecoration) {
    if (newDecoration.equals(decoration)) {
      return false;
    }
    NodeDecoration old = decoration;
    decoration = newDecoration;
    boolean badgeOnly = old.withBadge("").equals(decoration.withBadge(""));
    if (badgeOnly && !isShown()) {
      return false;
    }
    if (old.state() != decoration.state()) {
      pseudoClassStateChanged(PseudoClass.getPseudoClass(old.state().pseudoClass()), false);
      pseudoClassStateChanged(PseudoClass.getPseudoClass(decoration.state().pseudoClass()), true);
    }
    pseudoClassStateChanged(ERROR, decoration.error().isPresent());
    showDetails();
    if (!badgeOnly) {
      describe();
    }
    showRing();
    if (decoration.progress().isPresent()) {
      dropResult();
      showPill(
          "phase-pill",
          null,
          Math.round(decoration.progress().getAsDouble() * 100) + "\u2009%",
          decoration.progressText());
    } else if (decoration.result().isEmpty()) {
      dropResult();
    } else if (!decoration.result().equals(old.result()) || old.progress().isPresent()) {
      showResult(decoration.result().get());
    }
    requestLayout();
    return !badgeOnly;
  }

  /** What the second line says: an error, an unusual state, else what the node is made of. */
  private String subtitleText() {
    if (decoration.error().isPresent()) {
      return decoration.error().get();
    }
    return switch (decoration.state()) {
      case BOOTING, STOPPING, INCOMING, MIGRATING, CRASHED, UNREACHABLE ->
          stateName();
      case STOPPED, RUNNING ->
          switch (node) {
            case VirtualMachine vm when vm.region().isEmpty() -> texts.get("node.unplaced");
            case VirtualMachine vm -> vm.image() + " \u00b7 " + vm.memory().toMiB() + " MiB";
            case Switch s -> texts.get("node.switch", s.nics().size());
            case Gateway _ -> texts.get("node.gateway");
          };
    };
  }

  private String stateName() {
    return texts.get("state." + decoration.state().name());
  }

  /** Tells how it is in the language used now. */
  void describe() {
    setAccessibleText(
        node.name()
            + ", "
            + texts.get("kind." + node.kind())
            + ", "
            + stateName()
            + decoration.progress().stream()
                .mapToObj(p -> ", " + texts.get("node.percent", Math.round(p * 100)))
                .findFirst()
                .orElse("")
            + decoration.error().map(e -> ", " + e).orElse(""));
    showDetails();
    requestLayout();
  }

  /** Makes what only can be seen near, and brings it up to date; called before the card is shown. */
  void reveal() {
    if (details == null) {
      details = new NodeDetails();
      // above the ring, below all else
      getChildren().add(ring == null ? 0 : 1, details);
    }
    fillDetails();
  }

  /** Whether it is in the scene graph. */
  boolean isShown() {
    return getParent() != null;
  }

  private void showDetails() {
    if (isShown()) {
      fillDetails();
    }
  }

  private void fillDetails() {
    boolean machine = node instanceof VirtualMachine;
    details.show(
        iconOf(node),
        machine,
        machine || decoration != NodeDecoration.NONE,
        node.name(),
        subtitleText(),
        decoration.badge());
    details.resize(getWidth(), getHeight());
  }

  private void showRing() {
    if (decoration.progress().isEmpty()) {
      getChildren().remove(ring);
      ring = null;
      return;
    }
    if (ring == null) {
      ring = new Ring(getWidth(), getHeight());
      getChildren().addFirst(ring);
    }
    ring.show(decoration.progress().getAsDouble());
  }

  private void showPill(String styleClass, Icon pillIcon, String strong, String text) {
    if (pill == null || !pill.getStyleClass().contains(styleClass)) {
      dropPill();
      pill = Pill.toClick(styleClass);
      pill.setIcon(pillIcon);
      getChildren().add(pill);
    }
    pill.setText(strong, text);
  }

  private void showResult(String result) {
    dropResult();
    showPill("result-pill", Icon.CHECK, result, "");
    PauseTransition shown = new PauseTransition(RESULT_SHOWN);
    FadeTransition fade = new FadeTransition(FADE, pill);
    fade.setToValue(0);
    resultFade = new SequentialTransition(shown, fade);
    resultFade.setOnFinished(
        _ -> {
          dropPill();
          resultBadge = Pill.toClick("result-badge");
          resultBadge.setText(result, "");
          getChildren().add(resultBadge);
          requestLayout();
        });
    resultFade.play();
  }

  private void dropResult() {
    if (resultFade != null) {
      resultFade.stop();
      resultFade = null;
    }
    if (decoration.progress().isEmpty()
        || pill != null && pill.getStyleClass().contains("result-pill")) {
      dropPill();
    }
    getChildren().remove(resultBadge);
    resultBadge = null;
  }

  private void dropPill() {
    getChildren().remove(pill);
    pill = null;
  }

  /**
   * What the card has no room for: the whole error, or a name or subtitle that was cut; empty when
   * all is shown.
   */
  public String tip() {
    if (decoration.error().isPresent()) {
      return decoration.error().get();
    }
    return !isShown() || details.isCut() ? node.name() + "\n" + subtitleText() : "";
  }

  /** What tells how a migration goes or went (ring, phase, result) that a scene graph node is part of. */
  public Optional<javafx.scene.Node> progressPart(Object target) {
    for (javafx.scene.Node at = target instanceof javafx.scene.Node n ? n : null;
        at != null && at != this;
        at = at.getParent()) {
      if (at == ring || at == pill || at == resultBadge) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  /**
   * The phase or result shown below the card, for tests and accessibility; empty when there is
   * none.
   */
  public String pillText() {
    return pill == null ? "" : pill.text();
  }

  /** The result shown at the corner; empty when there is none. */
  public String resultBadgeText() {
    return resultBadge == null ? "" : resultBadge.text();
  }

  @Override
  protected void layoutChildren() {
    if (details != null) {
      details.resizeRelocate(0, 0, getWidth(), getHeight());
    }
    if (pill != null) {
      pill.anchor(getWidth() / 2, getHeight() + BELOW, 0.5, 0);
    }
    if (resultBadge != null) {
      resultBadge.anchor(getWidth() + 8, 0, 1, 0.5);
    }
  }

  /** Whether the node is on its way between hosts. */
  boolean isMoving() {
    return decoration.state() == NodeState.MIGRATING || decoration.state() == NodeState.INCOMING;
  }
}
