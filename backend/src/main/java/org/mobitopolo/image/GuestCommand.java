// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.util.List;
import java.util.Optional;

/**
 * What a guest runs by itself once its network is set up, as containers have it.
 *
 * @param argv program and arguments; empty when it runs nothing
 * @param env {@code NAME=value}, for all that runs in the guest
 * @param cwd the command's folder
 * @param uid the command's user
 * @param gid the command's group
 */
record GuestCommand(List<String> argv, List<String> env, String cwd, long uid, long gid) {

  /** No command. */
  static final GuestCommand NONE = new GuestCommand(List.of(), List.of(), "/", 0, 0);

  private static final int MAX_ENTRIES = 250;
  private static final int MAX_LENGTH = 8000;

  GuestCommand {
    argv = List.copyOf(argv);
    env = List.copyOf(env);
  }

  GuestCommand withArgv(List<String> newArgv) {
    return new GuestCommand(newArgv, env, cwd, uid, gid);
  }

  /** The same with what init can't take left out: it has bounds for numbers and lengths of lines. */
  private static List<String> fitting(List<String> lines) {
    return lines.stream().filter(line -> line.length() <= MAX_LENGTH && line.indexOf('\0') < 0).limit(MAX_ENTRIES).toList();
  }

  /** The text of {@code image.conf}, see {@code backend/image/init/conf.h}. */
  String conf(String name, Optional<String> init, boolean tellsBooted) {
    StringBuilder text = new StringBuilder();
    line(text, "name", name);
    init.ifPresent(path -> line(text, "init", path));
    if (tellsBooted) {
      line(text, "tells", "booted");
    }
    fitting(env).stream().filter(variable -> variable.indexOf('=') > 0).forEach(variable -> line(text, "env", variable));
    if (!argv.isEmpty()) {
      line(text, "cwd", cwd);
      line(text, "user", uid + " " + gid);
      fitting(argv).forEach(argument -> line(text, "arg", argument));
    }
    return text.toString();
  }

  private static void line(StringBuilder to, String word, String text) {
    to.append(word).append(' ').append(text.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
  }
}
