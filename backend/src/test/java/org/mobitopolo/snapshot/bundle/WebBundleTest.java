// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.WebServer;
import org.mobitopolo.task.LabException;

/** Bundles that are read from a web server of the test, part by part. */
@Timeout(120)
class WebBundleTest {
  @TempDir Path folder;

  private final SampleBundle sample = new SampleBundle(7, 6000);
  private byte[] contents;
  private WebServer server;

  @BeforeEach
  void start() throws IOException {
    Path file = folder.resolve("lab.mobitopolo");
    sample.write(file);
    contents = Files.readAllBytes(file);
    server = new WebServer(contents);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Bundle open() {
    return Bundle.open(server.file()).orElseThrow();
  }

  private long fetched() {
    return server.sent().stream().mapToLong(Integer::longValue).sum();
  }

  private static byte[] state(Bundle bundle, int machine) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    bundle.writeState(machine, out);
    return out.toByteArray();
  }

  private void assertSameStates(Bundle web) throws IOException {
    try (Bundle local = Bundle.open(folder.resolve("lab.mobitopolo"))) {
      assertThat(web.manifest()).isEqualTo(local.manifest());
      for (int machine = 0; machine < sample.vms.size(); machine++) {
        assertThat(state(web, machine)).isEqualTo(state(local, machine));
      }
    }
  }

  @Test
  void threeRequestsShowWhatItHoldsAndTheRestComesWhenItIsNeeded() throws Exception {
    try (Bundle bundle = open()) {
      assertThat(bundle.manifest()).isEqualTo(sample.manifest());
      assertThat(server.sent()).hasSize(3);
      assertThat(fetched()).isLessThan(contents.length / 20);
      bundle.checkMaps();
      long before = fetched();
      state(bundle, 0);
      assertThat(fetched()).isGreaterThan(before).isLessThan(contents.length);
      assertSameStates(bundle);
      // what VMs share is fetched once
      assertThat(fetched()).isLessThanOrEqualTo(contents.length);
    }
  }

  @Test
  void aBrokenConnectionIsTakenUp() throws Exception {
    try (Bundle bundle = open()) {
      server.breaks(3);
      assertSameStates(bundle);
    }
  }

  @Test
  void aServerWithoutRangesIsToldApart() {
    server.sendsNoParts();
    assertThat(Bundle.open(server.file())).isEmpty();
  }

  @Test
  void aFileThatChangesMeanwhileIsRefused() {
    server.changes();
    assertThatThrownBy(this::open).isInstanceOf(LabException.FilesUnusable.class).hasMessageContaining("changed while it was read");
  }

  @Test
  void aFileThatIsNotThereIsTold() {
    assertThatThrownBy(() -> Bundle.open(server.at("/other")))
        .isInstanceOf(LabException.FilesUnusable.class)
        .hasMessageContaining("127.0.0.1 answers with status 404")
        .hasMessageContaining("Nothing was changed");
  }

  @Test
  void aDamagedPageIsFoundBeforeItIsUsed() throws Exception {
    contents[contents.length / 2] ^= 1;
    try (Bundle bundle = open()) {
      assertThatThrownBy(
              () -> {
                for (int machine = 0; machine < sample.vms.size(); machine++) {
                  state(bundle, machine);
                }
              })
          .isInstanceOf(LabException.FilesUnusable.class)
          .hasMessageContaining("does not have its checksum");
    }
  }

  @Test
  void whatIsNoBundleIsTold() {
    server.contents(new byte[5000]);
    assertThatThrownBy(this::open).isInstanceOf(LabException.FilesUnusable.class).hasMessageContaining("is not a bundle");
  }
}
