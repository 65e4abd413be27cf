// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.VirtualMachine;

class SetupScriptTest {
  private static final VirtualMachine ROUTER =
      VirtualMachine.create("r", "router", new Point(0, 0))
          .withForward(true)
          .withNics(
              List.of(
                  new Nic("eth0", "02:00:00:00:00:01", List.of(Cidr.parse("10.0.1.1/24"), Cidr.parse("fd00::1/64"))),
                  new Nic("eth1", "02:00:00:00:00:02", List.of())))
          .withRoutes(List.of(Route.parse("default", Cidr.parseAddress("10.0.1.254")), Route.parse("fd01::/64", Cidr.parseAddress("fd00::2"))));

  @Test
  void itHasNameAddressesRoutesAndForwarding() {
    assertThat(SetupScript.of(ROUTER))
        .contains("hostname 'router'\n")
        .contains("interface eth0 10.0.1.1/24 fd00::1/64\n")
        .contains("interface eth1\n")
        .contains("setting net/ipv4/ip_forward 1\n")
        .contains("default via 10.0.1.254\n")
        .contains("fd01::/64 via fd00::2\n");
  }

  @Test
  void aMachineForwardsOnlyIfTheTopologySaysSo() {
    assertThat(SetupScript.of(ROUTER.withForward(false))).contains("setting net/ipv4/ip_forward 0\n");
  }

  @Test
  void itIsAProperShellScript() throws Exception {
    Process check = new ProcessBuilder("/bin/sh", "-n").redirectErrorStream(true).start();
    check.getOutputStream().write(SetupScript.of(ROUTER).getBytes());
    check.getOutputStream().close();
    assertThat(new String(check.getInputStream().readAllBytes())).isEmpty();
    assertThat(check.waitFor()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "fd00:0:0:0:0:0:0:1, fd00::1",
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "fe80:0:0:0:0:0:0:0, fe80::",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "10.1.2.3, 10.1.2.3",
  })
  void addressesAreWrittenAsTheKernelWritesThem(String full, String written) {
    assertThat(SetupScript.text(Cidr.parseAddress(full))).isEqualTo(written);
  }
}
