package io.smsmux;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where to connect to, and whether in plain text. */
final class Address {
  private static final Pattern FORM = Pattern.compile("(?:(https?)://)?(\\[[^\\]]*\\]|[^:/]*)(:\\d+)?");

  final String target;
  final boolean plain;

  private Address(String target, boolean plain) {
    this.target = target;
    this.plain = plain;
  }

  static Address of(String address, String key, String ca) {
    Matcher form = FORM.matcher(address);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "invalid address " + address + ": expected HOST:PORT, after http:// or https:// if at all");
    }
    String scheme = form.group(1);
    String host = form.group(2);
    String target = address.substring(address.indexOf("://") < 0 ? 0 : address.indexOf("://") + 3);
    boolean local = host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d+){3}");
    boolean plain = scheme == null ? local && ca.isEmpty() : scheme.equals("http");
    if (plain && !key.isEmpty() && !local) {
      throw new IllegalArgumentException("the key is not sent to " + target + " in plain text: use TLS");
    }
    return new Address(target, plain);
  }
}
