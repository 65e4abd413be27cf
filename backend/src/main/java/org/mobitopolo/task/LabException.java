// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

import java.util.ArrayList;
import java.util.List;

/**
 * Whatever goes wrong between the desktop and its hosts. The message is for users: sentences that say what failed, where and why
 * ({@link #problem()}), what now holds ({@link #standing()}) and what to do ({@link #advice()}).
 *
 * <p>Unchecked, as it mostly travels inside futures and task states; every public method that throws it says so.
 */
public abstract sealed class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes a failure of one kind. */
  @FunctionalInterface
  private interface Kind {
    LabException make(String problem, String standing, String advice, Throwable cause);
  }

  private final transient Kind kind;
  private final String problem;
  private final String standing;
  private final String advice;

  private LabException(Kind kind, String problem, String standing, String advice, Throwable cause) {
    super(joined(problem, standing, advice), cause);
    this.kind = kind;
    this.problem = problem;
    this.standing = standing;
    this.advice = advice;
  }

  /** What failed, where and why: one or two sentences, never empty. */
  public String problem() {
    return problem;
  }

  /** What holds now, such as "protocol goes on running in Tokyo."; may be empty. */
  public String standing() {
    return standing;
  }

  /** What the user can do; may be empty. */
  public String advice() {
    return advice;
  }

  /** The same failure, seen from a larger operation that knows better what holds now. */
  public LabException standing(String newStanding) {
    return kind.make(problem, newStanding, advice, this);
  }

  private static String joined(String... sentences) {
    List<String> present = new ArrayList<>();
    for (String sentence : sentences) {
      if (!sentence.isEmpty()) {
        present.add(sentence);
      }
    }
    return String.join(" ", present);
  }

  /** A host does not answer, or its connection broke. */
  public static final class HostUnreachable extends LabException {
    private static final long serialVersionUID = 1L;

    public HostUnreachable(String problem, String standing, String advice, Throwable cause) {
      super(HostUnreachable::new, problem, standing, advice, cause);
    }
  }

  /** A host showed a key that is unknown and was not accepted, or another key than before. */
  public static final class HostKeyRefused extends LabException {
    private static final long serialVersionUID = 1L;

    public HostKeyRefused(String problem, String standing, String advice, Throwable cause) {
      super(HostKeyRefused::new, problem, standing, advice, cause);
    }
  }

  /** A host accepted none of the keys and passwords. */
  public static final class LoginRefused extends LabException {
    private static final long serialVersionUID = 1L;

    public LoginRefused(String problem, String standing, String advice, Throwable cause) {
      super(LoginRefused::new, problem, standing, advice, cause);
    }
  }

  /** The host agent refused a request or failed in it; {@link #code()} is the code of the agent protocol. */
  public static final class AgentRefused extends LabException {
    private static final long serialVersionUID = 1L;

    private final String code;

    public AgentRefused(String code, String problem, String standing, String advice, Throwable cause) {
      super((p, s, a, c) -> new AgentRefused(code, p, s, a, c), problem, standing, advice, cause);
      this.code = code;
    }

    /** The code of the agent protocol, in kebab case, such as {@code no-memory}. */
    public String code() {
      return code;
    }
  }

  /** What came from a host is not what the protocol allows. */
  public static final class ProtocolBroken extends LabException {
    private static final long serialVersionUID = 1L;

    public ProtocolBroken(String problem, String standing, String advice, Throwable cause) {
      super(ProtocolBroken::new, problem, standing, advice, cause);
    }
  }

  /** A host lacks memory, disk room, a CPU feature or something else that the VM needs. */
  public static final class HostUnfit extends LabException {
    private static final long serialVersionUID = 1L;

    public HostUnfit(String problem, String standing, String advice) {
      super((p, s, a, c) -> new HostUnfit(p, s, a), problem, standing, advice, null);
    }
  }

  /** A migration ended without moving the VM; {@link #standing()} says where it runs. */
  public static final class MigrationFailed extends LabException {
    private static final long serialVersionUID = 1L;

    public MigrationFailed(String problem, String standing, String advice, Throwable cause) {
      super(MigrationFailed::new, problem, standing, advice, cause);
    }
  }

  /** The request makes no sense as things are: no such node, not placed, not running. */
  public static final class NotPossible extends LabException {
    private static final long serialVersionUID = 1L;

    public NotPossible(String problem, String standing, String advice) {
      super((p, s, a, c) -> new NotPossible(p, s, a), problem, standing, advice, null);
    }
  }

  /** Files of this program or of this account cannot be read or written: the agent, the guest kernel, an image. */
  public static final class FilesUnusable extends LabException {
    private static final long serialVersionUID = 1L;

    public FilesUnusable(String problem, String standing, String advice, Throwable cause) {
      super(FilesUnusable::new, problem, standing, advice, cause);
    }
  }

  /** The user cancelled. */
  public static final class Cancelled extends LabException {
    private static final long serialVersionUID = 1L;

    public Cancelled(String problem, String standing) {
      super((p, s, a, c) -> new Cancelled(p, s), problem, standing, "", null);
    }
  }
}
