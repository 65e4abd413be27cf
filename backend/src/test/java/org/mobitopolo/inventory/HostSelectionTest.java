// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.HostUrl;

/** Hosts as people name them, from the lists that they have. */
class HostSelectionTest {
  @TempDir private Path folder;

  private List<String> expand(String... words) throws Exception {
    return expandIn(Map.of(), words);
  }

  private List<String> expandIn(Map<String, String> environment, String... words) throws Exception {
    return new HostSelection(folder.resolve("config"), environment).expand(List.of(words)).stream().map(HostUrl::toString).toList();
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void singleHostsAreTakenAsTheyAreAndEachOnce() throws Exception {
    assertThat(expand("local:", "ssh://ann@far:2222/data", "near", "near,ssh://near"))
        .containsExactly("local:", "ssh://ann@far:2222/data", "ssh://near");
  }

  @Test
  void namesInBracketsAreExpandedAsSlurmDoes() throws Exception {
    assertThat(expand("node[08-10,20],login", "rack[1-2]n[1-2]"))
        .containsExactly(
            "ssh://node08", "ssh://node09", "ssh://node10", "ssh://node20", "ssh://login", "ssh://rack1n1", "ssh://rack1n2", "ssh://rack2n1", "ssh://rack2n2");
  }

  @Test
  void anAllocationOfSlurmNamesItsNodes() throws Exception {
    assertThat(expandIn(Map.of("SLURM_JOB_NODELIST", "cn[001-003]"), "slurm:")).containsExactly("ssh://cn001", "ssh://cn002", "ssh://cn003");
    assertThatThrownBy(() -> expand("slurm:")).hasMessageContaining("SLURM_JOB_NODELIST").hasMessageContaining("salloc");
    assertThatThrownBy(() -> expand("slurm:$(id)")).hasMessageContaining("not the number of a job");
  }

  @Test
  void patternsTakeNamesOfTheSshConfigurationAndOfWhatItIncludes() throws Exception {
    Files.createDirectory(folder.resolve("more"));
    file("more/a.conf", "Host lab-3\n  User bob\n");
    file("more/b.txt", "Host lab-4\n");
    file("config", "Host lab-1 lab-2 other\n  User ann\nInclude more/*.conf\nHost lab-*\n  Port 2022\n");
    assertThat(expand("lab-*")).containsExactly("ssh://lab-1", "ssh://lab-2", "ssh://lab-3");
    assertThatThrownBy(() -> expand("nothing-?")).hasMessageContaining("nothing-?").hasMessageContaining("Host lines");
  }

  @Test
  void anInventoryOfAnsibleInIniForm() throws Exception {
    String inventory =
        file(
            "hosts.ini",
            """
            # ours
            gate ansible_connection=local

            [web]
            web[01:03].example.org ansible_port=2222
            [db]
            db-[a:b]  ansible_host=10.0.0.7 ansible_user="carol" ansible_ssh_pass=secret ; a comment
            [all:vars]
            ansible_user=ann
            [site:children]
            web
            db
            [web:vars]
            ansible_user = bob
            """);
    assertThat(expand("ansible:" + inventory + "#web"))
        .containsExactly("ssh://bob@web01.example.org:2222", "ssh://bob@web02.example.org:2222", "ssh://bob@web03.example.org:2222");
    assertThat(expand("ansible:" + inventory + "#db")).containsExactly("ssh://carol@10.0.0.7");
    assertThat(expand("ansible:" + inventory + "#site")).hasSize(4).doesNotHaveDuplicates();
    assertThat(expand("ansible:" + inventory)).hasSize(5).contains("local:");
    assertThatThrownBy(() -> expand("ansible:" + inventory + "#nobody")).hasMessageContaining("no group \"nobody\"").hasMessageContaining("web, db");
  }

  @Test
  void anInventoryOfAnsibleInYamlForm() throws Exception {
    String inventory =
        file(
            "hosts.yml",
            """
            ---
            all:
              vars:
                ansible_user: ann
              hosts:
                mail.example.org:
              children:
                workers:
                  hosts:
                    node[1:2]:
                      ansible_port: 2200
                    six:
                      ansible_host: 2001:db8::6
                  vars: {ansible_user: bob}
            """);
    assertThat(expand("ansible:" + inventory + "#workers")).containsExactly("ssh://bob@node1:2200", "ssh://bob@node2:2200", "ssh://bob@[2001:db8::6]");
    assertThat(expand("ansible:" + inventory)).hasSize(4).contains("ssh://ann@mail.example.org");
  }

  @Test
  void whatIsNoListIsToldWithWhatToWrite() throws Exception {
    for (String wrong : List.of("node[1-", "node[2-1]", "node[a-b]", "node]1[", "a,,b", "[[1]]")) {
      assertThatThrownBy(() -> expand(wrong)).as(wrong).isInstanceOf(InventoryException.class).hasMessageContaining("node[01-16,20]");
    }
    assertThatThrownBy(() -> expand("node[0-99999]")).hasMessageContaining("more than 10000");
    assertThatThrownBy(() -> expand("ssh://ann:secret@host")).hasMessageContaining("must not hold a password");
    assertThatThrownBy(() -> expand("ansible:" + folder.resolve("none"))).hasMessageContaining("can't be read");
    assertThatThrownBy(() -> expand("ansible:" + file("empty", ""))).hasMessageContaining("names no hosts");
    assertThatThrownBy(() -> expand("ansible:" + file("ring.yml", "a:\n  children:\n    a:\n"))).hasMessageContaining("inside itself");
    assertThatThrownBy(() -> expand("ansible:" + file("broken.yml", "a:\n - b: [\n"))).hasMessageContaining("not sound YAML");
    assertThatThrownBy(() -> expand("ansible:" + file("many", "h[1:99999999]\n"))).hasMessageContaining("more than 10000");
  }
}
