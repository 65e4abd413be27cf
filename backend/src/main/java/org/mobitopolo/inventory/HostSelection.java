// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.mobitopolo.topology.HostUrl;

/**
 * Hosts as people name them, one or many at once.
 *
 * <table>
 *   <caption>forms</caption>
 *   <tr><td>{@code local:}, {@code ssh://user@name:port}</td><td>one host</td></tr>
 *   <tr><td>{@code name}</td><td>one host, perhaps of {@code ~/.ssh/config}</td></tr>
 *   <tr><td>{@code lab-*}</td><td>the hosts of {@code ~/.ssh/config} with such names</td></tr>
 *   <tr><td>{@code node[01-16,20]}</td><td>as Slurm writes many names</td></tr>
 *   <tr><td>{@code ansible:FILE}, {@code ansible:FILE#GROUP}</td><td>an Ansible inventory, or one of its groups</td></tr>
 *   <tr><td>{@code slurm:}, {@code slurm:JOB}</td><td>the nodes of this job's allocation, or of another job's</td></tr>
 * </table>
 *
 * @param sshConfig the account's {@code ~/.ssh/config}
 * @param environment variables of the process
 */
public record HostSelection(Path sshConfig, Map<String, String> environment) {
  private static final String ANSIBLE = "ansible:";
  private static final String SLURM = "slurm:";
  private static final long MOST_BYTES = 16 << 20;
  private static final long SLURM_SECONDS = 30;

  /**
   * All hosts that the words name, each once, in their order; a word may be several, between commas. Reads files; {@code slurm:JOB} waits for Slurm's {@code squeue}.
   *
   * @throws InventoryException if a word names no host
   */
  public List<HostUrl> expand(List<String> words) throws InventoryException, InterruptedException {
    Set<HostUrl> found = new LinkedHashSet<>();
    for (String word : words) {
      for (String part : NodeList.parts(word)) {
        found.addAll(expand(part.strip()));
      }
    }
    return List.copyOf(found);
  }

  private List<HostUrl> expand(String word) throws InventoryException, InterruptedException {
    if (word.startsWith(ANSIBLE)) {
      return ansible(word.substring(ANSIBLE.length()));
    }
    if (word.startsWith(SLURM)) {
      return named(NodeList.expand(allocation(word.substring(SLURM.length()))));
    }
    if (word.contains(":")) {
      return List.of(url(word));
    }
    if (word.contains("*") || word.contains("?")) {
      return configured(word);
    }
    return word.contains("[") ? named(NodeList.expand(word)) : List.of(url("ssh://" + word));
  }

  private List<HostUrl> configured(String pattern) throws InventoryException {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    List<HostUrl> found =
        SshConfigHosts.read(sshConfig).stream()
            .map(SshConfigHosts.Entry::url)
            .filter(url -> url instanceof HostUrl.Ssh ssh && matcher.matches(Path.of(ssh.host())))
            .toList();
    if (found.isEmpty()) {
      throw new InventoryException("No host of " + sshConfig + " has a name like " + pattern + ". Name hosts that its Host lines name without wildcards.");
    }
    return found;
  }

  private static List<HostUrl> ansible(String word) throws InventoryException {
    int hash = word.lastIndexOf('#');
    Path file = Path.of(hash < 0 ? word : word.substring(0, hash));
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InventoryException(file + " is larger than 16 MiB, so it is not read as an inventory.");
      }
      List<HostUrl> found = AnsibleInventory.read(Files.readString(file, StandardCharsets.UTF_8)).hosts(hash < 0 ? "all" : word.substring(hash + 1));
      if (found.isEmpty()) {
        throw new InventoryException("The inventory " + word + " names no hosts. One that a program makes can be written to a file: ansible-inventory --list --yaml.");
      }
      return found;
    } catch (IOException e) {
      throw new InventoryException("The inventory " + file + " can't be read. Name a file in Ansible's INI or YAML form.", e);
    }
  }

  private String allocation(String job) throws InventoryException, InterruptedException {
    if (job.isEmpty()) {
      String nodes = environment.getOrDefault("SLURM_JOB_NODELIST", "");
      if (nodes.isEmpty()) {
        throw new InventoryException("This is not inside an allocation of Slurm (SLURM_JOB_NODELIST is not set). Name the job, as in slurm:12345, or start it with salloc.");
      }
      return nodes;
    }
    if (!job.matches("\\d{1,12}(_\\d{1,9})?")) {
      throw new InventoryException("\"" + job + "\" is not the number of a job of Slurm.");
    }
    return squeue(job);
  }

  private static String squeue(String job) throws InventoryException, InterruptedException {
    String advice = " Look at it with squeue --jobs " + job + ".";
    try {
      Process process = new ProcessBuilder("squeue", "--noheader", "--states=RUNNING", "--jobs", job, "--format", "%N").redirectErrorStream(true).start();
      process.getOutputStream().close();
      try {
        if (!process.waitFor(SLURM_SECONDS, TimeUnit.SECONDS)) {
          throw new InventoryException("Slurm did not answer within " + SLURM_SECONDS + " s." + advice);
        }
        String said = new String(process.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8).strip();
        if (process.exitValue() != 0 || said.isEmpty()) {
          throw new InventoryException("Slurm tells no nodes of job " + job + (said.isEmpty() ? ": it does not run." : ": " + said + ".") + advice);
        }
        return String.join(",", said.split("\\s+"));
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new InventoryException("Slurm's squeue is not on this computer, so the nodes of job " + job + " can't be asked for. Name them, as in node[01-16].", e);
    }
  }

  private static List<HostUrl> named(List<String> names) throws InventoryException {
    List<HostUrl> urls = new ArrayList<>();
    for (String name : names) {
      urls.add(url("ssh://" + name));
    }
    return urls;
  }

  private static HostUrl url(String text) throws InventoryException {
    try {
      return HostUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InventoryException(e.getMessage(), e);
    }
  }
}
