package dev.tributary.client;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.List;

/** What the names of the network interfaces in use say: mobile networks carry the names below. */
final class Network {
  private static final List<String> MOBILE = List.of("wwan", "wwp", "ppp", "rmnet", "ccmni", "pdp");

  private Network() {}

  /** True unless every interface in use is a mobile one. */
  static boolean unmetered() {
    try {
      return unmetered(
          NetworkInterface.networkInterfaces()
              .filter(Network::inUse)
              .map(NetworkInterface::getName)
              .toList());
    } catch (SocketException e) {
      return true;
    }
  }

  static boolean unmetered(Collection<String> interfacesInUse) {
    return interfacesInUse.isEmpty()
        || interfacesInUse.stream().anyMatch(name -> MOBILE.stream().noneMatch(name::startsWith));
  }

  private static boolean inUse(NetworkInterface each) {
    try {
      return each.isUp() && !each.isLoopback() && each.inetAddresses().findAny().isPresent();
    } catch (SocketException e) {
      return false;
    }
  }
}
