// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.stream.Collectors;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.VirtualMachine;

/**
 * Makes a node's setup script: host name, addresses, routes, forwarding. The script may run again in a running guest: it changes only what
 * differs, so that connections live on.
 */
final class SetupScript {

  private static final String PRELUDE =
      """
      # Made from the topology. May run again at any time: only what differs is changed.
      set -e
      state=/run/mobitopolo
      mkdir -p "$state"

      # sysctl NAME VALUE, where the kernel knows it
      setting() {
        if [ -e "/proc/sys/$1" ]; then echo "$2" > "/proc/sys/$1"; fi
      }

      # interface DEVICE [ADDRESS/LENGTH...]: the device is up and has exactly these addresses
      interface() {
        device=$1
        shift
        setting "net/ipv6/conf/$device/accept_dad" 0
        ip link set "$device" up
        for had in $(ip -o addr show dev "$device" | awk '($3 == "inet" || $3 == "inet6") && $4 !~ /^fe80/ {print $4}'); do
          case " $* " in
            *" $had "*) ;;
            *) ip addr del "$had" dev "$device" ;;
          esac
        done
        for wanted in "$@"; do
          ip -o addr show dev "$device" | grep -qF " $wanted " || ip addr add "$wanted" dev "$device"
        done
      }

      # routes: standard input has lines "DESTINATION via GATEWAY"; those of the last time that are not among them go
      routes() {
        cat > "$state/routes.new"
        if [ -e "$state/routes" ]; then
          while read -r had; do
            grep -qxF "$had" "$state/routes.new" || ip route del $had 2> /dev/null || true
          done < "$state/routes"
        fi
        while read -r wanted; do
          ip route replace $wanted
        done < "$state/routes.new"
        mv "$state/routes.new" "$state/routes"
      }

      """;

  private SetupScript() {}

  /** The script for {@code /bin/sh} of the guest. */
  static String of(VirtualMachine vm) {
    StringBuilder script = new StringBuilder(PRELUDE);
    script.append("hostname '").append(vm.name()).append("'\n");
    script.append("echo '").append(vm.name()).append("' > /etc/hostname\n");
    script.append("printf '127.0.0.1 localhost\\n::1 localhost\\n127.0.1.1 ").append(vm.name()).append("\\n' > /etc/hosts\n");
    script.append("ip link set lo up\n");
    for (int index = 0; index < vm.nics().size(); index++) {
      script.append("interface eth").append(index);
      vm.nics().get(index).addresses().forEach(address -> script.append(' ').append(text(address)));
      script.append('\n');
    }
    String forward = vm.forward() ? "1" : "0";
    script.append("setting net/ipv4/ip_forward ").append(forward).append('\n');
    script.append("setting net/ipv6/conf/all/forwarding ").append(forward).append('\n');
    script.append("routes <<'END'\n");
    script.append(vm.routes().stream().map(SetupScript::line).collect(Collectors.joining()));
    script.append("END\n");
    // an imported image's command waits for its network
    script.append("if [ -p /run/mobitopolo.ready ]; then echo > /run/mobitopolo.ready; fi\n");
    return script.toString();
  }

  /** Index of the NIC of that name among the node's, or -1. */
  static int nicIndex(Node node, String name) {
    return node.nics().stream().map(Nic::name).toList().indexOf(name);
  }

  private static String line(Route route) {
    String to = route.isDefault() ? (route.to().isIpv4() ? "default" : "::/0") : text(route.to());
    return to + " via " + text(route.via()) + "\n";
  }

  private static String text(Cidr cidr) {
    return text(cidr.address()) + "/" + cidr.prefixLength();
  }

  /** As {@code ip} prints it, since the script compares texts: IPv6 with its longest run of zeros left out (RFC 5952). */
  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    byte[] bytes = address.getAddress();
    int[] groups = new int[8];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
    }
    int longest = 0;
    int longestAt = -1;
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - i > Math.max(longest, 1)) {
        longest = end - i;
        longestAt = i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups.length; i++) {
      if (i == longestAt) {
        text.append("::");
        i += longest - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
