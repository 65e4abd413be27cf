// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.document.DocumentStates;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.model.DropAdvice;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.ChangeNode;

class DropJudgeTest {
  private final Topology topology = Examples.fileServer();
  private final LabState running = Examples.running(topology);
  private final LabDocument document =
      new LabDocument(topology, Optional.empty(), false, Runnable::run, _ -> {});
  private final DropJudge judge = new DropJudge(document, Texts.in(Language.ENGLISH));

  @Test
  void aStoppedMachineIsOnlyPlaced() {
    DropAdvice advice = judge.advise(Set.of("protocol"), Optional.of("florida"));
    assertThat(advice.fits()).isTrue();
    assertThat(advice.text()).contains("Florida").doesNotContainIgnoringCase("migrate");
  }

  @Test
  void aRunningMachineMigratesAndTheTimeIsToldBeforehand() {
    DocumentStates.show(document, running);
    DropAdvice advice = judge.advise(Set.of("protocol"), Optional.of("florida"));
    assertThat(advice.fits()).isTrue();
    // 64 MiB at the distance's 8 Mbit/s
    assertThat(advice.text()).contains("protocol").contains("Florida").contains("67 s");
  }

  @Test
  void theLastMigrationTellsHowMuchTheNextWillSend() {
    DocumentStates.show(
        document,
        Examples.with(
            running,
            Examples.vmState(
                "protocol",
                VmStatus.RUNNING,
                Optional.of(Examples.moved()),
                Optional.empty())));
    assertThat(judge.advise(Set.of("protocol"), Optional.of("florida")).text())
        .as("71 MiB at 8 Mbit/s")
        .contains("74 s");
  }

  @Test
  void severalMachinesAreCountedTogether() {
    DocumentStates.show(document, running);
    assertThat(judge.advise(Set.of("protocol", "content"), Optional.of("florida")).text())
        .contains("2 VMs")
        .contains("2 min");
  }

  @Test
  void aHostWithoutRoomIsRefusedWithBothSizes() {
    DocumentStates.show(document, running);
    VirtualMachine protocol = (VirtualMachine) topology.node("protocol").orElseThrow();
    document.edit(new ChangeNode(protocol.withMemory(Size.parse("16GiB"))));
    DropAdvice advice = judge.advise(Set.of("protocol"), Optional.of("florida"));
    assertThat(advice.fits()).isFalse();
    assertThat(advice.text()).contains("11.2 GiB").contains("16 GiB");
  }

  @Test
  void aHostThatIsAwayIsRefused() {
    DocumentStates.show(
        document, Examples.with(running, "florida", Examples.unreachable(Examples.FAR)));
    DropAdvice advice = judge.advise(Set.of("protocol"), Optional.of("florida"));
    assertThat(advice.fits()).isFalse();
    assertThat(advice.text()).contains("Florida");
  }

  @Test
  void aRunningMachineCannotLeaveAllRegions() {
    DocumentStates.show(document, running);
    assertThat(judge.advise(Set.of("protocol"), Optional.empty()).fits()).isFalse();
  }
}
