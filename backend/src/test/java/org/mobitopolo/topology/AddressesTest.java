// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local:",
        "local:/srv/lab",
        "ssh://example.org",
        "ssh://ann@example.org",
        "ssh://ann@example.org:2201",
        "ssh://ann@example.org:2201/home/ann/x",
        "ssh://[fd00::1]:22",
        "ssh://ann@[fd00::1]",
        "ssh://127.0.0.2:2202/tmp/f"
      })
  void hostUrlsSurviveReadingAndWriting(String text) {
    assertThat(HostUrl.parse(text)).hasToString(text);
  }

  @Test
  void thePartsOfAHostUrlAreTold() {
    HostUrl.Ssh url = (HostUrl.Ssh) HostUrl.parse("ssh://ann@[fd00::1]:2201/srv/x");
    assertThat(url.user()).contains("ann");
    assertThat(url.address()).isEqualTo("fd00::1");
    assertThat(url.port()).hasValue(2201);
    assertThat(url.folder()).contains("/srv/x");
    assertThat(HostUrl.parse("ssh://example.org/").folder()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.org",
        "http://example.org",
        "ssh://",
        "ssh://ann@",
        "ssh://a b",
        "ssh://-oProxyCommand=x",
        "ssh://-l@example.org",
        "ssh://example.org:0",
        "ssh://example.org:65536",
        "ssh://example.org:ssh",
        "ssh://example.org:",
        "ssh://[fd00::1",
        "local:folder",
        "local:/a\nb"
      })
  void whatIsNoHostUrlIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostUrl.parse(text))
        .withMessageEndingWith(".");
  }

  @Test
  void aPasswordInAHostUrlIsRefusedAndNotRepeated() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostUrl.parse("ssh://ann:hunter2@example.org"))
        .withMessageContaining("password")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.1.2/24,10.0.1.255,true",
    "10.0.1.2/24,10.0.2.1,false",
    "10.0.1.2/23,10.0.0.1,true",
    "0.0.0.0/0,1.2.3.4,true",
    "10.0.1.2/32,10.0.1.2,true",
    "10.0.1.2/32,10.0.1.3,false",
    "10.0.1.2/24,fd00::1,false",
    "fd00::2/64,fd00::ffff,true",
    "fd00::2/64,fd00:0:0:1::1,false"
  })
  void aNetworkKnowsItsAddresses(String network, String address, boolean contained) {
    assertThat(Cidr.parse(network).contains(Cidr.parseAddress(address))).isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.1.2",
        "10.0.1/24",
        "10.0.1.256/24",
        "10.0.1.2/33",
        "fd00::1/129",
        "localhost/8",
        "10.0.1.2/",
        "fe80::1%eth0/64"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse(text))
        .withMessageEndingWith(".");
  }

  @Test
  void defaultRoutesTakeTheFamilyOfTheGateway() {
    assertThat(Route.parse("default", Cidr.parseAddress("10.0.1.1")).to())
        .isEqualTo(Cidr.parse("0.0.0.0/0"));
    assertThat(Route.parse("default", Cidr.parseAddress("fd00::1")).to())
        .isEqualTo(Cidr.parse("::/0"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Route.parse("10.0.0.0/8", Cidr.parseAddress("fd00::1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "02:00:00:00:00",
        "02-00-00-00-00-01",
        "01:00:00:00:00:01",
        "02:00:00:00:00:0g"
      })
  void whatCanNotBeAnInterfacesMacAddressIsRefused(String mac) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Nic("eth0", mac, List.of()))
        .withMessageEndingWith(".");
  }

  @Test
  void macAddressesAreKeptInLowerCase() {
    assertThat(new Nic("eth0", "02:AB:00:00:00:01", List.of()).mac())
        .isEqualTo("02:ab:00:00:00:01");
  }
}
