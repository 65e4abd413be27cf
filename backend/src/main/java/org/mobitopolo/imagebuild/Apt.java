// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.imagebuild;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.task.LabException;

/**
 * This computer's apt with a state of its own, in which nothing is installed: it chooses, fetches and verifies packages and changes nothing on
 * this computer. The archive is the one that this computer's own packages come from; other archives that it may use are left out.
 */
final class Apt {

  /** One step of an installation. */
  record Step(boolean unpack, String name, String version, String architecture) {
    String fileName() {
      return name + "_" + version.replace(":", "%3a") + "_" + architecture + ".deb";
    }
  }

  private static final Pattern STEP = Pattern.compile("(Inst|Conf) (\\S+?)(?::\\S+)? \\((\\S+) .*\\[(amd64|all)]\\).*");
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9.+:~-]+");
  private static final int MAX_OUTPUT = 8 << 20;

  private final Path work;
  private final Path archives;
  private final String sources;

  /**
   * Prepares it.
   *
   * @param work an empty folder for its state
   * @param cache where fetched packages stay for the next time
   * @throws LabException.NotPossible if this computer has no apt, or no archive
   */
  Apt(Path work, Path cache) throws IOException, InterruptedException {
    this.work = work;
    this.archives = cache.resolve("archives");
    this.sources = sources();
    Files.createDirectories(work.resolve("state/lists/partial"));
    Files.createDirectories(archives.resolve("partial"));
    Files.writeString(work.resolve("status"), "");
    Files.writeString(work.resolve("sources.list"), sources);
    Files.writeString(
        work.resolve("apt.conf"),
        """
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        #clear DPkg::Pre-Invoke;
        #clear DPkg::Post-Invoke;
        #clear DPkg::Pre-Install-Pkgs;
        #clear APT::Architectures;
        APT::Architecture "amd64";
        APT::Architectures { "amd64"; };
        APT::Install-Recommends "false";
        APT::Install-Suggests "false";
        APT::Keep-Downloaded-Packages "true";
        APT::Sandbox::User "%s";
        Acquire::Languages "none";
        Debug::NoLocking "true";
        Dir::Etc::sourcelist "%s";
        Dir::Etc::sourceparts "/dev/null";
        Dir::Etc::preferences "/dev/null";
        Dir::Etc::preferencesparts "/dev/null";
        Dir::State "%s";
        Dir::State::status "%s";
        Dir::Cache "%s";
        Dir::Cache::archives "%s";
        Dir::Log "%s";
        """
            .formatted(
                System.getProperty("user.name"),
                work.resolve("sources.list"),
                work.resolve("state"),
                work.resolve("status"),
                work.resolve("cache"),
                archives,
                work));
  }

  /** Where guests get further packages from, as lines of a sources.list. */
  String guestSources() {
    return sources.replaceAll("\\[[^]]*] ", "");
  }

  private static String sources() throws IOException, InterruptedException {
    String release = Files.exists(Path.of("/etc/os-release")) ? Files.readString(Path.of("/etc/os-release")) : "";
    String codename = value(release, "VERSION_CODENAME");
    String distribution = value(release, "ID");
    StringBuilder lines = new StringBuilder();
    if (!codename.isEmpty() && onPath("apt-get") && onPath("dpkg-deb")) {
      Path keyring = Path.of("/usr/share/keyrings/" + distribution + "-archive-keyring.gpg");
      String signed = Files.isReadable(keyring) ? "[signed-by=" + keyring + "] " : "";
      String listed = run(List.of("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)", "Created-By: Packages"));
      for (String line : listed.split("\n")) {
        String[] words = line.split(" ");
        boolean ours = words.length > 3 && List.of("Debian", "Ubuntu", "$(ORIGIN)").contains(words[3]) && words[2].equals("main");
        if (ours && List.of(codename, codename + "-updates", codename + "-security").contains(words[1]) && lines.indexOf(words[0] + " " + words[1] + " ") < 0) {
          lines.append("deb ").append(signed).append(words[0]).append(' ').append(words[1]).append(" main\n");
        }
      }
    }
    if (lines.isEmpty()) {
      throw new LabException.NotPossible(
          "Images are built of packages of Debian or Ubuntu, and this computer is neither, or its apt knows no archive with the component main.",
          "Nothing was built.",
          "Import an image instead, as one saved with docker save: mobitopolo image import FILE.");
    }
    return lines.toString();
  }

  private static String value(String release, String key) {
    return release.lines().filter(line -> line.startsWith(key + "=")).map(line -> line.substring(key.length() + 1).replace("\"", "")).findFirst().orElse("");
  }

  private static boolean onPath(String program) {
    return Files.isExecutable(Path.of("/usr/bin", program)) || Files.isExecutable(Path.of("/bin", program));
  }

  /** Reads the archive's lists. */
  void update() throws IOException, InterruptedException {
    apt("The archive's lists can't be fetched", "update", "--error-on=any");
  }

  /** What installing these packages with all that they need does, in order. */
  List<Step> plan(List<String> packages) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("install", "--simulate"));
    arguments.addAll(packages);
    String output = apt("The packages can't be chosen", arguments.toArray(String[]::new));
    List<Step> steps = new ArrayList<>();
    for (String line : output.split("\n")) {
      Matcher matcher = STEP.matcher(line);
      if (matcher.matches()) {
        Step step = new Step(matcher.group(1).equals("Inst"), matcher.group(2), matcher.group(3), matcher.group(4));
        if (!SAFE.matcher(step.name() + step.version()).matches()) {
          throw BuildFailure.of("The archive has a package of a strange name", line, "");
        }
        steps.add(step);
      }
    }
    return steps;
  }

  /** Fetches and verifies these packages and all that they need. */
  void download(List<String> packages) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("install", "--download-only", "--yes"));
    arguments.addAll(packages);
    apt("The packages can't be fetched", arguments.toArray(String[]::new));
  }

  /** Where the package of a step lies. */
  Path file(Step step) {
    return Optional.of(archives.resolve(step.fileName()))
        .filter(Files::isRegularFile)
        .orElseThrow(() -> BuildFailure.of("apt did not fetch " + step.fileName(), "", "Try again."));
  }

  private String apt(String problem, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("apt-get", "-q", "-c", work.resolve("apt.conf").toString()));
    command.addAll(List.of(arguments));
    try {
      return run(command);
    } catch (CommandFailed e) {
      throw BuildFailure.of(problem, e.getMessage(), "Check with apt-get update that this computer reaches its archive.");
    }
  }

  /** A program ended badly; the message is what it printed. */
  private static final class CommandFailed extends IOException {
    private static final long serialVersionUID = 1L;

    private CommandFailed(String output) {
      super(output);
    }
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process = builder.start();
    try (InputStream in = process.getInputStream()) {
      String output = new String(in.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new CommandFailed(output);
      }
      return output;
    } finally {
      process.destroy();
    }
  }
}
